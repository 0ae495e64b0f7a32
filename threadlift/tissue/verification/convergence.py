"""Convergence: a manufactured solution in three dimensions, Cook's membrane, a cantilever."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.verification.block import Block, make_block, moved, on_border, solve_fixed
from threadlift.tissue.verification.figure import Figure, at_least, at_most, close_to
from threadlift.tissue.wedge import SHAPES, wedge_geometry

Floats = NDArray[np.float64]
GROUP = "Convergence"
AMPLITUDE = np.array([1.0, 0.5, -0.3])
COOK_REFERENCE = {1 / 3: 22.57, 0.45: 20.50, 0.49: 19.58, 0.4999: 19.30}  # quadratic triangles, 64 x 64


def manufactured_errors(cells: int, poisson: float = 0.3) -> tuple[float, float]:
    """Error in L2 and in the H1 seminorm for u = a sin(pi x) sin(pi y) sin(pi z) on the unit cube, E = 1.

    The body force is f = -(lambda + mu) grad div u - mu laplace u.
    """
    block = make_block((cells, cells, cells))
    mu = 1 / (2 * (1 + poisson))
    lam = poisson / ((1 + poisson) * (1 - 2 * poisson))
    geometry = wedge_geometry(block.nodes, block.wedges)
    points = np.einsum("qa,mai->mqi", SHAPES, block.nodes[block.wedges])
    bubble, gradient, hessian = _bubble(points)
    force = -(lam + mu) * np.einsum("mqij,j->mqi", hessian, AMPLITUDE)
    force += 3 * mu * np.pi**2 * bubble[..., None] * AMPLITUDE
    nodal = np.einsum("mq,qa,mqi->mai", geometry.volumes, SHAPES, force)
    load = np.zeros_like(block.nodes)
    np.add.at(load, block.wedges, nodal)
    fixed = np.repeat(on_border(block), 3)
    stiffness = block.stiffness(1.0, poisson)
    found = solve_fixed(stiffness, load.ravel(), fixed, np.zeros(load.size)).reshape(-1, 3)
    at_wedges = found[block.wedges]
    value = np.einsum("qa,mai->mqi", SHAPES, at_wedges) - bubble[..., None] * AMPLITUDE
    slope = np.einsum("mqaj,mai->mqij", geometry.gradients, at_wedges)
    slope -= np.einsum("i,mqj->mqij", AMPLITUDE, gradient)
    return (
        float(np.sqrt((geometry.volumes * (value**2).sum(axis=-1)).sum())),
        float(np.sqrt((geometry.volumes * (slope**2).sum(axis=(-1, -2))).sum())),
    )


def _bubble(points: Floats) -> tuple[Floats, Floats, Floats]:
    """sin sin sin with its gradient and second derivatives."""
    s, c = np.sin(np.pi * points), np.cos(np.pi * points)
    value = s.prod(axis=-1)
    gradient = np.stack([np.pi * c[..., i] * s[..., i - 1] * s[..., i - 2] for i in range(3)], axis=-1)
    hessian = np.empty((*value.shape, 3, 3))
    for i in range(3):
        for j in range(3):
            k = 3 - i - j
            mixed = c[..., i] * c[..., j] * s[..., k] if i != j else -value
            hessian[..., i, j] = np.pi**2 * mixed
    return value, gradient, hessian


def observed_orders(coarse: int, fine: int) -> tuple[float, float]:
    """Orders in L2 and H1 between two meshes of the manufactured solution."""
    first, second = manufactured_errors(coarse), manufactured_errors(fine)
    rate = np.log(fine / coarse)
    return float(np.log(first[0] / second[0]) / rate), float(np.log(first[1] / second[1]) / rate)


def cook_tip(cells: int, poisson: float, *, jitter_seed: int | None = None) -> float:
    """Vertical motion of the upper corner of the loaded edge of Cook's membrane, plane strain, E = 1, shear
    force 1."""
    block = make_block((cells, cells, 1))
    if jitter_seed is not None:
        block = _jittered(block, 0.2 / cells, jitter_seed)
    s, t = block.nodes[:, 0], block.nodes[:, 1]
    low, high = 44 * s, 44 + 16 * s
    block = moved(block, np.stack([48 * s, low + t * (high - low), block.nodes[:, 2]], axis=1))
    count = len(block.nodes)
    load = np.zeros((count, 3))
    edge = np.flatnonzero(np.abs(s - 1) < 1e-12)
    share = np.where(np.isin(t[edge], (0.0, 1.0)), 0.5, 1.0)
    load[edge, 1] = share / share.sum()
    fixed = np.zeros((count, 3), dtype=bool)
    fixed[np.abs(s) < 1e-12] = True
    fixed[:, 2] = True
    moved_by = solve_fixed(block.stiffness(1.0, poisson), load.ravel(), fixed.ravel(), np.zeros(3 * count))
    corner = edge[np.argmax(t[edge])]
    return float(moved_by.reshape(-1, 3)[corner, 1])


def _jittered(block: Block, amount: float, seed: int) -> Block:
    """Inner nodes moved at random in the plane, both levels alike."""
    columns = len(block.nodes) // 2
    shift = np.random.default_rng(seed).uniform(-amount, amount, (columns, 3)) * [1, 1, 0]
    flat = block.nodes[:columns, :2]
    shift[((flat == 0) | (flat == 1)).any(axis=1)] = 0
    return moved(block, block.nodes + np.tile(shift, (2, 1)))


def cantilever_ratio(poisson: float) -> float:
    """Tip motion of a 10 x 1 x 1 beam of 40 x 4 x 4 cells over Timoshenko's P L3 / 3EI + P L / (k G A)."""
    block = make_block((40, 4, 4), (10.0, 1.0, 1.0))
    tip = np.flatnonzero(np.abs(block.nodes[:, 0] - 10) < 1e-12)
    y, z = block.nodes[tip, 1], block.nodes[tip, 2]
    share = np.where(np.isin(y, (0.0, 1.0)), 0.5, 1.0) * np.where(np.isin(z, (0.0, 1.0)), 0.5, 1.0)
    load = np.zeros_like(block.nodes)
    load[tip, 2] = share / share.sum()
    fixed = np.repeat(np.abs(block.nodes[:, 0]) < 1e-12, 3)
    found = solve_fixed(block.stiffness(1.0, poisson), load.ravel(), fixed, np.zeros(load.size))
    deflection = float((found.reshape(-1, 3)[tip, 2] * share).sum() / share.sum())
    shear = 1 / (2 * (1 + poisson))
    factor = 10 * (1 + poisson) / (12 + 11 * poisson)
    return deflection / (1000 / (3 / 12) + 10 / (factor * shear))


def convergence_figures() -> list[Figure]:
    """All figures of this module."""
    l2, h1 = observed_orders(8, 16)
    figures = [
        close_to(GROUP, "manufactured solution, order in L2 (8 to 16 cells)", l2, 2.0, 0.15),
        close_to(GROUP, "manufactured solution, order in H1 (8 to 16 cells)", h1, 1.0, 0.15),
    ]
    for poisson, reference in COOK_REFERENCE.items():
        for name, seed in (("structured", None), ("irregular", 5)):
            tip = cook_tip(32, poisson, jitter_seed=seed)
            figures.append(
                at_most(
                    GROUP,
                    f"Cook's membrane, nu {poisson:.4g}, {name}: {tip:.2f} against {reference}, error",
                    abs(tip / reference - 1),
                    0.03,
                )
            )
    for poisson in (0.3, 0.45, 0.49, 0.499):
        name = f"cantilever against Timoshenko, nu {poisson}: ratio"
        figures.append(at_least(GROUP, name, cantilever_ratio(poisson), 0.95))
    return figures
