"""Repair of a scanned surface: what a fit cannot use is taken away, and every step is noted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from threadlift.errors import InputError
from threadlift.face.face import Indices, Vectors
from threadlift.face.raycast import Camera, cast_identity
from threadlift.files import load_data
from threadlift.language import Text

Colours = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_MERGE_SHARE = 1e-6  # points nearer than this share of the scan's size are one point
_VIEWS = 40
_VIEW_PX = 320


@dataclass(frozen=True)
class RepairedSurface:
    """A surface after repair, with notes on what was done."""

    vertices: Vectors
    triangles: Indices
    colours: Colours | None
    notes: tuple[Text, ...]


@cache
def _data() -> dict[str, Any]:
    return load_data("threadlift.face", "scan.toml")


def note(name: str, **values: Any) -> Text:
    """The sentence ``name`` of ``scan.toml``, filled in."""
    return Text(**_data()["note"][name]).fill(**values)


def stage(name: str) -> Text:
    """The name of a stage of the work, for progress displays."""
    return Text(**_data()["stage"][name])


def scan_limit(name: str) -> Any:
    """A limit of reading, from ``scan.toml``."""
    return _data()["limit"][name]


def repair(vertices: Vectors, triangles: Indices, colours: Colours | None, *, where: str) -> RepairedSurface:
    """Repair a surface in file units. Raises ``InputError`` when nothing usable remains."""
    notes: list[Text] = []
    vertices, triangles, colours = _drop_bad_points(vertices, triangles, colours, notes)
    vertices, triangles, colours = _merge_points(vertices, triangles, colours, notes)
    triangles = _drop_empty(vertices, triangles, notes)
    if len(triangles) == 0:
        raise InputError("has no usable triangles", where=where, remedy="Export the scan again as a surface.")
    triangles = _drop_floaters(vertices, triangles, notes)
    if len(triangles) < scan_limit("triangles_least"):
        raise InputError(
            f"has only {len(triangles)} triangles, too coarse to show a face",
            where=where,
            remedy=f"Export it with more detail, {scan_limit('triangles_least')} triangles at least.",
        )
    if len(triangles) > scan_limit("triangles_kept"):
        before = len(triangles)
        vertices, triangles, colours = _decimate(vertices, triangles, colours, scan_limit("triangles_kept"))
        triangles = _drop_empty(vertices, triangles, [])
        notes.append(note("decimated", before=before, after=len(triangles)))
    vertices, triangles, colours = compact(vertices, triangles, colours)
    _note_edges(triangles, notes)
    return RepairedSurface(vertices, triangles, colours, tuple(notes))


def compact(
    vertices: Vectors, triangles: Indices, colours: Colours | None = None
) -> tuple[Vectors, Indices, Colours | None]:
    """The surface without points that no triangle uses."""
    used = np.zeros(len(vertices), bool)
    used[triangles] = True
    number = np.cumsum(used) - 1
    return vertices[used], number[triangles], None if colours is None else colours[used]


def _drop_bad_points(
    vertices: Vectors, triangles: Indices, colours: Colours | None, notes: list[Text]
) -> tuple[Vectors, Indices, Colours | None]:
    inside = np.asarray(((triangles >= 0) & (triangles < len(vertices))).all(axis=1))
    if not inside.all():
        notes.append(note("bad_index", count=int((~inside).sum())))
        triangles = triangles[inside]
    finite = np.asarray((np.isfinite(vertices) & (np.abs(vertices) < 1e12)).all(axis=1))
    if not finite.all():
        notes.append(note("not_finite", count=int((~finite).sum())))
        triangles = triangles[finite[triangles].all(axis=1)]
    return compact(vertices, triangles, colours)


def _merge_points(
    vertices: Vectors, triangles: Indices, colours: Colours | None, notes: list[Text]
) -> tuple[Vectors, Indices, Colours | None]:
    if len(vertices) == 0:
        return vertices, triangles, colours
    low, high = np.quantile(vertices[:: max(1, len(vertices) // 200_000)], [0.01, 0.99], axis=0)
    size = max(float((high - low).max()), 1e-30)
    cells = np.round((vertices - low) / (size * _MERGE_SHARE)).clip(-(2.0**52), 2.0**52).astype(np.int64)
    # One hash per place: exact comparison of three columns would need a slow sort of rows.
    key = (cells[:, 0] * 73_856_093) ^ (cells[:, 1] * 19_349_663_111) ^ (cells[:, 2] * 83_492_791_333_331)
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    joined = len(vertices) - len(first)
    if joined:
        notes.append(note("merged", count=joined))
    return vertices[first], number[triangles], None if colours is None else colours[first]


def _drop_empty(vertices: Vectors, triangles: Indices, notes: list[Text]) -> Indices:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    longest = np.maximum(np.maximum(((b - a) ** 2).sum(1), ((c - b) ** 2).sum(1)), ((a - c) ** 2).sum(1))
    real = area > 1e-9 * longest
    if not real.all():
        notes.append(note("degenerate", count=int((~real).sum())))
        triangles = triangles[real]
    if len(triangles) == 0:
        return triangles
    ordered = np.sort(triangles, axis=1)
    count = int(triangles.max()) + 1
    key = (ordered[:, 0] * count + ordered[:, 1]) * np.int64(1_000_003) + ordered[:, 2] * np.int64(
        998_244_353
    )
    _, first = np.unique(key, return_index=True)
    if len(first) < len(triangles):
        notes.append(note("duplicate", count=len(triangles) - len(first)))
        triangles = triangles[np.sort(first)]
    return triangles


def _drop_floaters(vertices: Vectors, triangles: Indices, notes: list[Text]) -> Indices:
    piece = pieces(triangles, len(vertices))
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    total = np.bincount(piece, area)
    small = total < scan_limit("floater_area_share") * area.sum()
    # A surface of unconnected triangles is all small pieces: keep it.
    if not small.any() or total[small].sum() > 0.2 * area.sum():
        return triangles
    notes.append(note("floaters", count=int((small & (total > 0)).sum())))
    kept: Indices = triangles[~small[piece]]
    return kept


def pieces(triangles: Indices, count: int) -> Indices:
    """Number of the connected piece that each triangle (m,) belongs to."""
    pairs = np.concatenate([triangles[:, :2], triangles[:, 1:]])
    graph = sparse.coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    number = np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
    piece: Indices = number[triangles[:, 0]]
    return piece


def _decimate(
    vertices: Vectors, triangles: Indices, colours: Colours | None, wanted: int
) -> tuple[Vectors, Indices, Colours | None]:
    import fast_simplification

    centre, size = vertices.mean(axis=0), float(np.ptp(vertices, axis=0).max())
    points, kept = fast_simplification.simplify(
        ((vertices - centre) / size).astype(np.float32),
        triangles.astype(np.int32),
        target_count=wanted,
        agg=5,
    )[:2]
    fewer = np.asarray(points, float) * size + centre
    if colours is not None:
        colours = colours[cKDTree(vertices).query(fewer)[1]]
    return fewer, np.asarray(kept, np.int64), colours


def _note_edges(triangles: Indices, notes: list[Text]) -> None:
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    count = np.unique(edges[:, 0] * (int(edges.max()) + 1) + edges[:, 1], return_counts=True)[1]
    if (count > 2).any():
        notes.append(note("non_manifold", count=int((count > 2).sum())))
    if (count == 1).any():
        notes.append(note("open_edges", count=int((count == 1).sum())))


def keep_outside(vertices: Vectors, triangles: Indices) -> tuple[Indices, tuple[Text, ...]]:
    """Triangles of a head in the face frame that can be seen from outside, all turned to face outwards, with
    notes.

    Views from the front and the sides vote for each triangle: seen on its front or on its back. A piece that
    is wound consistently is turned as a whole, any other triangle by triangle. What is then seen only from
    its back is an inner side, seen through a hole. Neighbours of seen triangles count as seen: small ones
    slip between rays.
    """
    front, back = _count_views(vertices, triangles)
    balance = front - back
    piece = pieces(triangles, len(vertices))
    whole = np.bincount(piece, balance)[piece]
    own = np.where(balance != 0, balance, whole)
    is_wrong = (whole < 0) if _is_wound_consistently(triangles) else (own < 0)
    seen = np.where(is_wrong, back, front) > 0
    kept = _grow(seen, triangles, len(vertices))
    notes = []
    depth = vertices[triangles].mean(axis=1)[:, 2]
    ahead = depth > np.median(depth)  # the back of a head is of no use, hidden or not
    if (~kept & ahead).any():
        notes.append(note("hidden", count=int((~kept & ahead).sum())))
    if (is_wrong & kept).sum() > 0.6 * kept.sum():
        notes.append(note("inside_out"))
    elif (is_wrong & kept).any():
        notes.append(note("winding", count=int((is_wrong & kept).sum())))
    outward = np.where(is_wrong[:, None], triangles[:, ::-1], triangles)
    return outward[kept], tuple(notes)


def _count_views(vertices: Vectors, triangles: Indices) -> tuple[Vectors, Vectors]:
    """How often each triangle (m,) is seen on its front and on its back; frontal views count more."""
    points = vertices[triangles]
    centre = points.reshape(-1, 3).mean(axis=0)
    radius = float(np.linalg.norm(points.reshape(-1, 3) - centre, axis=1).max())
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    front, back = np.zeros(len(triangles)), np.zeros(len(triangles))
    for direction in _directions(_VIEWS):
        if direction[2] < -0.3 or direction[1] < -0.6:
            continue  # views from behind or below would look into an open scan
        up = (0.0, 1.0, 0.0) if abs(direction[1]) < 0.9 else (1.0, 0.0, 0.0)
        eye = centre + direction * radius * 6
        place = (float(eye[0]), float(eye[1]), float(eye[2]))
        target = (float(centre[0]), float(centre[1]), float(centre[2]))
        met = np.unique(
            cast_identity(vertices, triangles, Camera(place, target, up, 19.5, _VIEW_PX, _VIEW_PX))
        )
        met = met[met >= 0]
        facing = normals[met] @ direction > 0
        front[met[facing]] += max(direction[2], 0.1)
        back[met[~facing]] += max(direction[2], 0.1)
    return front, back


def _is_wound_consistently(triangles: Indices) -> bool:
    """Whether neighbours run along their common edge in opposite directions, but for a few."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    count = np.unique(edges[:, 0] * (int(edges.max()) + 1) + edges[:, 1], return_counts=True)[1]
    return bool((count > 1).sum() < 0.01 * len(triangles))


def _grow(seen: Mask, triangles: Indices, count: int) -> Mask:
    for _ in range(2):
        point = np.zeros(count, bool)
        point[triangles[seen]] = True
        seen = seen | (point[triangles].sum(axis=1) >= 2)
    return seen


def _directions(count: int) -> Vectors:
    index = np.arange(count) + 0.5
    height = 1 - 2 * index / count
    angle = np.pi * (1 + np.sqrt(5)) * index
    ring = np.sqrt(1 - height**2)
    return np.stack([ring * np.cos(angle), height, ring * np.sin(angle)], axis=1)
