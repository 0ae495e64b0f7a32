"""The course of a structure on the skin: lines laid on it, areas filled with rows of pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from threadlift.anatomy.atlas import AtlasPoint, AtlasStructure
from threadlift.anatomy.control_point import offset_scale, place_control_point
from threadlift.anatomy.stack import Numbers
from threadlift.face.face import Face, Indices, Vectors
from threadlift.face.surface import SkinPath, Surface
from threadlift.finding import Status

BodySide = Literal["left", "right"]
STEP_MM = 2.0


@dataclass(frozen=True, eq=False)
class Course:
    """A structure seen on the skin as k short pieces: ``start_mm`` and ``end_mm`` (k, 3), the ``segment``
    (k,) of the
    atlas to which each belongs, and the shallowest and deepest plausible depth of each, (k,) in mm."""

    start_mm: Vectors
    end_mm: Vectors
    segment: Indices
    shallow_mm: Numbers
    deep_mm: Numbers


@dataclass(frozen=True, eq=False)
class Line:
    """A laid line: places (k, 3), how far along the control points each lies (k,), 1.5 = halfway past point
    1.
    """

    path: SkinPath
    along: Numbers


def lay_line(skin: Surface, controls: Vectors, *, closed: bool = False) -> Line:
    stops = np.vstack([controls, controls[:1]]) if closed else controls
    if len(stops) == 1:
        hit = skin.closest(stops)
        return Line(SkinPath(hit.positions, hit.triangle, hit.bary, np.zeros(1)), np.zeros(1))
    legs = [skin.path(stops[i : i + 2], STEP_MM) for i in range(len(stops) - 1)]
    along = [i + leg.arc_mm / max(leg.length_mm, 1e-9) for i, leg in enumerate(legs)]
    return Line(
        SkinPath(
            np.vstack([leg.positions for leg in legs]),
            np.concatenate([leg.triangle for leg in legs]),
            np.vstack([leg.bary for leg in legs]),
            np.concatenate([leg.arc_mm for leg in legs]),
        ),
        np.concatenate(along),
    )


def _rows_of_polygon(outline: Vectors) -> list[Vectors]:
    """Parallel rows of points (k, 3) inside an outline, seen from the side."""
    rows = []
    nxt = np.roll(outline, -1, axis=0)
    for height in np.arange(outline[:, 1].min() + STEP_MM / 2, outline[:, 1].max(), STEP_MM):
        crosses = (outline[:, 1] <= height) != (nxt[:, 1] <= height)
        a, b = outline[crosses], nxt[crosses]
        share = (height - a[:, 1]) / (b[:, 1] - a[:, 1])
        points = a + share[:, None] * (b - a)
        points = points[np.argsort(points[:, 2])]
        for start, end in zip(points[::2], points[1::2], strict=False):
            count = max(2, int(np.ceil(np.linalg.norm(end - start) / STEP_MM)) + 1)
            rows.append(np.linspace(start, end, count))
    return rows


def lay_ellipse(face: Face, skin: Surface, centre: Vectors, atlas: AtlasStructure, side: BodySide) -> Vectors:
    """Outline (k, 3) of the gland on the skin: long axis along the border of the jaw."""
    assert atlas.semi_axes_mm is not None
    scale = offset_scale(face)
    along = place_control_point(face, {"gn": 1.0}, (0.0, 0.0, 0.0), side) - face.landmark(f"go_{side[0]}")
    along = along / np.linalg.norm(along)
    hit = skin.closest(centre)
    a, b, c = skin.vertices[skin.triangles[hit.triangle[0]]]
    normal = np.cross(b - a, c - a)
    across = np.cross(normal / np.linalg.norm(normal), along)
    across = across / np.linalg.norm(across)
    mirror = 1.0 if side == "left" else -1.0
    angle = np.linspace(0.0, 2.0 * np.pi, 40, endpoint=False)
    long, high = scale * atlas.semi_axes_mm[0], scale * atlas.semi_axes_mm[1]
    raw = centre + np.outer(long * np.cos(angle), along) + np.outer(mirror * high * np.sin(angle), across)
    outline: Vectors = skin.closest(raw).positions
    return outline


def depths_along(points: tuple[AtlasPoint, ...], along: Numbers) -> tuple[Numbers, Numbers]:
    means = np.array([point.depth_mm[0] for point in points])
    deviations = np.array([point.depth_mm[1] for point in points])
    at = np.arange(len(points))
    wrapped = along % len(points) if along.max(initial=0.0) > len(points) - 1 else along
    return (
        np.interp(wrapped, np.append(at, len(points)), np.append(means, means[0])),
        np.interp(wrapped, np.append(at, len(points)), np.append(deviations, deviations[0])),
    )


def fill_course(
    skin: Surface,
    atlas: AtlasStructure,
    line: Line,
    segment: Indices,
    mean: Numbers,
    deviation: Numbers,
    ratio: Numbers,
    scale: float,
) -> Course:
    sourced = atlas.depth_status in (Status.SOURCED, Status.DIGEST)
    half_height = atlas.semi_axes_mm[2] * scale if atlas.semi_axes_mm else 0.0
    up = ratio if sourced else np.minimum(ratio, 1.0)
    down = ratio if sourced else np.maximum(ratio, 1.0)
    shallow = np.maximum(mean * up - half_height - 2.0 * deviation, 0.0)
    deep = mean * down + half_height + 2.0 * deviation
    positions = line.path.positions
    if len(positions) == 1:
        return Course(positions, positions, segment, shallow, deep)
    rows: list[Vectors] = []
    if atlas.geometry in ("polygon", "ellipsoid"):
        rows = [skin.closest(row).positions for row in _rows_of_polygon(positions)]
        positions = np.vstack([positions, positions[:1]])
        segment = np.append(segment, segment[:1])
    elif atlas.low_course_mm:
        drops = np.arange(STEP_MM, atlas.low_course_mm * scale + STEP_MM / 2, STEP_MM)
        on_border = positions[segment <= 2]
        rows = [skin.closest(on_border - np.array([0.0, drop, 0.0])).positions for drop in drops]
    starts, ends = [positions[:-1]], [positions[1:]]
    of_segment, shallows, deeps = (
        [segment[:-1]],
        [shallow[: len(positions) - 1]],
        [deep[: len(positions) - 1]],
    )
    for row in rows:
        starts.append(row[:-1])
        ends.append(row[1:])
        of_segment.append(np.zeros(len(row) - 1, dtype=np.int64))
        shallows.append(np.full(len(row) - 1, shallow.min()))
        deeps.append(np.full(len(row) - 1, deep.max()))
    return Course(
        np.vstack(starts),
        np.vstack(ends),
        np.concatenate(of_segment),
        np.concatenate(shallows),
        np.concatenate(deeps),
    )
