"""``threadlift optimise``: what it refuses before anything is computed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.threadlift.cli.runner import DEMO_INTAKE, ROOT, assert_refused, run
from tests.threadlift.planning.builders import template_face
from threadlift.cli import optimise
from threadlift.face.storage import save_face

GOAL = ROOT / "examples" / "goal.toml"


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A face file; no tissue model may be built for what is refused."""
    monkeypatch.setattr(optimise, "build_tissue", None)
    save_face(tmp_path / "face.npz", template_face())
    return tmp_path / "face.npz"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], ["--case", "face and an intake"]),
        (["--intake", DEMO_INTAKE], ["--case", "face and an intake"]),
        (["--case", "nowhere"], ["--case", "no folder"]),
        (["--face", "none.npz", "--intake", DEMO_INTAKE], ["none.npz"]),
        (["--case", ROOT, "--face", "other.npz"], ["--face", "its own face"]),
        (["--time-limit", "0"], ["--time-limit"]),
        (["--lang", "fr"], ["--lang", "en", "vi"]),
    ],
)
def test_input_that_is_missing_or_wrong_is_named(options: list[object], words: list[str]) -> None:
    assert_refused(run("optimise", "--goal", GOAL, *options), *words)


def test_a_faulty_goal_plan_file_or_day_is_refused_before_anything_is_computed(
    tmp_path: Path, face: Path
) -> None:
    subject = ("--face", face, "--intake", DEMO_INTAKE)
    goal = tmp_path / "goal.toml"
    goal.write_text('[[lift]]\nlandmark = "elbow"\nmm = 1\n', encoding="utf-8")
    assert_refused(run("optimise", *subject, "--goal", goal), "goal.toml", "lift.0.landmark")
    assert_refused(
        run("optimise", *subject, "--goal", GOAL, "-o", tmp_path / "plan.toml"), "--output", ".json"
    )
    assert_refused(run("optimise", *subject, "--goal", GOAL, "--on", "soon"), "--on", "2026-11-23")
    (tmp_path / "plan.json").mkdir()
    assert_refused(run("optimise", *subject, "--goal", GOAL, "-o", tmp_path / "plan.json"), "plan.json")
    assert not (tmp_path / "plan.toml").exists()


def test_who_is_refused_by_screening_gets_no_optimised_plan(tmp_path: Path, face: Path) -> None:
    answer = run(
        "optimise", "--goal", GOAL, "--face", face, "--intake", ROOT / "examples" / "intake-refuse.toml"
    )
    assert answer.code == 1
    assert "optimiser" not in answer.out


def test_a_face_whose_fit_is_refused_carries_no_plan(tmp_path: Path, face: Path) -> None:
    plain = template_face()
    poor = replace(plain, quality=plain.quality.model_copy(update={"grade": "refused"}))
    save_face(tmp_path / "poor.npz", poor)
    assert_refused(
        run("optimise", "--goal", GOAL, "--face", tmp_path / "poor.npz", "--intake", DEMO_INTAKE),
        "poor.npz",
        "refused",
    )
