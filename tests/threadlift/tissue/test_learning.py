"""Learning from outcomes: an answer known in closed form, refusals, and made-up people."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.errors import InputError
from threadlift.tissue.learning import Evidence, learn_from, weighted_quantiles
from threadlift.tissue.learning.calibration import Calibration, World, calibrate

DRAWS = 20_000


def linear(observed_mm: float, sd_mm: float = 0.5, draws: int = DRAWS) -> tuple[dict, Evidence]:
    """Lift = 3 + z for one unknown z that matters and one that does not."""
    rng = np.random.default_rng(1)
    drivers = {"matters": rng.standard_normal(draws), "idle": rng.standard_normal(draws)}
    return drivers, Evidence(
        labels=("A: jowl_l, day 0",),
        observed_mm=np.array([observed_mm]),
        sd_mm=np.array([sd_mm]),
        predicted_mm=3.0 + drivers["matters"][:, None],
        place_sd_ln=0.0,
    )


def test_one_measurement_gives_the_textbook_posterior() -> None:
    drivers, evidence = linear(4.0)
    found = learn_from(drivers, [evidence])
    matters, idle = found.beliefs
    share = 1 / (1 + 0.5**2)  # precision of the data over precision of both
    assert matters.mean == pytest.approx(share * 1.0, abs=0.02)
    assert matters.sd == pytest.approx(np.sqrt(1 - share), abs=0.02)
    assert matters.high90 - matters.low10 == pytest.approx(2 * 1.2816 * np.sqrt(1 - share), abs=0.04)
    assert matters.told_by == ("A: jowl_l, day 0",)
    assert idle.mean == pytest.approx(0.0, abs=0.03) and idle.sd == pytest.approx(1.0, abs=0.03)
    assert idle.told_by == ()
    assert found.weights.sum() == pytest.approx(1.0)


def test_two_people_tell_more_than_one_and_their_order_does_not_matter() -> None:
    drivers, first = linear(4.0)
    _, second = linear(3.5)
    both = learn_from(drivers, [first, second])
    assert both.beliefs[0].sd < learn_from(drivers, [first]).beliefs[0].sd
    assert learn_from(drivers, [second, first]).beliefs[0].mean == pytest.approx(both.beliefs[0].mean)


def test_the_error_of_place_weakens_what_is_learned() -> None:
    drivers, sharp = linear(4.0)
    vague = Evidence(sharp.labels, sharp.observed_mm, sharp.sd_mm, sharp.predicted_mm, place_sd_ln=0.3)
    assert learn_from(drivers, [vague]).beliefs[0].sd > learn_from(drivers, [sharp]).beliefs[0].sd + 0.1


def test_ordinary_outcomes_do_not_surprise_and_odd_ones_do() -> None:
    ordinary, odd = (learn_from(*[linear(value)[0], [linear(value)[1]]]) for value in (3.3, 6.0))
    assert ordinary.surprise < 0.5
    assert odd.surprise > 0.95


@pytest.mark.parametrize("value", [12.0, -4.0])
def test_a_lift_beyond_plausibility_is_refused_with_its_range(value: float) -> None:
    drivers, evidence = linear(value)
    with pytest.raises(InputError, match=r"A: jowl_l, day 0 \(expected"):
        learn_from(drivers, [evidence])


def test_too_few_draws_for_sharp_data_are_refused() -> None:
    drivers, evidence = linear(5.5, sd_mm=0.05, draws=1000)
    with pytest.raises(InputError, match="draws explain"):
        learn_from(drivers, [evidence])


@pytest.mark.parametrize("sd_mm", [0.0, -0.1, float("nan")])
def test_a_measurement_without_its_error_is_refused(sd_mm: float) -> None:
    with pytest.raises(InputError, match="sd_mm"):
        linear(3.0, sd_mm=sd_mm)


def test_quantiles_of_weighted_draws() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.0, 0.5, 0.5])
    assert weighted_quantiles(values, weights, (0.25, 0.5, 0.75)) == pytest.approx([1.0, 1.5, 2.0])


def world(count: int, seed: int) -> World:
    """Lifts of three places as curved functions of eight unknowns."""
    z = np.random.default_rng(seed).standard_normal((8, count))
    common = -0.3 * z[0] - 0.2 * z[1] + 0.15 * z[2] + 0.05 * z[0] * z[1]
    lifts = np.exp(0.7 + common[:, None] + np.column_stack([0.1 * z[3], 0.15 * z[4], 0.1 * z[5]]))
    return World({f"unknown {i}": row for i, row in enumerate(z)}, lifts[:, :2], lifts[:, 2])


def calibrated(*, claimed_sd_mm: float = 0.3) -> Calibration:
    """People measured with an error of 0.3 mm by somebody who claims another."""
    draws, people = world(3000, 1), world(500, 2)
    if claimed_sd_mm == 0.3:
        return calibrate(draws, people, sd_mm=0.3, place_sd_ln=0.04, seed=3)
    noise = np.random.default_rng(4).normal(0.0, np.sqrt(0.3**2 - claimed_sd_mm**2), people.measured_mm.shape)
    shaken = World(people.drivers, people.measured_mm + noise, people.unseen_mm)
    return calibrate(draws, shaken, sd_mm=claimed_sd_mm, place_sd_ln=0.04, seed=3)


def test_the_truth_lies_in_four_of_five_intervals() -> None:
    found = calibrated()
    assert found.people == 500
    assert all(0.75 <= share <= 0.85 for share in found.coverage.values()), found.coverage
    low, high = found.limits()
    assert (low, high) == pytest.approx((0.764, 0.834), abs=0.003)
    assert all(found.unevenness(name) < 3.0 for name in found.coverage)


def test_a_claimed_precision_that_is_not_there_shows() -> None:
    found = calibrated(claimed_sd_mm=0.1)
    assert found.coverage["unseen lift"] < 0.72
