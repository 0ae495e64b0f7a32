"""A plan read back with the face and the person that it is for: what ``check`` and ``simulate`` take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from threadlift.anatomy import Anatomy, place_anatomy
from threadlift.errors import InputError
from threadlift.face.face import Face
from threadlift.face.storage import load_face
from threadlift.planning.plan import Plan, read_plan
from threadlift.screening import Intake, read_intake


@dataclass(frozen=True)
class PlannedCase:
    """A plan, the anatomy of the face it is looked at on, and the intake where there is one."""

    plan: Plan
    anatomy: Anatomy
    intake: Intake | None


def read_planned_case(plan: Path, face: Path | None, intake: Path | None) -> PlannedCase:
    """The case meant by a case folder or a plan file; what is named wins over what lies in the folder.

    Raises ``InputError`` for a plan file without a face, a folder without a plan, and unusable files.
    """
    if plan.is_dir():
        face = face or plan / "face.npz"
        intake = intake or find_intake(plan)
        plan = find_plan(plan)
    if face is None:
        raise InputError(
            "a plan alone says nothing about anatomy",
            where="--face",
            remedy="Name the face it was made on with --face FACE, or give a case folder.",
        )
    planned = read_plan(plan)
    answered = read_intake(intake) if intake else None
    return PlannedCase(planned, place_patient_anatomy(load_face(face), answered), answered)


def find_plan(folder: Path) -> Path:
    """The plan in a case folder. Raises ``InputError`` when there is none."""
    if not (folder / "plan.json").is_file():
        raise InputError(
            "holds no plan.json",
            where=folder.name,
            remedy="Name a case for which `threadlift plan` made a plan, or a plan file.",
        )
    return folder / "plan.json"


def find_intake(folder: Path) -> Path | None:
    """The intake in a case folder, if there is one."""
    return next((path for name in ("intake.json", "intake.toml") if (path := folder / name).is_file()), None)


def place_patient_anatomy(face: Face, intake: Intake | None) -> Anatomy:
    """The atlas on ``face`` by sex, age and body mass of the intake; what is unknown is taken with doubt."""
    patient = intake.patient if intake else None
    return place_anatomy(
        face,
        sex=patient.sex if patient and patient.sex in ("female", "male") else None,
        age_years=patient.age_years if patient else None,
        bmi=patient.bmi if patient else None,
    )
