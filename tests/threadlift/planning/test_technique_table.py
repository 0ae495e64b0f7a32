"""The page of findings per technique says what the code says."""

from __future__ import annotations

from scripts.make_technique_table import PAGE, make_page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(), "run python scripts/make_technique_table.py"
