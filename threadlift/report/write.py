"""Write the report of a case: one page and one PDF, of the same document."""

from __future__ import annotations

from pathlib import Path

from threadlift.case.case import Case
from threadlift.files import write_bytes, write_text
from threadlift.language import Language
from threadlift.report.page import render_page
from threadlift.report.paper import render_paper
from threadlift.report.view import describe_case


def write_report(case: Case, folder: Path, language: Language) -> None:
    """Write ``report.html`` and ``report.pdf`` of ``case`` into ``folder``."""
    document = describe_case(case, language)
    write_text(folder / "report.html", render_page(document))
    write_bytes(folder / "report.pdf", render_paper(document, made_on=case.info.made_on))
