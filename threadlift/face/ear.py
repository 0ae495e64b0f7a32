"""Where the ears of a scan sit: side views of fitted template and scan are laid over each other.

Nearest points cannot move an ear: its folds catch on the wrong folds. The template's ear, seen from the side,
is therefore shifted, turned and scaled over the scan's picture until the surface directions agree best. An
ear that agrees badly with every place (hair over it, a hole) stays where the face carries it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from threadlift.face.bending import smooth_normals
from threadlift.face.face import Indices, Vectors
from threadlift.face.orientation import View
from threadlift.face.raycast import cast
from threadlift.face.template import Mask, Template

_RADIUS_MM = 70.0
_SIDE_PX = 160
_SCALES = (0.85, 0.92, 1.0, 1.08, 1.16, 1.24, 1.32)
_TURNS_DEG = (-16.0, -8.0, 0.0, 8.0, 16.0)
_REACH_MM = 18.0
_STEP_MM = 2.0
_LEAST_AGREEMENT = 0.45  # correlation of surface directions; hair, holes and cheeks stay below
_LEAST_SEEN = 0.85
_FARTHEST_MM = 25.0


@dataclass(frozen=True)
class EarPlace:
    """Targets (k, 3) in mm of the ear's ``vertices`` (k,), and the agreement (a correlation) there."""

    vertices: Indices
    targets: Vectors
    agreement: float


@dataclass(frozen=True)
class _SideView:
    """A side view: surface directions (p, p, 3), points (p, p, 3), NaN where nothing is, and triangles (p,
    p)."""

    normals: Vectors
    points: Vectors
    triangle: Indices


def find_ear(
    template: Template, fitted: Vectors, scan: tuple[Vectors, Indices], side: Literal["l", "r"]
) -> EarPlace | None:
    """The place of one ear on ``scan`` (vertices, triangles; face frame, mm), or None where none can be made
    out."""
    mask = template.masks[f"ear_{side}"]
    towards = np.array([1.0 if side == "l" else -1.0, 0.0, 0.0])
    up = np.array([0.0, 1.0, 0.0])
    view = View(np.stack([np.cross(up, towards), up, towards]), fitted[mask].mean(axis=0), _RADIUS_MM)
    own = _look(view, fitted, template.triangles)
    other = _look(view, *scan)
    is_ear = mask[template.triangles[np.maximum(own.triangle, 0)]].all(axis=-1) & (own.triangle >= 0)
    rows, columns = np.nonzero(is_ear)
    if len(rows) < 200:
        return None
    pixels = np.stack([columns, rows], axis=1).astype(float)
    best = _search(pixels, own.normals[rows, columns], other.normals)
    if best is None:
        return None
    agreement, scale, turn, shift = best
    targets = _carry(view, fitted, mask, pixels, own, other, scale, turn, shift)
    if np.linalg.norm((targets - fitted[mask]).mean(axis=0)) > _FARTHEST_MM:
        return None
    return EarPlace(np.flatnonzero(mask), targets, agreement)


def _look(view: View, vertices: Vectors, triangles: Indices) -> _SideView:
    hits = cast(vertices, triangles, view.camera(_SIDE_PX, 6.0))
    normals = hits.interpolate(smooth_normals(vertices, triangles, 2.0), triangles)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    normals[~hits.is_hit] = np.nan
    return _SideView(normals, hits.points(vertices, triangles), hits.triangle)


def _search(pixels: Vectors, wanted: Vectors, picture: Vectors) -> tuple[float, float, float, Vectors] | None:
    """Best agreement, scale, turn in radians and shift (2,) in pixels: coarse steps first, then finer
    around."""
    px_per_mm = _SIDE_PX / (2 * _RADIUS_MM)
    grid = np.arange(-_REACH_MM, _REACH_MM + 0.1, _STEP_MM) * px_per_mm
    shifts = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    some = slice(None, None, max(1, len(pixels) // 400))
    best = _best(pixels, wanted, picture, some, _SCALES, np.radians(_TURNS_DEG), shifts)
    near = np.stack(np.meshgrid([-2, -1, 0, 1, 2], [-2, -1, 0, 1, 2]), axis=-1).reshape(-1, 2).astype(float)
    scales = best[1] * np.array([0.94, 0.97, 1.0, 1.03, 1.06])
    turns = best[2] + np.radians([-4.0, -2.0, 0.0, 2.0, 4.0])
    best = _best(pixels, wanted, picture, slice(None, None, 2), tuple(scales), turns, best[3] + near)
    return best if best[0] >= _LEAST_AGREEMENT else None


def _best(
    pixels: Vectors,
    wanted: Vectors,
    picture: Vectors,
    some: slice,
    scales: tuple[float, ...],
    turns: Vectors,
    shifts: Vectors,
) -> tuple[float, float, float, Vectors]:
    middle = pixels.mean(axis=0)
    relief = wanted[some] - wanted[some].mean(axis=0)
    best = (-1.0, 1.0, 0.0, np.zeros(2))
    for scale in scales:
        for turn in turns:
            placed = scale * (pixels[some] - middle) @ _turning(turn).T + middle
            place = np.rint(placed[None] + shifts[:, None]).astype(int).clip(0, len(picture) - 1)
            found = picture[place[..., 1], place[..., 0]]
            seen = np.isfinite(found[..., 0]).mean(axis=1)
            found = np.nan_to_num(found)
            found = found - found.mean(axis=1, keepdims=True)
            spread = np.sqrt((found**2).sum(axis=(1, 2)) * (relief**2).sum())
            score = np.einsum("spk,pk->s", found, relief) / np.maximum(spread, 1e-9)
            score = np.where(seen > _LEAST_SEEN, score, -1.0)
            top = int(np.argmax(score))
            if score[top] > best[0]:
                best = (float(score[top]), float(scale), float(turn), shifts[top])
    return best


def _turning(angle: float) -> Vectors:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _carry(
    view: View,
    fitted: Vectors,
    mask: Mask,
    pixels: Vectors,
    own: _SideView,
    other: _SideView,
    scale: float,
    turn: float,
    shift: Vectors,
) -> Vectors:
    """The ear's vertices moved as its picture was, and in depth by the median difference of both pictures."""
    middle = pixels.mean(axis=0)
    placed = scale * (pixels - middle) @ _turning(turn).T + middle + shift
    place = np.rint(placed).astype(int).clip(0, _SIDE_PX - 1)
    mm_per_px = 2 * _RADIUS_MM / _SIDE_PX
    centre = view.centre + view.rotation[0] * (middle[0] + 0.5 - _SIDE_PX / 2) * mm_per_px
    centre = centre - view.rotation[1] * (middle[1] + 0.5 - _SIDE_PX / 2) * mm_per_px
    flat = (fitted[mask] - centre) @ view.rotation.T
    picture = np.stack([flat[:, 0], -flat[:, 1]], axis=1) @ _turning(turn).T * scale + shift * mm_per_px
    depth = scale * flat[:, 2]
    before = scale * (
        (own.points[pixels[:, 1].astype(int), pixels[:, 0].astype(int)] - centre) @ view.rotation[2]
    )
    after = (other.points[place[:, 1], place[:, 0]] - centre) @ view.rotation[2]
    moved = np.stack([picture[:, 0], -picture[:, 1], depth + np.nanmedian(after - before)], axis=1)
    return np.asarray(moved @ view.rotation + centre)
