"""Aftercare with the patient's own dates: a timeline, every rule with its strength, visits, what clashes."""

from __future__ import annotations

from datetime import date

from threadlift.care.aftercare_plan import AftercarePlan, DatedRule, DatedVisit
from threadlift.report.block import (
    Block,
    Cell,
    Chart,
    Column,
    Entries,
    Entry,
    Heading,
    Mark,
    Paragraph,
    Section,
    Table,
)
from threadlift.report.chart import Span, draw_timeline
from threadlift.report.context import Context

_KINDS = ("do", "avoid", "medicine", "folk", "clinic")
_LONGEST_DRAWN_DAYS = 60
_LONGEST_LABEL = 40


def tell_aftercare(context: Context, plan: AftercarePlan) -> Section:
    """The section on aftercare."""
    say = context.say
    blocks: list[Block] = []
    if plan.findings:
        blocks.append(Heading(say("aftercare.clashes")))
        blocks.append(
            Entries(
                tuple(
                    Entry(
                        mark=context.severity_mark(finding.severity),
                        title=context.tell(finding.what),
                        lines=tuple(
                            context.tell(text) for text in (finding.consequence, finding.remedy) if text
                        ),
                        basis=context.sources.basis(finding.status, finding.sources),
                    )
                    for finding in plan.findings
                )
            )
        )
    blocks.append(_timeline(context, plan))
    for kind in _KINDS:
        own = [rule for rule in plan.rules if rule.kind == kind]
        if own:
            blocks.append(_rules(context, kind, own))
    if any(rule.kind == "folk" for rule in plan.rules):
        blocks.append(Paragraph(say("aftercare.folk_note"), "quiet"))
    if plan.visits:
        blocks += [_visits(context, plan.visits), _checkins(context, plan.visits)]
    if plan.remarks:
        blocks += _remarks(context, plan)
    blocks.append(Paragraph(context.tell(plan.notice), "strong"))
    lead = say("aftercare.lead", day=say.date(plan.procedure_date))
    if context.case.info.procedure_is_assumed:
        lead += " " + say("aftercare.assumed")
    return Section("aftercare", say("aftercare.title"), tuple(blocks), lead)


def _timeline(context: Context, plan: AftercarePlan) -> Chart:
    say = context.say
    spans = []
    for rule in sorted(plan.rules, key=lambda entry: (entry.ends_on or date.max, entry.starts_on)):
        if rule.kind not in ("do", "avoid") or rule.ends_on is None:
            continue
        first, last = ((day - plan.procedure_date).days for day in (rule.starts_on, rule.ends_on))
        if first >= 0 and last <= _LONGEST_DRAWN_DAYS:
            written = say("aftercare.to", day=say.short_date(rule.ends_on))
            spans.append(Span(_cut(say.of(rule.what)), first, last, written, rule.kind == "avoid"))
    title = say("aftercare.timeline")
    described = "; ".join(f"{span.label}: {span.written}" for span in spans)
    return Chart(
        title,
        described,
        draw_timeline(spans, say, title=title, description=described),
        caption=say("aftercare.timeline_key"),
    )


def _cut(text: str) -> str:
    """The beginning of a long rule, cut between words; the table below has all of it."""
    if len(text) <= _LONGEST_LABEL:
        return text
    return text[:_LONGEST_LABEL].rsplit(" ", 1)[0].rstrip(",;") + " …"


def _rules(context: Context, kind: str, rules: list[DatedRule]) -> Table:
    say = context.say
    return Table(
        caption=say(f"aftercare.kind_{kind}"),
        columns=(
            Column(say("aftercare.rule"), share=2.4),
            Column(say("aftercare.dates"), share=1.1),
            Column(say("aftercare.strength"), share=1.9),
        ),
        rows=tuple(_rule(context, rule) for rule in rules),
    )


def _rule(context: Context, rule: DatedRule) -> tuple[Cell, ...]:
    say = context.say
    evidence = say.of(rule.evidence)
    if rule.article and rule.article_verdict != "agrees":
        evidence += " " + say.of(rule.article)
    return (
        Cell(say.of(rule.what), say.of(rule.for_you)),
        Cell(_dates(context, rule)),
        Cell(_first_upper(say.of(rule.strength_text)), evidence, basis=context.sources.note(rule.sources)),
    )


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _dates(context: Context, rule: DatedRule) -> str:
    say = context.say
    if rule.ends_on and rule.starts_on == context.case.info.procedure_on:
        return _first_upper(say("aftercare.to", day=say.date(rule.ends_on)))
    if rule.ends_on is None:
        return say("aftercare.standing", day=say.date(rule.starts_on))
    if rule.starts_on == rule.ends_on:
        return say.date(rule.ends_on)
    return say("aftercare.from_to", first=say.date(rule.starts_on), last=say.date(rule.ends_on))


def _visits(context: Context, visits: tuple[DatedVisit, ...]) -> Table:
    say = context.say

    def when(visit: DatedVisit) -> str:
        if visit.starts_on == visit.ends_on:
            return say.date(visit.starts_on)
        return say("aftercare.from_to", first=say.date(visit.starts_on), last=say.date(visit.ends_on))

    return Table(
        caption=say("aftercare.visits"),
        columns=(
            Column(say("aftercare.dates"), share=1.1),
            Column(say("aftercare.visit_kind"), share=0.8),
            Column(say("aftercare.visit"), share=2.6),
        ),
        rows=tuple(
            (Cell(when(visit)), Cell(say(f"aftercare.visit_{visit.kind}")), Cell(say.of(visit.what)))
            for visit in sorted(visits, key=lambda entry: (entry.starts_on, entry.kind))
            if visit.kind != "checkin"
        ),
    )


def _checkins(context: Context, visits: tuple[DatedVisit, ...]) -> Paragraph:
    say = context.say
    days = sorted({visit.starts_on for visit in visits if visit.kind == "checkin"})
    return Paragraph(say("aftercare.checkins", days=", ".join(say.date(day) for day in days)))


def _remarks(context: Context, plan: AftercarePlan) -> list[Block]:
    say = context.say
    return [
        Heading(say("aftercare.remarks")),
        Entries(
            tuple(
                Entry(
                    mark=Mark("note", say("aftercare.claim")),
                    title=say.of(remark.claim),
                    lines=(say.of(remark.says),),
                    basis=context.sources.basis(remark.status, remark.sources),
                )
                for remark in plan.remarks
            )
        ),
    ]
