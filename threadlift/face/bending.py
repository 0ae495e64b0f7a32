"""Bending the template onto a scan: a non-rigid fit of smooth displacements.

Every vertex gets a displacement whose Laplacian is small. In each round it is drawn to the tangent plane of
the nearest scan point that it may trust: near enough, facing the same way, not on a border. Stiffness falls
from round to round, so that large differences are taken up smoothly first. Parts that scans show badly or
differently (hair, ears, eye and nostril rims) follow only while the template is stiff and are carried by
smoothness after that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from threadlift.face.face import Indices, Vectors
from threadlift.face.surface import triangle_normals, vertex_normals
from threadlift.face.template import Template

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROUNDS = 30
_STIFFNESS = (2000.0, 0.5)
_REACH_MM = (35.0, 4.0)
_LANDMARK_WEIGHT = (4.0, 0.01)
_LEAST_FACING = 0.5
_TRUST_MM = (10.0, 2.0)
_TORN_SHARE = 0.3
_SLIDE = 0.15  # share of a point's pull that acts along the surface too
_STIFF = 20.0  # above it ears and hair still pull


@dataclass(frozen=True)
class ScanPoints:
    """Dense points of a scan in the face frame: ``points`` (k, 3) mm, unit ``normals``, ``is_border``
    (k,)."""

    points: Vectors
    normals: Vectors
    is_border: Mask
    tree: Any = field(repr=False)

    @classmethod
    def of(cls, vertices: Vectors, triangles: Indices, spacing_mm: float = 1.2) -> ScanPoints:
        """Vertices, edge points and centres, refined until neighbours are about ``spacing_mm`` apart."""
        normals = smooth_normals(vertices, triangles)
        border = border_mask(vertices, triangles)
        longest = np.linalg.norm(np.diff(vertices[triangles[:, [0, 1, 2, 0]]], axis=1), axis=2).max(axis=1)
        steps = np.clip(np.ceil(longest / spacing_mm), 1, 12).astype(int)
        parts = [(vertices, normals, border)]
        for step in np.unique(steps):
            grid = _grid(int(step))
            some = triangles[steps == step]
            if len(grid):
                place = np.einsum("gc,tcx->tgx", grid, vertices[some]).reshape(-1, 3)
                facing = np.einsum("gc,tcx->tgx", grid, normals[some]).reshape(-1, 3)
                parts.append((place, facing, np.repeat(border[some].any(axis=1), len(grid))))
        points, facing, edge = (np.concatenate([part[i] for part in parts]) for i in range(3))
        facing = facing / np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
        return cls(points, facing, edge, cKDTree(points))


@dataclass(frozen=True)
class Pull:
    """Points that the template should reach: rows (k,) of triangle and weights, ``targets`` (k, 3) in mm.

    Where ``is_firm`` the pull holds to the end, elsewhere it fades as the surface takes over.
    """

    triangle: Indices
    bary: Vectors
    targets: Vectors
    weights: Array
    is_firm: Mask


def boundary_vertices(triangles: Indices) -> Indices:
    """Vertices on an edge that belongs to one triangle only."""
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    size = int(edges.max()) + 1 if len(edges) else 1
    key, count = np.unique(edges[:, 0] * size + edges[:, 1], return_counts=True)
    single = key[count == 1]
    return np.unique(np.concatenate([single // size, single % size]))


def border_mask(vertices: Vectors, triangles: Indices) -> Mask:
    """Which vertices (n,) lie on a border; none where the surface is torn into loose triangles all over."""
    border = np.zeros(len(vertices), bool)
    border[boundary_vertices(triangles)] = True
    return border if border.sum() < _TORN_SHARE * len(vertices) else np.zeros(len(vertices), bool)


def smooth_normals(vertices: Vectors, triangles: Indices, radius_mm: float = 3.0) -> Vectors:
    """Unit vertex normals (n, 3) averaged over about ``radius_mm``, so that scanner noise does not tilt
    them."""
    normals = vertex_normals(vertices, triangles)
    corners = vertices[triangles[:: max(1, len(triangles) // 20_000)]]
    edge = float(np.median(np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)))
    rounds = int(np.clip((radius_mm / max(edge, 1e-6)) ** 2, 0, 12))
    graph = _neighbours(triangles, len(vertices)) + sparse.eye_array(len(vertices), format="csr")
    for _ in range(rounds):
        normals = graph @ normals
        normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return np.asarray(normals)


def bend_template(
    template: Template,
    start: Vectors,
    scan: ScanPoints,
    pull: Pull,
    *,
    tick: Callable[[float], None] = lambda share: None,
) -> Vectors:
    """Vertices (n, 3) in mm of the template bent onto ``scan``, from ``start`` (n, 3), an aligned
    template."""
    trust, soft = _vertex_trust(template)
    laplacian = _laplacian(template)
    marks = _rows(template, pull)
    local = np.ones(len(start))
    shape = start
    for turn in range(ROUNDS):
        share = turn / (ROUNDS - 1)
        stiffness = _between(_STIFFNESS, share)
        weight = trust if stiffness < _STIFF else np.maximum(trust, soft)
        shape = _solve_round(template, start, shape, scan, pull, marks, laplacian, local, weight, share)
        if turn >= ROUNDS - 6:
            local = _stiffen_folds(template, start, shape, local)
        tick((turn + 1) / ROUNDS)
    return shape


def _solve_round(
    template: Template,
    start: Vectors,
    shape: Vectors,
    scan: ScanPoints,
    pull: Pull,
    marks: Any,
    laplacian: Any,
    local: Array,
    weight: Array,
    share: float,
) -> Vectors:
    targets, trusted = _match(template, shape, scan, weight, share)
    mark = np.where(pull.is_firm, _LANDMARK_WEIGHT[0], _between(_LANDMARK_WEIGHT, share)) * pull.weights
    smooth = _between(_STIFFNESS, share) * (laplacian.T @ sparse.diags_array(local) @ laplacian)
    left = smooth + sparse.diags_array(trusted + 1e-6) + marks.T @ sparse.diags_array(mark) @ marks
    right = trusted[:, None] * (targets - start)
    right = right + marks.T @ (mark[:, None] * (pull.targets - marks @ start))
    solver = splu(
        sparse.csc_array(left),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return np.asarray(start + solver.solve(np.ascontiguousarray(right)))


def _match(
    template: Template, shape: Vectors, scan: ScanPoints, weight: Array, share: float
) -> tuple[Vectors, Array]:
    """Where each vertex should go (n, 3) and how much that counts (n,)."""
    normals = vertex_normals(shape, template.triangles)
    asked = np.flatnonzero(weight > 0)
    reach = _between(_REACH_MM, share)
    distance, near = scan.tree.query(shape[asked], distance_upper_bound=reach)
    met = np.isfinite(distance)
    rows, near = asked[met], near[met]
    facing = np.einsum("ij,ij->i", normals[rows], scan.normals[near])
    kept = (facing > _LEAST_FACING) & ~scan.is_border[near]
    rows, near = rows[kept], near[kept]
    offset = shape[rows] - scan.points[near]
    across = np.einsum("ij,ij->i", offset, scan.normals[near])
    along = offset - across[:, None] * scan.normals[near]
    targets = shape.copy()
    targets[rows] -= across[:, None] * scan.normals[near] + _SLIDE * along
    trusted = np.zeros(len(shape))
    trusted[rows] = weight[rows] / (1.0 + (across / _between(_TRUST_MM, share)) ** 2)
    return targets, trusted


def _vertex_trust(template: Template) -> tuple[Array, Array]:
    """Data weight per vertex (n,) throughout, and the one that ears and hair have while the template is
    stiff."""
    masks = template.masks
    trust = np.where(masks["face"] | masks["face_core"] | masks["neck"], 1.0, 0.0)
    hidden = masks["ear_l"] | masks["ear_r"] | masks["scalp"]
    trust[hidden & ~masks["face_core"]] = 0.0
    trust[_rims(template)] = 0.0
    return trust, np.where(hidden, 0.15, 0.0)


def _rims(template: Template) -> Indices:
    """Vertices on the borders of eyes, nostrils and neck: the scan has other edges there."""
    return boundary_vertices(template.triangles)


def _laplacian(template: Template) -> Any:
    """Umbrella operator of the template (n, n): a vertex less the mean of its neighbours."""
    count = len(template.vertices_mm)
    graph = _neighbours(template.triangles, count)
    return sparse.csr_array(sparse.eye_array(count) - sparse.diags_array(1.0 / graph.sum(axis=1)) @ graph)


def _neighbours(triangles: Indices, count: int) -> Any:
    """Adjacency of vertices (n, n), ones."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    pairs = np.concatenate([edges, edges[:, ::-1]])
    graph = sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    graph.data[:] = 1.0
    return graph


