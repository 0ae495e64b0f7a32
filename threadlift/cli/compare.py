"""``threadlift compare``: the alternatives side by side for one patient, doing nothing included."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from threadlift.care.alternative import Alternatives, compare
from threadlift.cli.output import console, print_json
from threadlift.cli.subject import read_subject
from threadlift.cli.wording import status_word
from threadlift.language import Language
from threadlift.screening import screen

ROWS = {
    "fit": ("For you", "Với bạn"),
    "onset": ("Onset", "Khi nào thấy"),
    "downtime": ("Downtime", "Thời gian nghỉ"),
    "longevity": ("Lasts", "Kéo dài"),
    "lift": ("Lift", "Mức nâng"),
    "risk": ("Risk", "Rủi ro"),
    "cost": ("Cost", "Chi phí"),
    "weakness": ("Weakness", "Điểm yếu bằng chứng"),
}


def command(
    subject: Annotated[Path, typer.Argument(help="INTAKE (TOML or JSON) or CASE folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
) -> None:
    """Compare thread lift, surgery, HIFU, RF, filler, threads with filler, and doing nothing."""
    intake, plan = read_subject(subject)
    answer = compare(intake, screen(intake, on=date.today()), plan)
    if as_json:
        print_json(answer)
    else:
        _print_answer(answer, lang)


def _print_answer(answer: Alternatives, language: Language) -> None:
    column = 1 if language == "vi" else 0
    for alternative in answer.options:
        option = alternative.option
        table = Table(title=option.name.in_language(language), title_justify="left", show_header=False)
        table.add_column(width=20)
        table.add_column(overflow="fold")
        reasons = "\n".join(reason.says.in_language(language) for reason in alternative.reasons)
        table.add_row(
            ROWS["fit"][column], f"{alternative.fit_words.in_language(language)}\n{reasons}".strip()
        )
        for name in ("onset", "downtime", "longevity", "lift", "risk", "cost", "weakness"):
            table.add_row(ROWS[name][column], getattr(option, name).in_language(language))
        table.add_row("", ", ".join(option.sources) or status_word(option.status, language))
        console.print(table)
    console.print(answer.notice.in_language(language), style="italic", markup=False)
