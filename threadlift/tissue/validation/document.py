"""``docs/validation.md``: calibration and validation in people, kept strictly apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from threadlift.files import write_text
from threadlift.tissue.validation import prose
from threadlift.tissue.validation.calibration import load_calibration
from threadlift.tissue.validation.calibration_section import cone_section, level_section, posterior_section
from threadlift.tissue.validation.comparison import calibrated_parameters, suture_pulls
from threadlift.tissue.validation.face_section import (
    both_section,
    other_section,
    posture_section,
    structure_section,
)
from threadlift.tissue.validation.face_target import posture_answer, structure_table
from threadlift.tissue.validation.markdown import cite, join, table
from threadlift.tissue.validation.prior import entries, prior_parameters

Progress = Callable[[str], None]


def write_validation(path: Path, progress: Progress = lambda stage: None) -> None:
    """Compute and write the page: ``path``, or ``validation.md`` in the folder ``path``.

    Two minutes on one core, with exact runs of the model; nothing is kept outside.
    """
    target = path / "validation.md" if path.is_dir() else path
    write_text(target, render_validation(progress))


def render_validation(progress: Progress = lambda stage: None) -> str:
    """The page as Markdown; every model figure is computed now, every published one read from its record."""
    found = load_calibration()
    progress("suture with four cones")
    pulls = suture_pulls(found)
    progress("upright to supine")
    postures = [
        posture_answer("before calibration", prior_parameters()),
        posture_answer("after calibration", calibrated_parameters(found)),
    ]
    progress("structural choices")
    effects = structure_table()
    sections = [
        prose.HEAD,
        "# Part 1. Calibration",
        prose.CALIBRATION,
        cone_section(found, pulls),
        level_section(found),
        posture_section(postures),
        other_section(),
        structure_section(effects),
        posterior_section(found),
        both_section(pulls, postures),
        "# Part 2. Validation in people",
        people_section(),
        prose.HARNESS,
    ]
    return join(sections)


def people_section() -> str:
    """Measured outcomes that exist, and why each cannot validate."""
    rows = [
        [
            f"{entry['measured']} ({cite(entry['sources'])})",
            "yes" if entry["used"] else "no",
            entry["why"],
        ]
        for entry in entries("people")
    ]
    return join(
        [prose.PEOPLE, table(["Measured in people", "Used before", "Why it does not validate"], rows)]
    )
