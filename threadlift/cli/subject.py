"""INTAKE or CASE on the command line: a questionnaire, or a case folder that holds one and perhaps a plan."""

from __future__ import annotations

from pathlib import Path

from threadlift.case.planned import find_intake
from threadlift.errors import InputError
from threadlift.planning.plan import Plan, read_plan
from threadlift.screening.intake import Intake, read_intake


def read_subject(path: Path) -> tuple[Intake, Plan | None]:
    """The intake, and the plan of a case folder when there is one."""
    if not path.is_dir():
        return read_intake(path), None
    found = find_intake(path)
    if found is None:
        raise InputError(
            "this folder holds no intake.json",
            where=path.name,
            remedy="Name an intake file or a case folder.",
        )
    plan = path / "plan.json"
    return read_intake(found), read_plan(plan) if plan.is_file() else None
