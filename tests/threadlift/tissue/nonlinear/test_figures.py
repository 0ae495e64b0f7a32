"""Figures of the nonlinear mode for the verification page; those on a face are computed by the page alone."""

from __future__ import annotations

import pytest

from threadlift.tissue.nonlinear.comparison import LiftError
from threadlift.tissue.verification.nonlinear import (
    PLACES,
    departure_order,
    derivative_orders,
    error_rows,
    tangent_error,
)


def test_the_figures_on_a_block_hold() -> None:
    assert tangent_error() < 1e-12
    assert derivative_orders() == pytest.approx((2, 3), abs=0.15)
    assert departure_order() == pytest.approx(2, abs=0.15)


def test_a_row_tells_both_answers_and_their_difference() -> None:
    error = LiftError(2.0, 0.5, dict.fromkeys(PLACES, 1.1), dict.fromkeys(PLACES, 1.0), 4)
    (row,) = error_rows((error,), "large motion alone")
    assert "2 mm" in row.name and "jowl 1.00" in row.value and "1.10 (+10 %)" in row.expected
    assert row.holds is None
