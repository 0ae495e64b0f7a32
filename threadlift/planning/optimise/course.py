"""Ways through the face: variants of a published technique, without a kind of thread yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from threadlift.anatomy import Anatomy
from threadlift.face.face import Vectors
from threadlift.planning.placement import enter_farther_back, shorten_thread
from threadlift.planning.plan import Plane, PlannedThread
from threadlift.planning.proposal import load_proposal_data
from threadlift.planning.relief import enter_higher
from threadlift.planning.technique import PairedSide, Technique, path_point, place_point

Design = tuple[str, float, float, float, str, str]


@dataclass(frozen=True)
class Course:
    """A way through the face, without a kind yet."""

    design: Design
    technique: Technique
    side: PairedSide
    thread: PlannedThread
    entry_off_mm: float
    end_off_mm: float


def published_ends(
    technique: Technique, anatomy: Anatomy, side: PairedSide, between: int = 0
) -> list[Vectors]:
    """End points of the widest published fan, with so many more between each two."""
    steps = (technique.per_side[1] - 1) * (between + 1) + 1
    return [
        place_point(anatomy.face, technique.target, side, _times(technique.fan_step, index / (between + 1)))
        for index in range(steps)
    ]


def _times(step: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    return (step[0] * factor, step[1] * factor, step[2] * factor)


def lay_courses(
    technique: Technique, side: PairedSide, anatomy: Anatomy, grid: Mapping[str, Any]
) -> Iterator[Course]:
    """Every way of the grid from a published entry to a published fan, and its variants."""
    entry = place_point(anatomy.face, technique.entry, side)
    published = published_ends(technique, anatomy, side)
    limits = load_proposal_data().limits["clearance_moves"]
    shallower = [Plane(name) for name in limits["shallower_planes"]]
    planes = [technique.plane, *(plane for plane in shallower if plane.order < technique.plane.order)]
    temple = technique.entry_zone == "temple"
    shifts = grid["entry_back_mm"] if temple else grid["entry_up_mm"]
    between = int(grid["fan_steps_between"])
    for (index, end), shorter, shift in product(
        enumerate(published_ends(technique, anatomy, side, between)), grid["shorten_mm"], shifts
    ):
        plain = PlannedThread(
            id="candidate",
            kind="none",
            side=side,
            technique=technique.id,
            plane=technique.plane,
            path=(path_point(entry), path_point(end)),
        )
        laid = shorten_thread(plain, shorter, anatomy) if shorter else plain
        if shift:
            laid = enter_farther_back(laid, shift, anatomy) if temple else enter_higher(laid, shift, anatomy)
        start, stop = (np.array(laid.path[k].at_mm, dtype=float) for k in (0, -1))
        for plane, anchoring in product(planes, technique.anchoring):
            yield Course(
                design=(technique.id, index / (between + 1), shorter, shift, plane.value, anchoring),
                technique=technique,
                side=side,
                thread=laid.model_copy(update={"plane": plane, "anchoring": anchoring}),
                entry_off_mm=float(np.linalg.norm(start - entry)) if shift else 0.0,
                end_off_mm=min(float(np.linalg.norm(stop - one)) for one in published),
            )
