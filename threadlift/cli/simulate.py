"""``threadlift simulate``: what a plan's threads do to a face, in millimetres."""

from __future__ import annotations

from collections.abc import Callable
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
from threadlift.planning.cable import simulate_nonlinear, simulate_threads
from threadlift.planning.clearance import check_placement
from threadlift.planning.path import resolve_plan
from threadlift.tissue import LiftReport, build_tissue
from threadlift.tissue.nonlinear import NewtonStep, NonlinearLift

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
    "linear": Text(en="Linear mm", vi="Tuyến tính mm"),
    "excess": Text(en="Linear shows %", vi="Tuyến tính lệch %"),
    "summary": Text(
        en="Largest motion {largest:.1f} mm; skin stretch to {stretch:.0f}%, compression to {press:.0f}%.",
        vi="Dịch chuyển lớn nhất {largest:.1f} mm; da giãn tối đa {stretch:.0f}%, dồn tối đa {press:.0f}%.",
    ),
}
_SHOWN_FROM_MM = 0.2


class SolvedPiece(BaseModel):
    """How one piece of the face was solved: Newton iterations, load steps, residual over the load."""

    model_config = ConfigDict(frozen=True)

    piece: str
    load_percent: float
    iterations: int
    load_steps: int
    residual: float


class NonlinearComparison(BaseModel):
    """The linear answer beside a nonlinear one, and by how many per cent it is larger at each place."""

    model_config = ConfigDict(frozen=True)

    linear: LiftReport
    linear_excess_percent: dict[str, float] = Field(description="by landmark, and at the largest motion")
    solved: tuple[SolvedPiece, ...]


class SimulationAnswer(BaseModel):
    """What ``threadlift simulate --json`` prints."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.simulation/1"] = Field(default="threadlift.simulation/1", alias="schema")
    face: str
    threads: int
    model: Literal["linear", "nonlinear"] = Field(default="linear", description="what `lift` comes from")
    lift: LiftReport
    comparison: NonlinearComparison | None = None


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
    nonlinear: bool = typer.Option(
        False,
        "--nonlinear",
        help="Large motion and stiffening tissue, beside the linear answer; takes a minute or two.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
    lang: Language = typer.Option("en", "--lang", help="Language of the text."),
) -> None:
    """Compute how far a plan's threads move each place of a face, with skin strain and thread forces.

    Exit code 1 when the plan does not belong to this face or lies off it.
    """
    case = read_planned_case(plan, face, intake)
    threads = resolve_plan(case.plan, case.anatomy)
    misplaced = check_placement(case.plan, threads, case.anatomy)
    model = build_tissue(case.anatomy, cache=cache, progress=None if as_json else _tell)
    if nonlinear:
        found = simulate_nonlinear(model, threads, progress=_count if not as_json else _silent)
        lift, comparison = found.lift, _compare(found)
    else:
        lift, comparison = simulate_threads(model, threads), None
    lift = replace(lift, findings=(*misplaced, *lift.findings))
    answer = SimulationAnswer(
        face=case.anatomy.face.fingerprint,
        threads=len(threads),
        model="nonlinear" if nonlinear else "linear",
        lift=lift.report(),
        comparison=comparison,
    )
    if as_json:
        print_json(answer)
    else:
        _show(answer, lang)
    if any(finding.severity is Severity.STOP for finding in lift.findings):
        raise typer.Exit(1)


def _tell(stage: str) -> None:
    progress_console.print(stage, markup=False)


def _silent(piece: str, step: NewtonStep) -> None:
    """A script that reads JSON is told nothing on the way."""


def _count(piece: str, step: NewtonStep) -> None:
    said = (
        f"{piece}: step {step.iteration}, {100 * step.share:.0f}% of the load, residual {step.residual:.0e}"
    )
    progress_console.print(said, markup=False)


def _compare(found: NonlinearLift) -> NonlinearComparison:
    linear = {point.landmark: point.total_mm for point in found.linear.points}
    pairs = [
        (point.landmark, linear[point.landmark], point.total_mm)
        for point in found.lift.points
        if point.total_mm >= _SHOWN_FROM_MM
    ]
    if found.solved:
        pairs.append(("largest", found.linear.largest_mm, found.lift.largest_mm))
    return NonlinearComparison(
        linear=found.linear.report(),
        linear_excess_percent={name: 100 * (before / after - 1) for name, before, after in pairs},
        solved=tuple(
            SolvedPiece(
                piece=piece,
                load_percent=100.0,
                iterations=one.iterations,
                load_steps=one.load_steps,
                residual=one.residual,
            )
            for piece, one in found.solved.items()
        ),
    )


def _show(answer: SimulationAnswer, language: Language) -> None:
    lift, comparison = answer.lift, answer.comparison
    say = {name: text.in_language(language) for name, text in _WORDS.items()}

    def number(value: float, spec: str = ".1f") -> str:
        return write_number(value, spec, language)

    points = Table(say["point"], say["total"], say["up"], say["lateral"], say["along"])
    if comparison is not None:
        points.add_column(say["linear"])
        points.add_column(say["excess"])
    for point in sorted(lift.points, key=lambda one: -one.total_mm):
        if point.total_mm >= _SHOWN_FROM_MM:
            along = "" if point.along_mm is None else number(point.along_mm)
            points.add_row(
                point.landmark,
                number(point.total_mm),
                number(point.up_mm, "+.1f"),
                number(point.lateral_mm, "+.1f"),
                along,
                *_beside(point.landmark, comparison, number),
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


def _beside(
    landmark: str, comparison: NonlinearComparison | None, number: Callable[..., str]
) -> tuple[str, ...]:
    """The linear figure of a place and by how much it is larger, where there are both."""
    if comparison is None:
        return ()
    linear = next(point.total_mm for point in comparison.linear.points if point.landmark == landmark)
    excess = comparison.linear_excess_percent.get(landmark)
    return number(linear), "" if excess is None else number(excess, "+.0f")
