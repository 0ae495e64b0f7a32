"""Marks: points of the template with their places on the scan, detected or set by hand. They hold the fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from threadlift.face.detection import DetectedLandmarks, template_points
from threadlift.face.face import Indices, Vectors
from threadlift.face.template import Mask, Template

_HAND_WEIGHT = 4.0
_OVERRIDE_MM = 8.0  # detected points this near to one set by hand give way to it
_NAMED_MM = 2.5  # a detected point this near on the template stands for a landmark


@dataclass(frozen=True)
class Marks:
    """``triangle`` (k,) and ``bary`` (k, 3) on the template, ``points`` (k, 3) on the scan, ``weights`` (k,).

    ``is_firm`` (k,): set by hand or stated, holds to the end; the others only lead the way. ``named`` are the
    landmarks among them by id.
    """

    triangle: Indices
    bary: Vectors
    points: Vectors
    weights: Vectors
    is_firm: Mask
    named: Mapping[str, Vectors]

    def on(self, template: Template, vertices: Vectors) -> Vectors:
        """Where the marks lie (k, 3) on a shape of the template's topology."""
        return np.asarray(np.einsum("ij,ijk->ik", self.bary, vertices[template.triangles[self.triangle]]))


def gather_marks(
    template: Template,
    detected: DetectedLandmarks | None,
    by_hand: Mapping[str, Vectors],
    firm: Collection[str] = (),
) -> Marks:
    """Detected points, those set by hand in place of detected ones near them, and ``firm`` detected
    landmarks."""
    named = {**(_name_detected(template, detected) if detected else {}), **by_hand}
    held = {name: point for name, point in named.items() if name in by_hand or name in firm}
    anchors = [template.landmarks[name] for name in held]
    triangle = [np.array([anchor[0] for anchor in anchors], np.int64)]
    bary = [np.array([anchor[1] for anchor in anchors]).reshape(-1, 3)]
    points = [np.array(list(held.values())).reshape(-1, 3)]
    weights = [np.full(len(held), _HAND_WEIGHT)]
    if detected:
        kept = detected.is_seen.copy()
        places = template_points(template)
        for name in held:
            reach = _OVERRIDE_MM if name in by_hand else _NAMED_MM
            kept &= ~(np.linalg.norm(places - anchor_place(template, name), axis=1) < reach)
        triangle.append(template.mediapipe_triangle[kept])
        bary.append(template.mediapipe_bary[kept])
        points.append(detected.points[kept])
        weights.append(detected.weights[kept])
    is_firm = np.arange(sum(map(len, weights))) < len(held)
    return Marks(
        np.concatenate(triangle),
        np.concatenate(bary),
        np.concatenate(points),
        np.concatenate(weights),
        is_firm,
        named,
    )


def anchor_place(template: Template, name: str) -> Vectors:
    """Position (3,) of a landmark on the template in mm."""
    triangle, bary = template.landmarks[name]
    return np.asarray(np.asarray(bary) @ template.vertices_mm[template.triangles[triangle]])


def _name_detected(template: Template, detected: DetectedLandmarks) -> dict[str, Vectors]:
    """Detected points that stand for landmarks of the atlas."""
    places = template_points(template)
    places[~detected.is_seen] = np.nan
    named = {}
    for name in template.landmarks:
        apart = np.linalg.norm(places - anchor_place(template, name), axis=1)
        nearest = int(np.argmin(np.where(np.isfinite(apart), apart, np.inf)))
        if apart[nearest] < _NAMED_MM:
            named[name] = detected.points[nearest]
    return named
