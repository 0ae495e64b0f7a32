"""INTAKE or CASE on the command line: a questionnaire, or a case folder that holds one and perhaps a plan."""

from __future__ import annotations

from pathlib import Path

from threadlift.errors import InputError
from threadlift.files import read_model
from threadlift.planning.plan import Plan
from threadlift.screening.intake import Intake, read_intake


def read_subject(path: Path) -> tuple[Intake, Plan | None]:
    """The intake, and the plan of a case folder when there is one."""
    if not path.is_dir():
        return read_intake(path), None
    found = next((path / name for name in ("intake.json", "intake.toml") if (path / name).is_file()), None)
    if found is None:
        raise InputError(
            "this folder holds no intake.json",
            where=path.name,
            remedy="Name an intake file or a case folder.",
        )
    plan = path / "plan.json"
    return read_intake(found), read_model(plan, Plan) if plan.is_file() else None
