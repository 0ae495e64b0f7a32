"""Cables that follow the tissue."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from threadlift.errors import ConvergenceError
from threadlift.tissue.cable import build_cables, cable_way
from threadlift.tissue.nonlinear.cable_load import CableLoad
from threadlift.tissue.nonlinear.face import _check_order
from threadlift.tissue.nonlinear.newton import Equilibrium
from threadlift.tissue.nonlinear.potential import DeadLoad
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.thread import CableThread
from threadlift.tissue.verification.block import make_block

BLOCK = make_block((12, 6, 4), (36.0, 18.0, 12.0))
SPREADING = Spreading(BLOCK.nodes, BLOCK.wedges)
RADIUS_MM = 3.0


def thread(name: str, height: float) -> CableThread:
    return CableThread(
        id=name,
        side="left",
        points_mm=np.array([[2.0, 4.0, height], [18.0, 9.0, height + 1], [34.0, 8.0, height]]),
        tension_n=1.0,
        axial_stiffness_n=188.0,
        anchoring="fixed",
        barbs_mm=(16.0, 22.0, 30.0),
        barb_stiffness_n_per_mm=1.0,
        holding_force_n=5.0,
    )


THREADS = [thread("a", 5.0), thread("b", 8.0)]
TENSION = np.array([1.0, 0.7, 0.2, 0.8, 0.5, 0.1])
LOAD = CableLoad([cable_way(one, SPREADING, RADIUS_MM) for one in THREADS], TENSION)
MOVED = np.random.default_rng(1).normal(0, 0.3, BLOCK.nodes.size)


def test_at_rest_a_cable_pulls_as_the_linear_model_has_it() -> None:
    coupling = build_cables(THREADS, SPREADING, RADIUS_MM).coupling
    assert LOAD.gradient(np.zeros(BLOCK.nodes.size)) == pytest.approx(coupling @ TENSION, abs=1e-13)


def test_force_and_curvature_are_the_derivatives_of_the_length() -> None:
    way = np.random.default_rng(2).normal(size=MOVED.size)
    step = 1e-4
    change = LOAD.energy(MOVED + step * way) - LOAD.energy(MOVED - step * way)
    assert change / (2 * step) == pytest.approx(LOAD.gradient(MOVED) @ way, rel=1e-6)
    turn = (LOAD.gradient(MOVED + step * way) - LOAD.gradient(MOVED - step * way)) / (2 * step)
    curvature = LOAD.curvature(MOVED)
    assert turn == pytest.approx(curvature @ way, abs=1e-6 * np.abs(turn).max())
    assert way @ (curvature @ way) > 0


def test_a_cable_untied_and_turned_with_the_tissue_costs_nothing() -> None:
    floating = CableThread(
        **{**vars(THREADS[0]), "anchoring": "floating", "rear_barbs_mm": (1.0, 4.0), "id": "f"}
    )
    load = CableLoad([cable_way(floating, SPREADING, RADIUS_MM)], np.full(4, 0.5))
    turn = Rotation.from_rotvec([0.3, 0.5, -0.9]).as_matrix()
    turned = (BLOCK.nodes @ turn.T + [4.0, 2.0, 1.0] - BLOCK.nodes).ravel()
    assert load.energy(turned) == pytest.approx(load.energy(np.zeros(turned.size)), rel=1e-12)


def test_a_station_that_passes_the_next_shows() -> None:
    assert LOAD.shortest_share(np.zeros(MOVED.size)) == pytest.approx(1.0)
    squeezed = np.zeros_like(BLOCK.nodes)
    squeezed[:, 0] = -1.5 * BLOCK.nodes[:, 0]
    assert LOAD.shortest_share(squeezed.ravel()) < 0
    with pytest.raises(ConvergenceError, match="drawn onto"):
        _check_order(LOAD, Equilibrium(squeezed.ravel(), 3, 1e-9, 1, 0))
    _check_order(LOAD, Equilibrium(np.zeros(MOVED.size), 3, 1e-9, 1, 0))
    _check_order(DeadLoad(np.zeros(3)), Equilibrium(np.zeros(3), 3, 1e-9, 1, 0))
