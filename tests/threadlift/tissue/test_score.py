"""Measured against predicted outcomes: coverage, bias, intervals, and what may not validate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.threadlift.tissue.test_outcome import cohort, outcomes, parsed
from threadlift.errors import InputError
from threadlift.tissue.validation.outcome import Measurement
from threadlift.tissue.validation.prior import used_sources
from threadlift.tissue.validation.score import (
    refuse_used,
    score_cohort,
    score_measurement,
    summarise,
    wilson_interval,
)


def measured(lift_mm: float, sd_mm: float = 0.4) -> Measurement:
    return Measurement(day=30, landmark="jowl_l", lift_mm=lift_mm, sd_mm=sd_mm, component="up")


def test_a_model_that_is_right_covers_eight_in_ten_whatever_the_scanner() -> None:
    rng = np.random.default_rng(5)
    for sd_mm in (0.05, 1.0):
        scored = [
            score_measurement(
                f"p{person}",
                measured(float(rng.normal(1.5, 0.5) + sd_mm * rng.standard_normal()), sd_mm),
                rng.normal(1.5, 0.5, 500),
                seed=person,
            )
            for person in range(400)
        ]
        score = summarise(scored)
        assert score.coverage.low95 is not None and score.coverage.high95 is not None
        assert score.coverage.low95 < 0.8 < score.coverage.high95
        assert score.bias_mm.low95 is not None and score.bias_mm.high95 is not None
        assert score.bias_mm.low95 < 0 < score.bias_mm.high95


def test_the_error_of_measurement_has_nothing_to_do_with_draws_of_the_same_seed() -> None:
    for seed in (7, 8):
        lifts = 1.5 + 0.5 * np.random.default_rng(7).standard_normal(20_000)
        band = score_measurement("p", measured(1.5, 0.5), lifts, seed=seed)
        assert band.high90_mm - band.low10_mm == pytest.approx(2 * 1.2816 * np.hypot(0.5, 0.5), rel=0.03)


def test_a_model_that_promises_too_much_shows_its_bias() -> None:
    rng = np.random.default_rng(6)
    scored = [
        score_measurement(f"p{i}", measured(float(rng.normal(0.5, 0.3))), rng.normal(1.5, 0.3, 500), seed=i)
        for i in range(40)
    ]
    score = summarise(scored)
    assert score.bias_mm.high95 is not None and score.bias_mm.high95 < -0.7
    assert score.coverage.high95 is not None and score.coverage.high95 < 0.6


def test_many_landmarks_of_few_people_give_no_interval() -> None:
    samples = np.linspace(0.0, 3.0, 100)
    scored = [score_measurement("one person", measured(1.5), samples, seed=i) for i in range(50)]
    score = summarise(scored)
    assert (score.people, score.measurements) == (1, 50)
    assert score.coverage.low95 is None and score.bias_mm.low95 is None


def test_a_measurement_outside_the_band_is_counted_outside() -> None:
    samples = np.random.default_rng(1).normal(1.0, 0.2, 2000)
    assert not score_measurement("p", measured(5.0), samples, seed=1).inside
    assert score_measurement("p", measured(5.0), samples, seed=1).rank == 1.0
    assert score_measurement("p", measured(1.0), samples, seed=1).inside


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(InputError, match="no measurement"):
        summarise([])


@pytest.mark.parametrize("source", ["nestor2019", "cont08", "mousavi2023", "see2008", "jang05", "myung2020"])
def test_what_calibrated_the_model_cannot_validate_it(source: str) -> None:
    assert source in used_sources()
    value = outcomes()
    value["cases"][0]["source"] = source
    with pytest.raises(InputError, match=f"{source} was used to calibrate"):
        refuse_used(parsed(value))
    group = cohort(mean_mm=1.0, sd_mm=0.5)
    group["cohorts"][0]["source"] = source
    with pytest.raises(InputError, match=f"{source} was used to calibrate"):
        refuse_used(parsed(group))


def test_own_measurements_and_an_unused_study_may_validate() -> None:
    refuse_used(parsed(outcomes()))
    refuse_used(parsed(cohort(mean_mm=1.0, sd_mm=0.5)))


def test_a_case_that_was_learned_from_cannot_validate() -> None:
    value: dict[str, Any] = outcomes()
    value["cases"][0]["use"] = "learn"
    with pytest.raises(InputError, match="used for learning"):
        refuse_used(parsed(value))


def test_a_group_is_compared_by_its_mean_or_its_share() -> None:
    samples = np.linspace(0.0, 2.0, 1001)
    mean = parsed(cohort(mean_mm=1.1, sd_mm=0.5)).cohorts[0].results[0]
    scored = score_cohort("group", 22, mean, samples)
    assert scored.inside and scored.predicted == pytest.approx(1.0)
    share = parsed(cohort(above_mm=1.5, events=18)).cohorts[0].results[0]
    assert not score_cohort("group", 22, share, samples).inside


def test_wilson_interval_of_six_in_twenty() -> None:
    assert wilson_interval(0.3, 20) == pytest.approx((0.145, 0.519), abs=0.001)
