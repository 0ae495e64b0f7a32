"""The proposal of a case: kept without threads, and consistent with the lift that is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.threadlift.case.demo import copy_of, intake_with
from tests.threadlift.cli.runner import DEMO_SCAN
from threadlift.case.build import build_case
from threadlift.case.folder import write_case
from threadlift.case.request import CaseRequest
from threadlift.planning.prediction import Prediction
from threadlift.planning.proposal import Proposal
from threadlift.tissue.lift import LiftReport
from threadlift.tissue.validity import threshold_of


def test_a_case_without_threads_keeps_the_reasons(demo_case: Path, tmp_path: Path) -> None:
    kept = copy_of(demo_case / "kept", tmp_path / "kept")
    intake = intake_with(tmp_path / "intake.toml", goals='["crow_feet", "neck"]')
    case = build_case(CaseRequest(scan=DEMO_SCAN, intake=intake, on=date(2026, 11, 23), cache=kept))
    assert case.treatment is None and case.no_plan is not None and case.proposal is not None
    told = {entry.goal: entry.rule for entry in case.proposal.not_planned}
    assert told == {"crow_feet": "crow_feet_no_lift", "neck": "goal_meets_stop"}
    folder = tmp_path / "case"
    folder.mkdir()
    write_case(case, folder, language="en")
    written = (folder / "proposal.json").read_text(encoding="utf-8")
    assert Proposal.model_validate_json(written) == case.proposal
    assert not (folder / "plan.json").exists()


def test_the_demonstration_stays_within_what_the_model_answers_for(demo_case: Path) -> None:
    lift = LiftReport.model_validate_json((demo_case / "simulation.json").read_text(encoding="utf-8"))
    proposal = Proposal.model_validate_json((demo_case / "proposal.json").read_text(encoding="utf-8"))
    prediction = Prediction.model_validate_json((demo_case / "prediction.json").read_text(encoding="utf-8"))
    left = [thread for thread in proposal.plan.threads if thread.side == "left"]
    assert len(left) == 5
    assert lift.largest_mm <= threshold_of("LIFT-LARGE") * 1.02
    assert {entry.form for entry in prediction.landmarks} == {"mm"}
    asked = {pull.thread: pull.asked_n for pull in lift.threads}
    assert asked == {thread.id: thread.tension_n for thread in proposal.plan.threads}
    for place in ("jowl_l", "jowl_r", "nlf_l", "nlf_r"):
        now = prediction.landmark(place).months[0].held_mm
        assert now is not None and 0.8 < now.median < 3.0, place
        assert lift.points and now.low10 < prediction.landmark(place).nominal_mm < now.high90  # type: ignore[operator]
