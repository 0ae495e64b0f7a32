"""``threadlift screen``: the verdict on an intake, with every rule that fired."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from threadlift.cli.output import console, print_json
from threadlift.evidence import load_sources
from threadlift.files import load_data
from threadlift.language import Language, Text
from threadlift.screening import FiredRule, Level, Verdict, read_intake, screen, until_text
from threadlift.screening.wording import number_text, word

COLOURS = {
    "refuse": "bold red",
    "refer_to_surgery": "bold red",
    "defer": "bold yellow",
    "doctor_review": "bold magenta",
    "proceed_with_precaution": "bold cyan",
    "proceed": "bold green",
    "note": "dim",
}


def command(
    intake: Annotated[Path, typer.Argument(help="INTAKE, TOML or JSON, schema threadlift.intake/1.")],
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of treatment to judge for. Default: today."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
) -> None:
    """Judge an intake. Exit code 1 for refuse, defer and refer to surgery, 0 for every other verdict."""
    verdict = screen(read_intake(intake), on=on.date() if on else date.today())
    if as_json:
        print_json(verdict)
    else:
        _print_verdict(verdict, lang)
    if verdict.is_stop:
        raise typer.Exit(1)


def _say(text: str, style: str = "") -> None:
    console.print(text, style=style or None, markup=False, soft_wrap=True)


def _heading(name: str, language: Language) -> None:
    _say(f"\n{word('heading', name).in_language(language)}", "bold")


def _print_verdict(verdict: Verdict, language: Language) -> None:
    _say(verdict.summary.in_language(language), COLOURS[verdict.level.value])
    if verdict.level is Level.DEFER:
        for fired in verdict.fired:
            until = until_text(fired)
            if until:
                _say(f"  {fired.title.in_language(language)}: {until.in_language(language)}")
    if verdict.fired:
        _heading("fired", language)
        for fired in verdict.fired:
            _print_fired(fired, language)
    if verdict.missing:
        _heading("missing", language)
        for entry in verdict.missing:
            action = word("level", entry.action.value).in_language(language)
            _say(f"  - {entry.asks.in_language(language)}")
            _say(f"    {entry.question} ({', '.join(entry.rules)}) -> {action}", "dim")
    _print_restrictions(verdict, language)
    checked = word("heading", "checked").fill(count=verdict.rules_checked, version=verdict.rule_set)
    _say(f"\n{checked.in_language(language)} {verdict.disclaimer.in_language(language)}", "italic")


def _print_fired(fired: FiredRule, language: Language) -> None:
    action = word("level", fired.action.value).in_language(language)
    scope = word("scope", fired.scope.value).in_language(language)
    if fired.in_scope is not fired.action:
        scope = f"{scope}: {word('level', fired.in_scope.value).in_language(language)}"
    _say(
        f"  {fired.rule}  {fired.title.in_language(language)}: {action} ({scope})",
        COLOURS[fired.action.value],
    )
    _say(f"      {fired.says.in_language(language)}")
    until = until_text(fired)
    if until:
        _say(f"      {until.in_language(language)}")
    if fired.condition:
        _say(f"      -> {fired.condition.in_language(language)}")
    used = "; ".join(f"{used.field} = {_shown(used.value, language)}" for used in fired.used)
    _say(f"      {word('heading', 'used').in_language(language)}: {used}", "dim")
    sources = ", ".join(load_sources()[name].short for name in fired.sources)
    status = word("status", fired.status.value).in_language(language)
    _say(f"      {status}; {fired.strength.in_language(language)}{'; ' + sources if sources else ''}", "dim")
    _say(f"      {fired.article_says.in_language(language)}", "dim")


def _shown(value: str | float, language: Language) -> str:
    return value if isinstance(value, str) else number_text(value).in_language(language)


def _name(what: str, language: Language) -> str:
    """An area, goal or substance as the report names it; a material by its letters."""
    texts = load_data("threadlift.report", "texts.toml")
    for kind in ("area", "goal", "substance"):
        if what in texts[kind]:
            return Text.model_validate(texts[kind][what]).in_language(language)
    return what


def _print_restrictions(verdict: Verdict, language: Language) -> None:
    kept = verdict.restrictions
    _heading("restrictions", language)
    for name in ("materials", "areas", "goals", "substances"):
        excluded = ", ".join(_name(entry.what, language) for entry in getattr(kept, name))
        if excluded:
            _say(f"  - {word('heading', name).fill(what=excluded).in_language(language)}")
    left = ", ".join(kept.materials_left)
    name = "materials_left" if left else "materials_none"
    _say(f"  - {word('heading', name).fill(what=left).in_language(language)}")
    for requirement in kept.requirements:
        scope = word("scope", requirement.scope.value).in_language(language)
        _say(f"  - [{scope}] {requirement.text.in_language(language)} ({requirement.rule})")
    _heading("durations", language)
    for remark in verdict.durations:
        months = word("heading", "months").fill(
            material=remark.material, low=number_text(remark.months[0]), high=number_text(remark.months[1])
        )
        short = f", {word('heading', 'short').in_language(language)}" if remark.meets_wish is False else ""
        status = word("status", remark.status.value).in_language(language)
        _say(f"  - {months.in_language(language)}{short} ({status})")
