"""Calibration: the block of the suture, power laws, the Gaussian update, and the stored result."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from threadlift.errors import InputError, RuleDataError
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.validation import calibration
from threadlift.tissue.validation.calibration import load_calibration
from threadlift.tissue.validation.calibration_file import inputs_hash, render_calibration, what_is_stale
from threadlift.tissue.validation.comparison import band, calibrated_parameters
from threadlift.tissue.validation.cone import REFERENCE, ConeBlock, cone_block
from threadlift.tissue.validation.cone_nonlinear import stiffening_travel_mm
from threadlift.tissue.validation.face_target import ligament_stiffness
from threadlift.tissue.validation.markdown import cite, table
from threadlift.tissue.validation.observation import suture_observations, trial_observation
from threadlift.tissue.validation.posterior import update
from threadlift.tissue.validation.prior import entries, evidence, prior_parameters, priors
from threadlift.tissue.validation.surrogate import design, fit_power_law
from threadlift.tissue.verification.demonstration import demonstration_anatomy

STORED = Path(calibration.__file__).parents[1] / "data" / "calibration.toml"


@cache
def block() -> ConeBlock:
    return cone_block(prior_parameters())


def test_the_suture_moves_in_proportion_to_the_pull_and_towards_it() -> None:
    two, four = block().pull(2.0), block().pull(4.0)
    assert two.travel_mm > 0
    assert four.travel_mm == pytest.approx(2 * two.travel_mm, rel=1e-9)
    assert two.drawn_mm > two.travel_mm  # thread and cones give as well


def test_the_block_is_symmetric_about_its_suture() -> None:
    pulled = block().moved @ np.ones(block().moved.shape[1])
    field = pulled.reshape(-1, 3)
    nodes = block().mesh.nodes_mm
    middle = np.abs(nodes[:, 1] - nodes[:, 1].mean()) < 1e-9
    assert np.abs(field[middle, 1]).max() < 0.05 * np.abs(field[middle, 0]).max()


def test_stiffer_tissue_moves_less_and_all_of_it_twice_as_stiff_half_as_far() -> None:
    start = prior_parameters()
    names = ("young_skin", "young_smas", "young_fat", "young_deep", "young_muscle", "skin_tension")
    base = {kind: (2 * pair[0], 2 * pair[1]) for kind, pair in start.base.items()}
    stiff = replace(start.times(**dict.fromkeys(names, 2.0)), base=base)
    halved = (
        block().pull(1.0).travel_mm / 2
    )  # thread and cones stay as they are: they share a little otherwise
    assert cone_block(stiff).pull(1.0).travel_mm == pytest.approx(halved, rel=0.01)


def test_held_edges_let_the_tissue_move_less() -> None:
    fast = cone_block(prior_parameters(), replace(REFERENCE, rim_factor=0.05))
    assert fast.pull(1.0).travel_mm < block().pull(1.0).travel_mm


def test_under_a_small_pull_stiffening_changes_nothing_and_under_a_large_one_it_holds_back() -> None:
    small = replace(REFERENCE, scale=0.5, cell_factor=2.0)
    linear = cone_block(prior_parameters(), small)
    ratios = []
    for load in (0.05, 1.5):
        moved = stiffening_travel_mm(prior_parameters(), load, small)
        assert moved is not None
        ratios.append(moved / linear.pull(load).travel_mm)
    assert ratios[0] == pytest.approx(1.0, abs=0.01)
    assert ratios[1] < 0.95


def test_a_region_without_layers_is_a_fault_of_the_data() -> None:
    with pytest.raises(RuleDataError, match="no region 'elbow'"):
        cone_block(prior_parameters(), replace(REFERENCE, region="elbow"))


def test_a_power_law_is_found_again_and_its_rest_is_told() -> None:
    spread = {"a": 0.5, "b": 0.3}
    logs = design(spread, 20, seed=3)
    values = 2.0 * np.exp(logs @ [-0.4, 0.2])
    law = fit_power_law(tuple(spread), logs, values)
    assert law.value == pytest.approx(2.0)
    assert law.of(["b", "a"]) == pytest.approx([0.2, -0.4])
    assert law.rest_sd_ln < 1e-9
    bent = fit_power_law(tuple(spread), logs, values * np.exp(0.3 * logs[:, 0] ** 2))
    assert bent.rest_sd_ln > 0.02


def test_a_design_starts_at_the_nominal_point_repeats_and_needs_enough_runs() -> None:
    spread = {"a": 0.5, "b": 0.3}
    assert (design(spread, 8, seed=1)[0] == 0).all()
    assert np.array_equal(design(spread, 8, seed=1), design(spread, 8, seed=1))
    assert len(design(spread, 8, seed=1)) == 8
    with pytest.raises(InputError, match="cannot fit"):
        design(spread, 4, seed=1)
    with pytest.raises(InputError, match="above zero"):
        fit_power_law(("a",), np.zeros((5, 1)), np.array([1.0, 2.0, 0.0, 1.0, 1.0]))


def test_one_figure_on_one_parameter_gives_the_textbook_mean() -> None:
    found = update(np.array([0.6]), np.array([[1.0]]), np.zeros(1), np.array([0.5]), np.array([[0.3**2]]))
    weight = 0.6**2 / (0.6**2 + 0.3**2)
    assert found.mean == pytest.approx([weight * 0.5])
    assert found.sd == pytest.approx([np.sqrt(0.6**2 * (1 - weight))])
    assert found.left == pytest.approx([0.5 * (1 - weight)])


def test_two_figures_with_one_doubt_count_as_one() -> None:
    exponents, ones = np.array([[1.0], [1.0]]), np.ones(2)
    shared = 0.3**2 * np.ones((2, 2)) + 1e-8 * np.eye(2)
    both = update(np.array([0.6]), exponents, 0 * ones, 0.5 * ones, shared)
    one = update(np.array([0.6]), exponents[:1], np.zeros(1), np.array([0.5]), np.array([[0.3**2]]))
    assert both.sd == pytest.approx(one.sd, rel=1e-4)
    assert both.mean == pytest.approx(one.mean, rel=1e-4)


def test_a_noise_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="positive definite"):
        update(np.ones(1), np.ones((1, 1)), np.zeros(1), np.zeros(1), np.zeros((1, 1)))


def test_published_figures_are_read_and_not_typed_again() -> None:
    loads = evidence("cal_suture_pull").values["values"]
    assert [
        one.observed for one in suture_observations(0.2, dict.fromkeys((2.0, 4.0), 0.7))
    ] == pytest.approx([moved for _, moved in loads])
    limit = evidence("compare_nestor").values["above_mm"]
    assert 0.5 * limit < trial_observation().observed < limit  # fewer than half exceeded it
    with pytest.raises(RuleDataError, match="no data file holds"):
        evidence("cal_of_nobody")


def test_the_stored_calibration_is_current() -> None:
    stored = tomllib.loads(STORED.read_text(encoding="utf-8"))
    assert what_is_stale(stored["fit"]["inputs"]) == []


def test_a_change_of_the_inputs_is_noticed() -> None:
    assert what_is_stale("another")[0].startswith("priors, published figures")
    assert len(inputs_hash()) == 16


def test_the_stored_posterior_follows_from_the_stored_laws() -> None:
    found = load_calibration()
    stored = {entry["parameter"]: entry for entry in tomllib.loads(STORED.read_text())["posterior"]}
    for index, name in enumerate(found.names):
        prior = next(one for one in priors() if one.name == name)
        assert stored[name]["value"] == pytest.approx(prior.value * found.factor(name), rel=2e-3)
        assert stored[name]["sd_ln"] == pytest.approx(found.posterior.sd[index], abs=2e-3)
    again = tomllib.loads(render_calibration(found))
    assert [entry["id"] for entry in again["posterior"]] == [entry["id"] for entry in stored.values()]


def test_calibration_learns_stiffness_and_leaves_thickness_alone() -> None:
    found = load_calibration()
    assert "young_smas" in found.names
    assert not any(name.startswith("thickness") for name in found.names)
    prior_sd = np.array([prior.sd_ln for prior in priors() if prior.is_material])
    assert (found.posterior.sd <= prior_sd + 1e-12).all()
    assert found.factor("young_smas") > 1.0  # the literature moduli were too soft for the suture
    nominal, after = prior_parameters(), calibrated_parameters(found)
    assert after.young_smas / nominal.young_smas == pytest.approx(found.factor("young_smas"))
    assert after.thickness_skin_factor == nominal.thickness_skin_factor


def test_before_any_calibration_the_prior_is_the_nominal_set() -> None:
    ratios = {prior.to_nominal for prior in priors()}
    if ratios == {1.0}:
        assert prior_parameters() == nominal_parameters()


def test_ligaments_keep_the_measured_order_of_stiffness() -> None:
    order = tuple(entries("ligament_order")[0]["stiffest_first"])
    values = list(ligament_stiffness(demonstration_anatomy(), order).values())
    assert values == sorted(values, reverse=True)


def test_tables_citations_and_bands_read_as_they_should() -> None:
    assert table(["A", "B"], [["1", "2"]]) == "| A | B |\n|---|---|\n| 1 | 2 |"
    assert cite(["mousavi2023"]).startswith("[Mousavi")
    assert "not shown" not in cite(["cont08"])
    low, high = band(2.0, 0.5)
    assert low * high == pytest.approx(4.0)
