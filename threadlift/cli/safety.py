"""``threadlift safety``: anaesthetic limit, antiseptic, rescue kit, checklist, expectation, and an offer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from threadlift.care.safety import SafetyReport, check_safety
from threadlift.care.safety_file import SafetyFile
from threadlift.cli.output import console, print_json
from threadlift.files import read_model
from threadlift.finding import Severity
from threadlift.language import Language


def command(
    file: Annotated[Path, typer.Argument(help="TOML or JSON, schema threadlift.safety/1.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
) -> None:
    """Check doses, antiseptic, kit, checklist, expectation or an offer. Exit code 1 when something stops."""
    report = check_safety(read_model(file, SafetyFile), on=date.today())
    if as_json:
        print_json(report)
    else:
        _print_report(report, lang)
    if report.worst is Severity.STOP:
        raise typer.Exit(1)


def _print_report(report: SafetyReport, language: Language) -> None:
    def say(text: str, style: str | None = None) -> None:
        console.print(text, style=style, markup=False)

    if report.offer is not None:
        say(report.offer.says.in_language(language), "bold")
        for factor, state in report.offer.factors.items():
            say(f"  {factor}: {state}")
    if report.dose is not None and report.dose.share is not None and report.dose.weight_basis is not None:
        weight, basis = report.dose.dosing_weight_kg, report.dose.weight_basis.in_language(language)
        say(f"{report.dose.share * 100:.0f} %  ({weight:.1f} kg, {basis})", "bold")
        for left in report.dose.remaining:
            epinephrine = "+ epinephrine" if left.epinephrine else "plain"
            volumes = ", ".join(f"{ml:g} ml {strength}" for strength, ml in left.remaining_ml.items())
            say(f"  {left.agent} {epinephrine}: {left.remaining_mg:g} / {left.limit_mg:g} mg ({volumes})")
    for found in report.findings:
        say(f"[{found.severity.value}] {found.what.in_language(language)}", "bold")
        for text in (found.consequence, found.remedy):
            if text is not None:
                say(f"    {text.in_language(language)}")
        say(f"    ({found.rule}; {', '.join(found.sources) or found.status.value})", "dim")
    say(f"\n{report.notice.in_language(language)}", "italic")
