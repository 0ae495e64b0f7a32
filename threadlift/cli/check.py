"""``threadlift check``: every thread of a plan against the anatomy of a face."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from threadlift.case.planned import read_planned_case
from threadlift.cli.output import console, print_json
from threadlift.cli.wording import severity_word, status_word
from threadlift.finding import Severity
from threadlift.language import Language
from threadlift.planning.clearance import check_plan
from threadlift.planning.clearance_answer import CheckAnswer, FindingGroup, answer_of, group_findings
from threadlift.screening import Intake

_STYLES = {Severity.STOP: "bold red", Severity.CAUTION: "yellow", Severity.NOTE: "dim"}
_WORDS = {
    "en": {
        "head": ("", "Finding", "What to do", "Threads"),
        "founded": "Founded on",
        "sum": "{stops} stop, {cautions} caution, {notes} note",
        "stopped": "The plan is stopped. A doctor may override a stop in writing, with a reason.",
        "open": "No stop. This is not a statement that the plan is safe.",
    },
    "vi": {
        "head": ("", "Phát hiện", "Cần làm", "Chỉ"),
        "founded": "Cơ sở",
        "sum": "{stops} điểm dừng, {cautions} điểm thận trọng, {notes} ghi chú",
        "stopped": "Sơ đồ có điểm dừng. Bác sĩ có thể quyết định khác bằng văn bản, có nêu lý do.",
        "open": "Không có điểm dừng. Điều này không có nghĩa là sơ đồ an toàn.",
    },
}


def command(
    plan: Annotated[
        Path, typer.Argument(help="PLAN (TOML or JSON, schema threadlift.plan/1) or a case folder.")
    ],
    face: Annotated[
        Path | None, typer.Option(help="FACE made by threadlift fit; a case folder has one.")
    ] = None,
    intake: Annotated[
        Path | None, typer.Option(help="INTAKE: sex, age and body mass set the layers.")
    ] = None,
    market: Annotated[
        str | None,
        typer.Option(help="Where the threads are placed: VN, US ... Default: that of the intake, else VN."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
) -> None:
    """Check every thread of a plan along its whole path. Exit code 1 when a finding stops the plan."""
    case = read_planned_case(plan, face, intake)
    findings = check_plan(case.plan, case.anatomy, market=market or _market(case.intake))
    answer = answer_of(findings, approximate=case.anatomy.face.source != "scan")
    if as_json:
        print_json(answer)
    else:
        _print_answer(answer, lang)
    if answer.stopped:
        raise typer.Exit(1)


def _market(intake: Intake | None) -> str:
    return intake.patient.market if intake else "VN"


def _print_answer(answer: CheckAnswer, language: Language) -> None:
    words = _WORDS[language]
    table = Table(*words["head"], pad_edge=False, box=None, header_style="bold", padding=(0, 2, 1, 0))
    table.columns[0].no_wrap = True
    *groups, scope = group_findings(answer.findings)
    for group in groups:
        table.add_row(*_row(group, language))
    console.print(table)
    console.print(scope.worst.what.in_language(language), style="italic", markup=False)
    console.print(str(words["sum"]).format(stops=answer.stops, cautions=answer.cautions, notes=answer.notes))
    style = "bold red" if answer.stopped else "bold"
    console.print(str(words["stopped" if answer.stopped else "open"]), style=style)


def _row(group: FindingGroup, language: Language) -> tuple[str, ...]:
    finding = group.worst
    words, style = _WORDS[language], _STYLES[finding.severity]
    consequence = finding.consequence.in_language(language) if finding.consequence else ""
    remedy = finding.remedy.in_language(language) if finding.remedy else ""
    founded = ", ".join((status_word(finding.status, language), *finding.sources[:4]))
    what = escape(f"{finding.what.in_language(language)} {consequence}")
    return (
        f"[{style}]{severity_word(finding.severity, language)}[/{style}]",
        f"{what} [dim]{words['founded']}: {escape(founded)}[/dim]",
        escape(remedy),
        escape("\n".join(group.threads)),
    )
