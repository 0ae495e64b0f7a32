"""Geometry on a triangle surface: normals, closest points, patches and paths on the skin.

``vertices`` are (n, 3) in mm, ``triangles`` (m, 3). A place on the skin is a triangle with barycentric
weights, so that it moves with the surface. ``Surface`` keeps the search trees for repeated queries; the
functions build it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from threadlift.errors import InputError
from threadlift.face.face import Indices, Vectors

_CHUNK_POINTS = 5_000
_PATH_ROUNDS = 4


@dataclass(frozen=True)
class SurfaceHit:
    """Places on a surface.

    ``positions`` (k, 3), their ``triangle`` (k,) and barycentric weights ``bary`` (k, 3), ``distance`` (k,)
    in mm.
    """

    positions: Vectors
    triangle: Indices
    bary: Vectors
    distance: NDArray[np.float64]


@dataclass(frozen=True)
class SkinPath:
    """A line on the skin: places (k,) in order with ``arc_mm`` (k,), the length from the start to each."""

    positions: Vectors
    triangle: Indices
    bary: Vectors
    arc_mm: NDArray[np.float64]

    @property
    def length_mm(self) -> float:
        """Length along the skin."""
        return float(self.arc_mm[-1])


def triangle_normals(vertices: Vectors, triangles: Indices) -> Vectors:
    """Normals (m, 3), each as long as twice its triangle's area; they point outwards on a head."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    facing: Vectors = np.cross(b - a, c - a)
    return facing


def vertex_normals(vertices: Vectors, triangles: Indices) -> Vectors:
    """Unit normals (n, 3), the area-weighted mean of the triangles around each vertex; zero without any."""
    facing = triangle_normals(vertices, triangles)
    total = np.zeros_like(vertices)
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, corner], facing[:, axis], minlength=len(vertices))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    unit: Vectors = np.divide(total, length, out=np.zeros_like(total), where=length > 0)
    return unit


def vertex_areas(vertices: Vectors, triangles: Indices) -> NDArray[np.float64]:
    """Skin area (n,) in mm2 that belongs to each vertex: a third of the triangles around it."""
    third = np.linalg.norm(triangle_normals(vertices, triangles), axis=1) / 6.0
    areas = np.zeros(len(vertices))
    for corner in range(3):
        areas += np.bincount(triangles[:, corner], third, minlength=len(vertices))
    return areas


def point_at(vertices: Vectors, triangles: Indices, triangle: ArrayLike, bary: ArrayLike) -> Vectors:
    """Position (3,) of one place, or positions (k, 3) of many."""
    corners = vertices[triangles[np.asarray(triangle)]]
    weights = np.asarray(bary, dtype=np.float64)
    positions: Vectors = np.einsum("...c,...cx->...x", weights, corners)
    return positions


class Surface:
    """A surface prepared for closest-point queries. Build once, query often."""

    def __init__(self, vertices: Vectors, triangles: Indices) -> None:
        if len(triangles) == 0:
            raise InputError("a surface without triangles has no closest point", where="surface")
        self.vertices = np.ascontiguousarray(vertices, dtype=np.float64)
        self.triangles = np.ascontiguousarray(triangles, dtype=np.int64)
        corners = self.vertices[self.triangles]
        self._corners = corners
        centres = corners.mean(axis=1)
        radii = np.linalg.norm(corners - centres[:, None], axis=2).max(axis=1)
        self._all = cKDTree(centres)
        # Size classes keep one huge triangle from widening the search for all others.
        classes = np.ceil(np.log2(np.maximum(radii, 1e-9))).astype(int)
        self._classes = [
            (members, cKDTree(centres[members]), float(radii[members].max()))
            for members in (np.flatnonzero(classes == size) for size in np.unique(classes))
        ]

    def closest(self, points: ArrayLike) -> SurfaceHit:
        """The exact closest place to each of ``points`` (k, 3) or (3,). Points must be finite."""
        targets = np.atleast_2d(np.asarray(points, dtype=np.float64))
        if not np.isfinite(targets).all():
            raise InputError("points must be finite numbers", where="closest point")
        found = [
            self._closest_chunk(targets[i : i + _CHUNK_POINTS]) for i in range(0, len(targets), _CHUNK_POINTS)
        ]
        triangle = np.concatenate([part[0] for part in found]) if found else np.zeros(0, dtype=np.int64)
        bary = np.concatenate([part[1] for part in found]) if found else np.zeros((0, 3))
        positions = np.einsum("kc,kcx->kx", bary, self._corners[triangle])
        distance = np.linalg.norm(positions - targets, axis=1)
        return SurfaceHit(positions, triangle, bary, distance)

    def _closest_chunk(self, targets: Vectors) -> tuple[Indices, Vectors]:
        count = len(targets)
        near = self._all.query(targets, k=[1, 2, 3, 4][: len(self.triangles)])[1]
        owner = np.repeat(np.arange(count), near.shape[1])
        candidates = near.ravel().astype(np.int64)
        bound = np.full(count, np.inf)
        np.minimum.at(bound, owner, closest_on_triangles(targets[owner], self._corners[candidates])[1])
        owners, tried = [owner], [candidates]
        for members, tree, radius in self._classes:
            lists = tree.query_ball_point(targets, bound + radius + 1e-9)
            sizes = np.fromiter((len(one) for one in lists), dtype=np.int64, count=count)
            owners.append(np.repeat(np.arange(count), sizes))
            flat = np.fromiter((i for one in lists for i in one), dtype=np.int64, count=int(sizes.sum()))
            tried.append(members[flat])
        owner, candidates = np.concatenate(owners), np.concatenate(tried)
        bary, distance = closest_on_triangles(targets[owner], self._corners[candidates])
        order = np.lexsort((distance, owner))
        first = order[np.unique(owner[order], return_index=True)[1]]
        return candidates[first], bary[first]

    def path(self, waypoints: ArrayLike, step_mm: float = 1.0) -> SkinPath:
        """The line on the skin through ``waypoints`` (k >= 2, 3), sampled about every ``step_mm``.

        Chords between waypoints are laid on the skin and drawn taut: the straight course of a needle as seen
        from outside rather than an exact geodesic.
        """
        stops = self.closest(waypoints).positions
        if len(stops) < 2 or step_mm <= 0:
            raise InputError("a path needs two or more waypoints and a positive step", where="skin path")
        legs = [self._leg(a, b, step_mm) for a, b in pairwise(stops)]
        hit = self.closest(np.vstack([legs[0][:1], *(leg[1:] for leg in legs)]))
        arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(hit.positions, axis=0), axis=1))])
        return SkinPath(hit.positions, hit.triangle, hit.bary, arc)

    def _leg(self, start: Vectors, end: Vectors, step_mm: float) -> Vectors:
        points = np.vstack([start, end])
        for _ in range(_PATH_ROUNDS):
            points = self.closest(_resample(points, step_mm)).positions
            if len(points) > 2:
                points[1:-1] = 0.5 * points[1:-1] + 0.25 * (points[:-2] + points[2:])
        return self.closest(_resample(points, step_mm)).positions


