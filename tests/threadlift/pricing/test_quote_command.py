"""``threadlift quote``: display, JSON, currencies and comparison."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.threadlift.anatomy.builders import symmetric_face
from tests.threadlift.pricing.builders import COG, build_plan
from threadlift.cli.app import app
from threadlift.errors import InputError
from threadlift.face.storage import save_face
from threadlift.files import load_data

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


def a_case(folder: Path, *, grade: int | None) -> str:
    """A case folder with a plan of one thread a side, and an intake of this grade unless it is None."""
    plan = build_plan(L1=COG, R1=COG)
    (folder / "plan.json").write_text(plan.model_dump_json(by_alias=True), encoding="utf-8")
    if grade is not None:
        laxity = {
            "jowl": {"scale": "LAX", "grade": grade},
            "nasolabial": {"scale": "WSRS", "grade": 5},
        }
        intake = {"schema": "threadlift.intake/1", "laxity": laxity}
        (folder / "intake.json").write_text(json.dumps(intake), encoding="utf-8")
    return str(folder)


def price_range(*arguments: str) -> dict[str, str]:
    result = RUNNER.invoke(app, ["quote", *arguments, "--json", *ON])
    assert result.exit_code == 0, result.output
    priced: dict[str, str] = json.loads(result.output)["quote"]["range"]
    return priced


def test_a_case_brings_its_laxity_and_a_named_one_wins(tmp_path: Path) -> None:
    case = a_case(tmp_path, grade=1)
    assert price_range(case) == price_range(case, "--laxity", "1")
    assert price_range(case, "--laxity", "3") != price_range(case)
    plan = str(tmp_path / "plan.json")
    assert price_range(plan) != price_range(case)


def test_a_case_without_an_intake_is_priced_for_every_laxity(tmp_path: Path) -> None:
    case = a_case(tmp_path, grade=None)
    assert price_range(case) == price_range(str(tmp_path / "plan.json"))


def test_a_folder_without_a_plan_is_refused_with_a_remedy(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["quote", str(tmp_path), *ON])
    assert isinstance(result.exception, InputError)
    assert "plan.json" in str(result.exception)


def test_a_list_by_length_measures_the_threads_on_the_face_of_the_case(tmp_path: Path) -> None:
    case = a_case(tmp_path, grade=2)
    save_face(tmp_path / "face.npz", symmetric_face())
    content = load_data("threadlift.pricing", "price_list.toml")
    name = content["list"]["name"]
    entries = [
        {"id": f"T-{low}", "match": {"lengths_mm": [low, high]}, "price": price, "name": name}
        for low, high, price in ((0, 30, 100000), (30, 300, 900000))
    ]
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({**content, "thread": entries}, default=str), encoding="utf-8")
    result = RUNNER.invoke(app, ["quote", case, "--prices", str(prices), "--json", *ON])
    assert result.exit_code == 0, result.output
    lines = json.loads(result.output)["quote"]["lines"]
    assert [(line["id"], line["count"]) for line in lines if line["group"] == "thread"] == [("T-30", 2)]
