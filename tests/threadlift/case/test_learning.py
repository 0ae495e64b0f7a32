"""``threadlift learn``: from a file of outcomes to what is believed about the unknowns."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.threadlift.cli.runner import run
from threadlift.anatomy import Anatomy
from threadlift.case import treated
from threadlift.face.storage import save_face
from threadlift.planning.sampling import LiftSamples
from threadlift.tissue import CableThread, Lift, PointLift
from threadlift.tissue.reduced import prior_spread
from threadlift.tissue.verification.demonstration import demonstration_anatomy

Floats = NDArray[np.float64]
THREAD = {
    "id": "L1",
    "kind": "pdo_cog_moulded_2_0",
    "side": "left",
    "plane": "supra_smas",
    "path": [
        {"landmark": "t", "offset_mm": {"lat": -4.0, "up": -2.0}},
        {"landmark": "ch", "offset_mm": {"lat": 14.0, "up": -11.0}},
    ],
}
NOW = {"day": 0, "landmark": "jowl_l", "lift_mm": 2.6, "sd_mm": 0.2}
RISEN = {"day": 90, "landmark": "mar_l", "component": "up", "lift_mm": 0.5, "sd_mm": 0.3}


@dataclass(frozen=True)
class StiffOrSoft:
    """Every place moves up by 2 mm a newton, divided by the stiffness of the skin."""

    thread_ids: tuple[str, ...]
    landmarks: tuple[str, ...]

    def lifts(self, logs: Floats, carried_n: Floats) -> Floats:
        softness = np.exp(-logs[:, :1])
        return (
            (2 * carried_n * softness)[:, :, None, None]
            * np.array([0.0, 1.0, 0.0])
            * np.ones((len(self.landmarks), 1))
        )


@dataclass(frozen=True)
class NoModel:
    """Stands for the full model: nothing is overstretched, everything moves straight up."""

    anatomy: Anatomy

    def lift(self, threads: Sequence[CableThread]) -> Lift:
        count = len(self.anatomy.face.vertices_mm)
        points = [
            PointLift(
                landmark=name, side="left", total_mm=2.0, up_mm=2.0, lateral_mm=0, forward_mm=0, along_mm=2.0
            )
            for name in self.anatomy.face.landmarks_mm
        ]
        none = np.zeros(count)
        return Lift(np.zeros((count, 3)), none == 0, tuple(points), (), none, none, {}, ())


def plain(model: object, threads: Sequence[CableThread], landmarks: Sequence[str]) -> StiffOrSoft:
    return StiffOrSoft(
        tuple(one.id for one in threads), tuple(name for name in landmarks if not name.startswith("obs"))
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("learn")
    face = replace(demonstration_anatomy().face, source="scan")
    save_face(place / "face.npz", face)
    plan = {"schema": "threadlift.plan/1", "threads": [THREAD]}
    for name, change in (
        ("plan", {}),
        ("foreign", {"face": "0" * 16}),
        ("smooth", {"threads": [THREAD | {"kind": "pdo_mono"}]}),
    ):
        (place / f"{name}.json").write_text(json.dumps(plan | change), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(treated, "build_tissue", lambda anatomy, cache: NoModel(anatomy))
        patch.setattr(treated, "reduce_plan", plain)
        yield place


def person(name: str = "A", **change: Any) -> dict[str, Any]:
    measured = {"method": "scan", "use": "learn", "measurements": [NOW, RISEN]}
    return {"id": name, "face": "face.npz", "plan": "plan.json"} | measured | change


def write(folder: Path, *cases: dict[str, Any]) -> Path:
    path = folder / "outcomes.json"
    about = {"schema": "threadlift.outcomes/1", "title": "made up", "synthetic": True}
    path.write_text(json.dumps(about | {"cases": cases}), encoding="utf-8")
    return path


def test_a_large_lift_speaks_for_soft_skin_and_the_file_says_so(folder: Path) -> None:
    path = write(folder, person())
    answer = run("learn", path, "--samples", "1000", "--json", "-o", folder / "learned.toml")
    assert answer.code == 0, answer.out
    unknowns = {one["id"]: one for one in answer.json["unknowns"]}
    skin = unknowns["young_skin"]
    assert skin["now"] < 0.95 and skin["narrowed"] > 0.05
    assert skin["told_by"][0].startswith("A: jowl_l")
    assert abs(unknowns["young_fat"]["mean_z"]) < 0.2 and unknowns["young_fat"]["narrowed"] < 0.1
    assert {"pull", "hold", "study"} < set(unknowns)
    kept = tomllib.loads((folder / "learned.toml").read_text(encoding="utf-8"))
    assert kept["schema"] == "threadlift.learned/1" and kept["synthetic"] is True
    assert {one["id"]: one["mean_z"] for one in kept["unknowns"]}["young_skin"] == skin["mean_z"]
    assert run("learn", path, "--samples", "1000", "--json").json == answer.json, "the seed decides"


@pytest.mark.parametrize(("lang", "said"), [("en", "Made-up outcomes"), ("vi", "Kết quả giả định")])
def test_the_table_is_told_in_both_languages(folder: Path, lang: str, said: str) -> None:
    answer = run("learn", write(folder, person()), "--samples", "500", "--lang", lang)
    assert answer.code == 0, answer.err
    assert said in answer.out


def test_several_people_are_learned_from_together_without_their_sessions(folder: Path) -> None:
    answer = run("learn", write(folder, person(), person("B")), "--samples", "2000", "--json").json
    assert (answer["people"], answer["measurements"]) == (2, 4)
    assert {one["id"] for one in answer["unknowns"]} == set(prior_spread())


def test_the_draws_of_one_person_are_not_those_of_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[LiftSamples] = []
    plain_draw = treated.Treated.draw

    def keep(self: treated.Treated, *about: Any) -> LiftSamples:
        drawn.append(plain_draw(self, *about))
        return drawn[-1]

    monkeypatch.setattr(treated.Treated, "draw", keep)
    run("learn", write(folder, person(), person("B"), person("C")), "--samples", "500")
    used = [seed for one in drawn for seed in (one.seed, one.seed + 1)]  # of the lift and of retention
    assert len(set(used)) == 6


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (person(use="validate"), "kept for validation"),
        (person(plan="smooth.json"), "no lifting thread"),
        (person(plan="foreign.json"), "face"),
        (person(measurements=[NOW | {"landmark": "obs_l"}]), "outside the modelled face"),
        (person(measurements=[NOW | {"lift_mm": 45.0}]), "beyond what the plan can do"),
        (person(measurements=[{k: v for k, v in NOW.items() if k != "sd_mm"}]), "sd_mm"),
        (person(measurements=[NOW | {"sd_mm": 0.0}]), "sd_mm"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_by_name(
    folder: Path, case: dict[str, Any], said: str
) -> None:
    answer = run("learn", write(folder, case), "--samples", "500")
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err.splitlines()[-1], answer.err


@pytest.mark.parametrize("options", [("--seed", "-1"), ("--samples", "3"), ("-o", ".")])
def test_options_that_cannot_be_are_refused_before_anything_is_computed(
    folder: Path, options: tuple[str, str]
) -> None:
    answer = run("learn", write(folder, person()), *options)
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
