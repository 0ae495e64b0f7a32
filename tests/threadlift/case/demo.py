"""The main job on the demonstration patient, with variations of the questionnaire."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.threadlift.cli.runner import DEMO_INTAKE, DEMO_SCAN, Answer, run

ON, PROCEDURE_ON = "2026-11-23", "2026-12-01"


def plan(output: Path, *options: object, intake: Path = DEMO_INTAKE, scan: Path = DEMO_SCAN) -> Answer:
    """``threadlift plan`` into ``output`` on a fixed day."""
    days = () if "--on" in options else ("--on", ON)
    return run("plan", "--scan", scan, "--intake", intake, "-o", output, *days, *options)


def intake_with(path: Path, **changes: str) -> Path:
    """The demonstration intake at ``path`` with each key set to another TOML value."""
    lines = DEMO_INTAKE.read_text(encoding="utf-8").splitlines()
    for key, value in changes.items():
        places = [number for number, line in enumerate(lines) if line.split("=")[0].strip() == key]
        assert len(places) == 1, key
        lines[places[0]] = f"{key} = {value}"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def copy_of(case: Path, target: Path) -> Path:
    """A case folder of one's own, with what it kept: a further run takes face and responses over."""
    shutil.copytree(case, target)
    return target


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
