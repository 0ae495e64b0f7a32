"""Retained share of the lift over the months."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threadlift.errors import InputError
from threadlift.threads import load_catalogue, retention, sample_retention
from threadlift.threads.retention import nominal_retention, sample_parameter_band, shift_logit

WEEKS = np.array([0.0, 1.0, 2.0, 4.35, 8.7, 13.0, 26.0, 39.0, 52.0, 78.0, 104.0])
MONTHS = (0, 1, 3, 6, 12, 18, 24)

# Nominal curves and 80 % parameter bands that the evidence review computed from the same model.
PUBLISHED = {
    "pdo": (
        [1.0, 0.98, 0.94, 0.86, 0.7, 0.47, 0.3, 0.3, 0.25, 0.17, 0.11],
        [1.0, 0.95, 0.88, 0.72, 0.54, 0.34, 0.13, 0.12, 0.1, 0.05, 0.03],
        [1.0, 0.98, 0.96, 0.91, 0.82, 0.74, 0.48, 0.45, 0.4, 0.3, 0.23],
    ),
    "plga": (
        [1.0, 0.98, 0.94, 0.88, 0.81, 0.78, 0.69, 0.48, 0.34, 0.24, 0.16],
        [1.0, 0.95, 0.88, 0.73, 0.57, 0.51, 0.27, 0.18, 0.15, 0.09, 0.05],
        [1.0, 0.99, 0.96, 0.92, 0.87, 0.85, 0.76, 0.65, 0.52, 0.41, 0.31],
    ),
    "plcl": (
        [1.0, 0.98, 0.94, 0.88, 0.81, 0.78, 0.73, 0.62, 0.44, 0.3, 0.26],
        [1.0, 0.96, 0.89, 0.75, 0.62, 0.56, 0.44, 0.26, 0.18, 0.13, 0.11],
        [1.0, 0.98, 0.96, 0.91, 0.87, 0.86, 0.82, 0.74, 0.63, 0.49, 0.42],
    ),
    "plla": (
        [1.0, 0.98, 0.94, 0.88, 0.81, 0.79, 0.76, 0.72, 0.66, 0.48, 0.28],
        [1.0, 0.95, 0.89, 0.75, 0.62, 0.56, 0.49, 0.42, 0.32, 0.17, 0.13],
        [1.0, 0.99, 0.97, 0.92, 0.88, 0.87, 0.85, 0.83, 0.79, 0.65, 0.5],
    ),
    "pcl": (
        [1.0, 0.98, 0.94, 0.88, 0.81, 0.79, 0.76, 0.73, 0.69, 0.64, 0.58],
        [1.0, 0.95, 0.88, 0.73, 0.6, 0.55, 0.47, 0.43, 0.37, 0.32, 0.26],
        [1.0, 0.98, 0.96, 0.91, 0.87, 0.86, 0.85, 0.84, 0.82, 0.79, 0.73],
    ),
}
materials = st.sampled_from(sorted(PUBLISHED))
anchorings = st.sampled_from(["fixed", "floating", "unspecified"])


@pytest.mark.parametrize("material", sorted(PUBLISHED))
def test_the_nominal_curve_is_the_published_one(material: str) -> None:
    found = nominal_retention(material, "unspecified", WEEKS)
    assert found == pytest.approx(np.array(PUBLISHED[material][0]), abs=0.0055)


@pytest.mark.parametrize("material", sorted(PUBLISHED))
def test_the_parameter_band_is_the_published_one_within_its_sampling_error(material: str) -> None:
    low, high = sample_parameter_band(material, "unspecified", WEEKS, samples=1000, seed=3)
    assert low == pytest.approx(np.array(PUBLISHED[material][1]), abs=0.13)  # theirs: 200 draws
    assert high == pytest.approx(np.array(PUBLISHED[material][2]), abs=0.13)  # theirs: 200 draws


@settings(max_examples=20, deadline=None)
@given(material=materials, anchoring=anchorings, seed=st.integers(0, 2**32 - 1))
def test_the_share_never_rises_and_its_band_is_ordered(material: str, anchoring: str, seed: int) -> None:
    curve = retention(material, anchoring, MONTHS, samples=40, seed=seed)
    assert curve.nominal[0] == curve.low10[0] == curve.high90[0] == 1.0
    for line in (curve.nominal, curve.low10, curve.median, curve.high90):
        assert all(0 <= later <= earlier for earlier, later in pairwise(line))
    assert all(a <= b <= c for a, b, c in zip(curve.low10, curve.median, curve.high90, strict=True))


@settings(max_examples=10, deadline=None)
@given(material=materials)
def test_a_fixed_thread_keeps_more_than_a_floating_one(material: str) -> None:
    fixed = retention(material, "fixed", MONTHS, samples=300, seed=5)
    floating = retention(material, "floating", MONTHS, samples=300, seed=5)
    assert all(a >= b for a, b in zip(fixed.nominal, floating.nominal, strict=True))
    assert fixed.median[2] > floating.median[2]


def test_the_spread_between_studies_widens_the_band() -> None:
    low, high = sample_parameter_band("pdo", "floating", WEEKS[5:6], samples=500, seed=1)
    curve = retention("pdo", "floating", [WEEKS[5] / 4.348], samples=500, seed=1)
    assert curve.high90[0] - curve.low10[0] > 1.2 * (high[0] - low[0])


def test_the_same_seed_gives_the_same_curve_and_another_seed_another() -> None:
    first, again = (retention("pdo", "floating", MONTHS, samples=50, seed=9) for _ in range(2))
    assert first == again
    assert first != retention("pdo", "floating", MONTHS, samples=50, seed=10)


def test_a_shared_study_effect_moves_all_months_the_same_way() -> None:
    down, up = (
        sample_retention("pdo", "floating", [1, 6], samples=20, seed=1, study_effect=np.full(20, effect))
        for effect in (-1.0, 1.0)
    )
    assert np.all(up > down)


def test_the_shift_on_the_logit_scale_keeps_nothing_and_everything() -> None:
    assert shift_logit(np.array([0.0, 0.5, 1.0]), np.full(3, 5.0)) == pytest.approx([0, 0.9933, 1], abs=1e-4)


@pytest.mark.control("C-11")
def test_only_months_with_measured_millimetres_are_marked_measured() -> None:
    assert retention("plga", "floating", MONTHS, samples=5, seed=1).measured == (True, True) + (False,) * 5
    assert not any(retention("pdo", "floating", MONTHS, samples=5, seed=1).measured)


@pytest.mark.parametrize(("week", "expected"), [(7.99, True), (8.0, True), (8.01, False)])
def test_week_eight_is_the_last_measured_week_of_the_cone_sutures(week: float, expected: bool) -> None:
    months = [week * 7 * 12 / 365.25]
    assert retention("plga", "floating", months, samples=5, seed=1).measured == (expected,)


def test_months_after_the_first_year_are_marked_extrapolated() -> None:
    assert retention("pcl", "fixed", MONTHS, samples=5, seed=1).extrapolated == (False,) * 5 + (True, True)


@pytest.mark.parametrize("months", [[24.01], [25], [-1], [3, 1], [1, 1], [], [float("nan")]])
@pytest.mark.control("C-11")
def test_months_past_two_years_or_out_of_order_are_refused(months: list[float]) -> None:
    with pytest.raises(InputError, match="months"):
        retention("pcl", "fixed", months, samples=5, seed=1)


def test_month_twenty_four_itself_is_answered() -> None:
    assert retention("pcl", "fixed", [24], samples=5, seed=1).months == (24.0,)


@pytest.mark.parametrize("material", ["pp", "nylon", "gold", "unknown_material", "silk"])
def test_no_retention_is_claimed_for_a_thread_that_is_not_absorbed(material: str) -> None:
    with pytest.raises(InputError, match="no retention is claimed"):
        retention(material, "fixed", MONTHS, samples=5, seed=1)


def test_every_absorbable_material_has_a_retention_curve_and_no_other() -> None:
    for material in load_catalogue().materials.values():
        if material.absorbable == "yes":
            assert retention(material.id, "floating", [1], samples=5, seed=1).sources
        else:
            with pytest.raises(InputError):
                retention(material.id, "floating", [1], samples=5, seed=1)


def test_an_unknown_anchoring_and_a_wild_number_of_samples_are_refused() -> None:
    with pytest.raises(InputError, match="anchoring"):
        retention("pdo", "glued", MONTHS, samples=5, seed=1)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="samples"):
        retention("pdo", "fixed", MONTHS, samples=10**7, seed=1)
