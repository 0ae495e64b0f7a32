"""``threadlift optimise``: threads chosen for a goal in millimetres, with the published technique beside
them."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from threadlift.case.build import STOPPING_LEVELS
from threadlift.case.optimised import find_goal, optimise_for, propose_published
from threadlift.case.planned import find_intake, place_patient_anatomy
from threadlift.cli.output import console, print_json, progress_console
from threadlift.errors import InputError
from threadlift.face.storage import load_face
from threadlift.files import check_output, write_text
from threadlift.language import Language, Text, write_number
from threadlift.planning.forecast import Band
from threadlift.planning.optimise.answer import OptimisedPlan, PlanFigures
from threadlift.planning.optimise.optimise import DEFAULT_SECONDS
from threadlift.pricing import Currency, PriceList, format_money, load_price_list, read_price_list
from threadlift.screening import Level, read_intake, screen
from threadlift.tissue import build_tissue

_STAGES = {
    "model": Text(en="Tissue model and published plan", vi="Mô hình mô và sơ đồ đã công bố"),
    "candidates": Text(en="Candidates", vi="Các phương án chỉ"),
    "influence": Text(en="Influence of the candidates", vi="Tác dụng của các phương án"),
    "choice": Text(en="Best so far", vi="Tốt nhất đến lúc này"),
    "check": Text(en="Exact check", vi="Kiểm tra chính xác"),
    "nearest": Text(en="Nearest reachable", vi="Mức gần nhất đạt được"),
    "range": Text(en="Range of the lift", vi="Khoảng của độ nâng"),
}
_OUTCOMES = {
    "reached": Text(
        en="The wishes are reached in the tissue model.", vi="Đạt các mong muốn trong mô hình mô."
    ),
    "nearest": Text(
        en="Not every wish can be reached; this plan comes nearest.",
        vi="Không thể đạt mọi mong muốn; sơ đồ này gần nhất.",
    ),
    "best_so_far": Text(
        en="Best plan so far; the search did not end.", vi="Sơ đồ tốt nhất đến lúc này; chưa tìm xong."
    ),
    "nothing_found": Text(en="No plan was found.", vi="Không tìm được sơ đồ nào."),
}
_WORDS = {
    "place": Text(en="Place", vi="Vị trí"),
    "wished": Text(en="Wished mm", vi="Mong muốn mm"),
    "needed": Text(en="Needed mm", vi="Cần mm"),
    "reached": Text(en="This plan mm (8 in 10)", vi="Sơ đồ này mm (8 trên 10)"),
    "published": Text(en="Published mm (8 in 10)", vi="Đã công bố mm (8 trên 10)"),
    "words_only": Text(
        en="Lift in millimetres is not shown: this face or plan does not carry it.",
        vi="Không nêu độ nâng theo milimét: khuôn mặt hoặc sơ đồ này không đủ tin cậy.",
    ),
    "figure": Text(en="Figure", vi="Số liệu"),
    "optimised": Text(en="Optimised", vi="Tối ưu"),
    "technique": Text(en="Published technique", vi="Kỹ thuật đã công bố"),
    "threads": Text(en="Threads", vi="Số chỉ"),
    "total_pull_n": Text(en="Pull in all, N", vi="Tổng lực kéo, N"),
    "total": Text(en="Price", vi="Giá"),
    "mouth_mm": Text(en="Mouth corner, mm", vi="Khóe miệng, mm"),
    "stretch_percent": Text(en="Skin stretch, %", vi="Giãn da, %"),
    "bunching_percent": Text(en="Skin bunching, %", vi="Dồn da, %"),
    "stops": Text(en="Stops", vi="Điểm dừng"),
    "cautions": Text(en="Cautions", vi="Điểm thận trọng"),
    "thread": Text(en="Thread", vi="Chỉ"),
    "kind": Text(en="Kind", vi="Loại"),
    "plane": Text(en="Plane", vi="Lớp"),
    "pull": Text(en="Pull N", vi="Lực kéo N"),
    "found": Text(
        en="{generated} candidates, {clear} without a stop, {threads} in the choice; "
        "first plan {first} s, gap {gap}%.",
        vi="{generated} phương án, {clear} không có điểm dừng, {threads} đưa vào chọn; "
        "sơ đồ đầu sau {first} s, sai lệch {gap}%.",
    ),
    "stopped": Text(
        en="The plan is stopped: `threadlift check` names each stop. Reaching a wish does not lift it.",
        vi="Sơ đồ có điểm dừng: `threadlift check` nêu từng điểm. Đạt mong muốn không xóa được điểm dừng.",
    ),
    "suggestion": Text(
        en="A suggestion for a doctor, computed with a model that is not validated in people. "
        "No stop is not a statement that the plan is safe.",
        vi="Đây là gợi ý cho bác sĩ, tính bằng mô hình chưa được kiểm chứng trên người. "
        "Không có điểm dừng không có nghĩa là sơ đồ an toàn.",
    ),
}
_FIGURES = (
    "threads",
    "total_pull_n",
    "total",
    "mouth_mm",
    "stretch_percent",
    "bunching_percent",
    "stops",
    "cautions",
)


def command(
    goal: Annotated[
        Path | None, typer.Option(help="GOAL (TOML or JSON); without one the goals of the intake.")
    ] = None,
    case: Annotated[Path | None, typer.Option(help="CASE folder with face and intake.")] = None,
    face: Annotated[Path | None, typer.Option(help="FACE made by threadlift fit.")] = None,
    intake: Annotated[Path | None, typer.Option(help="INTAKE (TOML or JSON).")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Plan file to write, JSON; check, simulate, quote take it."),
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="Price list; without one the example list.")] = None,
    time_limit: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds for the search itself.")
    ] = DEFAULT_SECONDS,
    cache: Annotated[
        Path | None, typer.Option(help="Folder in which responses are kept for next time.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="Day of the consultation, YYYY-MM-DD; today if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
) -> None:
    """Choose threads, courses and pulls for a goal; Ctrl-C keeps the best so far. A suggestion for a doctor.

    Exit code 1 when screening (then the verdict is printed) or a finding stops the plan, or none is found.
    """
    face_file, intake_file = _inputs(case, face, intake)
    if output is not None:
        if output.suffix.lower() != ".json":
            raise InputError("must end in .json", where="--output", remedy="Name it plan.json, for example.")
        check_output(output)
    answers = read_intake(intake_file)
    day = _day(on)
    verdict = screen(answers, on=day)
    if verdict.level in STOPPING_LEVELS:
        if as_json:
            print_json(verdict)
        else:
            console.print(verdict.summary.in_language(lang), style="bold", markup=False)
        raise typer.Exit(1)
    wished = find_goal(goal, answers, verdict)
    price_list: PriceList = read_price_list(prices) if prices else load_price_list()
    fitted = load_face(face_file)
    if fitted.quality.grade == "refused":
        raise InputError(
            "the fit is refused and cannot carry a plan",
            where=face_file.name,
            remedy="Scan the whole face again, both sides, eyes open, hair back.",
        )
    anatomy = place_patient_anatomy(fitted, answers)
    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    quiet = as_json or not sys.stderr.isatty()
    with Progress(*columns, console=progress_console, disable=quiet, transient=True) as bar:
        task = bar.add_task(_STAGES["model"].in_language(lang), total=None)

        def tell(stage: str, value: float, bound: float) -> None:
            words = _STAGES[stage].in_language(lang)
            if stage == "candidates":
                words += f" {100 * value:.0f}%"
            elif stage == "choice":
                words += f": {value:.2f} ({bound:.2f})"
            bar.update(task, description=words)

        model = build_tissue(anatomy, cache=cache)
        published = propose_published(answers, verdict, model)
        made = optimise_for(
            wished,
            answers,
            verdict,
            model,
            price_list,
            on=day,
            published=published,
            seconds=time_limit,
            tell=tell,
        )
    if output is not None and made.plan.threads:
        write_text(output, made.plan.model_dump_json(indent=2, by_alias=True) + "\n")
    if as_json:
        print_json(made)
    else:
        if verdict.level is not Level.PROCEED:
            console.print(verdict.summary.in_language(lang), style="bold", markup=False)
        _show(made, lang)
    if not made.plan.threads or (made.optimised is not None and made.optimised.stops):
        raise typer.Exit(1)


def _inputs(case: Path | None, face: Path | None, intake: Path | None) -> tuple[Path, Path]:
    if case is not None:
        if not case.is_dir():
            raise InputError(
                "is no folder", where="--case", remedy="Name the folder that `threadlift plan` made."
            )
        if face is not None:
            raise InputError(
                "a case has its own face", where="--face", remedy="Name --case, or --face with --intake."
            )
        face, intake = case / "face.npz", intake or find_intake(case)
    if face is None or intake is None:
        raise InputError(
            "a face and an intake are needed",
            where="--case",
            remedy="Name a case folder, or --face FACE and --intake INTAKE.",
        )
    return face, intake


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).astimezone().date()
    except ValueError as error:
        raise InputError("is no date", where="--on", remedy="Write it as 2026-11-23.") from error


def _show(made: OptimisedPlan, language: Language) -> None:
    say = {name: text.in_language(language) for name, text in _WORDS.items()}

    def number(value: float | None, spec: str = ".2f") -> str:
        return "" if value is None else write_number(value, spec, language)

    console.print(_OUTCOMES[made.outcome].in_language(language), style="bold", markup=False)
    if made.optimised is not None and made.optimised.stops:
        console.print(say["stopped"], style="bold red", markup=False)
    if made.form == "mm":
        console.print(_wishes(made, say, language))
    else:
        console.print(say["words_only"], markup=False)
    threads = Table(*(say[name] for name in ("thread", "kind", "plane", "pull")))
    for thread in made.plan.threads:
        threads.add_row(thread.id, thread.kind, thread.plane.value, number(thread.tension_n))
    console.print(threads)
    figures = Table(say["figure"], say["optimised"], say["technique"])
    for name in _FIGURES:
        if name == "mouth_mm" and made.form != "mm":
            continue
        figures.add_row(
            say[name], _figure(made.optimised, name, language), _figure(made.published, name, language)
        )
    console.print(figures)
    for reason in (*made.reasons, *made.departures):
        console.print(f"- {reason.what.in_language(language)}", markup=False)
    counts, search = made.candidates, made.search
    told = say["found"].format(
        generated=counts.generated,
        clear=counts.clear,
        threads=counts.threads,
        first=number(search.first_plan_s),
        gap=number(search.gap_percent, ".1f"),
    )
    console.print(told, style="dim", markup=False)
    console.print(say["suggestion"], markup=False)


def _wishes(made: OptimisedPlan, say: dict[str, str], language: Language) -> Table:
    """What is wished and what both plans give, never without its range."""

    def number(value: float) -> str:
        return write_number(value, ".1f", language)

    def lift(value: float | None, range_mm: Band | None) -> str:
        if value is None or range_mm is None:
            return ""
        return f"{number(value)} ({number(range_mm.low10)} – {number(range_mm.high90)})"

    columns = ["place", "wished", *(["needed"] if made.goal.robust else []), "reached", "published"]
    table = Table(*(say[name] for name in columns))
    for wish in made.wishes:
        needed = [number(wish.needed_mm)] if made.goal.robust else []
        table.add_row(
            f"{wish.landmark} {wish.direction}",
            number(wish.wished_mm),
            *needed,
            lift(wish.reached_mm, wish.reached_range),
            lift(wish.published_mm, wish.published_range),
        )
    return table


def _figure(figures: PlanFigures | None, name: str, language: Language) -> str:
    if figures is None:
        return ""
    value = getattr(figures, name)
    if name == "total" and value is not None:
        return format_money(Decimal(value), cast(Currency, figures.currency), language)
    return "" if value is None else str(value)
