"""``threadlift safety``: anaesthetic limit, antiseptic, rescue kit, checklist, expectation, and an offer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from threadlift.care.anaesthetic import Remaining, load_limits
from threadlift.care.safety import SafetyReport, check_safety
from threadlift.care.safety_file import SafetyFile
from threadlift.cli.output import console, print_json
from threadlift.cli.wording import severity_word, status_word
from threadlift.files import read_model
from threadlift.finding import Severity
from threadlift.language import Language, Text, figure

_WORDS = {
    "thread": Text(en="thread", vi="sợi chỉ"),
    "operator": Text(en="operator", vi="người thực hiện"),
    "sterility": Text(en="sterility", vi="vô khuẩn"),
    "present": Text(en="present", vi="đạt"),
    "missing": Text(en="missing", vi="thiếu"),
    "unknown": Text(en="unknown", vi="chưa rõ"),
    "plain": Text(en="plain", vi="không pha epinephrin"),
    "epinephrine": Text(en="+ epinephrine", vi="pha epinephrin"),
    "share": Text(
        en="{share:.0f}% of the limit ({weight:.1f} kg, {basis})",
        vi="{share:.0f}% giới hạn ({weight:.1f} kg, {basis})",
    ),
    "left": Text(
        en="{agent} {how}: {left} mg left of {limit} mg ({volumes})",
        vi="{agent} {how}: còn {left} mg trong {limit} mg ({volumes})",
    ),
}


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
            say(f"  {_WORDS[factor].in_language(language)}: {_WORDS[state].in_language(language)}")
    if report.dose is not None and report.dose.share is not None and report.dose.weight_basis is not None:
        weight, basis = report.dose.dosing_weight_kg, report.dose.weight_basis
        used = _WORDS["share"].fill(share=report.dose.share * 100, weight=weight, basis=basis)
        say(used.in_language(language), "bold")
        for left in report.dose.remaining:
            say(f"  {_left(left).in_language(language)}")
    for found in report.findings:
        say(f"[{severity_word(found.severity, language)}] {found.what.in_language(language)}", "bold")
        for text in (found.consequence, found.remedy):
            if text is not None:
                say(f"    {text.in_language(language)}")
        say(f"    ({found.rule}; {', '.join(found.sources) or status_word(found.status, language)})", "dim")
    say(f"\n{report.notice.in_language(language)}", "italic")


def _left(left: Remaining) -> Text:
    """What may still be given of one agent; Vietnamese writes the volumes with a decimal comma."""
    each = [(figure(ml), figure(float(strength.rstrip(" %")))) for strength, ml in left.remaining_ml.items()]
    volumes = Text(
        en=", ".join(f"{ml.en} mL of {strength.en}%" for ml, strength in each),
        vi=", ".join(f"{ml.vi} ml loại {strength.vi}%" for ml, strength in each),
    )
    return _WORDS["left"].fill(
        agent=load_limits()[0][left.agent].name,
        how=_WORDS["epinephrine" if left.epinephrine else "plain"],
        left=left.remaining_mg,
        limit=left.limit_mg,
        volumes=volumes,
    )
