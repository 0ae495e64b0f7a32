"""The element alone: patch test, rigid modes, energy of a uniform stretch."""

from __future__ import annotations

import numpy as np

from threadlift.tissue.verification.block import Block, make_block, moved, on_border, solve_fixed
from threadlift.tissue.verification.figure import Figure, at_most, close_to

GROUP = "Element"


def distorted_block(cells: int, *, seed: int, amount: float = 0.25) -> Block:
    """A unit cube whose inner nodes are moved at random by up to ``amount`` of a cell."""
    block = make_block((cells, cells, cells))
    shift = np.random.default_rng(seed).uniform(-amount / cells, amount / cells, block.nodes.shape)
    shift[on_border(block)] = 0
    return moved(block, block.nodes + shift)


def patch_error(poisson: float = 0.49, seed: int = 1) -> float:
    """Relative error of a linear displacement imposed on the border of distorted wedges."""
    block = distorted_block(3, seed=seed)
    gradient = np.random.default_rng(seed + 1).normal(size=(3, 3))
    exact = (block.nodes @ gradient.T).ravel()
    fixed = np.repeat(on_border(block), 3)
    values = np.where(fixed, exact, 0.0)
    found = solve_fixed(block.stiffness(1.0, poisson), np.zeros_like(exact), fixed, values)
    return float(np.abs(found - exact).max() / np.abs(exact).max())


def count_zero_modes(poisson: float = 0.47) -> int:
    """Eigenvalues of a free distorted block that vanish: the three translations and three rotations."""
    stiffness = distorted_block(2, seed=3).stiffness(1.0, poisson).toarray()
    values = np.abs(np.linalg.eigvalsh(stiffness))
    return int((values < 1e-10 * values.max()).sum())


def stretch_energy() -> float:
    """Twice the energy of a unit cube (E 10, nu 0.3) stretched by 1 along x: lambda + 2 mu."""
    block = make_block((2, 2, 2))
    stretch = np.zeros_like(block.nodes)
    stretch[:, 0] = block.nodes[:, 0]
    return float(stretch.ravel() @ (block.stiffness(10.0, 0.3) @ stretch.ravel()))


def element_figures() -> list[Figure]:
    """All figures of this module."""
    return [
        at_most(GROUP, "patch test on distorted wedges, nu 0.49: error", patch_error(), 1e-12),
        close_to(GROUP, "rigid modes of a free block", count_zero_modes(), 6, 0),
        close_to(GROUP, "energy of a uniform stretch (lambda + 2 mu)", stretch_energy(), 13.461538, 1e-5),
    ]
