"""Where a point of the atlas lies on one face: landmarks, weights and an offset give a place on the skin.

The rule of the atlas: the weighted mean of landmarks, plus an offset (lateral, up, anterior) scaled with the
face, then laid on the skin along the outward normal, because chords between landmarks cut through the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from threadlift.anatomy.skin import skin_of
from threadlift.errors import InputError
from threadlift.face.face import Face, Vectors
from threadlift.face.raycast import cast_rays

REFERENCE_HEIGHT_MM = 114.0  # n-gn of the head on which the atlas was written
SCALE_LIMITS = (0.85, 1.15)
Laying = Literal["closest", "medially"]
_BESIDE_NECK_MM = 40.0  # further in there is no neck at that height


def offset_scale(face: Face) -> float:
    """Factor on offsets of the atlas: face height n-gn against the reference head, within 0.85 to 1.15."""
    height_mm = float(np.linalg.norm(face.landmark("n") - face.landmark("gn")))
    return float(np.clip(height_mm / REFERENCE_HEIGHT_MM, *SCALE_LIMITS))


def side_landmark(face: Face, name: str, side: Literal["left", "right"]) -> Vectors:
    """Landmark ``name`` (without a side) on ``side``: the paired one if there is one, else the midline one.

    A name that already ends in ``_l`` or ``_r`` is taken as it is. Raises ``InputError`` when the face has no
    such landmark.
    """
    for candidate in (f"{name}_{side[0]}", name):
        if candidate in face.landmarks_mm:
            return face.landmarks_mm[candidate]
    raise InputError(
        f"the face has no landmark {name!r}",
        where="landmark",
        remedy="Use an id of the landmark list, without the side.",
    )


def raw_control_point(
    face: Face,
    weights: Mapping[str, float],
    offset_mm: tuple[float, float, float],
    side: Literal["left", "right"],
) -> Vectors:
    """The point (3,) before it is laid on the skin; it often lies inside the head."""
    total = sum(weights.values())
    if not weights or abs(total - 1.0) > 1e-6:
        raise InputError(f"landmark weights add up to {total:g}, not to 1", where="control point")
    lateral = 1.0 if side == "left" else -1.0
    lat, up, ant = offset_mm
    mean = sum(
        (share * side_landmark(face, name, side) for name, share in weights.items()), start=np.zeros(3)
    )
    raw: Vectors = mean + offset_scale(face) * np.array([lateral * lat, up, ant])
    return raw


def place_control_point(
    face: Face,
    weights: Mapping[str, float],
    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    side: Literal["left", "right"] = "left",
    *,
    laid: Laying = "closest",
) -> Vectors:
    """A point (3,) on the skin of ``face`` in mm.

    ``weights`` maps landmark ids without side to shares that add up to 1; ``offset_mm`` is (lateral away from
    the midline, up, anterior) on the reference head. ``laid`` medially keeps the height of a point that hangs
    beside the neck, where the closest skin would be the jaw. Raises ``InputError`` for an unknown landmark.
    """
    raw = raw_control_point(face, weights, offset_mm, side)
    skin = skin_of(face)
    if laid == "medially":
        inwards = (-1.0 if side == "left" else 1.0, 0.0, 0.0)
        hit = cast_rays(skin.vertices, skin.triangles, raw, inwards)
        if hit.is_hit[0] and hit.depth_mm[0] < _BESIDE_NECK_MM:
            beside: Vectors = hit.points(skin.vertices, skin.triangles)[0]
            return beside
    place: Vectors = skin.closest(raw).positions[0]
    return place
