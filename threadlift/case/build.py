"""The main job: from a scan and an intake to a case, stage by stage."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from typing import Literal

from threadlift import __version__
from threadlift.anatomy import Anatomy
from threadlift.care.aftercare import aftercare
from threadlift.care.alternative import compare
from threadlift.care.question import answer_questions
from threadlift.care.risk import assess_risks
from threadlift.case.case import Case, CaseInfo, Treatment
from threadlift.case.optimised import find_goal, optimise_for, optimised_proposal
from threadlift.case.planned import place_patient_anatomy
from threadlift.case.request import CaseRequest
from threadlift.case.store import KeptFace, keep_face, load_kept_face, responses_of
from threadlift.errors import InputError
from threadlift.face.face import Face
from threadlift.face.fit import fit_face
from threadlift.face.landmark_file import read_landmarks
from threadlift.face.measure import measure_face
from threadlift.face.scan import ScanReport, read_scan
from threadlift.files import check_file, load_data
from threadlift.language import Text
from threadlift.planning.cable import simulate_plan, simulate_threads
from threadlift.planning.clearance import check_plan
from threadlift.planning.optimise.answer import OptimisedPlan
from threadlift.planning.path import resolve_plan
from threadlift.planning.prediction import predict
from threadlift.planning.proposal import Proposal
from threadlift.planning.propose import propose_plan
from threadlift.planning.restraint import restrain_proposal
from threadlift.pricing import PriceList, load_price_list, quote, read_price_list
from threadlift.screening import Intake, Level, Verdict, read_intake, screen
from threadlift.tissue import TissueModel, build_tissue
from threadlift.tissue.parameter import nominal_parameters

Progress = Callable[[Text, float], None]
ASSUMED_DAYS_AHEAD = 7
STOPPING_LEVELS = (Level.REFUSE, Level.REFER_TO_SURGERY)


@cache
def _texts() -> dict[str, dict[str, Text]]:
    content = load_data("threadlift.case", "texts.toml")
    return {
        table: {name: Text.model_validate(text) for name, text in content[table].items()}
        for table in ("stage", "no_plan")
    }


def stage_text(name: str) -> Text:
    """What a stage is called, for a progress display."""
    return _texts()["stage"][name]


@dataclass
class _Clock:
    """Tells the stage at work and keeps how long each took."""

    tell: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, share: float) -> Iterator[None]:
        self.tell(stage_text(name), share)
        start = time.perf_counter()
        yield
        spent = self.seconds.get(name, 0.0) + time.perf_counter() - start
        self.seconds[name] = round(spent, 2)


def build_case(request: CaseRequest, *, progress: Progress | None = None) -> Case:
    """Run every stage for ``request``.

    ``progress`` is told the stage and a share from 0 to 1; what it raises ends the work.
    Raises ``InputError`` for input that cannot be used, among it a scan whose fit is refused: no danger zone
    can be placed on it.
    """
    clock = _Clock(progress or (lambda text, share: None))
    intake = read_intake(request.intake)
    prices = read_price_list(request.prices) if request.prices else load_price_list()
    with clock.stage("screen", 0.0):
        verdict = screen(intake, on=request.on)
    procedure_on, is_assumed = _procedure_day(request, verdict)
    with clock.stage("read", 0.01):
        key = scan_key(request)
        face, report = _face(request, key, clock.tell)
    if face.quality.grade == "refused":
        notes = "; ".join(note.en.rstrip(".") for note in face.quality.notes)
        raise InputError(
            f"the fit is refused and cannot carry a plan: {notes}",
            where="scan",
            remedy="Scan the whole face again, both sides, eyes open, hair back.",
        )
    with clock.stage("anatomy", 0.42):
        anatomy = place_patient_anatomy(face, intake)
    proposal, treatment, no_plan = _treat(request, intake, verdict, anatomy, procedure_on, prices, clock)
    plan = treatment.proposal.plan if treatment else None
    with clock.stage("care", 0.93):
        risks = assess_risks(intake, plan)
        alternatives = compare(intake, verdict, plan)
        questions = answer_questions(intake, verdict, plan)
    info = CaseInfo(
        code=intake.patient.code or f"TL-{key[:8].upper()}",
        made_on=request.on,
        procedure_on=procedure_on,
        procedure_is_assumed=is_assumed,
        software_version=__version__,
        is_synthetic=intake.synthetic,
        override=request.override,
        seconds=clock.seconds,
        scan_key=key,
    )
    return Case(
        info=info,
        intake=intake,
        verdict=verdict,
        face=face,
        scan_report=report,
        measures=measure_face(face, sex=_sex(intake)),
        anatomy=anatomy,
        proposal=proposal,
        treatment=treatment,
        no_plan=no_plan,
        risks=risks,
        alternatives=alternatives,
        questions=questions,
    )


# Formats whose shape and colours lie in the one file that the key hashes; others read files beside it.
SELF_CONTAINED = ("ply", "stl", "glb")


def scan_key(request: CaseRequest) -> str:
    """Hash of everything that the fitted face depends on. Raises ``InputError`` for a missing file."""
    digest = hashlib.sha256(__version__.encode())
    for path in (request.scan, request.landmarks):
        if path is None:
            continue
        check_file(path)
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    digest.update(repr((request.unit, request.scale_mm, request.scale_between)).encode())
    return digest.hexdigest()[:32]


def _face(request: CaseRequest, key: str, tell: Progress) -> tuple[Face, ScanReport]:
    kept = load_kept_face(request.cache, key) if request.cache else None
    if kept:
        tell(stage_text("kept_face"), 0.4)
        return kept.face, kept.report
    scan = read_scan(
        request.scan, unit=request.unit, scale_mm=request.scale_mm, scale_between=request.scale_between
    )
    by_hand = read_landmarks(request.landmarks) if request.landmarks else None
    result = fit_face(scan, landmarks=by_hand, progress=lambda text, share: tell(text, 0.02 + 0.4 * share))
    if request.cache and result.scan_report.file_format in SELF_CONTAINED:
        keep_face(request.cache, KeptFace(key, result.face, result.scan_report))
    return result.face, result.scan_report


def _sex(intake: Intake) -> Literal["female", "male"] | None:
    return intake.patient.sex if intake.patient.sex in ("female", "male") else None


def _procedure_day(request: CaseRequest, verdict: Verdict) -> tuple[date, bool]:
    """The planned day, else a day a week ahead or, when the verdict defers, the first day it allows."""
    if request.procedure_on:
        if verdict.level is Level.DEFER and verdict.until and request.procedure_on < verdict.until:
            raise InputError(
                f"lies before {verdict.until}, the first day that the screening allows",
                where="--procedure-on",
                remedy="Name that day or a later one.",
            )
        if request.procedure_on < request.on:
            raise InputError(
                "lies before the consultation", where="--procedure-on", remedy="Check both dates."
            )
        return request.procedure_on, False
    return max(request.on + timedelta(days=ASSUMED_DAYS_AHEAD), verdict.until or request.on), True


def _treat(
    request: CaseRequest,
    intake: Intake,
    verdict: Verdict,
    anatomy: Anatomy,
    procedure_on: date,
    prices: PriceList,
    clock: _Clock,
) -> tuple[Proposal | None, Treatment | None, Text | None]:
    """The proposal with its reasons, what follows from its plan, and, where there is none, why not."""
    if verdict.level in STOPPING_LEVELS and request.override is None:
        return None, None, _texts()["no_plan"][verdict.level.value]
    market = intake.patient.market
    with clock.stage("plan", 0.45):
        proposal = propose_plan(
            intake, verdict, anatomy, check=lambda plan: check_plan(plan, anatomy, market=market)
        )
        proposal = _sign_with_face(proposal, anatomy.face)
    if not proposal.plan.threads:
        return proposal, None, _texts()["no_plan"]["no_threads" if intake.goals else "no_goals"]
    with clock.stage("lift", 0.5):
        cache = responses_of(request.cache) if request.cache else None
        model = build_tissue(anatomy, nominal_parameters(), cache=cache)
        proposal = restrain_proposal(proposal, partial(simulate_plan, model), anatomy)
    proposal, optimised = _optimise(request, intake, verdict, model, proposal, prices, clock)
    with clock.stage("lift", 0.8):
        threads = resolve_plan(proposal.plan, anatomy)
        lift = simulate_threads(model, threads)
        findings = check_plan(proposal.plan, anatomy, market=market)
    with clock.stage("predict", 0.85):
        prediction = predict(proposal.plan, model, lift, samples=request.samples, seed=request.seed)
    treatment = Treatment(
        proposal=proposal,
        threads=threads,
        findings=findings,
        lift=lift,
        prediction=prediction,
        quote=quote(
            proposal.plan,
            prices,
            on=request.on,
            currency=request.currency,
            laxity=intake.worst_laxity,
            lengths_mm={thread.thread.id: thread.length_mm for thread in threads},
        ),
        aftercare=aftercare(procedure_on, intake, proposal.plan),
        optimised=optimised,
    )
    return proposal, treatment, None


def _optimise(
    request: CaseRequest,
    intake: Intake,
    verdict: Verdict,
    model: TissueModel,
    published: Proposal,
    prices: PriceList,
    clock: _Clock,
) -> tuple[Proposal, OptimisedPlan | None]:
    """The optimised plan in the place of the published one, where it was asked for and there is one."""
    if not request.optimise:
        return published, None
    with clock.stage("optimise", 0.6):
        made = optimise_for(
            find_goal(request.goal, intake, verdict),
            intake,
            verdict,
            model,
            prices,
            on=request.on,
            published=published,
            seed=request.seed,
        )
    return (optimised_proposal(made, published, model.anatomy) if made.plan.threads else published), made


def _sign_with_face(proposal: Proposal, face: Face) -> Proposal:
    plan = proposal.plan.model_copy(update={"face": face.fingerprint})
    return proposal.model_copy(update={"plan": plan})
