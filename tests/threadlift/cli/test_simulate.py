"""``threadlift simulate`` on files, as a person calls it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.threadlift.anatomy.builders import symmetric_face
from tests.threadlift.planning.threads import technique
from threadlift.cli.app import app
from threadlift.errors import InputError
from threadlift.face.storage import save_face
from threadlift.planning.plan import Plan
from threadlift.tissue import CableThread, TissueModel
from threadlift.tissue.nonlinear import Equilibrium, NewtonStep, NonlinearLift, PartProgress
from threadlift.tissue.validity import check_lift

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case folder with one thread on the left; its response is computed once."""
    tmp_path = tmp_path_factory.mktemp("case")
    save_face(tmp_path / "face.npz", symmetric_face())
    (tmp_path / "plan.json").write_text(Plan(threads=technique("marionette")).model_dump_json(by_alias=True))
    return tmp_path


def test_json_is_one_value_and_the_second_run_reads_the_stored_response(case: Path) -> None:
    cache = case / "responses"
    first = RUNNER.invoke(app, ["simulate", str(case), "--json", "--cache", str(cache)])
    assert first.exit_code == 0
    value = json.loads(first.stdout)
    assert value["schema"] == "threadlift.simulation/1"
    assert value["model"] == "linear" and value["comparison"] is None
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


def test_the_nonlinear_answer_stands_beside_the_linear_one(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the solver, which takes a minute: it moves everything by a tenth less."""

    def stand_in(
        model: TissueModel, threads: Sequence[CableThread], mode: None = None, *, progress: PartProgress
    ) -> NonlinearLift:
        linear = model.lift(threads)
        progress("full", NewtonStep(3, 1.0, 2e-9, 1.0, 0.0))
        shown = [point.model_copy(update={"total_mm": 0.8 * point.total_mm}) for point in linear.points]
        lift = replace(linear, points=tuple(shown), displacement_mm=0.8 * linear.displacement_mm)
        findings = check_lift(lift, model.anatomy.face, 1.0, linear=linear)
        solved = Equilibrium(np.zeros(3), 4, 1e-9, 2, 0)
        return NonlinearLift(replace(lift, findings=findings), linear, {"full": solved})

    monkeypatch.setattr("threadlift.planning.cable.lift_nonlinear", stand_in)
    cache = ["--cache", str(case / "responses")]
    answer = RUNNER.invoke(app, ["simulate", str(case), "--nonlinear", "--json", *cache])
    assert answer.exit_code == 0, answer.output
    value = json.loads(answer.stdout)
    assert value["model"] == "nonlinear"
    beside = value["comparison"]
    assert beside["linear_excess_percent"]["mar_l"] == pytest.approx(25.0)
    assert beside["linear_excess_percent"]["largest"] == pytest.approx(25.0)
    assert beside["solved"] == [
        {"piece": "full", "load_percent": 100.0, "iterations": 4, "load_steps": 2, "residual": 1e-9}
    ]
    rules = {finding["rule"] for finding in value["lift"]["findings"]}
    assert "LIFT-NONLINEAR" in rules and "LIFT-MODEL" not in rules
    said = RUNNER.invoke(app, ["simulate", str(case), "--nonlinear", "--lang", "vi", *cache])
    assert said.exit_code == 0
    assert "+25" in said.stdout and "phi tuyến" in said.stdout
    assert "residual 2e-09" in said.stderr


def test_a_plan_alone_asks_for_the_face(case: Path) -> None:
    answer = RUNNER.invoke(app, ["simulate", str(case / "plan.json")])
    assert isinstance(answer.exception, InputError) and "--face" in str(answer.exception)


def test_a_missing_plan_is_refused(case: Path) -> None:
    answer = RUNNER.invoke(app, ["simulate", str(case / "no.json"), "--face", str(case / "face.npz")])
    assert isinstance(answer.exception, InputError) and "no such file" in str(answer.exception)


def test_an_unknown_bench_is_refused() -> None:
    answer = RUNNER.invoke(app, ["bench", "press"])
    assert isinstance(answer.exception, InputError) and "verify" in str(answer.exception)
