"""One thread against the face itself: off the skin, wrong side, eye socket, lip, nose, fold, entry,
anchor.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy.control_point import offset_scale, place_control_point, side_landmark
from threadlift.anatomy.placement import Anatomy
from threadlift.anatomy.structure import SIDES, BodySide
from threadlift.face.face import Face
from threadlift.face.template import MIDLINE_LANDMARKS
from threadlift.finding import Finding, Where
from threadlift.language import Text
from threadlift.planning.clearance_rule import ClearanceRules
from threadlift.planning.path import ResolvedThread

Numbers = NDArray[np.float64]
SIDE_NAMES: dict[str, Text] = {"left": Text(en="left", vi="trái"), "right": Text(en="right", vi="phải")}
_FOLD = ("ac", "nlf", "ch")


def check_place(resolved: ResolvedThread, anatomy: Anatomy, rules: ClearanceRules) -> Iterator[Finding]:
    """Findings about where on the face a thread enters, runs and ends."""
    face = anatomy.face
    yield from _check_on_skin(resolved, rules)
    yield from _check_side(resolved, face, rules)
    yield from _check_length(resolved, rules)
    yield from _check_eye(resolved, face, rules)
    yield from _check_mouth(resolved, face, rules)
    yield from _check_nose(resolved, face, rules)
    yield from _check_fold(resolved, face, rules)
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


def _check_on_skin(resolved: ResolvedThread, rules: ClearanceRules) -> Iterator[Finding]:
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


def _check_eye(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> Iterator[Finding]:
    limit = rules.limit("eye_near", "limit_mm")
    outside = np.min([_outside_rim(resolved.skin_mm, face, side, rules) for side in SIDES], axis=0)
    nearest = int(outside.argmin())
    if outside[nearest] <= 0.0:
        yield rules.finding("eye_socket", where=place_of(resolved, nearest), thread=resolved.thread.id)
    elif outside[nearest] < limit:
        distance = float(outside[nearest])
        yield rules.finding(
            "eye_near",
            where=place_of(resolved, nearest, distance),
            value=round(distance, 1),
            threshold=limit,
            unit="mm",
            thread=resolved.thread.id,
        )


def _outside_rim(points: Numbers, face: Face, side: BodySide, rules: ClearanceRules) -> Numbers:
    """Distance (k,) in mm outside the rim of an eye socket, seen from in front; negative inside."""
    inner, outer = side_landmark(face, "en", side), side_landmark(face, "ex", side)
    centre = (inner + outer) / 2.0
    beyond = rules.limit("eye_socket", "rim_mm") * offset_scale(face)
    across = abs(outer[0] - inner[0]) / 2.0 + beyond
    down = max(centre[1] - side_landmark(face, "or", side)[1], 0.5 * across)
    reach = np.hypot((points[:, 0] - centre[0]) / across, (points[:, 1] - centre[1]) / down)
    away = np.hypot(points[:, 0] - centre[0], points[:, 1] - centre[1])
    # Behind the lateral rim the head turns away; only what lies in front of the outer corner counts.
    in_front = points[:, 2] > min(inner[2], outer[2]) - across
    outside = away * (1.0 - 1.0 / np.maximum(reach, 1e-6))
    return np.where(in_front, outside, np.inf)


def _check_mouth(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> Iterator[Finding]:
    left, right = side_landmark(face, "ch", "left"), side_landmark(face, "ch", "right")
    middle = face.landmark("sto")
    half_width = abs(left[0] - right[0]) / 2.0
    up, down = face.landmark("ls")[1] - middle[1], middle[1] - face.landmark("li")[1]
    offset = resolved.skin_mm - middle
    height = np.where(offset[:, 1] > 0, max(up, 1.0), max(down, 1.0))
    in_lip = np.hypot(offset[:, 0] / half_width, offset[:, 1] / height) <= 1.0
    in_lip &= offset[:, 2] > min(left[2], right[2]) - middle[2] - half_width
    if in_lip.any():
        yield rules.finding("lip", where=place_of(resolved, int(in_lip.argmax())), thread=resolved.thread.id)
        return
    distance = np.min([np.linalg.norm(resolved.skin_mm - corner, axis=1) for corner in (left, right)], axis=0)
    limit, nearest = rules.limit("mouth_corner_near", "limit_mm"), int(distance.argmin())
    if distance[nearest] < limit:
        yield rules.finding(
            "mouth_corner_near",
            where=place_of(resolved, nearest, float(distance[nearest])),
            value=round(float(distance[nearest]), 1),
            threshold=limit,
            unit="mm",
            thread=resolved.thread.id,
        )


def _check_nose(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> Iterator[Finding]:
    top, bottom = face.landmark("n"), face.landmark("sn")
    points = resolved.skin_mm
    share = np.clip((top[1] - points[:, 1]) / (top[1] - bottom[1]), 0.0, 1.0)
    inside = np.zeros(len(points), dtype=bool)
    for side in SIDES:
        wing, corner = side_landmark(face, "ac", side)[0], side_landmark(face, "en", side)[0]
        half_width = (1.0 - share) * corner * 0.5 + share * wing
        inside |= (points[:, 0] * np.sign(wing) >= 0) & (np.abs(points[:, 0]) < np.abs(half_width))
    inside &= (points[:, 1] < top[1]) & (points[:, 1] > bottom[1])
    inside &= points[:, 2] > min(top[2], side_landmark(face, "ac", "left")[2]) - 10.0
    if inside.any():
        yield rules.finding("nose", where=place_of(resolved, int(inside.argmax())), thread=resolved.thread.id)


def _check_fold(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> Iterator[Finding]:
    """The nasolabial fold from the wing of the nose to the corner of the mouth, seen from in front."""
    fold = np.array([side_landmark(face, name, resolved.thread.side) for name in _FOLD])
    fold = fold[np.argsort(fold[:, 1])]
    points = resolved.skin_mm
    beside = (
        (points[:, 1] > fold[0, 1]) & (points[:, 1] < fold[-1, 1]) & (points[:, 2] > fold[:, 2].min() - 15.0)
    )
    if not beside.any():
        return
    outward = 1.0 if resolved.thread.side == "left" else -1.0
    lateral = outward * (points[:, 0] - np.interp(points[:, 1], fold[:, 1], fold[:, 0]))
    lateral = np.where(beside, lateral, np.inf)
    nearest = int(lateral.argmin())
    near, crossed = rules.limit("fold_near", "limit_mm"), rules.limit("fold_crossed", "limit_mm")
    distance = float(lateral[nearest])
    if distance < -crossed:
        yield rules.finding(
            "fold_crossed",
            where=place_of(resolved, nearest),
            value=round(-distance, 1),
            threshold=crossed,
            unit="mm",
            thread=resolved.thread.id,
        )
    elif distance < near:
        yield rules.finding(
            "fold_near",
            where=place_of(resolved, nearest, max(distance, 0.0)),
            value=round(max(distance, 0.0), 1),
            threshold=near,
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
                above=f"{window.above_brow_tail_mm:g}",
            )
