"""Pictures of this face: threads and danger structures from five sides, lift as colour, before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import PlacedStructure
from threadlift.case.case import Treatment
from threadlift.report.block import Block, Figure, Gallery, Heading, Key, Paragraph, Section
from threadlift.report.chart import draw_scale, nice_top
from threadlift.report.context import Context
from threadlift.report.drawing import DASH, PAPER, STRUCTURE, mark_shape, svg
from threadlift.report.overlay import (
    DrawnMark,
    DrawnStructure,
    DrawnThread,
    Overlay,
    StructureKind,
    draw_overlay,
)
from threadlift.report.picture import LIFT_RAMP, VIEWS, Shot, as_jpeg, develop, take_shot
from threadlift.report.scene import Scene, make_scene, move_skin
from threadlift.report.section.finding import group_findings, marks_on_face

_KINDS: dict[str, StructureKind] = {
    "nerve_motor": "nerve",
    "nerve_sensory": "nerve",
    "artery": "vessel",
    "vein": "vessel",
    "gland": "gland",
    "duct": "gland",
}
_ROUND = ("oblique_right", "oblique_left", "right", "front", "left")
_NO_LIFT_MM = 0.05
_COLOURED_SHARE = 0.985


@dataclass(frozen=True)
class _Studio:
    """The face with a shot from every side."""

    scene: Scene
    shots: dict[str, Shot]


def tell_pictures(context: Context) -> Section:
    """The section with all pictures; without a plan it shows the danger structures alone."""
    say, treatment = context.say, context.case.treatment
    scene = make_scene(context.case.face)
    studio = _Studio(scene, {name: take_shot(scene, VIEWS[name].scaled(context.detail)) for name in _ROUND})
    blocks = _round(context, studio)
    if (
        treatment is not None
        and treatment.prediction.form != "refused"
        and treatment.lift.largest_mm > _NO_LIFT_MM
    ):
        blocks += _lift(context, studio, treatment)
        if treatment.prediction.form == "mm":
            blocks += _before_after(context, studio, treatment)
    lead = say("picture.lead") if treatment else say("picture.lead_no_plan")
    return Section("pictures", say("picture.title"), tuple(blocks), lead)


def draw_structures(structures: tuple[PlacedStructure, ...]) -> tuple[DrawnStructure, ...]:
    """The danger structures as lines, outlines and rings by kind."""
    return tuple(
        DrawnStructure(
            _KINDS.get(structure.kind, "other"),
            structure.skin_points_mm,
            is_closed=structure.geometry in ("polygon", "ellipsoid"),
        )
        for structure in structures
    )


def _round(context: Context, studio: _Studio) -> list[Block]:
    say, case = context.say, context.case
    overlay = Overlay(structures=draw_structures(case.anatomy.structures))
    if case.treatment:
        overlay = Overlay(
            threads=tuple(
                DrawnThread(context.thread_names[r.thread.id], r.skin_mm) for r in case.treatment.threads
            ),
            structures=overlay.structures,
            marks=_on_skin(context, marks_on_face(group_findings(context.findings))),
        )

    def figure(name: str) -> Figure:
        shot = studio.shots[name]
        title = say(f"view.{name}")
        return Figure(
            title=title,
            description=say(
                "picture.describe_plan" if case.treatment else "picture.describe_face", view=title
            ),
            jpeg=as_jpeg(develop(shot, studio.scene)),
            drawing=draw_overlay(shot, studio.scene, overlay, title=title),
        )

    legend = _legend(context, with_threads=bool(overlay.threads))
    return [
        Gallery(tuple(figure(name) for name in _ROUND[:2]), across=2),
        Gallery(tuple(figure(name) for name in _ROUND[2:]), across=3, legend=legend),
        Paragraph(say("picture.anatomy_note"), "quiet"),
    ]


def _on_skin(context: Context, marks: tuple[DrawnMark, ...]) -> tuple[DrawnMark, ...]:
    """The marks on the skin above their places."""
    if not marks:
        return ()
    above = context.case.anatomy.skin.closest(np.array([mark.at_mm for mark in marks])).positions
    return tuple(
        replace(mark, at_mm=(float(x), float(y), float(z)))
        for mark, (x, y, z) in zip(marks, above, strict=True)
    )


def _legend(context: Context, *, with_threads: bool) -> tuple[Key, ...]:
    say = context.say
    keys = []
    if with_threads:
        end = f"fill:#fff;stroke:{PAPER['ink']};stroke-width:1.8"
        line = f'<path d="M6 8h24" style="stroke:{PAPER["ink"]};stroke-width:2.3"/>'
        disc = f'<circle cx="6" cy="8" r="4.2" style="{end}"/>'
        diamond = f'<path d="M30 3.5l4.5 4.5-4.5 4.5-4.5-4.5z" style="{end}"/>'
        keys.append(Key(svg(36, 16, line + disc + diamond), say("picture.key_thread")))
    for kind in ("nerve", "vessel", "gland"):
        dash = f";stroke-dasharray:{DASH[kind]}" if DASH[kind] else ""
        cap = ";stroke-linecap:round" if kind == "gland" else ""
        line = f'<path d="M2 8h32" style="stroke:{STRUCTURE[kind]};stroke-width:2{dash}{cap}"/>'
        keys.append(Key(svg(36, 16, line), say(f"picture.key_{kind}")))
    if with_threads:
        for kind in ("stop", "caution"):
            shape = mark_shape("stop" if kind == "stop" else "caution", PAPER[kind], number="1")
            drawn = f'<g transform="translate(10 0) scale(.667)">{shape}</g>'
            keys.append(Key(svg(36, 16, drawn), say(f"picture.key_{kind}")))
    return tuple(keys)


def _lift(context: Context, studio: _Studio, treatment: Treatment) -> list[Block]:
    say = context.say
    moved = np.linalg.norm(treatment.lift.displacement_mm, axis=1)
    top = _scale_top(moved)
    in_mm = treatment.prediction.form == "mm"

    def figure(name: str) -> Figure:
        title = say(f"view.{name}")
        return Figure(
            title=title,
            description=say("picture.describe_lift", view=title, most=say.number(treatment.lift.largest_mm))
            if in_mm
            else say("picture.describe_lift_words", view=title),
            jpeg=as_jpeg(develop(studio.shots[name], studio.scene, moved, top)),
            warning=say("report.estimate"),
        )

    name = say("picture.scale" if in_mm else "picture.scale_words")
    scale = Key(
        draw_scale(LIFT_RAMP, top if in_mm else None, say, title=name, is_open=bool(moved.max() > top)), ""
    )
    lead = say("picture.lift_lead" if in_mm else "picture.lift_words")
    if in_mm and any(entry.form == "words" for entry in treatment.prediction.landmarks):
        lead += " " + say("picture.lift_stretched")
    return [
        Heading(say("picture.lift")),
        Paragraph(lead),
        Gallery(
            tuple(figure(name) for name in ("oblique_right", "front", "oblique_left")),
            across=3,
            legend=(scale,),
        ),
    ]


def _scale_top(moved_mm: NDArray[np.float64]) -> float:
    """Where the colours end: all but the few hundredths of the moving skin that move most lie below it."""
    moving = moved_mm[moved_mm > _NO_LIFT_MM]
    return nice_top(max(float(np.quantile(moving, _COLOURED_SHARE)) if len(moving) else 0.0, 0.4))


def _before_after(context: Context, studio: _Studio, treatment: Treatment) -> list[Block]:
    say = context.say
    after = move_skin(studio.scene, treatment.lift.displacement_mm)
    sides = [resolved.thread.side for resolved in treatment.threads]
    turned = "close_right" if sides.count("right") > sides.count("left") else "close_left"
    figures = []
    for name in ("close_front", turned):
        for scene, when in ((studio.scene, "before"), (after, "after")):
            shot = take_shot(scene, VIEWS[name].scaled(context.detail))
            title = say(f"picture.{when}")
            figures.append(
                Figure(
                    title=f"{title}, {say(f'view.{name}')}",
                    description=say(f"picture.describe_{when}", view=say(f"view.{name}")),
                    jpeg=as_jpeg(develop(shot, scene)),
                    width_px=shot.camera.width,
                    height_px=shot.camera.height,
                    warning=say("report.estimate") if when == "after" else "",
                )
            )
    return [
        Heading(say("picture.before_after")),
        Paragraph(say("picture.before_after_lead")),
        Gallery(tuple(figures), across=2),
    ]
