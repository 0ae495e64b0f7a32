"""The generated pages of the documentation are current: run `make reference` when this fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.make_reference import generate
from threadlift.cli.schema import ANSWERS, INPUTS

ROOT = Path(__file__).resolve().parent.parent
PAGES = generate()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_generated_page_is_current(name: str) -> None:
    path = ROOT / name
    assert path.is_file(), name
    assert path.read_text(encoding="utf-8") == PAGES[name]


def test_every_command_of_the_contract_is_there_and_has_a_schema() -> None:
    contract = {"screen", "fit", "plan", "check", "simulate", "quote", "compare"}
    contract |= {"aftercare", "triage", "safety", "evidence"}
    assert contract <= set(ANSWERS)
    commands = PAGES["docs/reference/commands.md"]
    for name in contract | {"serve"}:
        assert f"## threadlift {name}\n" in commands
        part = commands.split(f"## threadlift {name}\n")[1].split("\n## ")[0]
        assert name == "serve" or "`--json`" in part, name


def test_every_key_of_the_hand_written_files_stands_on_their_page() -> None:
    page = PAGES["docs/reference/input-files.md"]
    for name in INPUTS:
        assert f"\n## {name}\n" in page
    for row in (
        "| `patient.age_years` | whole number 0 to 120 years |",
        "| `conditions.pregnancy` | `yes`, `no`, `unknown` | pregnant or possibly pregnant |",
        "| `medicines[].last_dose_on` | date |",
        "| `laxity.<name>.scale` | `LAX`,",
        "| `anaesthetic[].agent` | text (required) |",
    ):
        assert row in page, row
