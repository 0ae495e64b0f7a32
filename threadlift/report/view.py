"""From a case to the document that page and PDF render: which parts there are, in which order."""

from __future__ import annotations

from threadlift.case.case import Case
from threadlift.language import Language
from threadlift.report.block import Bullets, Document, Paragraph, References, Section
from threadlift.report.citation import Bibliography
from threadlift.report.context import Context
from threadlift.report.section.aftercare import tell_aftercare
from threadlift.report.section.alternative import tell_alternatives
from threadlift.report.section.face import tell_face
from threadlift.report.section.finding import tell_findings
from threadlift.report.section.optimised import tell_optimised
from threadlift.report.section.picture import tell_pictures
from threadlift.report.section.plan import tell_no_plan, tell_plan
from threadlift.report.section.prediction import tell_prediction
from threadlift.report.section.question import tell_questions
from threadlift.report.section.quote import tell_quote
from threadlift.report.section.risk import tell_risks
from threadlift.report.section.screening import tell_screening
from threadlift.report.section.summary import head_of, tell_summary
from threadlift.report.wording import Wording

_LABELS = ("skip", "contents", "numbers", "strength", "page")
_LIMITS = ("decision", "device", "validated", "anatomy", "promise")


def describe_case(case: Case, language: Language, *, detail: float = 1.0) -> Document:
    """The whole report of ``case`` in ``language``, as blocks of final text.

    ``detail`` scales the pixels of the pictures: 0.25 for a quick look.
    """
    say = Wording(language)
    context = Context(case, say, Bibliography(say), detail)
    treatment = case.treatment
    sections = [tell_summary(context), tell_pictures(context)]
    if treatment is not None:
        sections += [tell_findings(context), tell_plan(context, treatment)]
        if treatment.optimised is not None:
            sections.append(tell_optimised(context, treatment.optimised))
        sections.append(tell_prediction(context, treatment))
    elif case.proposal is not None:
        sections.append(tell_no_plan(context, case.proposal))
    sections.append(tell_alternatives(context, case.alternatives))
    sections.append(tell_risks(context, case.risks))
    if treatment is not None:
        sections.append(tell_quote(context, treatment.quote))
        sections.append(tell_aftercare(context, treatment.aftercare))
    sections += [tell_screening(context), tell_face(context)]
    if case.questions:
        sections.append(tell_questions(context))
    sections += [_limits(context), _sources(context)]
    mark, headline, summary = head_of(context)
    return Document(
        language=language,
        title=say("report.title"),
        code=case.info.code,
        subtitle=_subtitle(context),
        running_head=f"{say('report.title')} · {case.info.code} · {say.date(case.info.made_on)}",
        badge=say("report.synthetic") if case.info.is_synthetic else "",
        verdict=mark,
        headline=headline,
        summary=summary,
        standing_line=say("report.standing"),
        labels={key: say(f"label.{key}") for key in _LABELS},
        sections=tuple(sections),
    )


def _subtitle(context: Context) -> str:
    say, info = context.say, context.case.info
    return " · ".join(
        [
            say("report.made", day=say.date(info.made_on), version=info.software_version),
            say(
                "report.procedure_assumed" if info.procedure_is_assumed else "report.procedure",
                day=say.date(info.procedure_on),
            ),
        ]
    )


def _limits(context: Context) -> Section:
    say = context.say
    items = [say(f"method.{name}") for name in _LIMITS]
    if say.language == "vi":
        items.append(say("method.vietnamese"))
    return Section(
        "limits", say("method.title"), (Bullets(tuple(items)), Paragraph(say("report.standing"), "strong"))
    )


def _sources(context: Context) -> Section:
    say = context.say
    return Section(
        "sources", say("evidence.title"), (References(context.sources.references()),), say("evidence.lead")
    )
