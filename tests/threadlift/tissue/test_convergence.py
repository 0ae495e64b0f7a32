"""Observed orders and locking."""

from __future__ import annotations

import pytest

from threadlift.tissue.verification.convergence import (
    COOK_REFERENCE,
    cantilever_ratio,
    cook_tip,
    observed_orders,
)


def test_the_manufactured_solution_converges_with_order_two_and_one() -> None:
    l2, h1 = observed_orders(5, 10)
    assert l2 == pytest.approx(2.0, abs=0.15)
    assert h1 == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("poisson", list(COOK_REFERENCE))
def test_cooks_membrane_does_not_lock(poisson: float) -> None:
    assert cook_tip(32, poisson) == pytest.approx(COOK_REFERENCE[poisson], rel=0.03)


def test_irregular_triangles_do_not_lock_either() -> None:
    assert cook_tip(32, 0.4999, jitter_seed=5) == pytest.approx(COOK_REFERENCE[0.4999], rel=0.03)


@pytest.mark.parametrize("poisson", [0.3, 0.499])
def test_a_cantilever_bends_as_timoshenko_says(poisson: float) -> None:
    assert 0.95 <= cantilever_ratio(poisson) <= 1.0
