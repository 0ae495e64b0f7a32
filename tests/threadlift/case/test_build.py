"""The main job again and otherwise: kept results, verdicts that stop, overrides, days, broken-off runs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import numpy as np
import pypdf
import pytest

from tests.threadlift.case.demo import ON, PROCEDURE_ON, content_of, copy_of, intake_with, plan
from tests.threadlift.cli.runner import DEMO_INTAKE, DEMO_SCAN, assert_refused, run
from threadlift.case import build
from threadlift.case.build import build_case, scan_key
from threadlift.case.case import CaseInfo
from threadlift.case.request import CaseRequest
from threadlift.case.store import KeptFace, keep_face, load_kept_face
from threadlift.cli import plan as command
from threadlift.cli.plan import PlanAnswer
from threadlift.face.face import Face
from threadlift.face.fit import FitResult
from threadlift.face.registration import Similarity
from threadlift.face.scan import ScanReport
from threadlift.face.storage import load_face
from threadlift.planning.proposal import Proposal
from threadlift.screening import Verdict
from threadlift.tissue import CableThread
from threadlift.tissue.model import TissueModel
from threadlift.tissue.response import Response

EXAMPLES = DEMO_INTAKE.parents[1]

SAME = ("plan.json", "findings.json", "simulation.json", "prediction.json", "quote.json", "lift.npz")
PLANNED = {"plan.json", "findings.json", "simulation.json", "prediction.json", "quote.json", "aftercare.ics"}


@pytest.fixture
def again(demo_case: Path, tmp_path: Path) -> Path:
    """A copy of the demonstration case: a run into it takes face and responses over."""
    return copy_of(demo_case, tmp_path / "case")


def forbid(*_: object, **__: object) -> None:
    raise AssertionError("was asked to compute again")


def write_no_report(*_: object) -> None:
    """Stands in for the report where a test looks at something else; the pictures take seconds."""


def info_of(case: Path) -> CaseInfo:
    return CaseInfo.model_validate_json((case / "case.json").read_text(encoding="utf-8"))


def test_a_second_run_takes_face_and_response_over_and_finds_the_same(
    again: Path, demo_case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "fit_face", forbid)
    monkeypatch.setattr(TissueModel, "_compute", forbid)
    answer = plan(again, "--procedure-on", PROCEDURE_ON, "--lang", "vi")
    assert answer.code == 0, answer
    for name in SAME:
        assert (again / name).read_bytes() == (demo_case / name).read_bytes(), name
    page = (again / "report.html").read_text(encoding="utf-8")
    assert '<html lang="vi"' in page
    assert "chỉ" in answer.out and "threads planned" not in answer.out


def test_another_seed_gives_another_sample_and_the_same_seed_the_same(
    demo_case: Path, tmp_path: Path
) -> None:
    kept = copy_of(demo_case / "kept", tmp_path / "kept")
    request = _request(kept)
    first, second = build_case(request), build_case(request)
    other = build_case(replace(request, seed=request.seed + 1))
    assert first.treatment and second.treatment and other.treatment
    assert first.treatment.prediction == second.treatment.prediction
    assert first.treatment.prediction != other.treatment.prediction
    assert first.treatment.proposal == other.treatment.proposal


def test_the_stages_are_told_in_order(demo_case: Path, tmp_path: Path) -> None:
    kept = copy_of(demo_case / "kept", tmp_path / "kept")
    told: list[tuple[str, float]] = []
    build_case(_request(kept), progress=lambda text, share: told.append((text.en, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] < 1
    assert told[0][0] == "Screening" and any("earlier run" in text for text, _ in told)


@pytest.mark.parametrize("damage", ["gone", "cut", "flipped", "of another face", "no note"])
def test_a_kept_face_that_is_damaged_counts_as_none(demo_case: Path, tmp_path: Path, damage: str) -> None:
    kept = copy_of(demo_case / "kept", tmp_path / "kept")
    told = json.loads((kept / "fit.json").read_text(encoding="utf-8"))
    key = told["key"]
    assert load_kept_face(kept, key) is not None
    assert load_kept_face(kept, key[::-1]) is None
    face, note = kept / "face.npz", kept / "fit.json"
    content = face.read_bytes()
    if damage == "gone":
        face.unlink()
    elif damage == "cut":
        face.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        middle = len(content) // 2
        face.write_bytes(content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :])
    elif damage == "of another face":
        note.write_text(json.dumps({**told, "face": "0" * 24}))
    else:
        note.write_text("[]")
    assert load_kept_face(kept, key) is None


def test_a_kept_face_is_kept_whole(demo_case: Path, tmp_path: Path) -> None:
    kept = demo_case / "kept"
    key = json.loads((kept / "fit.json").read_text(encoding="utf-8"))["key"]
    found = load_kept_face(kept, key)
    assert found is not None
    keep_face(tmp_path, KeptFace("another key", found.face, found.report))
    read = load_kept_face(tmp_path, "another key")
    assert read is not None and read.face.fingerprint == found.face.fingerprint


def test_damaged_keepsakes_are_computed_again_with_the_same_result(
    again: Path, demo_case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fit(*_: object, **__: object) -> FitResult:
        asked.append("face")
        return _fit_of(load_face(demo_case / "face.npz"))

    def compute(self: TissueModel, _: object, threads: Sequence[CableThread]) -> tuple[Response, float]:
        asked.append("response")
        return TissueModel(self.anatomy, self.parameters, cache=demo_case / "kept/response")._respond(threads)

    monkeypatch.setattr(build, "fit_face", fit)
    monkeypatch.setattr(TissueModel, "_compute", compute)
    monkeypatch.setattr(command, "write_report", write_no_report)
    (again / "kept/face.npz").write_bytes(b"damaged")
    for response in (again / "kept/response").iterdir():
        response.write_bytes(response.read_bytes()[:-100])
    answer = plan(again, "--procedure-on", PROCEDURE_ON)
    assert answer.code == 0, answer
    assert asked[0] == "face" and asked[1] == "response"
    for name in SAME:
        assert (again / name).read_bytes() == (demo_case / name).read_bytes(), name
    assert (again / "kept/face.npz").read_bytes() == (demo_case / "kept/face.npz").read_bytes()


def test_only_what_this_run_used_is_kept_on(again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "write_report", write_no_report)
    stale = again / "kept/response/response-00000000000000000000000000000000.npz"
    stale.write_bytes(b"of an earlier plan")
    os.utime(stale, (1, 1))
    before = {path.name for path in stale.parent.iterdir()}
    assert plan(again).code == 0
    assert {path.name for path in stale.parent.iterdir()} == before - {stale.name}


def test_another_scan_scale_or_landmark_file_is_another_key(tmp_path: Path) -> None:
    marks = tmp_path / "marks.toml"
    marks.write_text("[landmarks]")
    request = _request(None)
    others = [
        replace(request, unit="mm"),
        replace(request, scale_mm=88.0),
        replace(request, landmarks=marks),
        replace(request, scan=DEMO_INTAKE),
    ]
    keys = {scan_key(one) for one in (request, *others)}
    assert len(keys) == 5
    assert scan_key(replace(request, on=date(2027, 1, 1), seed=1)) == scan_key(request)


@pytest.mark.control("C-03")
@pytest.mark.parametrize(
    ("intake", "level"), [("intake-refuse.toml", "refuse"), ("intake-refer.toml", "refer_to_surgery")]
)
def test_a_verdict_that_says_no_ends_planning_but_not_the_report(
    again: Path, intake: str, level: str
) -> None:
    answer = plan(again, "--json", intake=EXAMPLES / intake)
    assert answer.code == 1
    told = PlanAnswer.model_validate_json(answer.out)
    assert (told.verdict, told.threads, told.stopped) == (level, 0, True)
    assert told.no_plan is not None and "name and reason" in told.no_plan.en
    names = {path.name for path in again.iterdir()}
    assert not PLANNED & names, "nothing of the earlier plan is left either"
    assert {"verdict.json", "face.npz", "report.html", "report.pdf", "alternatives.json"} <= names
    assert told.no_plan.en in unescape((again / "report.html").read_text(encoding="utf-8"))
    checked = run("check", again)
    assert_refused(checked, "holds no plan.json", "threadlift plan")


@pytest.mark.parametrize(
    ("goals", "words", "reasons"),
    [('["crow_feet"]', "no goal of this person can be served", 1), ("[]", "names no goal", 0)],
)
def test_without_a_thread_to_place_the_case_says_why(
    again: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goals: str, words: str, reasons: int
) -> None:
    monkeypatch.setattr(command, "write_report", write_no_report)
    monkeypatch.setattr(TissueModel, "_compute", forbid)
    answer = plan(again, "--json", intake=intake_with(tmp_path / "intake.toml", goals=goals))
    told = PlanAnswer.model_validate_json(answer.out)
    assert answer.code == 1 and told.stopped and told.threads == 0
    assert told.no_plan is not None and words in told.no_plan.en
    proposal = Proposal.model_validate_json((again / "proposal.json").read_text(encoding="utf-8"))
    assert len(proposal.not_planned) == reasons
    assert not PLANNED & {path.name for path in again.iterdir()}


@pytest.mark.control("C-03")
def test_a_doctor_may_override_with_name_and_reason_which_are_kept_and_printed(
    again: Path, tmp_path: Path
) -> None:
    intake = intake_with(tmp_path / "intake.toml", psychiatric_unstable='"yes"')
    reason = "Seen with her psychiatrist, stable for a year"
    answer = plan(again, "--override-by", "Dr. Mai", "--override-reason", reason, "--json", intake=intake)
    told = PlanAnswer.model_validate_json(answer.out)
    assert answer.code == 1 and told.stopped, "an overridden refusal still answers as a stop"
    assert told.verdict == "refuse" and told.threads > 0
    override = info_of(again).override
    assert override is not None
    assert (override.by, override.reason, str(override.on)) == ("Dr. Mai", reason, ON)
    page = unescape((again / "report.html").read_text(encoding="utf-8"))
    assert "Dr. Mai" in page and reason in page
    paper = " ".join(page.extract_text() for page in pypdf.PdfReader(again / "report.pdf").pages)
    assert "Dr. Mai" in paper


@pytest.mark.control("C-03")
@pytest.mark.parametrize(
    "options",
    [
        ["--override-by", "Dr. Mai"],
        ["--override-reason", "Seen with her psychiatrist"],
        ["--override-by", " ", "--override-reason", "Seen with her psychiatrist"],
        ["--override-by", "Dr. Mai", "--override-reason", "because   "],
    ],
)
def test_an_override_without_name_or_reason_is_refused(tmp_path: Path, options: list[str]) -> None:
    answer = plan(tmp_path / "case", *options)
    assert_refused(answer, "--override-by, --override-reason", "name", "reason")
    assert list(tmp_path.iterdir()) == []


def test_a_deferral_plans_for_a_day_it_allows_and_answers_as_a_stop(
    again: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "write_report", write_no_report)
    intake = intake_with(tmp_path / "intake.toml", skin_infection='"yes"')
    answer = plan(again, "--json", intake=intake)
    told = PlanAnswer.model_validate_json(answer.out)
    verdict = Verdict.model_validate_json((again / "verdict.json").read_text(encoding="utf-8"))
    assert told.verdict == "defer" and answer.code == 1 and told.stopped
    assert told.threads > 0
    assert verdict.until is not None
    assert told.info.procedure_is_assumed and told.info.procedure_on >= verdict.until


def test_a_procedure_before_the_end_of_a_deferral_is_refused_before_the_scan_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "read_scan", forbid)
    intake = intake_with(tmp_path / "intake.toml", skin_infection='"yes"')
    answer = plan(tmp_path / "case", "--procedure-on", "2026-11-24", intake=intake)
    assert_refused(answer, "--procedure-on", "first day that the screening allows")
    assert not (tmp_path / "case").exists()


@pytest.mark.parametrize(("file_format", "kept"), [("ply", True), ("obj", False), ("gltf", False)])
def test_only_a_face_from_a_single_file_is_kept(
    demo_case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: str, kept: bool
) -> None:
    result = _fit_of(load_face(demo_case / "face.npz"))
    report = result.scan_report.model_copy(update={"file_format": file_format})
    monkeypatch.setattr(build, "read_scan", lambda *_, **__: None)
    monkeypatch.setattr(build, "fit_face", lambda *_, **__: replace(result, scan_report=report))
    request = build.CaseRequest(scan=Path("a"), intake=Path("b"), on=date(2026, 11, 23), cache=tmp_path)
    build._face(request, "key", lambda text, share: None)
    assert (tmp_path / "fit.json").exists() == kept


def test_a_day_of_the_procedure_is_assumed_a_week_ahead_and_marked(
    again: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "write_report", write_no_report)
    assert plan(again).code == 0
    info = info_of(again)
    assert info.procedure_is_assumed and str(info.procedure_on) == "2026-11-30"


def test_a_procedure_before_the_consultation_is_refused_before_the_scan_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "read_scan", forbid)
    answer = plan(tmp_path / "case", "--procedure-on", "2026-11-22")
    assert_refused(answer, "--procedure-on", "before the consultation")
    assert list(tmp_path.iterdir()) == []


def test_a_bad_price_list_is_refused_before_the_scan_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "read_scan", forbid)
    prices = tmp_path / "prices.toml"
    prices.write_text("currency = 'VND'")
    assert_refused(plan(tmp_path / "case", "--prices", prices), "prices.toml")
    assert [path.name for path in tmp_path.iterdir()] == ["prices.toml"]


@pytest.mark.control("C-05")
def test_a_refused_fit_carries_no_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_case: Path
) -> None:
    face = load_face(demo_case / "face.npz")
    poor = face.quality.model_copy(update={"grade": "refused"})
    monkeypatch.setattr(build, "fit_face", lambda *_, **__: _fit_of(replace(face, quality=poor)))
    assert_refused(
        plan(tmp_path / "case"),
        "scan: the fit is refused and cannot carry a plan",
        "Scan the whole face again",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.control("C-10")
def test_a_plan_of_another_face_is_stopped_by_check_and_simulate(again: Path, demo_case: Path) -> None:
    plan_file = again / "plan.json"
    value = json.loads(plan_file.read_text(encoding="utf-8"))
    plan_file.write_text(json.dumps({**value, "face": "0" * len(value["face"])}), encoding="utf-8")
    checked = run("check", again, "--json")
    assert checked.code == 1
    assert "plan_of_other_face" in {finding["rule"] for finding in checked.json["findings"]}
    simulated = run("simulate", again, "--cache", demo_case / "kept/response", "--json")
    assert simulated.code == 1
    assert simulated.json["lift"]["findings"][0]["rule"] == "plan_of_other_face"


@pytest.mark.control("C-21")
@pytest.mark.parametrize("fault", [KeyboardInterrupt, ZeroDivisionError, OSError])
def test_a_run_that_breaks_off_leaves_the_old_case_and_no_crumbs(
    again: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    def break_off(*_: object) -> None:
        raise fault("in the middle of the report")

    before = content_of(again)
    monkeypatch.setattr(command, "write_report", break_off)
    answer = plan(again)
    assert answer.code == (130 if fault is KeyboardInterrupt else 70)
    assert "Traceback" not in answer.err and answer.out == ""
    assert content_of(again) == before
    assert [path.name for path in again.parent.iterdir()] == ["case"]


@pytest.mark.control("C-21")
def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "read_intake", forbid)
    (tmp_path / "photo.jpg").write_bytes(b"x")
    assert_refused(plan(tmp_path), "not a folder made by this command", "-o")
    assert content_of(tmp_path) == {"photo.jpg": b"x"}


def _request(kept: Path | None) -> CaseRequest:
    return CaseRequest(scan=DEMO_SCAN, intake=DEMO_INTAKE, on=date(2026, 11, 23), cache=kept)


def _fit_of(face: Face) -> FitResult:
    report = ScanReport(
        file_format="ply",
        vertices_read=9,
        triangles_read=9,
        vertices_kept=9,
        triangles_kept=9,
        has_colours=False,
    )
    return FitResult(face, report, Similarity(np.eye(3), np.zeros(3)), {}, "")
