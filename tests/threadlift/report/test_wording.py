from datetime import date
from decimal import Decimal

import pytest

from threadlift.errors import RuleDataError
from threadlift.language import Text
from threadlift.report.wording import Wording

VI, EN = Wording("vi"), Wording("en")


def test_numbers_take_the_decimal_mark_of_the_language() -> None:
    assert VI.number(1.25, 2) == "1,25"
    assert EN.number(1.25, 2) == "1.25"


def test_a_negative_number_has_a_true_minus_and_zero_has_none() -> None:
    assert EN.number(-1.5) == "−1.5"
    assert EN.number(-0.04) == "0.0"


def test_a_band_carries_unit_and_range() -> None:
    assert VI.band(3.0, 1.6, 4.2) == "3,0\u00a0mm (1,6–4,2)"


def test_in_a_range_below_zero_the_dash_stands_apart_from_the_minus() -> None:
    assert EN.span(-0.4, 1.2) == "−0.4\u00a0–\u00a01.2"


def test_a_unit_stays_with_its_number_and_per_cent_stands_close() -> None:
    assert VI.quantity(12.08, "mm") == "12,1\u00a0mm"
    assert VI.quantity(26.44, "%") == "26,4%"
    assert EN.quantity(2, "", 0) == "2"


def test_a_text_of_another_room_is_told_as_that_room_wrote_it() -> None:
    text = Text(en="{mm} mm, rules {version}", vi="{mm} mm, quy tắc {version}")
    told = text.fill(mm=21.8, version="2026.11.1")
    assert VI.of(told) == "21,8 mm, quy tắc 2026.11.1"
    assert EN.of(told) == "21.8 mm, rules 2026.11.1"
    assert VI.of(None) == ""


def test_dates_follow_the_language() -> None:
    assert VI.date(date(2026, 11, 3)) == "03/11/2026"
    assert EN.date(date(2026, 11, 3)) == "3 Nov 2026"
    assert EN.date(None) == "not set"


def test_dong_are_whole_with_dots_in_both_languages() -> None:
    assert VI.money(24_600_000, "VND") == EN.money(24_600_000, "VND") == "24.600.000\u00a0₫"


def test_other_money_follows_the_language_and_won_have_no_minor_unit() -> None:
    assert EN.money(Decimal("1234.5"), "USD") == "1,234.50\u00a0USD"
    assert VI.money(Decimal("1234.5"), "USD") == "1.234,50\u00a0USD"
    assert EN.money(1_200_000, "KRW") == "1,200,000\u00a0KRW"


def test_percent_keeps_one_decimal_under_ten() -> None:
    assert EN.percent(0.054) == "5.4%"
    assert EN.percent(0.54) == "54%"


def test_a_missing_label_is_a_fault_that_names_it() -> None:
    with pytest.raises(RuleDataError, match=r"nothing\.here"):
        EN("nothing.here")
