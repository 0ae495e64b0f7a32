"""The optimised plan beside the plan of published techniques, in figures."""

from __future__ import annotations

from decimal import Decimal

from threadlift.face.template import load_landmark_facts
from threadlift.language import Text
from threadlift.planning.forecast import Band
from threadlift.planning.optimise.answer import OptimisedPlan, PlanFigures, WishAnswer
from threadlift.report.block import Block, Cell, Column, Paragraph, Section, Table
from threadlift.report.context import Context

_FIGURES = {
    "threads": 0,
    "total_pull_n": 1,
    "mouth_mm": 1,
    "stretch_percent": 0,
    "bunching_percent": 0,
    "stops": 0,
    "cautions": 0,
}


def tell_optimised(context: Context, optimised: OptimisedPlan) -> Section:
    """The section on the optimised plan. Lifts are told with their range, where millimetres may be told."""
    say = context.say
    in_mm = optimised.form == "mm"
    blocks: list[Block] = []
    lead = say("optimised.lead") if optimised.plan.threads else ""
    if not optimised.plan.threads:
        blocks.append(Paragraph(say("optimised.none"), "strong"))
    elif optimised.outcome != "reached":
        blocks.append(Paragraph(say(f"optimised.{optimised.outcome}"), "strong"))
    if optimised.optimised is not None and optimised.published is not None:
        blocks.append(_table(context, optimised, optimised.optimised, optimised.published, in_mm=in_mm))
    if not in_mm:
        blocks.append(Paragraph(say("optimised.words_only"), "quiet"))
    if not optimised.plan.threads:
        blocks += [Paragraph(say.of(reason.what)) for reason in optimised.reasons]
    return Section("optimised", say("optimised.title"), tuple(blocks), lead)


def _table(
    context: Context, optimised: OptimisedPlan, chosen: PlanFigures, published: PlanFigures, *, in_mm: bool
) -> Table:
    say = context.say
    rows: list[tuple[Cell, ...]] = [_wish(context, wish) for wish in optimised.wishes] if in_mm else []
    for name, decimals in _FIGURES.items():
        if name == "mouth_mm" and not in_mm:
            continue
        values = (say.number(getattr(one, name), decimals) for one in (chosen, published))
        rows.append((Cell(say(f"optimised.{name}")), *map(Cell, values)))
    if chosen.total and published.total:
        values = (_money(context, one) for one in (chosen, published))
        rows.append((Cell(say("optimised.total")), *map(Cell, values)))
    return Table(
        caption="",
        columns=(
            Column(say("optimised.figure"), share=2.2),
            Column(say("optimised.optimised"), is_number=True),
            Column(say("optimised.published"), is_number=True),
        ),
        rows=tuple(rows),
    )


def _wish(context: Context, wish: WishAnswer) -> tuple[Cell, ...]:
    say = context.say
    name, _, end = wish.landmark.rpartition("_")
    known = load_landmark_facts().get(name if end in ("l", "r") else wish.landmark, {})
    place = say.of(Text.model_validate(known["name"])) if "name" in known else wish.landmark
    if end in ("l", "r"):
        place += f" ({say('form.left' if end == 'l' else 'form.right')})"
    wished = say("optimised.wished", mm=say.number(wish.wished_mm))
    if wish.needed_mm > wish.wished_mm:
        numbers = {"mm": say.number(wish.wished_mm), "needed": say.number(wish.needed_mm)}
        wished = say("optimised.needed", **numbers)
    return (
        Cell(say("optimised.lift", place=place), wished),
        _lift(context, wish.reached_mm, wish.reached_range),
        _lift(context, wish.published_mm, wish.published_range),
    )


def _lift(context: Context, value_mm: float | None, range_mm: Band | None) -> Cell:
    """A computed lift with its range; nothing without one."""
    if value_mm is None or range_mm is None:
        return Cell("")
    return Cell(context.say.number(value_mm), context.say.span(range_mm.low10, range_mm.high90))


def _money(context: Context, figures: PlanFigures) -> str:
    return context.say.money(Decimal(figures.total or 0), figures.currency or "")
