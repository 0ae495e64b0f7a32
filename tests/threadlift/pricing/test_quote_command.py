"""``threadlift quote``: display, JSON, currencies and comparison."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from threadlift.cli.app import app
from threadlift.errors import InputError

EXAMPLES = Path(__file__).parents[3] / "examples"
PLAN = str(EXAMPLES / "plan-jowl.toml")
RUNNER = CliRunner()
ON = ("--on", "2026-11-23")


def test_the_quote_shows_items_total_and_range() -> None:
    result = RUNNER.invoke(app, ["quote", PLAN, "--laxity", "2", *ON])
    assert result.exit_code == 0
    for words in ("₫1,600,000", "Total", "₫18,640,000", "depending on", "Nothing else is charged"):
        assert words in result.output


def test_the_quote_is_written_in_vietnamese() -> None:
    result = RUNNER.invoke(app, ["quote", PLAN, "--lang", "vi", *ON])
    assert "18.640.000 ₫" in result.output
    assert "Tổng cộng" in result.output


def test_json_writes_amounts_as_exact_text() -> None:
    result = RUNNER.invoke(app, ["quote", PLAN, "--json", "--currency", "usd", *ON])
    content = json.loads(result.output)
    assert content["quote"]["schema"] == "threadlift.quote/1"
    assert content["quote"]["total"] == "716.95"
    assert content["comparison"] is None


def test_a_case_folder_is_priced_by_its_plan(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(
        json.dumps(
            {
                "schema": "threadlift.plan/1",
                "threads": [
                    {
                        "id": "L1",
                        "kind": "pdo_mono",
                        "side": "left",
                        "plane": "subdermal",
                        "path": [{"landmark": "t"}, {"landmark": "ch"}],
                    }
                ],
            }
        ),
        encoding="utf-8",
    )
    assert RUNNER.invoke(app, ["quote", str(tmp_path), *ON]).exit_code == 0


def test_since_shows_what_changed_and_counts_the_version(tmp_path: Path) -> None:
    old = tmp_path / "quote.json"
    old.write_text(RUNNER.invoke(app, ["quote", PLAN, "--json", *ON]).output, encoding="utf-8")
    result = RUNNER.invoke(app, ["quote", PLAN, "--since", str(old), "--doctor", "lead", *ON])
    assert "version 2" in result.output
    assert "What changed" in result.output
    assert "+₫4,500,000" in result.output


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--currency", "BTC"], "VND, USD, EUR, KRW"),
        (["--doctor", "professor"], "Grades"),
        (["--prices", "nowhere.toml"], "no such file"),
        (["--since", "nowhere.json"], "no such file"),
    ],
)
def test_what_cannot_be_used_is_an_input_error(extra: list[str], words: str) -> None:
    result = RUNNER.invoke(app, ["quote", PLAN, *ON, *extra])
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)