def closest_on_triangles(points: Vectors, corners: Vectors) -> tuple[Vectors, NDArray[np.float64]]:
    """Barycentric weights (k, 3) of the closest place on triangle i to point i, and its distance (k,).

    The best of the plane projection (where it falls inside) and the three edges: degenerate triangles work
    too.
    """
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    best, least = _on_edges(points, a, b, c)
    u, v, w = b - a, c - a, points - a
    uu, uv, vv = _dot(u, u), _dot(u, v), _dot(v, v)
    wu, wv = _dot(w, u), _dot(w, v)
    area = uu * vv - uv * uv
    flat = area <= 1e-14 * np.maximum(uu * vv, 1e-300)
    safe = np.where(flat, 1.0, area)
    s, t = (vv * wu - uv * wv) / safe, (uu * wv - uv * wu) / safe
    inside = ~flat & (s >= 0) & (t >= 0) & (s + t <= 1)
    best[inside] = np.stack([1 - s - t, s, t], axis=1)[inside]
    least[inside] = np.linalg.norm((w - s[:, None] * u - t[:, None] * v)[inside], axis=1)
    return best, least


def _on_edges(points: Vectors, a: Vectors, b: Vectors, c: Vectors) -> tuple[Vectors, NDArray[np.float64]]:
    best = np.zeros((len(points), 3))
    least = np.full(len(points), np.inf)
    for i, (start, end) in enumerate(((a, b), (b, c), (c, a))):
        along = end - start
        share = np.clip(_dot(points - start, along) / np.maximum(_dot(along, along), 1e-300), 0.0, 1.0)
        distance = np.linalg.norm(points - start - share[:, None] * along, axis=1)
        nearer = distance < least
        weights = np.zeros((len(points), 3))
        weights[:, i], weights[:, (i + 1) % 3] = 1 - share, share
        best[nearer], least[nearer] = weights[nearer], distance[nearer]
    return best, least


def _dot(a: Vectors, b: Vectors) -> NDArray[np.float64]:
    products: NDArray[np.float64] = np.einsum("kx,kx->k", a, b)
    return products


def _resample(points: Vectors, step_mm: float) -> Vectors:
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    count = max(2, int(np.ceil(arc[-1] / step_mm)) + 1)
    at = np.linspace(0.0, arc[-1], count)
    return np.stack([np.interp(at, arc, points[:, axis]) for axis in range(3)], axis=1)


def closest_on_surface(vertices: Vectors, triangles: Indices, points: ArrayLike) -> SurfaceHit:
    """The exact closest place on the surface to each of ``points`` (k, 3) or (3,)."""
    return Surface(vertices, triangles).closest(points)


def skin_path(vertices: Vectors, triangles: Indices, waypoints: ArrayLike, step_mm: float = 1.0) -> SkinPath:
    """The line on the skin through ``waypoints``; see ``Surface.path``."""
    return Surface(vertices, triangles).path(waypoints, step_mm)


def patch_weights(
    vertices: Vectors, triangles: Indices, centre: ArrayLike, radius_mm: float
) -> NDArray[np.float64]:
    """Weights (n,) with sum 1 of the skin within ``radius_mm`` of ``centre`` (3,), by area.

    ``weights @ field`` is the patch average. Only the sheet that holds the vertex nearest to ``centre``
    counts, so that a patch on one fold does not take in the skin facing it.
    """
    middle = np.asarray(centre, dtype=np.float64)
    distance = np.linalg.norm(vertices - middle, axis=1)
    used = np.zeros(len(vertices), dtype=bool)
    used[triangles] = True
    nearest = int(np.argmin(np.where(used, distance, np.inf)))
    inside = used & (distance <= radius_mm)
    inside[nearest] = True
    ring = triangles[inside[triangles].all(axis=1)]
    edges = np.concatenate([ring[:, [0, 1]], ring[:, [1, 2]]])
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(vertices), len(vertices)))
    sheet = connected_components(graph, directed=False)[1]
    weights: NDArray[np.float64] = np.where(
        inside & (sheet == sheet[nearest]), vertex_areas(vertices, triangles), 0.0
    )
    weights /= weights.sum()
    return weights
