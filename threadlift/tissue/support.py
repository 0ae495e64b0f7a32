"""What holds the face: base, cut edges, lid rims, ligaments, and the tension of the skin.

Each function gives a symmetric, positive semi-definite matrix (3 nodes, 3 nodes) in N/mm to add to the
stiffness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from threadlift.face.surface import triangle_normals, vertex_areas, vertex_normals
from threadlift.tissue.domain import boundary_edges
from threadlift.tissue.mesh import BASE_LEVEL, LEVELS, SKIN_UNDERSIDE_LEVEL, SMAS_TOP_LEVEL, Layer, TissueMesh

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class LigamentLine:
    """A retaining ligament: a polyline on the skin (k, 3) in mm and its total stiffness in N/mm."""

    id: str
    points_mm: Floats
    stiffness_n_per_mm: float


def base_foundation(mesh: TissueMesh, tangential: Floats, normal: Floats) -> sparse.csr_array:
    """Springs per base area, MPa/mm: ``tangential`` and ``normal`` at each column (n,)."""
    nodes = mesh.level(BASE_LEVEL)
    base = mesh.nodes_mm[nodes]
    area = vertex_areas(base, mesh.triangles)
    direction = vertex_normals(base, mesh.triangles)
    outer = direction[:, :, None] * direction[:, None, :]
    blocks = area[:, None, None] * (
        tangential[:, None, None] * np.eye(3) + (normal - tangential)[:, None, None] * outer
    )
    return node_blocks(nodes, blocks, len(mesh.nodes_mm))


def cut_edges(
    mesh: TissueMesh, young: dict[Layer, Floats], edges: Indices, length_mm: float
) -> sparse.csr_array:
    """Springs E t / length per mm of cut rim, shared out over the levels, for ``edges`` (e, 2) of the
    surface."""
    share = _edge_lengths(mesh, edges)
    layers = {
        Layer.DEEP: mesh.thickness.deep_mm,
        Layer.SMAS: mesh.thickness.smas_mm,
        Layer.FAT: mesh.thickness.fat_mm,
        Layer.SKIN: mesh.thickness.skin_mm,
    }
    levels = {Layer.DEEP: (0, 1, 2), Layer.SMAS: (2, 3), Layer.FAT: (3, 4, 5), Layer.SKIN: (5, 6)}
    stiffness = np.zeros((LEVELS, mesh.columns))
    for layer, thickness in layers.items():
        total = young[layer] * thickness * share / length_mm
        for level in levels[layer]:
            stiffness[level] += total / len(levels[layer])
    return _node_springs(stiffness.ravel(), len(mesh.nodes_mm))


def lid_rims(mesh: TissueMesh, edges: Indices, stiffness: float) -> sparse.csr_array:
    """Springs per area of the lid margins (MPa/mm) for rim ``edges`` (e, 2) of the surface."""
    area = _edge_lengths(mesh, edges) * mesh.thickness.total_mm
    return _node_springs(np.tile(stiffness * area / LEVELS, LEVELS), len(mesh.nodes_mm))


def ligaments(mesh: TissueMesh, lines: Iterable[LigamentLine], radius_mm: float) -> sparse.csr_array:
    """Springs spread along each line: half on top of the SMAS, half on the underside of the skin.

    They act both ways: the simpler assumption, kept for comparison (``threadlift.tissue.ligament`` has the
    other). A ligament that lies off the model holds nothing here.
    """
    area = vertex_areas(mesh.surface_mm, mesh.triangles)
    stiffness = np.zeros((LEVELS, mesh.columns))
    for line in lines:
        distance = cKDTree(dense_line(line.points_mm)).query(mesh.surface_mm, distance_upper_bound=radius_mm)[
            0
        ]
        weight = np.where(np.isfinite(distance), 1 - (distance / radius_mm) ** 2, 0.0).clip(0.0) * area
        if weight.sum() > 0:
            spread = line.stiffness_n_per_mm * weight / weight.sum()
            stiffness[SMAS_TOP_LEVEL] += spread / 2
            stiffness[SKIN_UNDERSIDE_LEVEL] += spread / 2
    return _node_springs(stiffness.ravel(), len(mesh.nodes_mm))


def skin_tension(mesh: TissueMesh, tension_mpa: float) -> sparse.csr_array:
    """Tension of the skin on its normal motion: the integral of s h |grad_t(u . n)|^2 over the surface."""
    surface = mesh.surface_mm
    corners = surface[mesh.triangles]
    opposite = corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]]  # edge facing each corner
    area = np.linalg.norm(triangle_normals(surface, mesh.triangles), axis=1) / 2
    height = mesh.thickness.skin_mm[mesh.triangles].mean(axis=1)
    weight = tension_mpa * height / (4 * area)
    local = weight[:, None, None] * np.einsum("mai,mbi->mab", opposite, opposite)
    rows = np.repeat(mesh.triangles, 3, axis=1).ravel()
    columns = np.tile(mesh.triangles, (1, 3)).ravel()
    laplacian = sparse.csr_array((local.ravel(), (rows, columns)), shape=(mesh.columns, mesh.columns))
    normal = vertex_normals(surface, mesh.triangles)
    unknowns = 3 * mesh.level(LEVELS - 1)[:, None] + np.arange(3)
    along_normal = sparse.csr_array(
        (normal.ravel(), (np.repeat(np.arange(mesh.columns), 3), unknowns.ravel())),
        shape=(mesh.columns, 3 * len(mesh.nodes_mm)),
    )
    return (along_normal.T.tocsr() @ laplacian @ along_normal).tocsr()


def rim_edges(mesh: TissueMesh, eye_mm: Floats, free_mm: Floats, reach_mm: float) -> tuple[Indices, Indices]:
    """Edges (e, 2) of the model's border that are cut through tissue, and those that are lid rims.

    ``eye_mm`` and ``free_mm`` are points on the rims of the eyes and of mouth and nostrils; a border edge
    within ``reach_mm`` of one belongs to the nearer opening, and one at mouth or nostrils is free.
    """
    edges = boundary_edges(mesh.triangles)
    middle = mesh.surface_mm[edges].mean(axis=1)
    to_eye, to_free = cKDTree(eye_mm).query(middle)[0], cKDTree(free_mm).query(middle)[0]
    eye = (to_eye <= reach_mm) & (to_eye <= to_free)
    free = (to_free <= reach_mm) & ~eye
    return edges[~eye & ~free], edges[eye]


def _edge_lengths(mesh: TissueMesh, edges: Indices) -> Floats:
    """Half of the adjoining edges' length at each column (n,)."""
    length = np.linalg.norm(mesh.surface_mm[edges[:, 0]] - mesh.surface_mm[edges[:, 1]], axis=1)
    return np.asarray(np.bincount(edges.ravel(), np.repeat(length / 2, 2), minlength=mesh.columns))


def dense_line(points_mm: Floats, step_mm: float = 0.5) -> Floats:
    """A polyline (k, 3) as points about ``step_mm`` apart."""
    if len(points_mm) == 1:
        return points_mm
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points_mm, axis=0), axis=1))])
    at = np.linspace(0, arc[-1], max(2, int(np.ceil(arc[-1] / step_mm)) + 1))
    return np.stack([np.interp(at, arc, points_mm[:, axis]) for axis in range(3)], axis=1)


def _node_springs(stiffness: Floats, nodes: int) -> sparse.csr_array:
    return sparse.diags_array(np.repeat(stiffness, 3), shape=(3 * nodes, 3 * nodes)).tocsr()


def node_blocks(where: Indices, blocks: Floats, nodes: int) -> sparse.csr_array:
    """Blocks (k, 3, 3) on the diagonal at nodes ``where`` (k,) of a matrix on all ``nodes``."""
    unknowns = 3 * where[:, None] + np.arange(3)
    rows = np.repeat(unknowns, 3, axis=1).ravel()
    columns = np.tile(unknowns, (1, 3)).ravel()
    return sparse.csr_array((blocks.ravel(), (rows, columns)), shape=(3 * nodes, 3 * nodes))
