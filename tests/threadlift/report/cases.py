"""Whole cases for the tests of the report: real values of every room, but a lift made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from tests.threadlift.planning.builders import LinearModel
from threadlift.anatomy import Anatomy, place_anatomy
from threadlift.care.aftercare import aftercare
from threadlift.care.alternative import compare
from threadlift.care.question import answer_questions
from threadlift.care.risk import assess_risks
from threadlift.case.case import Case, CaseInfo, Treatment
from threadlift.face.face import Face
from threadlift.face.measure import measure_face
from threadlift.face.morph import shape_face
from threadlift.finding import Finding, Severity, Status, Where
from threadlift.language import Text
from threadlift.planning.clearance import check_plan
from threadlift.planning.path import resolve_thread
from threadlift.planning.prediction import predict_with_model
from threadlift.planning.propose import propose_plan
from threadlift.pricing import load_price_list, quote
from threadlift.screening import Intake, screen
from threadlift.tissue import Lift

ON = date(2026, 11, 23)
PROCEDURE_ON = date(2026, 12, 1)


def an_intake(**answers: Any) -> Intake:
    """Answers of a made-up person; keyword arguments replace whole groups."""
    content: dict[str, Any] = {
        "schema": "threadlift.intake/1",
        "synthetic": True,
        "answered_on": ON,
        "patient": {
            "code": "TL-TEST",
            "age_years": 47,
            "sex": "female",
            "height_cm": 158,
            "weight_kg": 54,
            "market": "VN",
        },
        "goals": ["jowl", "nasolabial"],
        "wish": {"lift_mm": 2, "duration_months": 12},
        "laxity": {"jowl": {"scale": "LAX", "grade": 2}, "midface": {"scale": "LAX", "grade": 2}},
    }
    return Intake.model_validate({**content, **answers})


@cache
def _anatomy(source: str) -> Anatomy:
    face: Face = shape_face({"female_old": 0.6})
    face = replace(face, source="scan" if source == "scan" else "photo")
    return place_anatomy(face, sex="female", age_years=47, bmi=21.6)


def a_stop() -> Finding:
    """A finding that stops, about the first thread on the left."""
    return Finding(
        rule="structure_in_plane",
        rule_version="2026.11.1",
        severity=Severity.STOP,
        what=Text(en="May enter the plane of the duct.", vi="Có thể đi vào lớp của ống tuyến."),
        consequence=Text(en="Saliva leaks.", vi="Rò nước bọt."),
        remedy=Text(en="Move it 5 mm away.", vi="Dời ra xa 5 mm."),
        where=Where(structure="parotid_duct", side="left", distance_mm=0.5, at_mm=(52.0, -38.0, 5.0)),
        value=0.5,
        threshold=8.0,
        unit="mm",
        status=Status.UNSOURCED,
    )


@cache
def a_case(source: str = "scan", *, with_stop: bool = False) -> Case:
    """A case with a plan; its face counts as scanned or as shaped by photographs."""
    intake = an_intake()
    verdict, anatomy = screen(intake, on=ON), _anatomy(source)
    proposal = propose_plan(intake, verdict, anatomy)
    plan = proposal.plan
    threads = tuple(resolve_thread(thread, anatomy) for thread in plan.threads)
    findings = check_plan(plan, anatomy, market="VN")
    lift, responses = _lift(anatomy.face, [resolved.thread.id for resolved in threads])
    treatment = Treatment(
        proposal=proposal,
        threads=threads,
        findings=(a_stop(), *findings) if with_stop else findings,
        lift=lift,
        prediction=predict_with_model(plan, anatomy.face, lift, responses, samples=200, seed=1),
        quote=quote(plan, load_price_list(), on=ON),
        aftercare=aftercare(PROCEDURE_ON, intake, plan),
    )
    return _case(intake, anatomy, treatment, None)


@cache
def a_refused_case() -> Case:
    """A case whose verdict allows no plan: a person of 16 years."""
    intake = an_intake(patient={"code": "TL-TEST", "age_years": 16, "sex": "female"})
    reason = Text(en="The verdict refuses treatment.", vi="Kết luận sàng lọc là không nhận điều trị.")
    return _case(intake, _anatomy("scan"), None, reason)


def _case(intake: Intake, anatomy: Anatomy, treatment: Treatment | None, no_plan: Text | None) -> Case:
    verdict = screen(intake, on=ON)
    plan = treatment.proposal.plan if treatment else None
    return Case(
        info=CaseInfo(
            code="TL-TEST",
            made_on=ON,
            procedure_on=PROCEDURE_ON,
            procedure_is_assumed=False,
            software_version="0.1.0",
            is_synthetic=True,
            scan_key="0" * 32,
        ),
        intake=intake,
        verdict=verdict,
        face=anatomy.face,
        scan_report=None,
        measures=measure_face(anatomy.face),
        anatomy=anatomy,
        treatment=treatment,
        no_plan=no_plan,
        risks=assess_risks(intake, plan),
        alternatives=compare(intake, verdict, plan),
        questions=answer_questions(intake, verdict, plan),
    )


def _lift(face: Face, threads: list[str]) -> tuple[Lift, LinearModel]:
    """2 mm upwards around the jowls, shared evenly by the threads."""
    points = {name: face.landmark(name) for name in ("jowl_l", "jowl_r", "nlf_l", "nlf_r")}
    field = np.zeros_like(face.vertices_mm)
    for name in ("jowl_l", "jowl_r"):
        near = np.exp(-((face.vertices_mm - points[name]) ** 2).sum(axis=1) / (2 * 15.0**2))
        field[:, 1] += 2.0 * near
    none = np.zeros(len(field))
    lift = Lift(field, np.ones(len(field), bool), (), (), none, none, {}, ())
    at_points = np.zeros((len(threads), len(points), 3))
    at_points[:, :, 1] = 2.0 / len(threads)
    return lift, LinearModel(tuple(threads), tuple(points), at_points)
