"""``threadlift validate``: measured outcomes against what the model predicts for the same people."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.table import Table

from threadlift.case.validation import DEFAULT_SAMPLES, ValidationResult, validate
from threadlift.cli.output import console, print_json, progress_console
from threadlift.language import Language, Text, write_number
from threadlift.tissue.validation.outcome import read_outcomes
from threadlift.tissue.validation.score import Interval

_WORDS = {
    "synthetic": Text(
        en="Made-up outcomes: this says nothing about people.",
        vi="Kết quả giả định: không nói lên điều gì về người thật.",
    ),
    "case": Text(en="Case", vi="Ca"),
    "place": Text(en="Place", vi="Vị trí"),
    "day": Text(en="Day", vi="Ngày"),
    "measured": Text(en="Measured mm", vi="Đo được mm"),
    "range": Text(en="Predicted, 8 in 10", vi="Dự đoán, 8 trên 10"),
    "inside": Text(en="Inside", vi="Nằm trong"),
    "yes": Text(en="yes", vi="có"),
    "no": Text(en="no", vi="không"),
    "up": Text(en="up", vi="lên trên"),
    "count": Text(en="{n} measurements of {people} people.", vi="{n} lần đo ở {people} người."),
    "coverage": Text(
        en="Share inside the range (should be near 0.8)", vi="Tỷ lệ nằm trong khoảng (nên gần 0,8)"
    ),
    "bias": Text(en="Measured less predicted, mm", vi="Đo được trừ dự đoán, mm"),
    "error": Text(en="Mean error, mm", vi="Sai số trung bình, mm"),
    "interval": Text(en="{low} to {high}", vi="{low} đến {high}"),
    "few": Text(
        en="fewer than five people: no interval, no conclusion",
        vi="dưới năm người: không có khoảng tin cậy, không kết luận",
    ),
    "cohort": Text(
        en="{name}, day {day}: published {measured} ({low} to {high}), stand-in {predicted}: {inside}",
        vi="{name}, ngày {day}: đã công bố {measured} ({low} đến {high}), ca thay thế {predicted}: {inside}",
    ),
    "skipped": Text(en="{name} is left out: {why}", vi="Bỏ qua {name}: {why}"),
}


def command(
    outcomes: Path = typer.Argument(help="A file of measured outcomes (TOML or JSON)."),
    samples: int = typer.Option(DEFAULT_SAMPLES, min=100, max=100_000, help="Faces drawn for each case."),
    seed: int = typer.Option(20261123, min=0, help="Seed of the draws."),
    cache: Path | None = typer.Option(None, "--cache", help="Folder in which responses are kept."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
    lang: Language = typer.Option("en", "--lang", help="Language of the text."),
) -> None:
    """Compare measured outcomes with the ranges that the model gives: coverage, bias and error, each with its
    interval. Outcomes that set the model's parameters are turned away.
    """
    result = validate(
        read_outcomes(outcomes),
        outcomes.parent,
        samples=samples,
        seed=seed,
        cache=cache,
        progress=lambda stage: None if as_json else progress_console.print(stage, markup=False),
    )
    if as_json:
        print_json(result)
    else:
        _show(result, lang)


def _show(result: ValidationResult, language: Language) -> None:
    say = {name: text.in_language(language) for name, text in _WORDS.items()}

    def number(value: float, spec: str = ".1f") -> str:
        return write_number(value, spec, language)

    if result.synthetic:
        console.print(say["synthetic"], style="bold")
    if result.score is not None:
        table = Table(say["case"], say["place"], say["day"], say["measured"], say["range"], say["inside"])
        for one in result.score.scored:
            place = one.landmark if one.component == "total" else f"{one.landmark} ({say['up']})"
            reach = say["interval"].format(low=number(one.low10_mm), high=number(one.high90_mm))
            inside = say["yes" if one.inside else "no"]
            table.add_row(one.case, place, str(one.day), number(one.measured_mm), reach, inside)
        console.print(table)
        count = say["count"].format(n=result.score.measurements, people=result.score.people)
        console.print(count)
        for name, figure in (
            ("coverage", result.score.coverage),
            ("bias", result.score.bias_mm),
            ("error", result.score.error_mm),
        ):
            console.print(f"{say[name]}: {_with_interval(figure, say, language)}", markup=False)
    for entry in result.cohorts:
        words = {
            name: number(getattr(entry, name), ".2f") for name in ("measured", "low", "high", "predicted")
        }
        line = say["cohort"].format(
            name=entry.cohort, day=entry.day, inside=say["yes" if entry.inside else "no"], **words
        )
        console.print(line, markup=False)
    for left_out in result.skipped:
        console.print(say["skipped"].format(name=left_out.id, why=left_out.why), markup=False)


def _with_interval(figure: Interval, say: dict[str, str], language: Language) -> str:
    value = write_number(figure.value, ".2f", language)
    if figure.low95 is None or figure.high95 is None:
        return f"{value} ({say['few']})"
    low, high = (write_number(end, ".2f", language) for end in (figure.low95, figure.high95))
    return f"{value} ({say['interval'].format(low=low, high=high)})"
