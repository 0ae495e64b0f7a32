"""The price list: which entry prices a thread, and what is refused."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.threadlift.pricing.builders import COG, build_prices
from threadlift.errors import InputError
from threadlift.files import load_data, parse_model
from threadlift.pricing import PriceList, load_price_list, read_price_list
from threadlift.threads import load_catalogue

KINDS = load_catalogue().kinds
EXAMPLE = Path(__file__).parents[3] / "examples" / "prices.toml"


def entry(name: str, price: Any, **match: Any) -> dict[str, Any]:
    return {"id": name, "name": {"en": name, "vi": name}, "match": match, "price": price}


def refusal(change: dict[str, Any]) -> str:
    content = copy.deepcopy(load_data("threadlift.pricing", "price_list.toml"))
    content.update(change)
    with pytest.raises(InputError) as caught:
        parse_model(content, PriceList, where="prices.toml")
    return str(caught.value)


def test_the_example_file_is_the_list_of_the_project() -> None:
    assert read_price_list(EXAMPLE) == load_price_list()


def test_every_absorbable_lifting_kind_has_a_price() -> None:
    catalogue, prices = load_catalogue(), load_price_list()
    for kind in catalogue.find_kinds(can_lift=True):
        if catalogue.is_absorbable(kind.id):
            assert prices.price_of(kind, None).price > 0


def test_the_entry_that_names_more_wins() -> None:
    prices = load_price_list()
    assert prices.price_of(KINDS["pdo_cog_moulded_2_0"], None).id == "T-PDO-COG"
    assert prices.price_of(KINDS["pdo_cog_moulded_3_0"], None).id == "T-PDO-COG-SHORT"
    assert prices.price_of(KINDS["plcl_cog_long"], None).id == "T-PLCL-LONG"


def test_a_kind_without_a_price_is_an_error_that_names_it_and_the_remedy() -> None:
    with pytest.raises(InputError) as caught:
        load_price_list().price_of(KINDS["gold_mono"], None)
    assert "'gold_mono'" in str(caught.value)
    assert 'kinds = ["gold_mono"]' in str(caught.value)


def test_two_entries_that_fit_equally_well_are_an_error() -> None:
    prices = build_prices(thread=[entry("A", 1, materials=["pdo"]), entry("B", 2, forms=["cog"])])
    with pytest.raises(InputError, match="A, B"):
        prices.price_of(KINDS[COG], None)


def test_the_length_decides_where_the_list_says_so() -> None:
    prices = build_prices(
        thread=[
            entry("SHORT", 10, kinds=[COG], lengths_mm=[0, 100]),
            entry("LONG", 20, kinds=[COG], lengths_mm=[101, 200]),
        ]
    )
    assert prices.price_of(KINDS[COG], 100).id == "SHORT"
    assert prices.price_of(KINDS[COG], 101).id == "LONG"


def test_an_unknown_length_takes_the_dearer_entry() -> None:
    prices = build_prices(
        thread=[
            entry("SHORT", 10, kinds=[COG], lengths_mm=[0, 100]),
            entry("LONG", 20, kinds=[COG], lengths_mm=[101, 200]),
        ]
    )
    assert prices.price_of(KINDS[COG], None).id == "LONG"


def test_a_length_outside_every_entry_has_no_price() -> None:
    prices = build_prices(thread=[entry("SHORT", 10, kinds=[COG], lengths_mm=[0, 100])])
    with pytest.raises(InputError, match="of 150 mm"):
        prices.price_of(KINDS[COG], 150)


def test_tiers_lower_the_price_from_their_count_on() -> None:
    mono = load_price_list().price_of(KINDS["pdo_mono"], None)
    assert [mono.unit_price(count) for count in (19, 20, 39, 40)] == [120000, 90000, 90000, 60000]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"thread": [entry("A", 1.5, materials=["pdo"])]}, "whole number"),
        ({"thread": [entry("A", -1, materials=["pdo"])]}, "thread.0.price"),
        ({"thread": [entry("A", 1)]}, "must name kinds"),
        ({"thread": [entry("A", 1, materials=["pdo"]), entry("A", 2, forms=["cog"])]}, "used twice"),
        ({"thread": [entry("A", 1, lengths_mm=[50, 20])]}, "lengths_mm must rise"),
        ({"thread": []}, "thread"),
        ({"discount": 5}, "unknown key"),
        (
            {"rate": [{"id": "R", "currency": "VND", "list_units": 1, "on": "2026-11-01"}]},
            "needs no rate",
        ),
        (
            {"rate": [{"id": "R", "currency": "USD", "list_units": 0, "on": "2026-11-01"}]},
            "rate.0.list_units",
        ),
        ({"tax": {"name": {"en": "a", "vi": "b"}, "rate_pct": 120, "included": True}}, "tax.rate_pct"),
    ],
)
def test_what_a_price_list_must_not_hold_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    assert words in refusal(change)


def test_an_unknown_grade_or_currency_names_what_there_is() -> None:
    with pytest.raises(InputError, match="doctor, senior, lead"):
        load_price_list().doctor_of("professor")
    with pytest.raises(InputError, match="VND to EUR"):
        build_prices(rate=[]).rate_to("EUR")


def test_another_price_gives_another_hash() -> None:
    assert build_prices().hash == build_prices().hash
    assert build_prices().hash != build_prices(terms={}).hash
