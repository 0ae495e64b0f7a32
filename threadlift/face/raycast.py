"""Cameras and ray casting against a triangle mesh: pictures, visibility, points behind a pixel.

Uses Embree (``embreex``) where it is installed; elsewhere a depth-buffer rasteriser in NumPy that gives the
same answers through the same functions, some ten times slower.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from threadlift.face.face import Indices, Vectors

HAS_EMBREE = find_spec("embreex") is not None
_CANDIDATES_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Camera:
    """A perspective pinhole camera; lengths in mm, ``field_of_view_deg`` is the full vertical angle.

    Pixel (0, 0) is the top left; pixel centres lie at +0.5. ``up`` need not be perpendicular to the view.
    """

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    up: tuple[float, float, float]
    field_of_view_deg: float
    width: int
    height: int

    @cached_property
    def axes(self) -> Vectors:
        """Rows right, up, forwards: an orthonormal basis (3, 3)."""
        forwards = np.subtract(self.target, self.eye)
        forwards = forwards / np.linalg.norm(forwards)
        right = np.cross(forwards, self.up)
        right = right / np.linalg.norm(right)
        return np.stack([right, np.cross(right, forwards), forwards])

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return float(self.height / 2 / np.tan(np.radians(self.field_of_view_deg) / 2))

    def rays(self, pixels: ArrayLike | None = None) -> Vectors:
        """Unit directions (n, 3) through ``pixels`` (n, 2) as (x, y); without them all, row by row."""
        if pixels is None:
            x, y = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
            place = np.stack([x.ravel(), y.ravel()], axis=1)
        else:
            place = np.asarray(pixels, float).reshape(-1, 2)
        own = np.empty((len(place), 3))
        own[:, 0] = (place[:, 0] - self.width / 2) / self.focal_px
        own[:, 1] = (self.height / 2 - place[:, 1]) / self.focal_px
        own[:, 2] = 1.0
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        return np.asarray(own @ self.axes)


@dataclass(frozen=True)
class Hits:
    """What each ray met: ``triangle`` -1, ``depth_mm`` infinite where nothing; ``bary`` sums to 1 on a hit.

    From ``cast`` the arrays are (h, w), (h, w, 3), (h, w); from ``cast_rays`` (n,), (n, 3), (n,).
    ``depth_mm`` is the distance along the ray from its origin.
    """

    triangle: Indices
    bary: Vectors
    depth_mm: Vectors

    @property
    def is_hit(self) -> NDArray[np.bool_]:
        """Where a ray met the mesh."""
        return np.asarray(self.triangle >= 0)

    def points(self, vertices: Vectors, triangles: Indices) -> Vectors:
        """Hit points, same leading shape as ``triangle``; NaN where nothing was met."""
        found = self.interpolate(vertices, triangles)
        found[~self.is_hit] = np.nan
        return found

    def interpolate(self, values: Vectors, triangles: Indices) -> Vectors:
        """Per-vertex ``values`` (n, k) carried to the hits; meaningless where nothing was met."""
        corners = np.asarray(values, float)[triangles[np.maximum(self.triangle, 0)]]
        return np.asarray(np.einsum("...i,...ik->...k", self.bary, corners))


def project(camera: Camera, points: ArrayLike) -> Vectors:
    """Pixel x, pixel y, depth along the view axis in mm, (n, 3), of ``points``; depth <= 0 lies behind."""
    seen = (np.asarray(points, float).reshape(-1, 3) - np.asarray(camera.eye)) @ camera.axes.T
    depth = np.where(np.abs(seen[:, 2]) < 1e-9, 1e-9, seen[:, 2])
    x = camera.width / 2 + camera.focal_px * seen[:, 0] / depth
    y = camera.height / 2 - camera.focal_px * seen[:, 1] / depth
    return np.stack([x, y, seen[:, 2]], axis=1)


def cast(vertices: Vectors, triangles: Indices, camera: Camera) -> Hits:
    """The first triangle behind each pixel centre of ``camera``; both sides of a triangle count."""
    shape = (camera.height, camera.width)
    if HAS_EMBREE:
        directions = camera.rays()
        flat = cast_rays(vertices, triangles, np.broadcast_to(camera.eye, directions.shape), directions)
    else:
        flat = _rasterise(vertices, triangles, camera)
    return Hits(flat.triangle.reshape(shape), flat.bary.reshape(*shape, 3), flat.depth_mm.reshape(shape))


def cast_identity(vertices: Vectors, triangles: Indices, camera: Camera) -> Indices:
    """The first triangle behind each pixel centre (h * w,), -1 for none; all that ``cast`` knows but
    where."""
    if not HAS_EMBREE:
        return _rasterise(vertices, triangles, camera).triangle
    directions = camera.rays()
    return _embree_identity(vertices, triangles, np.broadcast_to(camera.eye, directions.shape), directions)


def cast_pixels(vertices: Vectors, triangles: Indices, camera: Camera, pixels: ArrayLike) -> Hits:
    """The first triangle behind each of ``pixels`` (n, 2) as (x, y), pixel fractions allowed."""
    directions = camera.rays(pixels)
    return cast_rays(vertices, triangles, np.broadcast_to(camera.eye, directions.shape), directions)


def cast_rays(vertices: Vectors, triangles: Indices, origins: ArrayLike, directions: ArrayLike) -> Hits:
    """The first triangle along each ray; ``origins`` and ``directions`` (n, 3), directions of any length."""
    start = np.asarray(origins, float).reshape(-1, 3)
    along = np.asarray(directions, float).reshape(-1, 3)
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    if len(start) == 0 or len(triangles) == 0:
        return _nothing(len(start))
    identity = (
        _embree_identity(vertices, triangles, start, along)
        if HAS_EMBREE
        else _tree_identity(vertices, triangles, start, along)
    )
    return _exact(vertices, triangles, start, along, identity)


def visible(
    vertices: Vectors, triangles: Indices, camera: Camera, points: ArrayLike, *, tolerance_mm: float = 0.5
) -> NDArray[np.bool_]:
    """Which ``points`` the camera sees: in the picture, nothing over ``tolerance_mm`` before them."""
    place = np.asarray(points, float).reshape(-1, 3)
    pixel = project(camera, place)
    inside = (pixel[:, 2] > 0) & (pixel[:, 0] >= 0) & (pixel[:, 1] >= 0)
    inside &= (pixel[:, 0] < camera.width) & (pixel[:, 1] < camera.height)
    distance = np.linalg.norm(place - np.asarray(camera.eye), axis=1)
    if HAS_EMBREE:
        offset = place - np.asarray(camera.eye)
        first = cast_rays(vertices, triangles, np.broadcast_to(camera.eye, place.shape), offset).depth_mm
    else:
        column = np.clip(pixel[:, 0], 0, camera.width - 1).astype(int)
        row = np.clip(pixel[:, 1], 0, camera.height - 1).astype(int)
        first = cast(vertices, triangles, camera).depth_mm[row, column]
    return np.asarray(inside & (distance <= first + tolerance_mm))


def _nothing(count: int) -> Hits:
    return Hits(np.full(count, -1, np.int64), np.zeros((count, 3)), np.full(count, np.inf))


class _EmbreeTree:
    """Embree's search tree of one mesh (single precision, therefore centred and scaled)."""

    def __init__(self, vertices: Vectors, triangles: Indices) -> None:
        from embreex import rtcore_scene
        from embreex.mesh_construction import TriangleMesh

        self._vertices, self._triangles = np.array(vertices), np.array(triangles)
        self._centre = vertices[triangles].reshape(-1, 3).mean(axis=0)
        self._scale = 100.0 / (float(np.ptp(vertices, axis=0).max()) or 1.0)
        self._scene: Any = rtcore_scene.EmbreeScene()
        shape = np.ascontiguousarray((vertices - self._centre) * self._scale, dtype=np.float32)
        TriangleMesh(
            scene=self._scene, vertices=shape, indices=np.ascontiguousarray(triangles, dtype=np.int32)
        )

    def is_of(self, vertices: Vectors, triangles: Indices) -> bool:
        """Whether this is the tree of exactly that mesh."""
        return np.array_equal(self._triangles, triangles) and np.array_equal(self._vertices, vertices)

    def run(self, start: Vectors, along: Vectors) -> Indices:
        """First triangle along each ray, -1 for none."""
        rays = np.ascontiguousarray((start - self._centre) * self._scale, dtype=np.float32)
        found = self._scene.run(rays, np.ascontiguousarray(along, dtype=np.float32))
        return np.asarray(found, dtype=np.int64)


