"""``threadlift check`` on files, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.threadlift.anatomy.builders import symmetric_face
from tests.threadlift.planning.threads import technique
from threadlift.anatomy import Plane
from threadlift.cli.app import app
from threadlift.errors import InputError
from threadlift.face.storage import save_face
from threadlift.planning.plan import Plan

RUNNER = CliRunner()


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case folder with a plan that gives cautions at most."""
    save_face(tmp_path / "face.npz", symmetric_face())
    write_plan(tmp_path, Plane.SUPRA_SMAS)
    return tmp_path


def write_plan(folder: Path, plane: Plane) -> None:
    threads = (*technique("marionette", plane=plane), *technique("marionette", "right", plane=plane))
    (folder / "plan.json").write_text(Plan(threads=threads).model_dump_json(), encoding="utf-8")


def test_a_plan_with_cautions_ends_with_0_and_never_says_safe(case: Path) -> None:
    answer = RUNNER.invoke(app, ["check", str(case)])
    assert answer.exit_code == 0
    assert "caution" in answer.stdout
    assert "Not checked" in " ".join(answer.stdout.split())
    assert "This is not a statement that the plan is safe" in " ".join(answer.stdout.split())


def test_a_stop_ends_with_1(case: Path) -> None:
    write_plan(case, Plane.SMAS)
    answer = RUNNER.invoke(app, ["check", str(case)])
    assert answer.exit_code == 1
    assert answer.stdout.index("stop") < answer.stdout.index("caution")


def test_json_is_one_value_with_counts(case: Path) -> None:
    answer = RUNNER.invoke(
        app, ["check", str(case / "plan.json"), "--face", str(case / "face.npz"), "--json"]
    )
    value = json.loads(answer.stdout)
    assert value["schema"] == "threadlift.check/1"
    assert value["stopped"] is False
    assert value["cautions"] == sum(finding["severity"] == "caution" for finding in value["findings"])
    assert {"rule", "severity", "where", "value", "threshold", "sources", "status"} <= set(
        value["findings"][0]
    )


def test_vietnamese_is_vietnamese(case: Path) -> None:
    answer = RUNNER.invoke(app, ["check", str(case), "--lang", "vi"])
    assert "thận trọng" in answer.stdout
    assert "caution" not in answer.stdout


def test_a_hand_written_toml_plan_by_landmarks_is_read(case: Path) -> None:
    plan = case / "plan.toml"
    plan.write_text(
        'schema = "threadlift.plan/1"\n[[threads]]\nid = "L1"\nkind = "pdo_cog_moulded_2_0"\nside = "left"\n'
        'plane = "sub_smas"\n[[threads.path]]\nlandmark = "t"\n[[threads.path]]\nlandmark = "ch"\n'
        "offset_mm = { lat = 12 }\n",
        encoding="utf-8",
    )
    answer = RUNNER.invoke(app, ["check", str(plan), "--face", str(case / "face.npz"), "--json"])
    assert answer.exit_code == 1
    stopped = {
        f["where"]["structure"] for f in json.loads(answer.stdout)["findings"] if f["severity"] == "stop"
    }
    assert {"fn_buccal", "parotid_duct"} <= stopped


def test_a_plan_without_a_face_asks_for_one(case: Path) -> None:
    with pytest.raises(InputError, match="--face FACE"):
        RUNNER.invoke(app, ["check", str(case / "plan.json")], catch_exceptions=False)


def test_an_unknown_key_or_landmark_is_named(case: Path) -> None:
    bad = case / "bad.json"
    bad.write_text('{"threads": [], "colour": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="colour: unknown key"):
        RUNNER.invoke(app, ["check", str(bad), "--face", str(case / "face.npz")], catch_exceptions=False)
