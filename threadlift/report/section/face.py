"""The face: how it was captured, how far it can be trusted, what was measured on it."""

from __future__ import annotations

from collections.abc import Sequence

from threadlift.face.face import FaceQuality, Side
from threadlift.face.measure import FaceMeasures, LandmarkAsymmetry, Measure
from threadlift.report.block import (
    Basis,
    Block,
    Bullets,
    Cell,
    Column,
    Facts,
    Fold,
    Heading,
    Mark,
    MarkKind,
    Note,
    Paragraph,
    Section,
    Table,
)
from threadlift.report.context import Context

_GRADES: dict[str, MarkKind] = {"good": "ok", "usable": "caution", "poor": "review", "refused": "stop"}
_MOST_ASYMMETRIES = 10
_MOST_NORMS = 2


def tell_face(context: Context) -> Section:
    """The section on the face."""
    say, case = context.say, context.case
    quality = case.face.quality
    grade = Mark(_GRADES[quality.grade], say(f"face.grade_{quality.grade}"))
    notes = [say.of(note) for note in quality.notes]
    if case.scan_report:
        notes += [say.of(note) for note in case.scan_report.notes]
    notes += [say.of(note) for note in case.anatomy.notes]
    blocks: list[Block] = [
        Note(grade, say(f"face.source_{case.face.source}"), say(f"face.means_{quality.grade}")),
        Facts(_facts(context, quality)),
    ]
    blocks += _measures(context, case.measures)
    if notes:
        blocks.append(Heading(say("face.notes")))
        blocks.append(Bullets(tuple(dict.fromkeys(notes))))
    return Section("face", say("face.title"), tuple(blocks), say("face.lead"))


def _measures(context: Context, measures: FaceMeasures) -> list[Block]:
    say = context.say
    lopsided = [entry for entry in measures.landmark_asymmetry if entry.is_clear]
    numbers: tuple[Block, ...] = (
        Paragraph(say.of(measures.note), "quiet"),
        Table(
            caption="",
            columns=(
                Column(say("face.measure"), share=2.6),
                Column(say("form.left"), is_number=True),
                Column(say("form.right"), is_number=True),
                Column(say("form.midline"), is_number=True),
                Column(say("face.norm"), share=2.2),
            ),
            rows=tuple(_measure_row(context, group) for group in _by_name(measures.measures)),
        ),
        Paragraph(say("face.uncertainty"), "quiet"),
    )
    blocks: list[Block] = [Fold(say("face.measures"), numbers), Heading(say("face.asymmetry"))]
    if not lopsided:
        return [*blocks, Paragraph(say("face.no_asymmetry"))]
    return [*blocks, _asymmetry(context, lopsided)]


def _by_name(measures: Sequence[Measure]) -> list[dict[Side, Measure]]:
    groups: dict[str, dict[Side, Measure]] = {}
    for measure in sorted(measures, key=lambda entry: not entry.is_laxity):
        groups.setdefault(measure.id, {})[measure.side] = measure
    return list(groups.values())


def _measure_row(context: Context, group: dict[Side, Measure]) -> tuple[Cell, ...]:
    say = context.say
    any_side = next(iter(group.values()))
    decimals = 2 if any_side.unit == "ratio" else 0 if any_side.unit == "deg" else 1

    def cell(side: Side) -> Cell:
        if side not in group:
            return Cell("")
        value, doubt = group[side].value, group[side].uncertainty_sd
        return Cell(f"{say.number(value, decimals)} ± {say.number(doubt, decimals)}")

    norms_of_sex = [
        norm for norm in any_side.norms if norm.sex == context.case.intake.patient.sex
    ] or any_side.norms
    norms = [
        say(
            "face.norm_of",
            sex=say(f"sex.{norm.sex}"),
            usual=say.span(norm.mean - 2 * norm.sd, norm.mean + 2 * norm.sd, decimals),
            population=say.of(norm.population),
        )
        for norm in norms_of_sex
    ][:_MOST_NORMS]
    cited = context.sources.cite(
        dict.fromkeys(source for norm in norms_of_sex[:_MOST_NORMS] for source in norm.sources)
    )
    unit = say(f"face.unit_{any_side.unit}")
    return (
        Cell(f"{say.of(any_side.name)}, {unit}", say.of(any_side.meaning)),
        cell("left"),
        cell("right"),
        cell("midline"),
        Cell("", "; ".join(norms), basis=Basis("", citations=cited) if cited else None),
    )


def _asymmetry(context: Context, lopsided: Sequence[LandmarkAsymmetry]) -> Table:
    say = context.say
    return Table(
        caption=say("face.asymmetry_lead"),
        columns=(
            Column(say("prediction.place"), share=2.6),
            Column(say("face.apart"), is_number=True),
            Column(say("face.out"), is_number=True),
            Column(say("face.up"), is_number=True),
            Column(say("face.forward"), is_number=True),
        ),
        rows=tuple(
            (
                Cell(say.of(entry.name)),
                Cell(f"{say.number(entry.distance_mm)} ± {say.number(entry.uncertainty_sd_mm)}"),
                *(Cell(say.number(value)) for value in (entry.out_mm, entry.up_mm, entry.forward_mm)),
            )
            for entry in sorted(lopsided, key=lambda entry: -entry.distance_mm)[:_MOST_ASYMMETRIES]
        ),
    )


def _scale(context: Context, quality: FaceQuality) -> str:
    key = "template" if context.case.face.source == "template" else quality.scale_source
    return context.say(f"scale.{key}") if context.say.has(f"scale.{key}") else context.say("form.unknown")


def _facts(context: Context, quality: FaceQuality) -> tuple[tuple[str, str], ...]:
    say = context.say

    def mm(value: float | None) -> str:
        return say("form.not_measured") if value is None else f"{say.number(value, 2)}\u00a0mm"

    def share(value: float | None) -> str:
        return say("form.not_measured") if value is None else say.percent(value)

    return (
        (say("face.core_median"), mm(quality.core_median_mm)),
        (say("face.core_p95"), mm(quality.core_p95_mm)),
        (say("face.residual_median"), mm(quality.landmark_residual_median_mm)),
        (say("face.residual_p95"), mm(quality.landmark_residual_p95_mm)),
        (say("face.coverage"), share(quality.coverage_core)),
        (say("face.coverage_sides"), f"{share(quality.coverage_left)} / {share(quality.coverage_right)}"),
        (say("face.position_sd"), f"{say.number(quality.position_sd_mm)}\u00a0mm"),
        (say("face.scale"), _scale(context, quality)),
    )
