"""Threads as cables in a slab of tissue."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from threadlift.errors import InputError
from threadlift.tissue.cable import build_cables
from threadlift.tissue.thread import CableThread
from threadlift.tissue.verification.slab import compliance_against_full, make_slab, slab_thread

SLAB = make_slab((12, 9, 3))
RADIUS_MM = 2.5


@pytest.mark.parametrize("anchoring", ["fixed", "floating"])
def test_compliance_form_agrees_with_one_full_system(anchoring: str) -> None:
    assert compliance_against_full(anchoring) < 1e-8


def test_a_floating_thread_puts_no_net_force_or_moment_on_the_tissue() -> None:
    cables = build_cables([slab_thread("floating")], SLAB.spreading, RADIUS_MM)
    tension = cables.collect @ np.r_[np.full(4, 0.25), np.full(5, 0.2)]
    force = -(cables.coupling @ tension).reshape(-1, 3)
    assert np.abs(force).sum() > 1
    assert force.sum(axis=0) == pytest.approx([0, 0, 0], abs=1e-9)
    assert np.cross(SLAB.block.nodes, force).sum(axis=0) == pytest.approx([0, 0, 0], abs=1e-6)


def test_a_tied_thread_pulls_the_tissue_towards_its_tie() -> None:
    cables = build_cables([slab_thread("fixed")], SLAB.spreading, RADIUS_MM)
    force = -(cables.coupling @ (cables.collect @ np.full(5, 0.2))).reshape(-1, 3).sum(axis=0)
    assert np.linalg.norm(force) == pytest.approx(1.0, abs=0.01)
    assert force[0] < -0.9


def test_the_tension_falls_from_barb_to_barb() -> None:
    cables = build_cables([slab_thread("fixed")], SLAB.spreading, RADIUS_MM)
    tension = cables.collect @ np.full(5, 0.2)
    assert tension == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2])


def test_rear_barbs_outside_the_tissue_are_held_fast_and_counted() -> None:
    thread = slab_thread("floating")
    moved = dataclasses.replace(thread, points_mm=thread.points_mm - np.array([14.0, 0, 0]))
    cables = build_cables([moved], SLAB.spreading, RADIUS_MM)
    assert 1 <= cables.barbs_outside[0] <= 4


def test_a_thread_outside_the_tissue_is_refused() -> None:
    thread = slab_thread()
    away = dataclasses.replace(thread, points_mm=thread.points_mm + np.array([0, 0, 30.0]))
    with pytest.raises(InputError, match="outside the modelled face"):
        build_cables([away], SLAB.spreading, RADIUS_MM)


def test_a_barb_at_the_tie_is_refused() -> None:
    thread = dataclasses.replace(slab_thread(), barbs_mm=(0.0, 10.0))
    with pytest.raises(InputError, match="beyond the tie"):
        build_cables([thread], SLAB.spreading, RADIUS_MM)


LINE = np.array([[0.0, 0, 0], [10, 0, 0], [20, 0, 0]])
GOOD = CableThread("t", "left", LINE, 1.0, 100.0, "fixed", (5.0, 15.0), 1.0, 2.0)


def test_points_are_read_off_along_the_path() -> None:
    assert GOOD.length_mm == pytest.approx(20)
    assert GOOD.points_at(np.array([5.0]))[0] == pytest.approx([5, 0, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points_mm": LINE[:1]}, "at least two points"),
        ({"points_mm": LINE * np.nan}, "at least two points"),
        ({"points_mm": LINE[[0, 0]]}, "no length"),
        ({"tension_n": -1.0}, "only pulls"),
        ({"tension_n": float("nan")}, "only pulls"),
        ({"axial_stiffness_n": 0.0}, "axial_stiffness_n must be above zero"),
        ({"barb_stiffness_n_per_mm": -1.0}, "barb_stiffness_n_per_mm"),
        ({"holding_force_n": 0.0}, "holding_force_n"),
        ({"barbs_mm": ()}, "smooth thread"),
        ({"barbs_mm": (15.0, 5.0)}, "increase"),
        ({"barbs_mm": (5.0, 21.0)}, "off the path"),
        ({"anchoring": "floating"}, "needs rear barbs"),
        ({"anchoring": "floating", "rear_barbs_mm": (2.0, 6.0)}, "before the front"),
    ],
)
def test_a_thread_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        dataclasses.replace(GOOD, **change)
