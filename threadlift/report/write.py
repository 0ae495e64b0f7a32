"""Write the report of a case: one page and one PDF of the same document."""

from __future__ import annotations

from pathlib import Path

from threadlift.case.case import Case
from threadlift.files import write_bytes, write_text
from threadlift.language import Language
from threadlift.report.block import Document
from threadlift.report.page import render_page
from threadlift.report.paper import render_paper
from threadlift.report.view import describe_case

PAGE_NAME = "report.html"
PAPER_NAME = "report.pdf"


def write_report(case: Case, folder: Path, language: Language) -> Document:
    """Write ``report.html`` and ``report.pdf`` of ``case`` into ``folder``; gives what they hold.

    Raises ``InputError`` when the folder cannot be written to, ``RuleDataError`` when the report's fonts are
    missing (``make setup`` brings them).
    """
    document = describe_case(case, language)
    page = render_page(document)
    paper = render_paper(document, made_on=case.info.made_on)
    write_text(folder / PAGE_NAME, page)
    write_bytes(folder / PAPER_NAME, paper)
    return document
