"""The folder of a case: every file that was promised, each readable by its own model."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TypeVar

import icalendar
import numpy as np
import pypdf
import pytest
from pydantic import BaseModel

from tests.threadlift.case.demo import ON, PROCEDURE_ON
from tests.threadlift.cli.runner import DEMO_INTAKE, run
from threadlift.care.aftercare import AftercarePlan
from threadlift.care.alternative import Alternatives
from threadlift.care.risk import Risks
from threadlift.case.case import CaseInfo
from threadlift.case.folder import FaceAnswer
from threadlift.cli.plan import PlanAnswer
from threadlift.cli.schema import ANSWERS
from threadlift.face.storage import load_face
from threadlift.finding import Severity
from threadlift.planning.clearance_answer import CheckAnswer
from threadlift.planning.plan import Plan
from threadlift.planning.prediction import Prediction
from threadlift.planning.proposal import Proposal
from threadlift.pricing import Quote
from threadlift.screening import Intake, Verdict, read_intake
from threadlift.tissue import LiftReport

Model = TypeVar("Model", bound=BaseModel)
MODELS: dict[str, type[BaseModel]] = {
    "case.json": CaseInfo,
    "intake.json": Intake,
    "verdict.json": Verdict,
    "face.json": FaceAnswer,
    "plan.json": Plan,
    "proposal.json": Proposal,
    "findings.json": CheckAnswer,
    "simulation.json": LiftReport,
    "prediction.json": Prediction,
    "quote.json": Quote,
    "aftercare.json": AftercarePlan,
    "risks.json": Risks,
    "alternatives.json": Alternatives,
}
OTHERS = {"questions.json", "face.npz", "lift.npz", "aftercare.ics", "report.html", "report.pdf", "kept"}


@pytest.mark.control("C-21")
def test_the_folder_holds_what_was_promised_and_nothing_else(demo_case: Path) -> None:
    assert {path.name for path in demo_case.iterdir()} == set(MODELS) | OTHERS
    assert {path.name for path in demo_case.parent.iterdir()} == {"case", "answer.json"}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_each_file_is_read_back_by_its_model(demo_case: Path, name: str) -> None:
    text = (demo_case / name).read_text(encoding="utf-8")
    value = MODELS[name].model_validate_json(text)
    assert json.loads(value.model_dump_json(by_alias=True)) == json.loads(text)


def test_the_answer_of_plan_names_the_files_and_counts(demo_case: Path) -> None:
    answer = PlanAnswer.model_validate_json((demo_case.parent / "answer.json").read_text(encoding="utf-8"))
    assert set(answer.files) == {path.name for path in demo_case.iterdir() if path.is_file()}
    assert answer.threads == len(_read(demo_case, "plan.json", Plan).threads) > 0
    of_plan = _read(demo_case, "findings.json", CheckAnswer)
    of_lift = Counter(
        finding.severity for finding in _read(demo_case, "simulation.json", LiftReport).findings
    )
    assert answer.stops == of_plan.stops + of_lift[Severity.STOP]
    assert answer.cautions == of_plan.cautions + of_lift[Severity.CAUTION]
    assert of_lift[Severity.CAUTION] > 0, "the sum has two parts"
    assert not answer.stopped
    assert set(answer.info.seconds) == {"screen", "read", "anatomy", "plan", "lift", "predict", "care"}


def test_the_intake_is_kept_as_it_was_given(demo_case: Path) -> None:
    assert read_intake(demo_case / "intake.json") == read_intake(DEMO_INTAKE)


def test_face_plan_and_lift_belong_together(demo_case: Path) -> None:
    face = load_face(demo_case / "face.npz")
    assert face.fingerprint == _read(demo_case, "face.json", FaceAnswer).fingerprint
    assert face.fingerprint == _read(demo_case, "plan.json", Plan).face
    with np.load(demo_case / "lift.npz") as stored:
        lift = stored["displacement_mm"]
    assert lift.shape == face.vertices_mm.shape
    largest = float(np.linalg.norm(lift, axis=1).max())
    assert largest == pytest.approx(_read(demo_case, "simulation.json", LiftReport).largest_mm, abs=0.01)


def test_days_and_person_are_those_asked_for(demo_case: Path) -> None:
    info = _read(demo_case, "case.json", CaseInfo)
    assert (str(info.made_on), str(info.procedure_on)) == (ON, PROCEDURE_ON)
    assert info.is_synthetic and not info.procedure_is_assumed
    assert info.code == "DEMO-47"
    calendar = icalendar.Calendar.from_ical((demo_case / "aftercare.ics").read_bytes())
    days = sorted(event.start for event in calendar.events)
    assert days and str(days[0])[:10] >= ON


def test_the_prediction_has_bands_up_to_24_months_for_this_face(demo_case: Path) -> None:
    prediction = _read(demo_case, "prediction.json", Prediction)
    months = [month for point in prediction.landmarks for month in point.months]
    assert months and max(month.month for month in months) == 24
    bands = [month.held_mm for month in months if month.held_mm is not None]
    assert bands and all(band.low10 <= band.median <= band.high90 for band in bands)


def test_the_report_stands_alone_and_is_printable(demo_case: Path) -> None:
    page = (demo_case / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert 'src="http' not in page and "url(http" not in page and "<script src" not in page
    assert "DEMO-47" in page
    assert len(pypdf.PdfReader(demo_case / "report.pdf").pages) >= 3


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("screen", ["INTAKE", "--on", ON]),
        ("check", ["CASE"]),
        ("simulate", ["CASE", "--cache", "CASE/kept/response"]),
        ("quote", ["CASE", "--on", ON]),
        ("compare", ["CASE"]),
        ("aftercare", ["CASE", "--date", PROCEDURE_ON]),
        ("evidence", ["nestor2019"]),
    ],
)
def test_every_command_answers_about_the_case_in_json_of_its_schema(
    demo_case: Path, command: str, options: list[str]
) -> None:
    named = [text.replace("CASE", str(demo_case)).replace("INTAKE", str(DEMO_INTAKE)) for text in options]
    answer = run(command, *named, "--json")
    assert answer.code == 0, answer
    ANSWERS[command].model_validate_json(answer.out)


def test_the_case_checks_and_simulates_to_what_it_says(demo_case: Path) -> None:
    checked = run("check", demo_case, "--json").json
    assert checked == json.loads((demo_case / "findings.json").read_text(encoding="utf-8"))
    simulated = run("simulate", demo_case, "--cache", demo_case / "kept" / "response", "--json").json
    assert simulated["lift"] == json.loads((demo_case / "simulation.json").read_text(encoding="utf-8"))


def test_the_case_costs_what_it_says(demo_case: Path) -> None:
    old = _read(demo_case, "quote.json", Quote)
    new = Quote.model_validate(run("quote", demo_case, "--on", ON, "--json").json["quote"])
    assert (new.total, new.lines, new.plan_hash) == (old.total, old.lines, old.plan_hash)


def _read(folder: Path, name: str, model: type[Model]) -> Model:
    return model.model_validate_json((folder / name).read_text(encoding="utf-8"))
