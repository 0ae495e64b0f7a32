"""The published techniques and their threads on one face."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from threadlift.anatomy.control_point import place_control_point
from threadlift.errors import InputError, RuleDataError
from threadlift.face.face import Face, Vectors
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.language import Text
from threadlift.planning.plan import Millimetres3, PathPoint, Plane, PlannedThread

Anchoring = Literal["fixed", "floating"]
PairedSide = Literal["left", "right"]
EntryZone = Literal["temple", "preauricular", "forehead", "behind_ear"]


class ControlPoint(BaseModel):
    """A place on any face: weighted landmarks and an offset (lateral, up, anterior) in mm."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: Mapping[str, float]
    offset_mm: Millimetres3


class Technique(BaseModel):
    """One published way to lay lifting threads, with what is known of it and what is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: Text
    goals: tuple[str, ...]
    area: str = Field(description="region of the face for cleared use")
    entry_zone: EntryZone = Field(description="skin that holds it; techniques of one zone add up there")
    entry: ControlPoint
    target: ControlPoint
    fan_step: Millimetres3 = Field(description="from one end point of the fan to the next")
    per_side: tuple[int, int]
    laxity_threads: tuple[int, int, int] = Field(description="threads a side for laxity grade 1, 2, 3")
    plane: Plane
    anchoring: tuple[Anchoring, ...] = Field(min_length=1, description="the first one is proposed")
    length_mm: tuple[float, float]
    vector_deg: float = Field(description="on the reference head: 0 straight back, 90 straight up")
    passes: tuple[str, ...] = Field(description="areas of the face through which a thread runs")
    facts: Text
    weakness: Text
    status: Status
    sources: tuple[str, ...]
    reason: str = ""

    def count_for(self, grade: int) -> int:
        """Threads a side for a laxity grade; beyond 1 to 3 the nearest of them."""
        return self.laxity_threads[min(max(grade, 1), 3) - 1]


@cache
def load_techniques() -> dict[str, Technique]:
    """The techniques by id. Raises ``RuleDataError`` when their data file does not hold together."""
    try:
        entries = load_data("threadlift.planning", "techniques.toml")["technique"]
        return {entry["id"]: Technique.model_validate(entry) for entry in entries}
    except ValidationError as error:
        raise RuleDataError(f"planning/data/techniques.toml: {error}") from error


def find_technique(technique_id: str) -> Technique:
    """The technique with this id. Raises ``InputError`` naming near ids."""
    techniques = load_techniques()
    if technique_id not in techniques:
        near = get_close_matches(technique_id, list(techniques), n=2, cutoff=0.4) or list(techniques)
        raise InputError(
            f"no technique {technique_id[:60]!r}", where="technique", remedy=f"Known: {', '.join(near)}."
        )
    return techniques[technique_id]


def place_technique(
    technique_id: str,
    face: Face,
    side: PairedSide,
    *,
    kind: str,
    count: int | None = None,
    tension_n: float = 1.0,
    plane: Plane | None = None,
    anchoring: Anchoring | None = None,
) -> tuple[PlannedThread, ...]:
    """The threads of a technique on one side of ``face``, each from its entry to its end point on the skin.

    ``count`` threads a side (default: the lowest published), ``plane`` and ``anchoring`` as published unless
    given. Raises ``InputError`` for an unknown technique, a count outside the published range, or a face
    without the landmarks.
    """
    technique = find_technique(technique_id)
    low, high = technique.per_side
    count = low if count is None else count
    if not low <= count <= high:
        raise InputError(
            f"{technique.id} is published with {low} to {high} threads a side, not {count}",
            where="technique",
            remedy="Choose a number within that range.",
        )
    entry = place_point(face, technique.entry, side)
    return tuple(
        PlannedThread(
            id=f"{technique.id}-{side[0].upper()}{index + 1}",
            kind=kind,
            side=side,
            technique=technique.id,
            plane=plane or technique.plane,
            anchoring=anchoring or technique.anchoring[0],
            tension_n=tension_n,
            path=(path_point(entry), path_point(place_point(face, technique.target, side, move))),
        )
        for index in range(count)
        for move in [_times(technique.fan_step, index)]
    )


def place_point(
    face: Face, point: ControlPoint, side: PairedSide, move_mm: Millimetres3 = (0.0, 0.0, 0.0)
) -> Vectors:
    """A control point (3,) on the skin of ``face``, its offset moved by ``move_mm``."""
    lat, up, ant = (a + b for a, b in zip(point.offset_mm, move_mm, strict=True))
    return place_control_point(face, point.weights, (lat, up, ant), side)


def path_point(place_mm: Vectors) -> PathPoint:
    """A path point at ``place_mm`` (3,), rounded to 0.1 mm so that a plan file can be read and edited."""
    x, y, z = (float(value) for value in np.round(place_mm, 1))
    return PathPoint(at_mm=(x, y, z))


def _times(step_mm: Millimetres3, factor: int) -> Millimetres3:
    return (step_mm[0] * factor, step_mm[1] * factor, step_mm[2] * factor)
