"""The face: how it was captured, how far it can be trusted, what was measured on it."""

from __future__ import annotations

from threadlift.face.face import FaceQuality
from threadlift.report.block import Block, Bullets, Facts, Heading, Mark, MarkKind, Note, Section
from threadlift.report.context import Context

_GRADES: dict[str, MarkKind] = {"good": "ok", "usable": "caution", "poor": "review", "refused": "stop"}


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
    if notes:
        blocks.append(Heading(say("face.notes")))
        blocks.append(Bullets(tuple(dict.fromkeys(notes))))
    return Section("face", say("face.title"), tuple(blocks), say("face.lead"))


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
        (say("face.scale"), quality.scale_source),
    )
