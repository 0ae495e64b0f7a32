"""Amounts of money: decimals only, rounded to the smallest unit, written as each language writes them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from threadlift.language import Language

Currency = Literal["VND", "USD", "EUR", "KRW"]
CURRENCIES: tuple[Currency, ...] = ("VND", "USD", "EUR", "KRW")
DECIMALS: dict[Currency, int] = {"VND": 0, "USD": 2, "EUR": 2, "KRW": 0}
SYMBOLS: dict[Currency, str] = {"VND": "₫", "USD": "$", "EUR": "€", "KRW": "₩"}


def _exact(value: Any) -> Any:
    if isinstance(value, float | bool):
        raise ValueError('must be a whole number, or a decimal written as text ("18.5")')
    return value


Amount = Annotated[Decimal, BeforeValidator(_exact), Field(allow_inf_nan=False, max_digits=24)]
"""A decimal that never passes through a binary fraction. JSON writes it as text."""

Price = Annotated[
    Decimal, BeforeValidator(_exact), Field(allow_inf_nan=False, ge=0, le=10**12, max_digits=20)
]
"""A price: an amount that is not negative."""


def round_to_unit(amount: Decimal, currency: Currency) -> Decimal:
    """``amount`` rounded half up to the smallest unit of ``currency`` (VND and KRW have none below 1)."""
    return amount.quantize(Decimal(1).scaleb(-DECIMALS[currency]), rounding=ROUND_HALF_UP)


def format_money(amount: Decimal, currency: Currency, language: Language) -> str:
    """``12.500.000 ₫`` in Vietnamese, ``₫12,500,000`` in English."""
    digits = f"{abs(round_to_unit(amount, currency)):,.{DECIMALS[currency]}f}"
    sign = "-" if amount < 0 else ""
    if language == "vi":
        swapped = digits.translate(str.maketrans(",.", ".,"))
        return f"{sign}{swapped} {'US$' if currency == 'USD' else SYMBOLS[currency]}"
    return f"{sign}{SYMBOLS[currency]}{digits}"
