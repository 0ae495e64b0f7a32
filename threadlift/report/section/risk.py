"""Risks for this patient: how often, on what ground, what raises them, when to call; the usual recovery."""

from __future__ import annotations

from threadlift.care.risk import Risk, Risks
from threadlift.care.timeline import load_timeline
from threadlift.report.block import (
    Block,
    Cell,
    Column,
    Entries,
    Entry,
    Heading,
    Mark,
    MarkKind,
    Paragraph,
    Section,
    Table,
)
from threadlift.report.context import Context

_LEVELS: dict[str, MarkKind] = {
    "self_care": "note",
    "call_24_48h": "caution",
    "same_day": "review",
    "emergency": "stop",
}


def tell_risks(context: Context, risks: Risks) -> Section:
    """The section on risks and recovery."""
    say = context.say
    blocks: list[Block] = [_table(context, risks)]
    raised = [risk for risk in risks.risks if risk.modifiers]
    if raised:
        blocks.append(Heading(say("risk.for_you")))
        blocks.append(Entries(tuple(_raised(context, risk) for risk in raised)))
    blocks.append(_course(context))
    blocks.append(_calls(context, risks))
    if risks.article:
        blocks.append(Heading(say("risk.claims")))
        blocks.append(
            Entries(
                tuple(
                    Entry(
                        mark=Mark("note", say("aftercare.claim")),
                        title=say.of(claim.claim),
                        lines=(context.tell(claim.says),),
                        basis=context.sources.basis(claim.status, claim.sources),
                    )
                    for claim in risks.article
                )
            )
        )
    blocks.append(Paragraph(context.tell(risks.notice), "strong"))
    return Section("risks", say("risk.title"), tuple(blocks), say("risk.lead"))


def _table(context: Context, risks: Risks) -> Table:
    say = context.say
    return Table(
        caption=say("risk.table"),
        columns=(
            Column(say("risk.risk"), share=1.4),
            Column(say("risk.how_often"), share=1.5),
            Column(say("risk.own"), share=1.4),
            Column(say("plan.basis"), share=1.5),
        ),
        rows=tuple(
            (
                Cell(say.of(risk.name)),
                Cell(_often(context, risk), say.of(risk.interval)),
                Cell(_own(context, risk)),
                Cell("", basis=context.sources.basis(risk.status, risk.sources)),
            )
            for risk in risks.risks
        ),
    )


def _often(context: Context, risk: Risk) -> str:
    say = context.say
    if risk.percent_range is None:
        return say.of(risk.how_often)
    low, high = risk.percent_range
    decimals = 1 if high < 10 and (low != int(low) or high != int(high)) else 0
    return say("risk.of_100", n=say.number(low, decimals) if low == high else say.span(low, high, decimals))


def _own(context: Context, risk: Risk) -> str:
    say = context.say
    figures = []
    for figure in risk.own_group:
        name = say(f"risk_group.{figure.group}") if say.has(f"risk_group.{figure.group}") else ""
        share = say("risk.of_100", n=say.number(figure.percent, 1 if figure.percent < 10 else 0))
        figures.append(f"{name}: {share}" if name else share)
    return "; ".join(figures)


def _raised(context: Context, risk: Risk) -> Entry:
    say = context.say
    statuses = {modifier.status for modifier in risk.modifiers}
    sources = dict.fromkeys(source for modifier in risk.modifiers for source in modifier.sources)
    return Entry(
        mark=Mark("caution", say("severity.caution")),
        title=say.of(risk.name),
        lines=tuple(context.tell(modifier.says) for modifier in risk.modifiers),
        basis=context.sources.basis(max(statuses, key=list(type(next(iter(statuses)))).index), sources),
    )


def _course(context: Context) -> Table:
    """The usual recovery: one line a sign, one column a period."""
    say, timeline = context.say, load_timeline()
    return Table(
        caption=say("risk.course"),
        columns=(
            Column(say("risk.sign"), share=1.8),
            *(Column(say.of(period.label)) for period in timeline.periods),
        ),
        rows=tuple(
            (
                Cell(say.of(sign.label), say("risk.abnormal", what=context.tell(sign.abnormal_if))),
                *(Cell(context.tell(sign.course[period.id])) for period in timeline.periods),
            )
            for sign in timeline.signs
        ),
    )


def _calls(context: Context, risks: Risks) -> Table:
    say = context.say
    return Table(
        caption=say("risk.when_to_call"),
        columns=(
            Column(say("risk.risk"), share=1.3),
            Column(say("risk.sign"), share=2.2),
            Column(say("risk.how_soon"), share=1.4),
        ),
        rows=tuple(
            (
                Cell(say.of(risk.name)),
                Cell(context.tell(risk.when_to_call)),
                Cell("", mark=Mark(_LEVELS[risk.level.value], say(f"level.{risk.level.value}"))),
            )
            for risk in sorted(risks.risks, key=lambda risk: -risk.level.rank)
        ),
    )
