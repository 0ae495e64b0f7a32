"""The quote: items, sums, tax, sides, range, and refusals."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.threadlift.pricing.builders import COG, build_plan, build_prices
from threadlift.errors import InputError
from threadlift.evidence import load_sources
from threadlift.planning.plan import Plan
from threadlift.pricing import CURRENCIES, Currency, Quote, load_price_list, quote

ON = date(2026, 11, 23)
SIX = build_plan(L1=COG, L2=COG, L3=COG, R1=COG, R2=COG, R3=COG)
KINDS = ["pdo_mono", "pdo_cog_moulded_3_0", COG, "plla_cog_moulded_2_0", "plcl_cog_long", "plga_cone_8"]


def made(plan: Plan = SIX, **given: Any) -> Quote:
    return quote(plan, load_price_list(), on=ON, **given)


@pytest.mark.control("C-24")
def test_six_barbed_threads_cost_what_the_list_says() -> None:
    result = made()
    threads = result.lines[0]
    assert (threads.count, threads.unit_price, threads.amount) == (6, 1_600_000, 9_600_000)
    assert threads.thread_ids == ("L1", "L2", "L3", "R1", "R2", "R3")
    # threads, doctor, consultation, clinic, anaesthesia on two sides, consumables, four visits
    assert result.total == 9_600_000 + 4_500_000 + 300_000 + 1_500_000 + 800_000 + 700_000 + 1_000_000


def test_tax_that_is_included_is_shown_and_not_added() -> None:
    result = made()
    assert result.tax.included
    assert result.total == result.subtotal == 18_400_000
    assert result.tax.amount == 1_362_963  # 18,400,000 x 8 / 108


def test_tax_that_is_not_included_is_added() -> None:
    prices = build_prices(tax={"name": {"en": "VAT", "vi": "VAT"}, "rate_pct": 10, "included": False})
    result = quote(SIX, prices, on=ON)
    assert result.tax.amount == 1_840_000
    assert result.total == 20_240_000


def test_one_side_pays_one_anaesthesia() -> None:
    lines = {line.id: line for line in made(build_plan(L1=COG)).lines}
    assert lines["F-ANAESTHESIA"].count == 1


def test_the_price_of_each_side_is_shown() -> None:
    sides = made(build_plan(L1=COG, L2=COG, R1=COG)).per_side
    assert (sides.left, sides.right) == (3_200_000, 1_600_000)


def test_another_grade_of_doctor_costs_its_fee() -> None:
    assert made(doctor="lead").total - made().total == 4_500_000


def test_a_quote_is_valid_for_the_days_of_the_list() -> None:
    assert made().valid_until == date(2026, 12, 23)


def test_dollars_name_the_rate_and_its_day() -> None:
    result = made(currency="USD")
    assert result.exchange is not None
    assert (result.exchange.list_units, result.exchange.on) == (26000, date(2026, 11, 1))
    assert result.lines[0].unit_price == Decimal("61.54")


def test_example_prices_say_that_they_are_made_up() -> None:
    result = made()
    assert result.is_example
    assert "These prices are made up for demonstration." in [notice.en for notice in result.notices]


def test_the_quote_does_not_sell_more_threads_as_better() -> None:
    assert any("not shown to lift more" in notice.en for notice in made().notices)


def test_the_range_names_laxity_threads_and_doctor() -> None:
    drivers = {driver.id: driver for driver in made(laxity=2).range.drivers}
    assert list(drivers) == ["laxity", "threads", "doctor"]
    assert drivers["laxity"].low == made().total - 2 * 1_600_000  # 2 per side instead of 3
    assert drivers["laxity"].high == made().total
    assert drivers["threads"].low == made().total - 6 * 400_000
    assert drivers["doctor"].high == made(doctor="lead").total
    assert not set(drivers["laxity"].sources) - set(load_sources())


def test_more_laxity_means_more_threads_at_the_dear_end() -> None:
    assert made(laxity=3).range.high > made(laxity=1).range.high


def test_smooth_threads_have_no_laxity_driver() -> None:
    result = made(build_plan(L1="pdo_mono"))
    assert [driver.id for driver in result.range.drivers] == ["doctor"]


def test_a_barbed_thread_is_not_replaced_by_a_cone_thread() -> None:
    drivers = {driver.id: driver for driver in made().range.drivers}
    assert "cone" not in drivers["threads"].because.en


def test_a_plan_without_threads_is_refused() -> None:
    with pytest.raises(InputError, match="holds no thread"):
        made(build_plan())


@pytest.mark.control("C-24")
def test_a_thread_without_a_price_is_refused_by_kind_and_id() -> None:
    with pytest.raises(InputError) as caught:
        made(build_plan(L1=COG, R9="pp_cog_2_0"))
    assert "'pp_cog_2_0'" in str(caught.value)
    assert "R9" in str(caught.value)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="no thread kind"):
        made(build_plan(L1="pdo_cogg"))


def test_lengths_choose_the_entry() -> None:
    both = [
        {
            "id": "S",
            "name": {"en": "s", "vi": "s"},
            "match": {"kinds": [COG], "lengths_mm": [0, 90]},
            "price": 1,
        },
        {
            "id": "L",
            "name": {"en": "l", "vi": "l"},
            "match": {"kinds": [COG], "lengths_mm": [91, 200]},
            "price": 2,
        },
    ]
    result = quote(
        build_plan(L1=COG, R1=COG), build_prices(thread=both), on=ON, lengths_mm={"L1": 80, "R1": 120}
    )
    assert {line.id: line.thread_ids for line in result.lines[:2]} == {"S": ("L1",), "L": ("R1",)}


def test_a_quote_survives_writing_and_reading() -> None:
    result = made(currency="EUR", laxity=2)
    again = Quote.model_validate_json(result.model_dump_json())
    assert again == result
    assert again.hash == result.hash


@settings(max_examples=60, deadline=None)
@given(
    kinds=st.lists(st.tuples(st.sampled_from("LR"), st.sampled_from(KINDS)), min_size=1, max_size=50),
    currency=st.sampled_from(CURRENCIES),
    rate=st.integers(0, 3000),
    included=st.booleans(),
    laxity=st.one_of(st.none(), st.integers(0, 4)),
)
def test_sums_agree_to_the_last_unit(
    kinds: list[tuple[str, str]], currency: Currency, rate: int, included: bool, laxity: int | None
) -> None:
    tax = {"name": {"en": "VAT", "vi": "VAT"}, "rate_pct": Decimal(rate) / 100, "included": included}
    plan = build_plan(**{f"{side}{number}": kind for number, (side, kind) in enumerate(kinds)})
    result = quote(plan, build_prices(tax=tax), on=ON, currency=currency, laxity=laxity)
    assert all(line.amount == line.count * line.unit_price for line in result.lines)
    assert sum(line.amount for line in result.lines) == result.subtotal
    assert result.total == result.subtotal + (0 if included else result.tax.amount)
    sides = result.per_side
    assert sides.left + sides.right + sides.shared == result.subtotal
    assert result.range.low <= result.total <= result.range.high
    for driver in result.range.drivers:
        assert result.range.low <= driver.low <= result.total <= driver.high <= result.range.high
    places = {"VND": 0, "KRW": 0, "USD": 2, "EUR": 2}[currency]
    amounts = [result.total, result.tax.amount, result.range.low, result.range.high]
    assert all(amount == round(amount, places) for amount in amounts)
    assert sorted(name for line in result.lines for name in line.thread_ids) == sorted(
        t.id for t in plan.threads
    )
