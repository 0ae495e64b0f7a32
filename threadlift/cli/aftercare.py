"""``threadlift aftercare``: what to do after the session, on which dates, as a list or as a calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from threadlift.care.aftercare import AftercarePlan, aftercare, to_ics
from threadlift.cli.output import console, print_json
from threadlift.cli.subject import read_subject
from threadlift.cli.wording import severity_word
from threadlift.errors import InputError
from threadlift.files import write_bytes
from threadlift.language import Language


def command(
    subject: Annotated[Path, typer.Argument(help="INTAKE (TOML or JSON) or CASE folder.")],
    on: Annotated[str, typer.Option("--date", help="Day of the session, YYYY-MM-DD.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write a calendar, .ics.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
    details: Annotated[
        bool,
        typer.Option("--details", help="Put the advice into the calendar; without it, titles tell nothing."),
    ] = False,
    folk: Annotated[bool, typer.Option("--folk/--no-folk", help="Show customs without evidence.")] = True,
) -> None:
    """Date the aftercare for one patient; a doctor may change every rule."""
    intake, plan = read_subject(subject)
    try:
        day = date.fromisoformat(on)
    except ValueError as error:
        raise InputError("is not a date", where="--date", remedy="Write it as 2026-12-01.") from error
    made = aftercare(day, intake, plan, with_folk_rules=folk)
    if output is not None:
        seed = intake.patient.code or subject.name
        write_bytes(output, to_ics(made, lang, details=details, uid_seed=seed))
    if as_json:
        print_json(made)
    else:
        _print_plan(made, lang, output)


def _print_plan(made: AftercarePlan, language: Language, output: Path | None) -> None:
    def say(text: str, style: str | None = None) -> None:
        console.print(text, style=style, markup=False)

    until = {"en": "until", "vi": "đến hết"}[language]
    day = {"en": "days", "vi": "ngày"}[language]
    for rule in made.rules:
        end = f"{until} {rule.ends_on:%d/%m/%Y}: " if rule.ends_on else ""
        say(f"- {end}{rule.what.in_language(language)}", "bold")
        if rule.for_you:
            say(f"    {rule.for_you.in_language(language)}")
        days = f"{rule.days_min}-{rule.days_max} {day}; " if rule.days_min != rule.days_max else ""
        strength = rule.strength_text.in_language(language)
        say(f"    {days}{strength}. {rule.evidence.in_language(language)} [{', '.join(rule.sources)}]", "dim")
        if rule.article is not None:
            say(f"    {rule.article.in_language(language)}", "dim")
    say("")
    for visit in made.visits:
        end = f" - {visit.ends_on:%d/%m/%Y}" if visit.ends_on != visit.starts_on else ""
        say(f"{visit.starts_on:%d/%m/%Y}{end}  {visit.what.in_language(language)}")
    say("")
    for found in made.findings:
        say(f"[{severity_word(found.severity, language)}] {found.what.in_language(language)}", "bold")
        for text in (found.consequence, found.remedy):
            if text is not None:
                say(f"    {text.in_language(language)}")
    for remark in made.remarks:
        say(f"{remark.claim.in_language(language)} ({remark.verdict}): {remark.says.in_language(language)}")
    if output is not None:
        say(f"\n{output}")
    say(f"\n{made.notice.in_language(language)}", "italic")