def _rows(template: Template, pull: Pull) -> Any:
    """Sparse rows (k, n) that read the landmark positions off the vertices."""
    count = len(pull.triangle)
    columns = template.triangles[pull.triangle].ravel()
    rows = np.repeat(np.arange(count), 3)
    return sparse.csr_array((pull.bary.ravel(), (rows, columns)), shape=(count, len(template.vertices_mm)))


def _stiffen_folds(template: Template, start: Vectors, shape: Vectors, local: Array) -> Array:
    """More stiffness around triangles that turned over or were crushed."""
    before, after = triangle_normals(start, template.triangles), triangle_normals(shape, template.triangles)
    area = np.linalg.norm(before, axis=1) * np.maximum(np.linalg.norm(after, axis=1), 1e-12)
    folded = template.triangles[np.einsum("ij,ij->i", before, after) / area < 0.2]
    stiffer = local.copy()
    stiffer[np.unique(folded)] *= 4.0
    return stiffer


def _between(ends: tuple[float, float], share: float) -> float:
    """Geometric way from the first to the second of ``ends``."""
    return float(ends[0] * (ends[1] / ends[0]) ** share)


def _grid(steps: int) -> Vectors:
    """Barycentric weights of the inner and edge points of a triangle cut into ``steps`` parts, corners left
    out."""
    cells = [(i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)]
    inner = [cell for cell in cells if max(cell) < steps]
    return np.array(inner, float).reshape(-1, 3) / steps
