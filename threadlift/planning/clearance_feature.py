"""One thread against the features of the face that are kept clear: eye, mouth, nose, nasolabial fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy.control_point import offset_scale, side_landmark
from threadlift.anatomy.course import BodySide
from threadlift.anatomy.structure import SIDES
from threadlift.face.face import Face
from threadlift.finding import Finding
from threadlift.planning.clearance_place import place_of
from threadlift.planning.clearance_rule import ClearanceRules
from threadlift.planning.path import ResolvedThread

Numbers = NDArray[np.float64]
_FOLD = ("ac", "nlf", "ch")


def check_features(resolved: ResolvedThread, face: Face, rules: ClearanceRules) -> Iterator[Finding]:
    """Findings about a path that comes near or into the eye socket, the lips, the nose or across the fold."""
    yield from _check_eye(resolved, face, rules)
    yield from _check_mouth(resolved, face, rules)
    yield from _check_nose(resolved, face, rules)
    yield from _check_fold(resolved, face, rules)


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
