"""How barbs share a pull."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.tissue.grip import balance
from threadlift.tissue.verification.slab import shear_lag, shear_lag_exact

ROW = np.zeros(3, dtype=np.int64)
STIFF_TO_SOFT = np.diag([1.0, 2.0, 4.0])


def test_stiffer_barbs_carry_more() -> None:
    force, _ = balance(STIFF_TO_SOFT, ROW, np.array([1.0]), np.full(3, 10.0))
    assert force == pytest.approx(np.array([4, 2, 1]) / 7)


def test_a_barb_at_its_holding_force_passes_the_rest_on() -> None:
    force, _ = balance(STIFF_TO_SOFT, ROW, np.array([1.0]), np.full(3, 0.5))
    assert force == pytest.approx([0.5, 1 / 3, 1 / 6])


def test_a_pull_exactly_at_the_holding_force_is_held_by_all_barbs() -> None:
    force, _ = balance(STIFF_TO_SOFT, ROW, np.array([1.5]), np.full(3, 0.5))
    assert force == pytest.approx([0.5, 0.5, 0.5])


def test_a_pull_beyond_the_holding_force_slips() -> None:
    force, _ = balance(STIFF_TO_SOFT, ROW, np.array([2.0]), np.full(3, 0.5))
    assert force.sum() == pytest.approx(1.5)


def test_no_pull_no_force() -> None:
    force, _ = balance(STIFF_TO_SOFT, ROW, np.array([0.0]), np.full(3, 0.5))
    assert not force.any()


def test_a_barb_that_would_push_hangs_loose() -> None:
    flexibility = np.array([[1.0, 3.0], [3.0, 10.0]])
    force, _ = balance(flexibility, ROW[:2], np.array([1.0]), np.full(2, 5.0))
    assert force == pytest.approx([1.0, 0.0])


def test_random_cases_meet_the_conditions_of_an_optimum() -> None:
    random = np.random.default_rng(4)
    for _ in range(25):
        root = random.normal(size=(12, 12))
        flexibility = root @ root.T + 0.1 * np.eye(12)
        row = np.repeat([0, 1, 2], 4)
        capacity = random.uniform(0.2, 1.0, 12)
        pull = np.array([0.4, 0.6, 0.3])
        force, _ = balance(flexibility, row, pull, capacity)
        assert np.bincount(row, force) == pytest.approx(pull)
        assert (force >= -1e-9).all() and (force <= capacity + 1e-9).all()
        gain = flexibility @ force
        for number in range(3):
            mine = row == number
            free = mine & (force > 1e-7) & (force < capacity - 1e-7)
            level = gain[free].mean() if free.any() else np.median(gain[mine])
            assert np.abs(gain[free] - level).max(initial=0.0) < 1e-6
            if free.any():
                assert (gain[mine & (force <= 1e-7)] >= level - 1e-6).all()
                assert (gain[mine & (force >= capacity - 1e-7)] <= level + 1e-6).all()


def test_a_cable_in_springs_converges_with_order_two() -> None:
    errors = [abs(shear_lag(count) / shear_lag_exact() - 1) for count in (30, 60)]
    assert shear_lag_exact() == pytest.approx(0.44294, abs=1e-5)
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.1)
