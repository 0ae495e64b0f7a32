"""The harness of validation: measured outcomes of a made-up person against the model's own predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.threadlift.cli.runner import assert_refused, run
from threadlift.case import treated, validation
from threadlift.errors import InputError
from threadlift.face.storage import save_face
from threadlift.files import parse_model
from threadlift.tissue import CableThread
from threadlift.tissue.model import TissueModel
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.validation.outcome import Outcomes
from threadlift.tissue.verification.demonstration import demonstration_anatomy

Floats = NDArray[np.float64]
PLAN = {
    "schema": "threadlift.plan/1",
    "threads": [
        {
            "id": "L1",
            "kind": "pdo_cog_moulded_2_0",
            "side": "left",
            "plane": "supra_smas",
            "path": [
                {"landmark": "t", "offset_mm": {"lat": -4.0, "up": -2.0}},
                {"landmark": "ch", "offset_mm": {"lat": 14.0, "up": -11.0}},
            ],
        }
    ],
}
MEASURED = [
    {"day": 0, "landmark": "jowl_l", "lift_mm": 0.6, "sd_mm": 0.3},
    {"day": 0, "landmark": "mar_l", "lift_mm": 9.0, "sd_mm": 0.3},
    {"day": 90, "landmark": "jowl_l", "component": "up", "lift_mm": 0.2, "sd_mm": 0.3},
]


@dataclass(frozen=True)
class PlainTissue:
    """Every place moves up by 0.8 mm/N, divided by the stiffness drawn first."""

    thread_ids: tuple[str, ...]
    landmarks: tuple[str, ...]

    def lifts(self, logs: Floats, carried_n: Floats) -> Floats:
        size = 0.8 * carried_n * np.exp(-logs[:, :1])
        return size[:, :, None, None] * np.array([0.0, 1.0, 0.0]) * np.ones((len(self.landmarks), 1))


def plain_tissue(model: TissueModel, threads: Sequence[CableThread], landmarks: Sequence[str]) -> PlainTissue:
    inside = [name for name in landmarks if not name.startswith("obs")]
    return PlainTissue(tuple(thread.id for thread in threads), tuple(inside))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A face, plans with one thread, half a face as model and plain tissue in place of the reduced one."""
    place = tmp_path_factory.mktemp("outcomes")
    save_face(place / "face.npz", replace(demonstration_anatomy().face, source="scan"))
    (place / "plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    smooth = json.loads(json.dumps(PLAN))
    smooth["threads"][0]["kind"] = "pdo_mono"
    (place / "smooth.json").write_text(json.dumps(smooth), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            treated,
            "build_tissue",
            lambda anatomy, cache: TissueModel(anatomy, nominal_parameters(), pieces="halves", cache=cache),
        )
        patch.setattr(treated, "reduce_plan", plain_tissue)
        yield place


def person(name: str = "A", plan: str = "plan.json", **change: Any) -> dict[str, Any]:
    return {"id": name, "face": "face.npz", "plan": plan, "method": "scan", "measurements": MEASURED} | change


def outcomes(**parts: Any) -> dict[str, Any]:
    return {"schema": "threadlift.outcomes/1", "title": "made up", "synthetic": True} | parts


def compared(folder: Path, value: dict[str, Any]) -> validation.ValidationResult:
    parsed = parse_model(value, Outcomes, where="outcomes")
    return validation.validate(parsed, folder, samples=200, seed=1, cache=folder / "cache")


def test_measured_lifts_are_set_beside_bands_of_the_same_place_and_day(folder: Path) -> None:
    result = compared(folder, outcomes(cases=[person()]))
    assert result.score is not None
    now, far, later = result.score.scored
    assert now.low10_mm < now.median_mm < now.high90_mm
    assert not far.inside and far.error_mm > 4
    assert later.median_mm < now.median_mm
    assert (result.score.people, result.score.measurements) == (1, 3)
    assert result.score.coverage.low95 is None
    assert result == compared(folder, outcomes(cases=[person()]))  # the same seed, the same answer


def test_a_case_without_lifting_thread_is_left_out_with_its_reason(folder: Path) -> None:
    result = compared(folder, outcomes(cases=[person("B", "smooth.json"), person()]))
    assert [(one.id, one.why) for one in result.skipped] == [("B", "the plan has no lifting thread")]


def test_a_landmark_outside_the_model_is_named(folder: Path) -> None:
    ear = [{"day": 0, "landmark": "obs_l", "lift_mm": 0.5, "sd_mm": 0.3}]
    with pytest.raises(InputError, match="obs_l lies outside the modelled face"):
        compared(folder, outcomes(cases=[person(measurements=ear)]))


def test_a_group_is_set_beside_its_stand_in(folder: Path) -> None:
    case = folder / "stand-in"
    case.mkdir()
    for name in ("face.npz", "plan.json"):
        (case / name).write_bytes((folder / name).read_bytes())
    group = {"id": "g", "source": "germani2025", "people": 22, "stand_in": "stand-in", "method": "scan"}
    share = [{"day": 60, "places": ["ma", "nlf"], "above_mm": 30.0, "events": 20}]
    result = compared(folder, outcomes(cohorts=[group | {"results": share}]))
    assert result.score is None
    assert result.cohorts[0].predicted == 0 and not result.cohorts[0].inside


def test_the_command_prints_the_comparison_and_says_that_it_is_made_up(folder: Path) -> None:
    path = folder / "outcomes.json"
    path.write_text(json.dumps(outcomes(cases=[person()])), encoding="utf-8")
    arguments = ("validate", path, "--samples", "200", "--cache", folder / "cache")
    said = run(*arguments)
    assert said.code == 0, said.err
    assert "Made-up outcomes" in said.out and "fewer than five people" in said.out
    answer = run(*arguments, "--json").json
    assert answer["schema"] == "threadlift.validation/1" and answer["synthetic"] is True
    assert "Kết quả giả định" in run(*arguments, "--lang", "vi").out


def test_the_command_turns_away_what_was_used_and_what_is_not_there(folder: Path) -> None:
    path = folder / "used.json"
    path.write_text(json.dumps(outcomes(cases=[person(source="nestor2019")])), encoding="utf-8")
    assert_refused(run("validate", path), "nestor2019 was used to calibrate")
    lost = {"id": "C", "case": "nowhere", "method": "scan", "measurements": MEASURED}
    path.write_text(json.dumps(outcomes(cases=[lost])), encoding="utf-8")
    assert_refused(run("validate", path), "no such case folder")


def test_a_plan_that_was_made_on_another_face_is_not_compared(folder: Path) -> None:
    foreign = json.dumps(PLAN | {"face": "0" * 16})
    (folder / "foreign.json").write_text(foreign, encoding="utf-8")
    with pytest.raises(InputError, match="face"):
        compared(folder, outcomes(cases=[person(plan="foreign.json")]))
