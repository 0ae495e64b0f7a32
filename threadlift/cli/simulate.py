"""``threadlift simulate``: what a plan's threads do to a face, in millimetres."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import typer
from pydantic import BaseModel, ConfigDict, Field
from rich.table import Table

from threadlift.case.planned import read_planned_case
from threadlift.cli.output import console, print_json, progress_console
from threadlift.cli.wording import severity_word
from threadlift.finding import Severity
from threadlift.language import Language, Text, write_number
from threadlift.planning.cable import simulate_threads
from threadlift.planning.clearance import check_placement
from threadlift.planning.path import resolve_thread
from threadlift.tissue import LiftReport, build_tissue

_WORDS = {
    "point": Text(en="Place", vi="Vị trí"),
    "total": Text(en="Lift mm", vi="Nâng mm"),
    "up": Text(en="Up", vi="Lên trên"),
    "lateral": Text(en="Outwards", vi="Ra ngoài"),
    "along": Text(en="Along thread", vi="Dọc chỉ"),
    "thread": Text(en="Thread", vi="Chỉ"),
    "pull": Text(en="Pull N", vi="Lực kéo N"),
    "drawn": Text(en="Drawn in mm", vi="Rút chỉ mm"),
    "barbs": Text(en="Barbs slipping", vi="Gai trượt"),
    "summary": Text(
        en="Largest motion {largest:.1f} mm; skin stretch to {stretch:.0f}%, compression to {press:.0f}%.",
        vi="Dịch chuyển lớn nhất {largest:.1f} mm; da giãn tối đa {stretch:.0f}%, dồn tối đa {press:.0f}%.",
    ),
}
_SHOWN_FROM_MM = 0.2


class SimulationAnswer(BaseModel):
    """What ``threadlift simulate --json`` prints."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.simulation/1"] = Field(default="threadlift.simulation/1", alias="schema")
    face: str
    threads: int
    lift: LiftReport


def command(
    plan: Path = typer.Argument(help="A plan file (JSON or TOML), or the folder of a case."),
    face: Path | None = typer.Option(None, "--face", help="Fitted face; a case folder brings its own."),
    intake: Path | None = typer.Option(
        None,
        "--intake",
        help="Intake with sex, age and body mass, which set the layers; a case brings its own.",
    ),
    cache: Path | None = typer.Option(
        None, "--cache", help="Folder in which responses are kept for next time."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
    lang: Language = typer.Option("en", "--lang", help="Language of the text."),
) -> None:
    """Compute how far a plan's threads move each place of a face, with skin strain and thread forces.

    Exit code 1 when the plan does not belong to this face or lies off it.
    """
    case = read_planned_case(plan, face, intake)
    threads = [resolve_thread(thread, case.anatomy) for thread in case.plan.threads]
    misplaced = check_placement(case.plan, threads, case.anatomy)
    model = build_tissue(case.anatomy, cache=cache, progress=None if as_json else _tell)
    lift = simulate_threads(model, threads)
    lift = replace(lift, findings=(*misplaced, *lift.findings))
    answer = SimulationAnswer(face=case.anatomy.face.fingerprint, threads=len(threads), lift=lift.report())
    if as_json:
        print_json(answer)
    else:
        _show(answer.lift, lang)
    if any(finding.severity is Severity.STOP for finding in lift.findings):
        raise typer.Exit(1)


def _tell(stage: str) -> None:
    progress_console.print(stage, markup=False)


def _show(lift: LiftReport, language: Language) -> None:
    say = {name: text.in_language(language) for name, text in _WORDS.items()}

    def number(value: float, spec: str = ".1f") -> str:
        return write_number(value, spec, language)

    points = Table(say["point"], say["total"], say["up"], say["lateral"], say["along"])
    for point in sorted(lift.points, key=lambda one: -one.total_mm):
        if point.total_mm >= _SHOWN_FROM_MM:
            along = "" if point.along_mm is None else number(point.along_mm)
            points.add_row(
                point.landmark,
                number(point.total_mm),
                number(point.up_mm, "+.1f"),
                number(point.lateral_mm, "+.1f"),
                along,
            )
    console.print(points)
    threads = Table(say["thread"], say["pull"], say["drawn"], say["barbs"])
    for pull in lift.threads:
        threads.add_row(
            pull.thread,
            f"{number(pull.carried_n, '.2f')} / {number(pull.asked_n, '.2f')}",
            number(pull.pull_in_mm),
            f"{pull.barbs_slipping} / {pull.barbs}",
        )
    console.print(threads)
    console.print(
        _WORDS["summary"]
        .fill(
            largest=lift.largest_mm,
            stretch=lift.skin_stretch_percent,
            press=lift.skin_compression_percent,
        )
        .in_language(language)
    )
    for finding in lift.findings:
        parts = [part.in_language(language) for part in (finding.what, finding.consequence) if part]
        console.print(
            f"{severity_word(finding.severity, language)}: {' '.join(parts)} [{finding.rule}]", markup=False
        )
