"""Blocks of wedges for the tests: a grid of triangle pairs, extruded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.tissue.assembly import assemble_stiffness, isotropic
from threadlift.tissue.pairing import pair_triangles
from threadlift.tissue.solver import Factorisation

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Block:
    """Nodes (n, 3), wedges (m, 6), dilatation groups (m,), and the triangles of one layer."""

    nodes: Floats
    wedges: Indices
    groups: Indices
    triangles: Indices

    def stiffness(self, young: float, poisson: float) -> sparse.csr_array:
        """Stiffness of one material throughout."""
        elasticity = isotropic(np.full(len(self.wedges), young), poisson)
        return assemble_stiffness(self.nodes, self.wedges, elasticity, self.groups)


def make_block(cells: tuple[int, int, int], size: tuple[float, float, float] = (1, 1, 1)) -> Block:
    """A box of ``cells`` bricks, each cut into two wedges standing on z."""
    nx, ny, nz = cells
    x, y = np.meshgrid(np.linspace(0, size[0], nx + 1), np.linspace(0, size[1], ny + 1), indexing="ij")
    flat = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    number = np.arange(x.size).reshape(nx + 1, ny + 1)
    a, b, c, d = (
        part.ravel() for part in (number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:])
    )
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    levels = np.linspace(0, size[2], nz + 1)
    nodes = np.concatenate([flat + np.array([0.0, 0.0, level]) for level in levels])
    wedges = np.concatenate(
        [np.hstack([triangles + k * x.size, triangles + (k + 1) * x.size]) for k in range(nz)]
    )
    pairs = pair_triangles(flat, triangles)
    groups = np.concatenate([pairs + k * (pairs.max() + 1) for k in range(nz)])
    return Block(nodes, wedges, groups, triangles)


def moved(block: Block, nodes: Floats) -> Block:
    """The same block with its nodes elsewhere."""
    return Block(nodes, block.wedges, block.groups, block.triangles)


def on_border(block: Block) -> Mask:
    """Nodes on the faces of the box."""
    low, high = block.nodes.min(axis=0), block.nodes.max(axis=0)
    return np.asarray(((block.nodes == low) | (block.nodes == high)).any(axis=1))


def solve_fixed(stiffness: sparse.csr_array, load: Floats, fixed: Mask, values: Floats) -> Floats:
    """Displacements (3n,) with the unknowns ``fixed`` (3n,) held at ``values`` (3n,)."""
    free = np.flatnonzero(~fixed)
    held = np.flatnonzero(fixed)
    right = load[free] - stiffness[free][:, held] @ values[held]
    solution = values.copy()
    inner = sparse.csr_array(stiffness[free][:, free])
    solution[free] = Factorisation(inner).solve(right[:, None])[:, 0]
    return solution
