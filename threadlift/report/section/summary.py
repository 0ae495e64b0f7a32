"""The first page: verdict, what is planned, what stops, what to expect."""

from __future__ import annotations

from threadlift.finding import Severity
from threadlift.report.block import Block, Facts, Mark, Note, Paragraph, Section
from threadlift.report.context import Context
from threadlift.report.section.finding import group_findings
from threadlift.report.section.plan import say_plan
from threadlift.report.section.prediction import expect
from threadlift.report.section.quote import say_total


def head_of(context: Context) -> tuple[Mark, str, str]:
    """Mark, headline and sentence on top of the report: the gravest of verdict, face and findings."""
    say, case = context.say, context.case
    verdict = context.action_mark(case.verdict.level.value)
    summary = say.of(case.verdict.summary)
    if case.verdict.is_stop:
        return verdict, verdict.word, summary
    if case.treatment is None:
        return Mark("stop", say("severity.stop")), say("summary.no_plan"), say.of(case.no_plan)
    if context.has_stop:
        stops = sum(group.severity is Severity.STOP for group in group_findings(context.findings))
        told = say("summary.stop_sentence", n=stops, verdict=verdict.word)
        return Mark("stop", say("severity.stop")), say("summary.plan_stops"), told
    return verdict, verdict.word, summary


def tell_summary(context: Context) -> Section:
    """The section on the whole case in short."""
    say, case = context.say, context.case
    blocks: list[Block] = []
    if case.info.override:
        decided = case.info.override
        blocks.append(
            Note(
                Mark("review", say("summary.override")),
                say("summary.override_by", name=decided.by, day=say.date(decided.on)),
                say("summary.override_reason", reason=decided.reason),
            )
        )
    if case.no_plan is not None:
        blocks.append(Note(Mark("stop", say("severity.stop")), say("summary.no_plan"), say.of(case.no_plan)))
    for group in group_findings(context.findings):
        if group.severity is Severity.STOP:
            nearest = group.members[0]
            remedy = say("finding.remedy", what=context.tell(nearest.remedy)) if nearest.remedy else ""
            blocks.append(Note(context.severity_mark(Severity.STOP), context.tell(nearest.what), remedy))
    blocks.append(Facts(_facts(context)))
    if case.treatment is not None:
        blocks.append(Paragraph(say("report.estimate"), "strong"))
    return Section("summary", say("summary.title"), tuple(blocks))


def _facts(context: Context) -> tuple[tuple[str, str], ...]:
    say, case = context.say, context.case
    patient = case.intake.patient
    person = [say(f"sex.{patient.sex}")]
    if patient.age_years is not None:
        person.append(say("form.years", n=patient.age_years))
    if patient.bmi is not None:
        person.append(say("summary.bmi", bmi=say.number(patient.bmi)))
    goals = ", ".join(say(f"goal.{goal}") for goal in case.intake.goals) or say("form.none")
    rows = [
        (say("summary.code"), case.info.code),
        (say("summary.person"), ", ".join(person)),
        (say("summary.goals"), goals),
        (say("summary.verdict"), context.action_mark(case.verdict.level.value).word),
        (
            say("summary.face"),
            f"{say(f'face.source_{case.face.source}')}; {say(f'face.grade_{case.face.quality.grade}')}",
        ),
    ]
    if case.treatment is not None:
        groups = group_findings(context.findings)
        counts = [sum(group.severity is severity for group in groups) for severity in Severity]
        rows.append((say("summary.plan"), say_plan(context, case.treatment)))
        rows += [
            (say("summary.predicted", place=place), told) for place, told in expect(context, case.treatment)
        ]
        rows.append((say("summary.price"), say_total(context, case.treatment.quote)))
        rows.append(
            (
                say("summary.findings"),
                say("summary.counts", stops=counts[0], cautions=counts[1], notes=counts[2]),
            )
        )
    day = say.date(case.info.procedure_on)
    rows.append(
        (say("summary.procedure"), say("summary.assumed", day=day) if case.info.procedure_is_assumed else day)
    )
    return tuple(rows)
