"""The lift from which the linear model is off."""

from __future__ import annotations

import pytest

from threadlift.tissue.nonlinear.comparison import LiftError, threshold_mm


def error(lift: float, excess: float) -> LiftError:
    return LiftError(lift, 1.0, {"jowl_l": 1 + excess, "mar_l": 1.0}, {"jowl_l": 1.0, "mar_l": 1.0}, 5)


ERRORS = [error(1.0, 0.02), error(2.0, -0.06), error(4.0, 0.14)]


def test_the_threshold_lies_on_the_line_between_two_lifts() -> None:
    assert threshold_mm(ERRORS, ["jowl_l", "mar_l"], 0.10) == pytest.approx(3.0)
    assert threshold_mm(ERRORS, ["jowl_l"], 0.01) == pytest.approx(0.5)


def test_too_small_counts_as_much_as_too_large() -> None:
    assert threshold_mm(ERRORS, ["jowl_l"], 0.05) == pytest.approx(1.75)


def test_without_an_error_there_is_no_threshold() -> None:
    assert threshold_mm(ERRORS, ["mar_l"], 0.1) == float("inf")
    assert threshold_mm(ERRORS, ["jowl_l"], 0.2) == float("inf")
