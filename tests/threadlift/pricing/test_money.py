"""Rounding and writing of amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadlift.language import Language
from threadlift.pricing import CURRENCIES, Currency, format_money
from threadlift.pricing.money import DECIMALS, round_to_unit


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        ("12500000", "VND", "vi", "12.500.000 ₫"),
        ("12500000", "VND", "en", "₫12,500,000"),
        ("-6800000", "VND", "vi", "-6.800.000 ₫"),
        ("1234.5", "USD", "en", "$1,234.50"),
        ("1234.5", "USD", "vi", "1.234,50 US$"),
        ("1234.5", "EUR", "vi", "1.234,50 €"),
        ("350000", "KRW", "en", "₩350,000"),
        ("0", "VND", "vi", "0 ₫"),
        ("999.5", "VND", "vi", "1.000 ₫"),
    ],
)
def test_amounts_are_written_as_readers_write_them(
    amount: str, currency: Currency, language: Language, written: str
) -> None:
    assert format_money(Decimal(amount), currency, language) == written


@given(st.decimals(min_value=0, max_value=10**12, places=6), st.sampled_from(CURRENCIES))
def test_rounding_moves_an_amount_by_at_most_half_a_unit(amount: Decimal, currency: Currency) -> None:
    unit = Decimal(1).scaleb(-DECIMALS[currency])
    rounded = round_to_unit(amount, currency)
    assert abs(rounded - amount) * 2 <= unit
    assert rounded % unit == 0
