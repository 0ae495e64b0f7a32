"""The plan: why these threads, each thread with its course, what was left out and what was moved."""

from __future__ import annotations

from threadlift.case.case import Treatment
from threadlift.finding import Severity
from threadlift.planning.clearance_rule import load_clearance_rules
from threadlift.planning.path import ResolvedThread
from threadlift.planning.proposal import Proposal
from threadlift.planning.sentence import Reason
from threadlift.planning.technique import load_techniques
from threadlift.report.block import (
    Block,
    Cell,
    Column,
    Entries,
    Entry,
    Heading,
    Mark,
    Paragraph,
    Section,
    Table,
)
from threadlift.report.context import Context
from threadlift.threads import load_catalogue


def tell_plan(context: Context, treatment: Treatment) -> Section:
    """The section on the plan."""
    say, proposal = context.say, treatment.proposal
    blocks: list[Block] = []
    if treatment.threads:
        blocks.append(_threads(context, treatment))
        blocks.append(Paragraph(say("plan.depth_note"), "quiet"))
    if proposal.adjustments:
        blocks.append(Heading(say("plan.adjusted")))
        blocks.append(
            Entries(
                tuple(
                    Entry(
                        mark=Mark("stop", say("severity.stop"))
                        if set(change.threads) & set(proposal.threads_with_stop)
                        else Mark("note", say("plan.changed")),
                        title=context.tell(change.what),
                        facts=(
                            say(
                                "plan.threads_named",
                                names=", ".join(
                                    context.thread_names.get(name, name) for name in change.threads
                                ),
                            ),
                        ),
                        basis=context.sources.basis(change.status, change.sources),
                    )
                    for change in proposal.adjustments
                )
            )
        )
    if proposal.not_planned:
        blocks.append(Heading(say("plan.not_planned")))
        blocks.append(_reasons(context, proposal.not_planned))
    if proposal.reasons:
        blocks.append(Heading(say("plan.why")))
        blocks.append(_reasons(context, proposal.reasons))
    return Section("plan", say("plan.title"), tuple(blocks), say_plan(context, treatment))


def tell_no_plan(context: Context, proposal: Proposal) -> Section:
    """The section when threads were looked for and none is planned: every reason."""
    say = context.say
    blocks: list[Block] = []
    if proposal.not_planned:
        blocks += [Heading(say("plan.not_planned")), _reasons(context, proposal.not_planned)]
    if proposal.reasons:
        blocks.append(_reasons(context, proposal.reasons))
    return Section("plan", say("plan.title"), tuple(blocks), say("plan.empty"))


def say_plan(context: Context, treatment: Treatment) -> str:
    """The plan in one sentence: how many threads a side, of what, by which techniques."""
    say = context.say
    if not treatment.threads:
        return say("plan.empty")
    catalogue, techniques = load_catalogue(), load_techniques()
    kinds = dict.fromkeys(say.of(catalogue.kind(resolved.thread.kind).name) for resolved in treatment.threads)
    names = dict.fromkeys(
        say.of(techniques[resolved.thread.technique].name)
        for resolved in treatment.threads
        if resolved.thread.technique in techniques
    )
    left = sum(resolved.thread.side == "left" for resolved in treatment.threads)
    sentence = say(
        "plan.count",
        count=len(treatment.threads),
        left=left,
        right=len(treatment.threads) - left,
        kinds=", ".join(kinds),
    )
    key = "optimised.departs" if treatment.proposal.plan.origin == "optimiser" else "plan.techniques"
    return sentence + (" " + say(key, names="; ".join(names)) if names else "")


def _threads(context: Context, treatment: Treatment) -> Table:
    say = context.say
    return Table(
        caption=say("plan.threads"),
        columns=(
            Column(say("plan.thread"), share=0.7),
            Column(say("plan.kind"), share=2.2),
            Column(say("plan.plane"), share=2.1),
            Column(say("plan.length"), is_number=True, share=1.4),
            Column(say("plan.tension"), is_number=True, share=0.9),
            Column(say("plan.check"), share=1.3),
        ),
        rows=tuple(_row(context, resolved) for resolved in treatment.threads),
    )


def _row(context: Context, resolved: ResolvedThread) -> tuple[Cell, ...]:
    say, thread = context.say, resolved.thread
    kind = load_catalogue().kind(thread.kind)
    technique = load_techniques().get(thread.technique or "")
    length = kind.length_for(resolved.length_mm)
    worst = [f.severity for f in context.findings if f.where.thread == thread.id]
    stands = next((s for s in (Severity.STOP, Severity.CAUTION) if s in worst), None)
    inside = resolved.depth_mm[resolved.arc_mm >= min(10.0, resolved.length_mm / 2)]
    depth = say.span(float(inside.min()), float(inside.max())) + "\u00a0mm"
    return (
        Cell(context.thread_names[thread.id], say(f"form.{thread.side}")),
        Cell(say.of(kind.name), say.of(technique.name) if technique else say("plan.by_hand")),
        Cell(
            say.of(load_clearance_rules().planes[thread.plane].name),
            say("plan.depth", depth=depth) + "; " + say(f"anchoring.{thread.anchoring}"),
        ),
        Cell(
            say.number(resolved.length_mm, 0),
            say("plan.thread_length", length=say.number(length, 0)) if length else say("plan.no_length"),
        ),
        Cell(say.number(thread.tension_n)),
        Cell("", mark=context.severity_mark(stands) if stands else Mark("none", say("plan.no_finding"))),
    )


def _reasons(context: Context, reasons: tuple[Reason, ...]) -> Table:
    say = context.say
    return Table(
        caption="",
        columns=(Column(say("plan.statement"), share=2.4), Column(say("plan.basis"))),
        rows=tuple(
            (
                Cell(context.tell(reason.what)),
                Cell("", basis=context.sources.basis(reason.status, reason.sources)),
            )
            for reason in reasons
        ),
        is_list=True,
    )
