"""``threadlift plan``: the main job, from a scan and an intake to a case folder with its report."""

from __future__ import annotations

import shutil
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from threadlift.case.build import build_case, stage_text
from threadlift.case.case import Case, CaseInfo, Override
from threadlift.case.folder import MARKER, write_case
from threadlift.case.request import CaseRequest
from threadlift.case.store import drop_older, responses_of
from threadlift.cli.output import console, print_json, progress_console
from threadlift.errors import InputError
from threadlift.face.scan import ScanUnit
from threadlift.files import folder_at_once
from threadlift.finding import Severity
from threadlift.language import Language, Text, write_number
from threadlift.pricing import Currency
from threadlift.report.write import write_report
from threadlift.screening import Level

STOPPING = (Level.REFUSE, Level.REFER_TO_SURGERY, Level.DEFER)
KEPT = "kept"


class PlanAnswer(BaseModel):
    """What ``threadlift plan --json`` prints: what was written and whether anything stops."""

    model_config = ConfigDict(frozen=True)

    folder: str
    files: tuple[str, ...]
    info: CaseInfo
    verdict: Level
    no_plan: Text | None
    threads: int
    stops: int
    cautions: int
    stopped: bool


def command(
    scan: Annotated[Path, typer.Option(help="Face scan: PLY, OBJ, STL, GLB.")],
    intake: Annotated[Path, typer.Option(help="The answered questionnaire, TOML or JSON.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the case; made or renewed.")],
    unit: Annotated[ScanUnit | None, typer.Option(help="Unit of the scan file.")] = None,
    scale_mm: Annotated[
        float | None, typer.Option(help="A distance on the person in mm, when the unit is unknown.")
    ] = None,
    scale_between: Annotated[str, typer.Option(help="The two landmarks of --scale-mm.")] = "ex_l,ex_r",
    landmarks: Annotated[Path | None, typer.Option(help="Landmarks set by hand, TOML or JSON.")] = None,
    on: Annotated[
        str | None, typer.Option(help="Day of the consultation, YYYY-MM-DD; today if left out.")
    ] = None,
    procedure_on: Annotated[
        str | None, typer.Option(help="Planned day of the procedure, YYYY-MM-DD.")
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="The clinic's price list.")] = None,
    currency: Annotated[Currency | None, typer.Option(help="Default: that of the price list.")] = None,
    optimise: Annotated[
        bool,
        typer.Option("--optimise", help="Plan with the optimiser; the published plan is shown beside it."),
    ] = False,
    goal: Annotated[
        Path | None, typer.Option(help="GOAL of --optimise; without one what the intake asks for.")
    ] = None,
    override_by: Annotated[
        str | None, typer.Option(help="Doctor who plans although the verdict refuses.")
    ] = None,
    override_reason: Annotated[str | None, typer.Option(help="Why; kept in the case and printed.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of report and display.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
) -> None:
    """Screen, fit, plan, check, predict, price and report one case. Exit code 1 when something stops."""
    today = _day(on, "--on") or datetime.now(UTC).astimezone().date()
    with folder_at_once(output, marker=MARKER) as work:
        _take_over(output, work)
        request = CaseRequest(
            scan=scan,
            intake=intake,
            on=today,
            procedure_on=_day(procedure_on, "--procedure-on"),
            unit=unit,
            scale_mm=scale_mm,
            scale_between=_pair(scale_between),
            landmarks=landmarks,
            prices=prices,
            currency=currency,
            override=_override(override_by, override_reason, today),
            optimise=optimise or goal is not None,
            goal=goal,
            cache=work / KEPT,
        )
        case = _run(request, work, lang)
        files = tuple(sorted(path.name for path in work.iterdir() if path.is_file()))
    answer = _answer(case, output, files)
    if as_json:
        print_json(answer)
    else:
        _print_answer(answer, case, lang)
    if answer.stopped:
        raise typer.Exit(1)


def _run(request: CaseRequest, work: Path, language: Language) -> Case:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=progress_console, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=1.0)

        def tell(stage: Text, share: float) -> None:
            bar.update(task, description=stage.in_language(language), completed=share)

        start = time.time()
        case = build_case(request, progress=tell)
        if case.treatment is not None:
            drop_older(responses_of(work / KEPT), start)
        tell(stage_text("report"), 0.95)
        write_case(case, work, language=language)
        write_report(case, work, language)
        bar.update(task, completed=1.0)
    return case


def _take_over(output: Path, work: Path) -> None:
    """Fitted face and responses of the earlier run of this case, used where they still fit."""
    kept = output / KEPT
    if kept.is_dir():
        shutil.copytree(kept, work / KEPT)


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError("is no date", where=option, remedy="Write it as 2026-11-23.") from error


def _pair(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise InputError("needs two landmark ids", where="--scale-between", remedy="As in ex_l,ex_r.")
    return names[0], names[1]


def _override(by: str | None, reason: str | None, on: date) -> Override | None:
    if by is None and reason is None:
        return None
    if not by or len(by.strip()) < 2 or not reason or len(reason.strip()) < 10:
        raise InputError(
            "an override needs a doctor's name and a reason of ten letters or more",
            where="--override-by, --override-reason",
            remedy="Give both; they are kept in the case and printed on the report.",
        )
    return Override(by=by.strip(), reason=reason.strip(), on=on)


def _answer(case: Case, folder: Path, files: tuple[str, ...]) -> PlanAnswer:
    treatment = case.treatment
    severities = [finding.severity for finding in treatment.all_findings] if treatment else []
    stops = severities.count(Severity.STOP)
    return PlanAnswer(
        folder=str(folder),
        files=files,
        info=case.info,
        verdict=case.verdict.level,
        no_plan=case.no_plan,
        threads=len(treatment.threads) if treatment else 0,
        stops=stops,
        cautions=severities.count(Severity.CAUTION),
        stopped=bool(stops) or case.no_plan is not None or case.verdict.level in STOPPING,
    )


def _print_answer(answer: PlanAnswer, case: Case, language: Language) -> None:
    console.print(case.verdict.summary.in_language(language), style="bold", markup=False)
    if answer.no_plan:
        console.print(answer.no_plan.in_language(language), markup=False)
    else:
        counts = Text(
            en="{threads} threads planned; {stops} stops, {cautions} cautions. No stop does not mean safe.",
            vi="Dự kiến {threads} sợi chỉ; {stops} điểm dừng, {cautions} điểm cần thận trọng. "
            "Không có điểm dừng không có nghĩa là an toàn.",
        ).fill(threads=answer.threads, stops=answer.stops, cautions=answer.cautions)
        console.print(counts.in_language(language), markup=False)
    spent = ", ".join(
        f"{stage_text(name).in_language(language)} {write_number(seconds, '.1f', language)} s"
        for name, seconds in answer.info.seconds.items()
    )
    console.print(spent, style="dim", markup=False)
    console.print(f"{answer.folder}/report.html  {answer.folder}/report.pdf", markup=False, soft_wrap=True)
