"""How barbs share a pull while ligaments hold against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls

from threadlift.errors import InputError
from threadlift.tissue.grip import Settled, _prepare, _walk, balance, settle
from threadlift.tissue.verification.slab import shear_lag, shear_lag_exact

Floats = NDArray[np.float64]
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


@dataclass(frozen=True)
class Case:
    """A random problem of barbs in rows and of ligament pieces."""

    flexibility: Floats
    stretch: Floats
    row: NDArray[np.int64]
    pull: Floats
    capacity: Floats

    def energy(self, force: Floats) -> float:
        return float(force @ self.flexibility @ force / 2 - self.stretch @ force)

    def settle(self, start: NDArray[np.int8] | None = None) -> Settled:
        return settle(self.flexibility, self.stretch, self.row, self.pull, self.capacity, start)


def random_case(seed: int, barbs: int, pieces: int, share: float) -> Case:
    """Up to three rows, each pulled with ``share`` of what it holds; pieces stretched or slack."""
    random = np.random.default_rng(seed)
    size = barbs + pieces
    root = random.normal(size=(size, size))
    row = np.sort(np.arange(barbs) % min(3, max(barbs, 1))).astype(np.int64)
    capacity = random.uniform(0.2, 1.0, barbs)
    pull = share * np.bincount(row, capacity) if barbs else np.empty(0)
    return Case(root @ root.T + 0.1 * np.eye(size), random.normal(size=size), row, pull, capacity)


def check_optimum(case: Case, force: Floats) -> None:
    """The conditions of an optimum, force by force."""
    barbs = len(case.row)
    scale = np.abs(case.flexibility @ force).max() + np.abs(case.stretch).max()
    gain = case.flexibility @ force - case.stretch
    assert np.bincount(case.row, force[:barbs], minlength=len(case.pull)) == pytest.approx(
        case.pull, abs=1e-9
    )
    assert (force >= 0).all() and (force[:barbs] <= case.capacity + 1e-9).all()
    piece, slack = force[barbs:], gain[barbs:]
    assert (slack >= -1e-6 * scale).all()
    assert np.abs(piece * slack).max(initial=0.0) < 1e-6 * scale
    for number in range(len(case.pull)):
        mine = np.flatnonzero(case.row == number)
        above = gain[mine[force[mine] > 1e-7]]  # may not want to give force away
        below = gain[mine[force[mine] < case.capacity[mine] - 1e-7]]  # may not want more
        assert above.max(initial=-np.inf) <= below.min(initial=np.inf) + 1e-6 * scale


CASES = st.builds(
    random_case,
    seed=st.integers(0, 10_000),
    barbs=st.integers(0, 9),
    pieces=st.integers(0, 9),
    share=st.sampled_from([0.0, 1e-300, 1.0]) | st.floats(1e-3, 0.999),
).filter(lambda case: len(case.stretch) > 0)


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_barbs_and_ligaments_together_meet_the_conditions_of_an_optimum(case: Case) -> None:
    check_optimum(case, case.settle().force_n)


@given(CASES)
@settings(max_examples=60, deadline=None)
def test_one_force_at_a_time_finds_the_same_optimum(case: Case) -> None:
    problem, begin = _prepare(case.flexibility, case.stretch, case.row, case.pull, case.capacity, None)
    walked = _walk(problem, begin)
    check_optimum(case, walked.force_n)
    assert walked.force_n == pytest.approx(case.settle().force_n, abs=1e-6)


@given(CASES, st.integers(0, 1000))
@settings(max_examples=80, deadline=None)
def test_any_start_leads_to_the_same_forces_and_the_last_set_takes_one_step(case: Case, seed: int) -> None:
    start = np.random.default_rng(seed).integers(-1, 2, len(case.stretch)).astype(np.int8)
    settled = case.settle(start)
    assert settled.force_n == pytest.approx(case.settle().force_n, abs=1e-6)
    assert case.settle(settled.active).steps == 1


@pytest.mark.parametrize("seed", range(6))
def test_an_independent_solver_finds_no_lower_energy(seed: int) -> None:
    case = random_case(seed, barbs=5, pieces=4, share=0.6)
    force = case.settle().force_n
    members = np.zeros((len(case.pull), len(force)))
    members[case.row, np.arange(5)] = 1
    other = minimize(
        case.energy,
        np.r_[0.6 * case.capacity, np.zeros(4)],
        jac=lambda x: case.flexibility @ x - case.stretch,
        method="SLSQP",
        bounds=[(0, limit) for limit in case.capacity] + [(0, None)] * 4,
        constraints={"type": "eq", "fun": lambda x: members @ x - case.pull, "jac": lambda _: members},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert other.success
    assert force == pytest.approx(other.x, abs=1e-5)
    assert case.energy(force) <= case.energy(other.x) + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_ligaments_alone_are_a_non_negative_least_squares_problem(seed: int) -> None:
    case = random_case(seed, barbs=0, pieces=12, share=0.0)
    root = np.linalg.cholesky(case.flexibility)
    expected, _ = nnls(root.T, np.linalg.solve(root, case.stretch))
    assert settle(case.flexibility, case.stretch).force_n == pytest.approx(expected, abs=1e-8)


def test_a_taut_ligament_works_against_the_pull_and_a_slack_one_does_not() -> None:
    flexibility = np.array([[1.0, 0.0, 0.4], [0.0, 1.0, 0.4], [0.4, 0.4, 1.0]])
    row, pull, capacity = ROW[:2], np.array([1.0]), np.full(2, 5.0)
    taut = settle(flexibility, np.array([0.0, 0.0, 0.9]), row, pull, capacity)
    assert taut.force_n == pytest.approx([0.5, 0.5, 0.5])
    slack = settle(flexibility, np.array([0.0, 0.0, 0.3]), row, pull, capacity)
    assert slack.force_n == pytest.approx([0.5, 0.5, 0.0])
    limit = settle(flexibility, np.array([0.0, 0.0, 0.4]), row, pull, capacity)
    assert limit.force_n == pytest.approx([0.5, 0.5, 0.0])


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(broken: float) -> None:
    with pytest.raises(InputError, match="not finite"):
        settle(np.diag([1.0, broken]), np.zeros(2))
    with pytest.raises(InputError, match="not finite"):
        settle(np.eye(2), np.array([broken, 0.0]))


def test_a_flexibility_that_gives_energy_away_is_refused() -> None:
    with pytest.raises(InputError, match="not positive definite"):
        settle(np.diag([1.0, -1.0]), np.ones(2))
