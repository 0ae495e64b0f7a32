"""``threadlift bench``: check the computation itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import typer
from pydantic import BaseModel, ConfigDict, Field

from threadlift.cli.output import console, print_json, progress_console
from threadlift.errors import InputError
from threadlift.tissue.validation import write_validation
from threadlift.tissue.verification import Figure, behaviour_figures, write_verification
from threadlift.tissue.verification.suite import STAGES, run_stages

_MOST_PROCESSES = 2  # each takes up to 4 GiB


class VerifiedFigure(BaseModel):
    """One figure; ``holds`` is null where it is only shown."""

    model_config = ConfigDict(frozen=True)

    group: str
    name: str
    value: str
    expected: str
    holds: bool | None


class BenchAnswer(BaseModel):
    """What ``threadlift bench verify --json`` prints."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.verification/1"] = Field(default="threadlift.verification/1", alias="schema")
    figures: tuple[VerifiedFigure, ...]
    missed: int


def command(
    what: str = typer.Argument(help="verify: compute every verification figure of the tissue model."),
    output: Path | None = typer.Option(
        None, "-o", "--output", help="Write the page, e.g. docs/verification.md, and validation.md beside it."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
) -> None:
    """Verify the tissue model, from the patch test to a whole face. Exit code 1 when a figure misses."""
    if what != "verify":
        raise InputError(f"unknown bench {what[:30]!r}", where="bench", remedy="Use verify.")

    def tell(stage: str) -> None:
        progress_console.print(stage, markup=False)

    stages: dict[str, Callable[[], list[Figure] | None]] = {**STAGES}
    if output is not None:
        stages["behaviour"] = behaviour_figures
        stages["validation"] = partial(write_validation, output.parent)
    found = run_stages(stages, tell, min(_MOST_PROCESSES, os.cpu_count() or 1))
    figures = [figure for name in STAGES for figure in found[name] or ()]
    if output is not None:
        write_verification(output, figures, found["behaviour"] or [])
    answer = BenchAnswer(
        figures=tuple(VerifiedFigure.model_validate(vars(figure)) for figure in figures),
        missed=sum(figure.holds is False for figure in figures),
    )
    if as_json:
        print_json(answer)
    else:
        for figure in answer.figures:
            mark = {True: "holds ", False: "MISSES", None: "shown "}[figure.holds]
            console.print(f"{mark} {figure.name}: {figure.value} ({figure.expected})", markup=False)
    if answer.missed:
        raise typer.Exit(1)
