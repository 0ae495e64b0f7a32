"""``threadlift fit``: a face scan to a fitted face in mm, with its landmarks and quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import typer
from pydantic import BaseModel, ConfigDict, Field
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from threadlift.cli.output import console, print_json, progress_console
from threadlift.errors import InputError
from threadlift.face.face import FaceQuality
from threadlift.face.fit import FitResult, fit_face
from threadlift.face.landmark_file import read_landmarks
from threadlift.face.repair import stage
from threadlift.face.scan import UNITS, ScanReport, ScanUnit, read_scan
from threadlift.face.storage import save_face
from threadlift.language import LANGUAGES, Language, Text, write_number

Point = tuple[float, float, float]

_WORDS = {
    "grade": Text(en="Grade of the fit", vi="Mức chất lượng khớp"),
    "good": Text(en="good", vi="tốt"),
    "usable": Text(en="usable", vi="dùng được"),
    "poor": Text(en="poor", vi="kém"),
    "refused": Text(
        en="refused: do not plan on this face", vi="từ chối: không lập sơ đồ đặt chỉ trên khuôn mặt này"
    ),
    "surface": Text(en="Face core to scan, median and 95%", vi="Lõi mặt đến bản quét, trung vị và 95%"),
    "landmarks": Text(en="Landmark residual, median and 95%", vi="Sai lệch điểm mốc, trung vị và 95%"),
    "coverage": Text(en="Shown by the scan: core, left, right", vi="Bản quét thể hiện: lõi, trái, phải"),
    "position": Text(en="Uncertainty of a point along the skin", vi="Độ bất định của một điểm trên da"),
    "written": Text(en="Written", vi="Đã ghi"),
}


class FitAnswer(BaseModel):
    """What ``threadlift fit --json`` prints."""

    model_config = ConfigDict(frozen=True)

    scan: str
    output: str | None = Field(
        description="the face file; null when the fit was refused and nothing was written"
    )
    quality: FaceQuality
    report: ScanReport
    engine: str = Field(description="landmark detector; empty when all landmarks were set by hand")
    landmarks_mm: dict[str, Point] = Field(description="fitted landmarks in the face frame")
    landmarks_in_file: dict[str, Point] = Field(
        description="the same in scan-file coordinates, to correct by hand"
    )


def command(
    scan: Path = typer.Argument(..., help="The scan: PLY, OBJ, STL, GLB or glTF."),
    output: Path = typer.Option(..., "-o", "--output", help="The face file to write (.npz)."),
    unit: str = typer.Option(None, "--unit", help="Unit of the scan file: mm, cm, m or in."),
    scale_mm: float = typer.Option(None, "--scale-mm", help="A distance measured on the person, in mm."),
    scale_between: str = typer.Option(
        "ex_l,ex_r", "--scale-between", help="The two landmarks it lies between."
    ),
    landmarks: Path = typer.Option(None, "--landmarks", help="Landmarks set by hand, TOML or JSON."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
    language: str = typer.Option("en", "--lang", help="en or vi."),
) -> None:
    """Fit the template head to a face scan and say how far the result can be trusted."""
    spoken = _language(language)
    with stage_display(spoken) as tell:
        tell(stage("read"), 0.0)
        surface = read_scan(scan, unit=_unit(unit), scale_mm=scale_mm, scale_between=_pair(scale_between))
        by_hand = read_landmarks(landmarks) if landmarks else None
        result = fit_face(surface, landmarks=by_hand, progress=tell)
    is_refused = result.face.quality.grade == "refused"
    if not is_refused:
        save_face(output, result.face)
    if as_json:
        print_json(_answer(scan, None if is_refused else output, result))
    else:
        _print_words(result, None if is_refused else output, spoken)
    if is_refused:
        raise typer.Exit(1)


@contextmanager
def stage_display(language: Language) -> Iterator[Callable[[Text, float], None]]:
    """A progress bar on standard error that shows the stage at work; nothing when that is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=progress_console, transient=True, disable=not progress_console.is_terminal
    ) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda text, share: bar.update(task, description=text.in_language(language), completed=share)


def _language(code: str) -> Language:
    for known in LANGUAGES:
        if code == known:
            return known
    raise InputError(f"unknown language {code!r}", where="--lang", remedy=f"One of {', '.join(LANGUAGES)}.")


def _unit(code: str | None) -> ScanUnit | None:
    for known in UNITS:
        if code == known:
            return known
    if code is None:
        return None
    raise InputError(f"unknown unit {code!r}", where="--unit", remedy=f"One of {', '.join(UNITS)}.")


def _pair(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise InputError(
            "two landmark ids with a comma between are needed",
            where="--scale-between",
            remedy="As in ex_l,ex_r.",
        )
    return names[0], names[1]


def _answer(scan: Path, output: Path | None, result: FitResult) -> FitAnswer:
    return FitAnswer(
        scan=scan.name,
        output=str(output) if output else None,
        quality=result.face.quality,
        report=result.scan_report,
        engine=result.engine,
        landmarks_mm={name: _point(place, 3) for name, place in result.face.landmarks_mm.items()},
        landmarks_in_file={name: _point(place, 6) for name, place in result.landmarks_in_file().items()},
    )


def _point(place: np.ndarray, digits: int) -> Point:
    return round(float(place[0]), digits), round(float(place[1]), digits), round(float(place[2]), digits)


def _print_words(result: FitResult, output: Path | None, language: Language) -> None:
    quality = result.face.quality

    def line(word: str, *values: float | None, unit: str = "mm") -> None:
        shown = ", ".join("-" if value is None else write_number(value, ".2f", language) for value in values)
        console.print(f"{_WORDS[word].in_language(language)}: {shown} {unit}", markup=False)

    grade = _WORDS[quality.grade].in_language(language)
    console.print(f"[bold]{_WORDS['grade'].in_language(language)}: {grade}[/bold]")
    line("surface", quality.core_median_mm, quality.core_p95_mm)
    line("landmarks", quality.landmark_residual_median_mm, quality.landmark_residual_p95_mm)
    line("coverage", quality.coverage_core, quality.coverage_left, quality.coverage_right, unit="")
    line("position", quality.position_sd_mm)
    for text in (*quality.notes, *result.scan_report.notes):
        console.print(f"- {text.in_language(language)}", markup=False)
    if output:
        console.print(f"{_WORDS['written'].in_language(language)}: {output}", markup=False)
