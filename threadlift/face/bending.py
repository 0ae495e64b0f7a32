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

_LEAST_FACING = 0.5
_TORN_SHARE = 0.3
_SLIDE = 0.15  # share of a point's pull that acts along the surface too


@dataclass(frozen=True)
class Course:
    """How a fit goes from its first to its last round: pairs are the values there, geometric between.

    ``stiffness`` weighs smoothness against the pull of one vertex; ``reach_mm`` is how far a scan point may
    lie; ``trust_mm`` the distance at which its pull halves; ``marks`` the weight of landmarks that are not
    firm; ``soft`` the weight of ears and hair while stiffer than ``soft_above``.
    """

    rounds: int
    stiffness: tuple[float, float]
    reach_mm: tuple[float, float]
    trust_mm: tuple[float, float]
    marks: tuple[float, float]
    ears: float
    hair: float
    soft_above: float


WHOLE = Course(
    20, (2000.0, 0.5), (35.0, 4.0), (10.0, 2.0), (2.0, 0.01), ears=0.15, hair=0.15, soft_above=20.0
)
EARS = Course(8, (8.0, 0.5), (5.0, 3.0), (3.0, 2.0), (1.0, 0.02), ears=0.4, hair=0.0, soft_above=0.0)


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

    def firm_only(self) -> Pull:
        """The firm part of this pull."""
        kept = self.is_firm
        return Pull(self.triangle[kept], self.bary[kept], self.targets[kept], self.weights[kept], kept[kept])


def join_pulls(first: Pull, second: Pull) -> Pull:
    """Both pulls together."""
    return Pull(
        np.concatenate([first.triangle, second.triangle]),
        np.concatenate([first.bary, second.bary]),
        np.concatenate([first.targets, second.targets]),
        np.concatenate([first.weights, second.weights]),
        np.concatenate([first.is_firm, second.is_firm]),
    )


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
    course: Course = WHOLE,
    tick: Callable[[float], None] = lambda share: None,
) -> Vectors:
    """Vertices (n, 3) in mm of the template bent onto ``scan``, from ``start`` (n, 3), an aligned
    template."""
    firm, soft = _vertex_trust(template, course)
    laplacian = _laplacian(template)
    marks = _rows(template, pull)
    local = np.ones(len(start))
    shape = start
    for turn in range(course.rounds):
        share = turn / (course.rounds - 1)
        is_stiff = _between(course.stiffness, share) >= course.soft_above
        targets, trusted = _match(
            template, shape, scan, np.maximum(firm, soft) if is_stiff else firm, course, share
        )
        mark = np.where(pull.is_firm, course.marks[0], _between(course.marks, share)) * pull.weights
        smooth = _between(course.stiffness, share) * (laplacian.T @ sparse.diags_array(local) @ laplacian)
        shape = _solve(start, smooth, targets, trusted, marks, mark, pull.targets)
        if turn >= course.rounds - 6:
            local = _stiffen_folds(template, start, shape, local)
        tick((turn + 1) / course.rounds)
    return shape


def pull_vertices(template: Template, vertices: Indices, targets: Vectors) -> Pull:
    """A pull that draws each of ``vertices`` (k,) to its target (k, 3)."""
    order = np.argsort(template.triangles.ravel(), kind="stable")
    corner = order[np.searchsorted(template.triangles.ravel()[order], vertices)]
    return Pull(
        corner // 3, np.eye(3)[corner % 3], targets, np.ones(len(vertices)), np.zeros(len(vertices), bool)
    )


def _solve(
    start: Vectors, smooth: Any, targets: Vectors, trusted: Array, marks: Any, mark: Array, marked: Vectors
) -> Vectors:
    """The smooth displacement of ``start`` that weighs data and landmarks; three right sides, one
    factorisation."""
    left = smooth + sparse.diags_array(trusted + 1e-6) + marks.T @ sparse.diags_array(mark) @ marks
    right = trusted[:, None] * (targets - start) + marks.T @ (mark[:, None] * (marked - marks @ start))
    solver = splu(
        sparse.csc_array(left),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return np.asarray(start + solver.solve(np.ascontiguousarray(right)))


def _match(
    template: Template, shape: Vectors, scan: ScanPoints, weight: Array, course: Course, share: float
) -> tuple[Vectors, Array]:
    """Where each vertex should go (n, 3) and how much that counts (n,)."""
    normals = vertex_normals(shape, template.triangles)
    asked = np.flatnonzero(weight > 0)
    distance, near = scan.tree.query(shape[asked], distance_upper_bound=_between(course.reach_mm, share))
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
    trusted[rows] = weight[rows] / (1.0 + (across / _between(course.trust_mm, share)) ** 2)
    return targets, trusted


def _vertex_trust(template: Template, course: Course) -> tuple[Array, Array]:
    """Data weight per vertex (n,) throughout, and the one that ears and hair have while the template is
    stiff."""
    masks = template.masks
    ears = masks["ear_l"] | masks["ear_r"]
    hidden = (ears | masks["scalp"]) & ~masks["face_core"]
    firm = np.where((masks["face"] | masks["face_core"] | masks["neck"]) & ~hidden, 1.0, 0.0)
    firm[_rims(template)] = 0.0
    return firm, np.where(ears, course.ears, np.where(masks["scalp"], course.hair, 0.0))


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
