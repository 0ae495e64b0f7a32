"""The difference of two quotes: what changed and why."""

import copy
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.threadlift.pricing.builders import COG, build_plan, build_prices
from threadlift.files import load_data
from threadlift.pricing import Quote, compare_quotes, quote

ON = date(2026, 11, 23)
FOUR = build_plan(L1=COG, L2=COG, R1=COG, R2=COG)


def made(plan: Any = FOUR, prices: Any = None, **given: Any) -> Quote:
    return quote(plan, prices or build_prices(), on=ON, **given)


def dearer_cog(price: int) -> list[dict[str, Any]]:
    threads = copy.deepcopy(load_data("threadlift.pricing", "price_list.toml")["thread"])
    for entry in threads:
        if entry["id"] == "T-PDO-COG":
            entry["price"] = price
    return threads  # type: ignore[no-any-return]


def test_the_same_quote_has_no_change() -> None:
    comparison = compare_quotes(made(), made(version=2))
    assert comparison.changes == ()
    assert comparison.difference == 0


def test_two_threads_fewer_are_a_change_of_the_plan() -> None:
    comparison = compare_quotes(made(), made(build_plan(L1=COG, R1=COG)))
    (change,) = comparison.changes
    assert change.because == "plan"
    assert change.threads_removed == ("L2", "R2")
    assert change.difference == comparison.difference == -3_200_000


def test_another_kind_is_one_line_out_and_one_in() -> None:
    comparison = compare_quotes(made(), made(build_plan(L1="plla_cog_moulded_2_0", L2=COG, R1=COG, R2=COG)))
    assert {change.line for change in comparison.changes} == {"T-PDO-COG", "T-PLLA-COG"}
    assert comparison.difference == 800_000


def test_a_dearer_list_is_a_change_of_the_prices() -> None:
    comparison = compare_quotes(made(), made(prices=build_prices(thread=dearer_cog(1_700_000))))
    (change,) = comparison.changes
    assert change.because == "prices"
    assert change.difference == 400_000
    assert "1.700.000 ₫" in change.says.vi


def test_another_doctor_is_a_choice() -> None:
    comparison = compare_quotes(made(), made(doctor="senior"))
    assert {change.because for change in comparison.changes} == {"choice"}
    assert comparison.difference == 2_000_000


def test_one_side_instead_of_two_changes_the_fee_because_of_the_plan() -> None:
    comparison = compare_quotes(made(), made(build_plan(L1=COG, L2=COG)))
    fee = next(change for change in comparison.changes if change.line == "F-ANAESTHESIA")
    assert fee.because == "plan"


def test_a_tier_reached_is_named() -> None:
    few = build_plan(**{f"L{n}": "pdo_mono" for n in range(19)})
    many = build_plan(**{f"L{n}": "pdo_mono" for n in range(20)})
    changes = {change.because: change for change in compare_quotes(made(few), made(many)).changes}
    assert set(changes) == {"plan", "tier"}


def test_amounts_of_different_currencies_are_not_subtracted() -> None:
    comparison = compare_quotes(made(), made(currency="USD"))
    assert comparison.difference is None
    assert any(change.line == "currency" for change in comparison.changes)


def test_another_tax_rule_is_a_change() -> None:
    tax = {"name": {"en": "VAT", "vi": "VAT"}, "rate_pct": 10, "included": False}
    comparison = compare_quotes(made(), made(prices=build_prices(tax=tax)))
    assert [change.line for change in comparison.changes] == ["tax"]
    assert comparison.changes[0].difference == comparison.difference


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 5_000_000), st.sampled_from(["doctor", "lead"]))
def test_the_changes_sum_to_the_difference(before: int, after: int, price: int, doctor: str) -> None:
    old = made(build_plan(**{f"L{n}": COG for n in range(before)}))
    plan = build_plan(**{f"L{n}": COG for n in range(after)})
    new = made(plan, build_prices(thread=dearer_cog(price)), doctor=doctor)
    comparison = compare_quotes(old, new)
    assert sum(change.difference or 0 for change in comparison.changes) == comparison.difference
