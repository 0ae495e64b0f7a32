"""How far a fit can be trusted: distances both ways, coverage, landmark residual, grade, uncertainty of a
point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from threadlift.face.bending import border_mask, smooth_normals
from threadlift.face.face import FaceQuality, FitGrade, Vectors
from threadlift.face.scale import Scale
from threadlift.face.surface import Surface, vertex_areas, vertex_normals
from threadlift.face.template import Mask, Template
from threadlift.files import load_data
from threadlift.language import Text, figure

_BACKED_MM = 2.5  # a template vertex is backed by the scan when it lies this near
_BACKED_FACING = 0.5
_REVERSE_POINTS = 6000
_REVERSE_REACH_MM = 20.0
GRADES: tuple[FitGrade, ...] = ("good", "usable", "poor", "refused")


@dataclass(frozen=True)
class Backing:
    """How the scan backs the fitted template: distance (n,) of each vertex in mm and whether it is backed
    (n,)."""

    distance_mm: Vectors
    is_backed: Mask


@cache
def _records() -> dict[str, dict[str, Any]]:
    data = load_data("threadlift.face", "quality.toml")
    return {record["id"]: record for record in (*data["threshold"], *data["uncertainty"])}


def measure_backing(template: Template, vertices: Vectors, scan: Surface) -> Backing:
    """Compare the fitted ``vertices`` (n, 3) with the ``scan`` surface, both in the face frame in mm."""
    hit = scan.closest(vertices)
    border = border_mask(scan.vertices, scan.triangles)
    normals = np.einsum(
        "ij,ijk->ik", hit.bary, smooth_normals(scan.vertices, scan.triangles)[scan.triangles[hit.triangle]]
    )
    facing = np.einsum("ij,ij->i", vertex_normals(vertices, template.triangles), normals)
    backed = ~border[scan.triangles[hit.triangle]].any(axis=1) & (hit.distance < _BACKED_MM)
    return Backing(hit.distance, np.asarray(backed & (facing > _BACKED_FACING)))


def judge_fit(
    template: Template,
    vertices: Vectors,
    scan: Surface,
    *,
    landmark_residual_mm: Vectors,
    scale: Scale,
    is_hand_set: bool,
) -> FaceQuality:
    """The quality of a fit of ``vertices`` (n, 3) to ``scan``; ``landmark_residual_mm`` (k,) may be empty."""
    backing = measure_backing(template, vertices, scan)
    core = template.masks["face_core"]
    area = vertex_areas(vertices, template.triangles)

    def coverage(mask: Mask) -> float:
        return float(area[mask & backing.is_backed].sum() / area[mask].sum())

    on_surface = core & backing.is_backed
    near = backing.distance_mm[on_surface] if on_surface.any() else backing.distance_mm[core]
    reverse = _reverse_distances(template, vertices, scan)
    values: dict[str, float | None] = {
        "core_median_mm": float(np.median(near)),
        "core_p95_mm": _beyond(backing, core),
        "reverse_median_mm": _percentile(reverse, 50),
        "reverse_p95_mm": _percentile(reverse, 95),
        "landmark_residual_median_mm": _percentile(landmark_residual_mm, 50),
        "landmark_residual_p95_mm": _percentile(landmark_residual_mm, 95),
        "coverage_core": coverage(core),
        "coverage_left": coverage(core & template.masks["left"]),
        "coverage_right": coverage(core & template.masks["right"]),
    }
    halves = [values["coverage_left"] or 0.0, values["coverage_right"] or 0.0]
    measured = {**values, "coverage_half": min(halves), "sampling_mm": _sampling(template, vertices, scan)}
    grade, notes = grade_fit(measured)
    return FaceQuality(
        grade=grade,
        **{name: None if value is None else round(value, 3) for name, value in values.items()},
        scale_source=scale.source,
        scale_factor=scale.factor,
        position_sd_mm=round(position_sd(values, scale.source, is_hand_set=is_hand_set), 2),
        notes=(scale.text, *notes),
    )


def grade_fit(measured: Mapping[str, float | None]) -> tuple[FitGrade, tuple[Text, ...]]:
    """The worst grade over all thresholds, and a note for each that is not good. A missing value is not
    judged."""
    worst, notes = 0, []
    for record in _records().values():
        value = measured.get(record.get("field", ""))
        if value is None:
            continue
        own = _grade_one(record, value)
        worst = max(worst, own)
        if own:
            notes.append(Text(**record["what"]).fill(value=figure(value, ".2f")))
    return GRADES[worst], tuple(notes)


def position_sd(values: Mapping[str, float | None], scale_source: str, *, is_hand_set: bool) -> float:
    """1 sigma in mm of where an anatomical point lies along the skin: landmarks, surface and scale
    together."""
    records = _records()
    own = records["position_hand_set_sd_mm" if is_hand_set else "position_landmark_sd_mm"]["value_mm"]
    landmark = max(own, values.get("landmark_residual_median_mm") or 0.0)
    share = records[f"scale_{scale_source}_share"]["value_share"]
    scale = share * records["position_lever_mm"]["value_mm"]
    return float(np.sqrt(landmark**2 + scale**2 + (values.get("core_median_mm") or 0.0) ** 2))


def _grade_one(record: Mapping[str, Any], value: float) -> int:
    for step, grade in enumerate(GRADES[:-1]):
        within = (
            value <= record["at_most"][grade] if "at_most" in record else value >= record["at_least"][grade]
        )
        if within:
            return step
    return len(GRADES) - 1


def _beyond(backing: Backing, core: Mask) -> float:
    """95th percentile of the core's distances; a vertex that the scan does not show counts in coverage, not
    here, unless the surface is there and the fit missed it."""
    seen = core & (backing.is_backed | (backing.distance_mm < 4 * _BACKED_MM))
    return float(np.percentile(backing.distance_mm[seen if seen.any() else core], 95))


def _reverse_distances(template: Template, vertices: Vectors, scan: Surface) -> Vectors:
    """Distances of outward-facing scan points over the face core to the fitted template."""
    fitted = Surface(vertices, template.triangles)
    core = vertices[template.masks["face_core"]]
    near = ((scan.vertices > core.min(axis=0) - 5) & (scan.vertices < core.max(axis=0) + 10)).all(axis=1)
    some = np.flatnonzero(near)[:: max(1, int(near.sum()) // _REVERSE_POINTS)]
    if len(some) == 0:
        return np.zeros(0)
    hit = fitted.closest(scan.vertices[some])
    over = template.triangle_mask("face_core")[hit.triangle] & (hit.distance < _REVERSE_REACH_MM)
    inside = (hit.bary > 1e-6).all(axis=1)  # on an edge: mostly beyond the border of an eye or a nostril
    outward = np.einsum(
        "ij,ij->i",
        smooth_normals(scan.vertices, scan.triangles)[some],
        vertex_normals(vertices, template.triangles)[template.triangles[hit.triangle, 0]],
    )
    return np.asarray(hit.distance[over & inside & (outward > _BACKED_FACING / 2)])


def _sampling(template: Template, vertices: Vectors, scan: Surface) -> float:
    """Median edge length in mm of the scan where it faces the core."""
    hit = scan.closest(vertices[template.masks["face_core"]][::7])
    corners = scan.vertices[scan.triangles[np.unique(hit.triangle)]]
    return float(np.median(np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)))


def _percentile(values: Vectors, share: float) -> float | None:
    return float(np.percentile(values, share)) if len(values) else None
