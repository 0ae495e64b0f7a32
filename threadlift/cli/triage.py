"""``threadlift triage``: how urgent a check-in is, why, and what to do now."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from threadlift.care.checkin import read_checkin, with_record
from threadlift.care.level import Level, most_urgent
from threadlift.care.triage import triage
from threadlift.care.triage_answer import Numbers, TriageAnswer, level_name
from threadlift.cli.output import console, print_json
from threadlift.cli.subject import read_subject
from threadlift.cli.wording import status_word
from threadlift.language import Language


def command(
    checkin: Annotated[Path, typer.Argument(help="CHECK-IN, TOML or JSON, schema threadlift.checkin/1.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
    record: Annotated[
        Path | None,
        typer.Option("--record", help="INTAKE or CASE that fills in what the check-in leaves out."),
    ] = None,
    previous: Annotated[
        Level | None, typer.Option(help="Level of the last check-in; it is not lowered.")
    ] = None,
    emergency_number: Annotated[str, typer.Option(help="Ambulance number.")] = "115",
    clinic_phone: Annotated[str | None, typer.Option(help="The clinic's number, day and night.")] = None,
) -> None:
    """Say how urgent a check-in is. Exit code 1 for an emergency, 0 for every other level."""
    given = read_checkin(checkin, today=date.today())
    if record is not None:
        given = with_record(given, *read_subject(record))
    if previous is not None:
        worst = most_urgent(previous, given.previous_level or previous)
        # Its day is not told, so only a release of the check-in's own day can let it go.
        given = given.model_copy(update={"previous_level": worst, "previous_level_on": None})
    numbers = Numbers(emergency_number=emergency_number)
    if clinic_phone:
        numbers = Numbers(emergency_number=emergency_number, clinic_phone=clinic_phone)
    answer = triage(given, numbers=numbers)
    if as_json:
        print_json(answer)
    else:
        _print_answer(answer, lang)
    if answer.level is Level.EMERGENCY:
        raise typer.Exit(1)


def _print_answer(answer: TriageAnswer, language: Language) -> None:
    def say(text: str, style: str = "") -> None:
        console.print(text, style=style or None, markup=False)

    words = {
        "en": ("What to do meanwhile", "Call the ambulance at once if", "Why"),
        "vi": ("Trong lúc chờ, hãy", "Gọi cấp cứu ngay nếu", "Vì sao"),
    }[language]
    say(answer.level_name.in_language(language), "bold")
    say(answer.headline.in_language(language))
    say(answer.call.in_language(language))
    for title, texts in ((words[0], answer.meanwhile), (words[1], answer.emergency_if)):
        if texts:
            say(f"\n{title}:", "bold")
        for text in texts:
            say(f"  - {text.in_language(language)}")
    say(f"\n{words[2]}:", "bold")
    for fired in answer.fired:
        sources = ", ".join(fired.sources) or status_word(fired.status, language)
        flag = f", {fired.red_flag}" if fired.red_flag else ""
        level = level_name(fired.level).in_language(language)
        say(f"  - [{level}] {fired.what.in_language(language)}. {fired.why.in_language(language)}")
        say(f"    ({fired.rule}{flag}; {sources})", "dim")
    say(f"\n{answer.notice.in_language(language)}", "italic")
