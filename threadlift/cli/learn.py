"""``threadlift learn``: what measured outcomes say about the unknowns of the model."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.table import Table

from threadlift.case.learning import DEFAULT_SAMPLES, Learned, LearnedUnknown, learn
from threadlift.cli.output import console, print_json, progress_console
from threadlift.files import check_output, write_text
from threadlift.language import Language, Text, write_number
from threadlift.tissue.validation.outcome import read_outcomes

_WORDS = {
    "synthetic": Text(
        en="Made-up outcomes: this says nothing about people.",
        vi="Kết quả giả định: không nói lên điều gì về người thật.",
    ),
    "unknown": Text(en="Unknown", vi="Điều chưa biết"),
    "before": Text(en="Before, 8 in 10", vi="Trước, 8 trên 10"),
    "now": Text(en="Now, 8 in 10", vi="Nay, 8 trên 10"),
    "middle": Text(en="Middle", vi="Giữa"),
    "narrowed": Text(en="Narrowed by", vi="Thu hẹp"),
    "told": Text(en="Told by", vi="Nhờ"),
    "interval": Text(en="{low} to {high}", vi="{low} đến {high}"),
    "unit": Text(
        en="Tissue: times its nominal value. The last rows: standard deviations from plan or usual.",
        vi="Mô: số lần so với giá trị danh định. Các dòng cuối: độ lệch chuẩn so với kế hoạch hoặc mức "
        "thường gặp.",
    ),
    "rests": Text(
        en="{n} measurements of {people} people; the answer rests on {effective} of {samples} draws.",
        vi="{n} lần đo ở {people} người; kết quả dựa trên {effective} trong {samples} lần lấy mẫu.",
    ),
    "hardly": Text(
        en="Hardly touched by these data: {names}.",
        vi="Dữ liệu này hầu như không cho biết thêm về: {names}.",
    ),
    "surprise": Text(
        en="Surprising: {share}% of the outcomes that the model expected were likelier than these. Check "
        "the data before the model is changed.",
        vi="Bất ngờ: {share}% kết quả mà mô hình dự kiến có khả năng xảy ra cao hơn kết quả này. Hãy kiểm "
        "tra dữ liệu trước khi thay đổi mô hình.",
    ),
}
_WORTH_TELLING = 0.03
_MOVED = 0.1
_SURPRISING = 0.95


def command(
    outcomes: Path = typer.Argument(help='Measured outcomes (TOML or JSON), cases with use = "learn".'),
    output: Path | None = typer.Option(None, "--output", "-o", help="Write what was learned to this TOML."),
    samples: int = typer.Option(DEFAULT_SAMPLES, min=500, max=10_000, help="Draws of the unknowns."),
    seed: int = typer.Option(20261123, min=0, help="Seed of the draws."),
    cache: Path | None = typer.Option(None, "--cache", help="Folder in which responses are kept."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
    lang: Language = typer.Option("en", "--lang", help="Language of the text."),
) -> None:
    """Update what is believed about tissue, pull and hold by measured lifts: each unknown before and after,
    and which measurement told it. Nothing in the model is changed by this.
    """
    if output is not None:
        check_output(output)
    learned = learn(
        read_outcomes(outcomes),
        outcomes.parent,
        samples=samples,
        seed=seed,
        cache=cache,
        progress=lambda stage: None if as_json else progress_console.print(stage, markup=False),
    )
    if output is not None:
        write_text(output, render_learned(learned))
    if as_json:
        print_json(learned)
    else:
        _show(learned, lang)


def render_learned(learned: Learned) -> str:
    """What was learned as TOML, in standard deviations and factors."""
    lines = [
        'schema = "threadlift.learned/1"',
        f"title = {json.dumps(learned.title, ensure_ascii=False)}",
        f"synthetic = {json.dumps(learned.synthetic)}",
        f"people = {learned.people}",
        f"measurements = {learned.measurements}",
        f"samples = {learned.samples}",
        f"seed = {learned.seed}",
        f"effective = {learned.effective}",
        f"surprise = {learned.surprise}",
    ]
    for one in learned.unknowns:
        lines += [
            "",
            "[[unknowns]]",
            f'id = "{one.id}"',
            f"is_factor = {json.dumps(one.is_factor)}",
            f"before = [{one.before_low10}, {one.before_high90}]",
            f"now = [{one.now_low10}, {one.now}, {one.now_high90}]",
            f"mean_z = {one.mean_z}",
            f"sd_z = {one.sd_z}",
            f"told_by = {json.dumps(one.told_by, ensure_ascii=False)}",
        ]
    return "\n".join(lines) + "\n"


def _show(learned: Learned, language: Language) -> None:
    say = {name: text.in_language(language) for name, text in _WORDS.items()}

    def span(low: float, high: float) -> str:
        low_text, high_text = (write_number(value, ".2f", language) for value in (low, high))
        return say["interval"].format(low=low_text, high=high_text)

    if learned.synthetic:
        console.print(say["synthetic"], style="bold")
    told, untouched = _by_worth(learned)
    table = Table(*(say[name] for name in ("unknown", "before", "now", "middle", "narrowed", "told")))
    for one in told:
        table.add_row(
            one.name.in_language(language),
            span(one.before_low10, one.before_high90),
            span(one.now_low10, one.now_high90),
            write_number(one.now, ".2f", language),
            f"{100 * one.narrowed:.0f}%",
            "; ".join(one.told_by[:2]),
        )
    console.print(table)
    console.print(say["unit"])
    if untouched:
        names = ", ".join(one.name.in_language(language) for one in untouched)
        console.print(say["hardly"].format(names=names), markup=False)
    console.print(
        say["rests"].format(
            n=learned.measurements,
            people=learned.people,
            effective=f"{learned.effective:.0f}",
            samples=learned.samples,
        )
    )
    if learned.surprise > _SURPRISING:
        console.print(say["surprise"].format(share=f"{100 * learned.surprise:.0f}"))


def _by_worth(learned: Learned) -> tuple[list[LearnedUnknown], list[LearnedUnknown]]:
    """Unknowns that the data moved or narrowed, and the others."""

    def counts(one: LearnedUnknown) -> bool:
        return bool(one.told_by) and (one.narrowed >= _WORTH_TELLING or abs(one.mean_z) >= _MOVED)

    told = sorted(
        (one for one in learned.unknowns if counts(one)), key=lambda one: (not one.is_factor, -one.narrowed)
    )
    return told, [one for one in learned.unknowns if not counts(one)]