# The same few meshes are cast dozens of times in a row, and a tree takes longer to build than to ask.
_recent_trees: deque[_EmbreeTree] = deque(maxlen=2)


def _embree_identity(vertices: Vectors, triangles: Indices, start: Vectors, along: Vectors) -> Indices:
    """First triangle along each ray by Embree."""
    for tree in tuple(_recent_trees):
        if tree.is_of(vertices, triangles):
            return tree.run(start, along)
    tree = _EmbreeTree(vertices, triangles)
    _recent_trees.append(tree)
    return tree.run(start, along)


def _tree_identity(vertices: Vectors, triangles: Indices, start: Vectors, along: Vectors) -> Indices:
    """First triangle along each ray by trimesh's R-tree: for some hundred rays, not for pictures."""
    import trimesh

    mesh = trimesh.Trimesh(vertices, triangles, process=False)
    engine: Any = trimesh.ray.ray_triangle
    met, rays = engine.RayMeshIntersector(mesh).intersects_id(start, along, multiple_hits=False)
    found = np.full(len(start), -1, np.int64)
    found[rays] = met
    return found


def _exact(vertices: Vectors, triangles: Indices, start: Vectors, along: Vectors, identity: Indices) -> Hits:
    """Barycentric weights and distance of the rays on the triangles they met, in double precision."""
    result = _nothing(len(start))
    rays = np.flatnonzero(identity >= 0)
    a, b, c = np.moveaxis(np.asarray(vertices, float)[triangles[identity[rays]]], 1, 0)
    across = np.cross(along[rays], c - a)
    volume = np.einsum("ij,ij->i", b - a, across)
    volume = np.where(np.abs(volume) < 1e-30, 1e-30, volume)
    offset = start[rays] - a
    u = np.einsum("ij,ij->i", offset, across) / volume
    turned = np.cross(offset, b - a)
    v = np.einsum("ij,ij->i", along[rays], turned) / volume
    weights = np.clip(np.stack([1 - u - v, u, v], axis=1), 0.0, 1.0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    point = weights[:, :1] * a + weights[:, 1:2] * b + weights[:, 2:] * c
    result.triangle[rays] = identity[rays]
    result.bary[rays] = weights
    result.depth_mm[rays] = np.linalg.norm(point - start[rays], axis=1)
    return result


def _rasterise(vertices: Vectors, triangles: Indices, camera: Camera) -> Hits:
    """Depth buffer: every pixel centre inside a triangle's picture is a candidate, the nearest one wins."""
    pixel = project(camera, vertices)
    corners = pixel[triangles]
    ahead = (corners[..., 2] > 1e-6).all(axis=1)
    low = np.ceil(np.clip(corners[..., :2].min(axis=1), -1, 1e6) - 0.5).astype(int).clip(0)
    high = np.floor(np.clip(corners[..., :2].max(axis=1), -1, 1e6) - 0.5).astype(int)
    size = np.minimum(high, [camera.width - 1, camera.height - 1]) - low + 1
    count = np.where(ahead & (size > 0).all(axis=1), size.prod(axis=1), 0)
    best = np.full(camera.width * camera.height, np.inf)
    identity = np.full(len(best), -1, np.int64)
    order = np.flatnonzero(count)
    parts = np.cumsum(count[order]) // _CANDIDATES_AT_ONCE
    for part in range(int(parts[-1]) + 1 if len(parts) else 0):
        _draw(corners, order[parts == part], low, size, count, camera.width, best, identity)
    directions = camera.rays()
    return _exact(vertices, triangles, np.broadcast_to(camera.eye, directions.shape), directions, identity)


def _draw(
    corners: Vectors,
    some: Indices,
    low: Indices,
    size: Indices,
    count: Indices,
    width: int,
    best: Vectors,
    identity: Indices,
) -> None:
    """Draw ``some`` triangles into the depth buffer ``best`` and ``identity``."""
    owner = np.repeat(some, count[some])
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count[some]) - count[some], count[some])
    x = low[owner, 0] + within % size[owner, 0]
    y = low[owner, 1] + within // size[owner, 0]
    a, b, c = np.moveaxis(corners[owner], 1, 0)
    place = np.stack([x + 0.5, y + 0.5], axis=1)

    def turn(p: Vectors, q: Vectors, r: Vectors) -> Vectors:
        return np.asarray(
            (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])
        )

    area = turn(a, b, c)
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    weights = np.stack([turn(b, c, place), turn(c, a, place), turn(a, b, place)], axis=1) / area[:, None]
    kept = (weights >= -1e-9).all(axis=1)
    near = 1.0 / np.einsum(
        "ij,ij->i", weights[kept], 1.0 / np.stack([a[kept, 2], b[kept, 2], c[kept, 2]], axis=1)
    )
    spot = y[kept] * width + x[kept]
    order = np.lexsort((-near, spot))
    spot, near, who = spot[order], near[order], owner[kept][order]
    last = np.flatnonzero(np.append(spot[1:] != spot[:-1], True)) if len(spot) else np.empty(0, int)
    closer = last[near[last] < best[spot[last]]]
    best[spot[closer]] = near[closer]
    identity[spot[closer]] = who[closer]
