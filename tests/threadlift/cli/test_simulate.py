"""``threadlift simulate`` on files, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.threadlift.anatomy.builders import symmetric_face
from tests.threadlift.planning.threads import technique
from threadlift.cli.app import app
from threadlift.errors import InputError
from threadlift.face.storage import save_face
from threadlift.planning.plan import Plan

RUNNER = CliRunner()


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case folder with one thread on the left."""
    save_face(tmp_path / "face.npz", symmetric_face())
    (tmp_path / "plan.json").write_text(Plan(threads=technique("marionette")).model_dump_json(by_alias=True))
    return tmp_path


def test_json_is_one_value_and_the_second_run_reads_the_stored_response(case: Path) -> None:
    cache = case / "responses"
    first = RUNNER.invoke(app, ["simulate", str(case), "--json", "--cache", str(cache)])
    assert first.exit_code == 0
    value = json.loads(first.stdout)
    assert value["schema"] == "threadlift.simulation/1"
    points = {point["landmark"]: point["total_mm"] for point in value["lift"]["points"]}
    assert points["mar_l"] > 0.3
    assert value["lift"]["threads"][0]["carried_n"] == pytest.approx(1.0)
    assert "LIFT-MODEL" in {finding["rule"] for finding in value["lift"]["findings"]}
    second = RUNNER.invoke(
        app,
        [
            "simulate",
            str(case / "plan.json"),
            "--face",
            str(case / "face.npz"),
            "--cache",
            str(cache),
            "--lang",
            "vi",
        ],
    )
    assert second.exit_code == 0
    assert "Dịch chuyển lớn nhất" in " ".join(second.stdout.split())
    assert "mar_l" in second.stdout


def test_a_plan_alone_asks_for_the_face(case: Path) -> None:
    answer = RUNNER.invoke(app, ["simulate", str(case / "plan.json")])
    assert isinstance(answer.exception, InputError) and "--face" in str(answer.exception)


def test_a_missing_plan_is_refused(case: Path) -> None:
    answer = RUNNER.invoke(app, ["simulate", str(case / "no.json"), "--face", str(case / "face.npz")])
    assert isinstance(answer.exception, InputError) and "no such file" in str(answer.exception)


def test_an_unknown_bench_is_refused() -> None:
    answer = RUNNER.invoke(app, ["bench", "press"])
    assert isinstance(answer.exception, InputError) and "verify" in str(answer.exception)
