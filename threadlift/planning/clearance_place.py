"""One thread against the face itself: off the skin, wrong side, eye socket, lip, nose, fold, entry,
anchor.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy.control_point import offset_scale, place_control_point, side_landmark
from threadlift.anatomy.course import BodySide
from threadlift.anatomy.placement import Anatomy
from threadlift.anatomy.structure import SIDES
from threadlift.face.face import Face
from threadlift.face.template import MIDLINE_LANDMARKS
from threadlift.finding import Finding, Where
from threadlift.language import Text
from threadlift.planning.clearance_rule import ClearanceRules
from threadlift.planning.path import ResolvedThread

Numbers = NDArray[np.float64]
SIDE_NAMES: dict[str, Text] = {"left": Text(en="left", vi="trái"), "right": Text(en="right", vi="phải")}


def check_place(resolved: ResolvedThread, anatomy: Anatomy, rules: ClearanceRules) -> Iterator[Finding]:
    """Findings about where on the face a thread enters, runs and ends."""
    face = anatomy.face
    yield from check_on_skin(resolved, rules)
    yield from _check_side(resolved, face, rules)
    yield from _check_length(resolved, rules)
    yield from _check_entry_zone(resolved, face, rules)
    yield from _check_anchor(resolved, anatomy, rules)


def place_of(resolved: ResolvedThread, sample: int = 0, distance_mm: float | None = None) -> Where:
    """Where a finding about one sample of a thread lies."""
    x, y, z = (round(float(value), 1) for value in resolved.tissue_mm[sample])
    return Where(
        side=resolved.thread.side,
        thread=resolved.thread.id,
        distance_mm=None if distance_mm is None else round(distance_mm, 1),
        at_mm=(x, y, z),
    )


def sides_touched(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> tuple[BodySide, ...]:
    """The side a thread is planned for, and the other one where its path lies there too."""
    limit = rules.limit("midline_crossed", "limit_mm")
    lateral = _beyond_midline(resolved, face)
    return tuple(side for side in SIDES if side == resolved.thread.side or bool((lateral > limit).any()))


def _beyond_midline(resolved: ResolvedThread, face: Face) -> Numbers:
    """How far (k,) each sample lies beyond the midline, towards the side that is not the thread's, in mm."""
    points = np.array([face.landmarks_mm[name] for name in MIDLINE_LANDMARKS if name in face.landmarks_mm])
    points = points[np.argsort(points[:, 1])]
    lateral = resolved.skin_mm[:, 0] - np.interp(resolved.skin_mm[:, 1], points[:, 1], points[:, 0])
    beyond: Numbers = -lateral if resolved.thread.side == "left" else lateral
    return beyond


def check_on_skin(resolved: ResolvedThread, rules: ClearanceRules) -> Iterator[Finding]:
    """Findings about points of a thread that lie off the skin of this face."""
    for number, (point, off_mm) in enumerate(zip(resolved.thread.path, resolved.off_skin_mm, strict=True)):
        limit = rules.limit("entry_off_face", "landmark_mm" if point.at_mm is None else "point_mm")
        if off_mm > limit:
            yield rules.finding(
                "entry_off_face" if number == 0 else "path_off_face",
                where=place_of(resolved, 0 if number == 0 else -1, off_mm),
                value=round(off_mm, 1),
                threshold=limit,
                unit="mm",
                thread=resolved.thread.id,
            )


def _check_side(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> Iterator[Finding]:
    beyond = _beyond_midline(resolved, face)
    if beyond[0] > rules.limit("wrong_side", "limit_mm"):
        yield rules.finding(
            "wrong_side",
            where=place_of(resolved),
            value=round(float(beyond[0]), 1),
            threshold=rules.limit("wrong_side", "limit_mm"),
            unit="mm",
            thread=resolved.thread.id,
            side=SIDE_NAMES[resolved.thread.side],
        )
    elif beyond.max() > rules.limit("midline_crossed", "limit_mm"):
        yield rules.finding(
            "midline_crossed",
            where=place_of(resolved, int(beyond.argmax())),
            value=round(float(beyond.max()), 1),
            threshold=rules.limit("midline_crossed", "limit_mm"),
            unit="mm",
            thread=resolved.thread.id,
        )


def _check_length(resolved: ResolvedThread, rules: ClearanceRules) -> Iterator[Finding]:
    limit = rules.limit("path_too_short", "limit_mm")
    if resolved.length_mm < limit:
        yield rules.finding(
            "path_too_short",
            where=place_of(resolved),
            value=round(resolved.length_mm, 1),
            threshold=limit,
            unit="mm",
            thread=resolved.thread.id,
        )


def _check_entry_zone(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> Iterator[Finding]:
    scale = offset_scale(face)
    outside = []
    for zone in rules.entry_zones:
        centre = place_control_point(face, zone.weights, zone.offset_mm, resolved.thread.side)
        away = float(np.linalg.norm(resolved.entry_mm - centre)) - scale * zone.radius_mm
        outside.append((away, zone))
    away, zone = min(outside, key=lambda pair: pair[0])
    if away > 0.0:
        yield rules.finding(
            "entry_zone",
            where=place_of(resolved),
            value=round(away, 1),
            threshold=0.0,
            unit="mm",
            thread=resolved.thread.id,
            zone=zone.name,
        )


def _check_anchor(resolved: ResolvedThread, anatomy: Anatomy, rules: ClearanceRules) -> Iterator[Finding]:
    """A thread fixed in the temple belongs into the artery-free window."""
    face, side, entry = anatomy.face, resolved.thread.side, resolved.entry_mm
    tragus, brow = side_landmark(face, "t", side), side_landmark(face, "bt", side)
    if resolved.thread.anchoring != "fixed" or entry[1] < tragus[1]:
        return
    scale = offset_scale(face)
    front_mm, height_mm = float(entry[2] - tragus[2]) / scale, float(entry[1] - brow[1]) / scale
    for window in anatomy.windows:
        low, high = window.front_of_tragus_mm
        if not (low <= front_mm <= high and height_mm >= window.above_brow_tail_mm):
            yield rules.finding(
                "anchor_outside_window",
                where=place_of(resolved),
                value=round(front_mm, 1),
                threshold=f"{low:g}-{high:g}",
                unit="mm",
                sources=window.sources,
                thread=resolved.thread.id,
                height=f"{height_mm:.0f}",
                above=window.above_brow_tail_mm,
            )
