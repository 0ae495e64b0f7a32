"""The committed reference pages say what the data says."""

from __future__ import annotations

from pathlib import Path

from threadlift.care.reference import aftercare_page, triage_page
from threadlift.care.triage_rule import load_triage_rules

PAGES = Path(__file__).parents[3] / "docs" / "reference"


def test_the_committed_pages_are_up_to_date() -> None:
    assert (PAGES / "triage-rules.md").read_text(encoding="utf-8") == triage_page(), "make reference"
    assert (PAGES / "aftercare.md").read_text(encoding="utf-8") == aftercare_page(), "make reference"


def test_every_rule_stands_on_the_page_with_its_cases() -> None:
    page = triage_page()
    for rule in load_triage_rules()[1]:
        assert f"### `{rule.id}`" in page
    assert page.count("| threshold |") == sum(
        case.kind == "threshold" for rule in load_triage_rules()[1] for case in rule.cases
    )
