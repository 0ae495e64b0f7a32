"""Retaining ligaments in pieces: fibres that pull the skin back to the bone, but never push.

A piece is a few millimetres of a ligament's line, spread over the band around it, half on the top of the
SMAS and half on the underside of the skin. With w the weights of its nodes (adding up to 1) and d a
direction, its stretch is e = sum_i w_i d . u_i. Two directions pull one way: outward from the bone, and
descent (the way in which the weight of the face draws the skin). The third, sideways in the skin, holds both
ways and stays in the stiffness matrix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from threadlift.face.surface import vertex_areas, vertex_normals
from threadlift.tissue.mesh import SKIN_UNDERSIDE_LEVEL, SMAS_TOP_LEVEL, TissueMesh
from threadlift.tissue.support import LigamentLine, dense_line, node_blocks

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
UPRIGHT = np.array([0.0, -1.0, 0.0])  # direction of gravity in the frame of the face
_LEAST_SLOPE = 0.1  # of the skin against the horizontal (sine), below which no way in it leads down


@dataclass(frozen=True, eq=False)
class LigamentPiece:
    """One piece: ``weights`` (n,) of the surface vertices, its stiffness, and unit directions.

    ``descent`` is None where the skin lies level: there the fibre holds both ways in the plane of the skin.
    """

    id: str
    weights: Floats
    stiffness_n_per_mm: float
    outward: Floats
    descent: Floats | None

    @property
    def two_way(self) -> Floats:
        """Projector (3, 3) on the directions that hold both ways."""
        plane = np.eye(3) - np.outer(self.outward, self.outward)
        return plane if self.descent is None else plane - np.outer(self.descent, self.descent)


def cut_ligaments(
    mesh: TissueMesh, lines: Iterable[LigamentLine], *, radius_mm: float, piece_mm: float
) -> list[LigamentPiece]:
    """Pieces of about ``piece_mm`` of every line; each reaches ``radius_mm`` to all sides.

    A piece that lies off the model holds nothing and is left out.
    """
    area = vertex_areas(mesh.surface_mm, mesh.triangles)
    normals = vertex_normals(mesh.surface_mm, mesh.triangles)
    pieces = []
    for line in lines:
        if line.stiffness_n_per_mm == 0:
            continue
        parts = _cut(line.points_mm, piece_mm)
        for number, points in enumerate(parts):
            distance = cKDTree(points).query(mesh.surface_mm, distance_upper_bound=radius_mm)[0]
            weight = np.where(np.isfinite(distance), 1 - (distance / radius_mm) ** 2, 0.0).clip(0.0) * area
            if weight.sum() > 0:
                weight /= weight.sum()
                outward = _unit(weight @ normals)
                pieces.append(
                    LigamentPiece(
                        id=f"{line.id}-{number}",
                        weights=weight,
                        stiffness_n_per_mm=line.stiffness_n_per_mm / len(parts),
                        outward=outward,
                        descent=_descent(outward),
                    )
                )
    return pieces


def one_way_coupling(
    mesh: TissueMesh, pieces: Iterable[LigamentPiece]
) -> tuple[tuple[str, ...], sparse.csc_array, Floats]:
    """Names, D (unknowns, L) and stiffness k (L,) of the one-way springs of ``pieces``."""
    names, stiffness, rows, values = [], [], [], []
    for piece in pieces:
        nodes, weights = _nodes(mesh, piece)
        for way, direction in (("normal", piece.outward), ("descent", piece.descent)):
            if direction is not None:
                names.append(f"{piece.id}-{way}")
                stiffness.append(piece.stiffness_n_per_mm)
                rows.append((3 * nodes[:, None] + np.arange(3)).ravel())
                values.append((weights[:, None] * direction).ravel())
    columns = np.repeat(np.arange(len(names)), [len(part) for part in rows])
    shape = (3 * len(mesh.nodes_mm), len(names))
    if not names:
        return (), sparse.csc_array(shape), np.empty(0)
    coupling = sparse.csc_array((np.concatenate(values), (np.concatenate(rows), columns)), shape=shape)
    return tuple(names), coupling, np.array(stiffness)


def two_way_springs(mesh: TissueMesh, pieces: Iterable[LigamentPiece]) -> sparse.csr_array:
    """Stiffness (unknowns, unknowns), N/mm, of what holds both ways: k w_i at each node, in the sideways
    direction."""
    blocks = np.zeros((len(mesh.nodes_mm), 3, 3))
    for piece in pieces:
        nodes, weights = _nodes(mesh, piece)
        blocks[nodes] += piece.stiffness_n_per_mm * weights[:, None, None] * piece.two_way
    held = np.flatnonzero(np.abs(blocks).sum(axis=(1, 2)))
    return node_blocks(held, blocks[held], len(mesh.nodes_mm))


def _nodes(mesh: TissueMesh, piece: LigamentPiece) -> tuple[Indices, Floats]:
    """Nodes that carry a piece, with their weights: half on the SMAS, half under the skin."""
    near = np.flatnonzero(piece.weights)
    nodes = np.concatenate([mesh.level(level)[near] for level in (SMAS_TOP_LEVEL, SKIN_UNDERSIDE_LEVEL)])
    return nodes, np.tile(piece.weights[near] / 2, 2)


def _cut(points_mm: Floats, piece_mm: float) -> list[Floats]:
    """A polyline as runs of close points, each about ``piece_mm`` long."""
    points = dense_line(points_mm)
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    return [part for part in np.array_split(points, max(1, round(length / piece_mm))) if len(part)]


def _descent(outward: Floats) -> Floats | None:
    down = UPRIGHT - (UPRIGHT @ outward) * outward
    return _unit(down) if np.linalg.norm(down) > _LEAST_SLOPE else None


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))
