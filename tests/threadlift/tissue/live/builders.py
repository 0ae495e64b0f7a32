"""A small flat piece of face with threads, ligament pieces and everything that a real one has."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.tissue.assembly import assemble_stiffness, isotropic
from threadlift.tissue.cable import build_cables
from threadlift.tissue.live import LivePlan
from threadlift.tissue.mesh import SKIN_LEVEL, SMAS_TOP_LEVEL, LayerThickness, build_mesh
from threadlift.tissue.part import TissuePart, dilatation_groups
from threadlift.tissue.response import Pull
from threadlift.tissue.restraint import Restraints, solve_pieces
from threadlift.tissue.solver import Factorisation
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.support import base_foundation
from threadlift.tissue.thread import CableThread, spaced_barbs
from threadlift.tissue.verification.block import make_block

Floats = NDArray[np.float64]


@cache
def small_part(young_mpa: float = 0.03) -> TissuePart:
    """A slab of 48 x 36 mm and 7 mm depth, 192 columns, with twelve one-way pieces."""
    block = make_block((15, 11, 1), (48.0, 36.0, 1.0))
    count = len(block.nodes) // 2
    skin = block.nodes[:count]
    layers = LayerThickness(*(np.full(count, mm) for mm in (1.3, 2.3, 1.3, 2.1)))
    mesh = build_mesh(skin, block.triangles, layers, np.zeros(count, dtype=bool))
    elasticity = isotropic(np.full(len(mesh.wedges), young_mpa), 0.45)
    tissue = assemble_stiffness(mesh.nodes_mm, mesh.wedges, elasticity, dilatation_groups(mesh))
    base = base_foundation(mesh, np.full(count, 2e-3), np.full(count, 1e-2))
    factorisation = Factorisation(sparse.csr_array(tissue + base), "superlu")
    coupling = _pieces(mesh.level(SMAS_TOP_LEVEL), tissue.shape[0])
    held = Restraints(
        tuple(f"ligament-{i}" for i in range(12)),
        coupling,
        np.full(12, 0.4),
        np.where(np.arange(12) < 9, 0.05, -0.02),
    )
    return TissuePart(
        extent="left",
        mesh=mesh,
        spreading=Spreading(mesh.nodes_mm, mesh.wedges),
        factorisation=factorisation,
        restraints=held,
        pieces=solve_pieces(factorisation.solve, coupling, mesh.level(SKIN_LEVEL)),
        ball_radius_mm=2.5,
        density_g_per_cm3=1.0,
        vertex_count=count + 5,  # some of the face is not modelled
    )


def _pieces(nodes: NDArray[np.int64], unknowns: int) -> sparse.csc_array:
    chosen = nodes[np.arange(20, 20 + 12 * 13, 13)]
    direction = np.array([1.0, 0.3, 0.2]) / np.linalg.norm([1.0, 0.3, 0.2])
    rows = (3 * chosen[:, None] + np.arange(3)).ravel()
    return sparse.csc_array(
        (np.tile(direction, 12), (rows, np.repeat(np.arange(12), 3))), shape=(unknowns, 12)
    )


def small_thread(
    number: int, shift_mm: tuple[float, float, float] = (0, 0, 0), **change: object
) -> CableThread:
    """Thread ``number`` runs along x at its own y, tied at the left."""
    start = np.array([4.0, 5.0 + 6.0 * number, -3.0]) + shift_mm
    values = {
        "id": f"thread-{number}",
        "side": "left",
        "points_mm": start + np.array([[0, 0, 0], [18, 1, 0.3], [38, 2, 0]]),
        "tension_n": 1.0,
        "axial_stiffness_n": 188.0,
        "anchoring": "fixed",
        "barbs_mm": spaced_barbs(12.0, 36.0, 6),
        "barb_stiffness_n_per_mm": 1.0,
        "holding_force_n": 1.1,
    }
    return CableThread(**(values | change))  # type: ignore[arg-type]


def small_threads(count: int = 4) -> list[CableThread]:
    return [small_thread(number) for number in range(count)]


def solve_again(part: TissuePart, plan: LivePlan, off: frozenset[str] = frozenset()) -> tuple[Floats, Pull]:
    """Displacement (n, 3) and pull of the plan's threads by a full solve of the model in double precision."""
    threads = [replace(thread, tension_n=0.0) if thread.id in off else thread for thread in plan.threads]
    pull = part.respond(threads).pull(threads)
    cables = build_cables(threads, part.spreading, part.ball_radius_mm)
    change = pull.piece_force_n - part.restraints.rest_force_n
    load = cables.coupling @ pull.segment_tension_n + part.restraints.coupling @ change
    moved = part.skin(-part.factorisation.solve(load[:, None]))[:, :, 0]
    displacement = np.zeros((part.vertex_count, 3))
    displacement[part.mesh.source] = moved
    return displacement, pull
