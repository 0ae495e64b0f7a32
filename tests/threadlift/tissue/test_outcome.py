"""The file of measured outcomes: what it holds and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from threadlift.errors import InputError
from threadlift.face.template import load_template
from threadlift.files import parse_model
from threadlift.tissue.validation import Outcomes, known_landmarks, read_outcomes

EXAMPLE = Path(__file__).parents[3] / "examples" / "outcomes-synthetic.toml"


def outcomes(**measured: Any) -> dict[str, Any]:
    measurement = {"day": 30, "landmark": "jowl_l", "lift_mm": 1.2, "sd_mm": 0.4} | measured
    kept = {name: value for name, value in measurement.items() if value is not None}
    case = {"id": "A", "case": "folder", "method": "scan", "measurements": [kept]}
    return {"schema": "threadlift.outcomes/1", "title": "made up", "synthetic": True, "cases": [case]}


def cohort(**result: Any) -> dict[str, Any]:
    group = {
        "id": "group",
        "source": "germani2025",
        "people": 22,
        "stand_in": "case",
        "method": "scan",
        "results": [{"day": 60, "places": ["ma", "nlf"]} | result],
    }
    return {"schema": "threadlift.outcomes/1", "title": "made up", "synthetic": True, "cohorts": [group]}


def parsed(value: dict[str, Any]) -> Outcomes:
    return parse_model(value, Outcomes, where="outcomes.toml")


def test_the_example_says_that_it_is_synthetic_and_is_read() -> None:
    example = read_outcomes(EXAMPLE)
    assert example.synthetic
    assert [m.landmark for m in example.cases[0].measurements] == ["jowl_l", "jowl_r", "jowl_l", "mar_l"]


def test_known_landmarks_are_those_of_the_template() -> None:
    assert set(known_landmarks()) == set(load_template().landmarks)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"landmark": "jowl"}, r"landmark: is not a landmark; did you mean jowl_"),
        ({"landmark": "qqqqqq"}, r"landmark: is not a landmark; see"),
        ({"sd_mm": None}, r"sd_mm: is missing"),
        ({"sd_mm": 0.0}, r"sd_mm: .*greater than 0"),
        ({"sd_mm": -0.2}, r"sd_mm: .*greater than 0"),
        ({"sd_mm": float("nan")}, r"sd_mm: "),
        ({"lift_mm": float("inf")}, r"lift_mm: "),
        ({"lift_mm": -0.1}, r"size of a motion"),
        ({"day": -1}, r"day: .*greater than or equal to 0"),
        ({"day": 731}, r"day: .*less than or equal to 730"),
    ],
)
def test_a_measurement_that_cannot_be_used_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        parsed(outcomes(**change))


def test_a_place_may_sink_when_the_upward_part_is_measured() -> None:
    sunk = parsed(outcomes(component="up", lift_mm=-0.4)).cases[0].measurements[0]
    assert sunk.lift_mm == -0.4


@pytest.mark.parametrize(
    "whom",
    [
        {},
        {"case": "folder", "face": "face.npz"},
        {"face": "face.npz"},
        {"case": "folder", "intake": "i.toml"},
    ],
)
def test_a_case_is_named_in_one_way(whom: dict[str, str]) -> None:
    value = outcomes()
    del value["cases"][0]["case"]
    value["cases"][0] |= whom
    with pytest.raises(InputError, match="or face and plan"):
        parsed(value)


def test_one_landmark_is_measured_once_a_day() -> None:
    value = outcomes()
    value["cases"][0]["measurements"] *= 2
    with pytest.raises(InputError, match="twice on one day"):
        parsed(value)


def test_ids_are_used_once_and_a_file_holds_something() -> None:
    value = outcomes()
    value["cases"] *= 2
    with pytest.raises(InputError, match="used twice"):
        parsed(value)
    with pytest.raises(InputError, match="neither cases nor cohorts"):
        parsed({"schema": "threadlift.outcomes/1", "title": "empty", "synthetic": True})


def test_a_group_reports_a_mean_with_its_spread_or_a_share() -> None:
    assert parsed(cohort(mean_mm=1.0, sd_mm=0.5)).cohorts[0].people == 22
    assert parsed(cohort(above_mm=1.5, events=6)).cohorts[0].results[0].events == 6
    for wrong in (
        {"mean_mm": 1.0},
        {"mean_mm": 1.0, "events": 3},
        {"above_mm": 1.5, "events": 6, "sd_mm": 1.0},
    ):
        with pytest.raises(InputError, match="mean_mm with sd_mm, or above_mm with events"):
            parsed(cohort(**wrong))
    with pytest.raises(InputError, match="more events than people"):
        parsed(cohort(above_mm=1.5, events=23))


def test_an_unknown_source_or_place_of_a_group_is_named() -> None:
    value = cohort(mean_mm=1.0, sd_mm=0.5)
    value["cohorts"][0]["source"] = "nobody1999"
    with pytest.raises(InputError, match=r"cohorts.0.source: is not a known source"):
        parsed(value)
    with pytest.raises(InputError, match=r"places: is not a landmark"):
        parsed(cohort(mean_mm=1.0, sd_mm=0.5, places=["jowl_l"]))
