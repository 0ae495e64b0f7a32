"""The committed reference pages say what the data says."""

from __future__ import annotations

from pathlib import Path

from threadlift.care.reference import aftercare_page, triage_page, write_reference
from threadlift.care.triage_rule import load_triage_rules

PAGES = Path(__file__).parents[3] / "docs" / "reference"


def test_the_committed_pages_are_up_to_date() -> None:
    assert (PAGES / "triage-rules.md").read_text(encoding="utf-8") == triage_page()
    assert (PAGES / "aftercare.md").read_text(encoding="utf-8") == aftercare_page()


def test_every_rule_stands_on_the_page_with_its_cases(tmp_path: Path) -> None:
    write_reference(tmp_path)
    page = (tmp_path / "triage-rules.md").read_text(encoding="utf-8")
    for rule in load_triage_rules()[1]:
        assert f"### `{rule.id}`" in page
    assert page.count("| threshold |") == sum(
        case.kind == "threshold" for rule in load_triage_rules()[1] for case in rule.cases
    )
