"""A case as a folder of files: written whole, read back by the commands that take a case."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from threadlift.care.calendar import to_ics
from threadlift.case.case import Case
from threadlift.face.face import FaceQuality
from threadlift.face.measure import FaceMeasures
from threadlift.face.scan import ScanReport
from threadlift.face.storage import save_face
from threadlift.files import write_bytes, write_text
from threadlift.language import Language
from threadlift.planning.clearance_answer import answer_of

MARKER = "case.json"


class FaceAnswer(BaseModel):
    """``face.json``: how good the face is, its landmarks and measures."""

    model_config = ConfigDict(frozen=True)

    fingerprint: str
    quality: FaceQuality
    scan: ScanReport | None
    landmarks_mm: dict[str, tuple[float, float, float]]
    measures: FaceMeasures


def write_case(case: Case, folder: Path, *, language: Language) -> None:
    """Write every result of ``case`` into ``folder``, without the report."""
    save_face(folder / "face.npz", case.face)
    face = FaceAnswer(
        fingerprint=case.face.fingerprint,
        quality=case.face.quality,
        scan=case.scan_report,
        landmarks_mm={
            name: (round(float(x), 3), round(float(y), 3), round(float(z), 3))
            for name, (x, y, z) in case.face.landmarks_mm.items()
        },
        measures=case.measures,
    )
    _write_model(folder / "face.json", face)
    _write_model(folder / "intake.json", case.intake)
    _write_model(folder / "verdict.json", case.verdict)
    _write_model(folder / "risks.json", case.risks)
    _write_model(folder / "alternatives.json", case.alternatives)
    answers = [answer.model_dump(mode="json") for answer in case.questions]
    write_text(folder / "questions.json", json.dumps(answers, ensure_ascii=False, indent=2) + "\n")
    if case.proposal is not None:
        _write_model(folder / "proposal.json", case.proposal)
    if case.treatment is not None:
        treatment = case.treatment
        _write_model(folder / "plan.json", treatment.proposal.plan)
        _write_model(
            folder / "findings.json", answer_of(treatment.findings, approximate=case.face.source != "scan")
        )
        _write_model(folder / "simulation.json", treatment.lift.report())
        write_lift(folder / "lift.npz", treatment.lift.displacement_mm)
        _write_model(folder / "prediction.json", treatment.prediction)
        _write_model(folder / "quote.json", treatment.quote)
        _write_model(folder / "aftercare.json", treatment.aftercare)
        if treatment.optimised is not None:
            _write_model(folder / "optimisation.json", treatment.optimised)
        write_bytes(folder / "aftercare.ics", to_ics(treatment.aftercare, language, uid_seed=case.info.code))
    _write_model(folder / MARKER, case.info)


def write_lift(path: Path, displacement_mm: np.ndarray) -> None:
    """The displacement of every template vertex in mm, as float32."""
    with path.open("wb") as stream:
        np.savez_compressed(stream, displacement_mm=displacement_mm.astype(np.float32))


def _write_model(path: Path, value: BaseModel) -> None:
    write_text(path, value.model_dump_json(indent=2, by_alias=True) + "\n")
