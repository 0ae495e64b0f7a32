"""Words, numbers, dates and money as a report in one language writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.language import Language, Text

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Day = date


@cache
def load_texts() -> dict[str, Text]:
    """Every label of the report by ``section.key``."""
    texts: dict[str, Text] = {}
    for section, entries in load_data("threadlift.report", "texts.toml").items():
        if section != "file":
            texts.update({f"{section}.{key}": Text.model_validate(value) for key, value in entries.items()})
    return texts


@dataclass(frozen=True)
class Wording:
    """Writes in ``language``: labels by key, numbers with the right decimal mark, dates, money."""

    language: Language

    def __call__(self, key: str, **values: Any) -> str:
        """The label ``section.key`` with its places filled. Raises ``RuleDataError`` for a missing one."""
        text = load_texts().get(key)
        if text is None:
            raise RuleDataError(f"report/data/texts.toml has no text {key!r}")
        return self.of(text.fill(**values) if values else text)

    def has(self, key: str) -> bool:
        """Whether there is a label ``section.key``."""
        return key in load_texts()

    def of(self, text: Text | None) -> str:
        """A bilingual text in this language; nothing for None."""
        return "" if text is None else text.in_language(self.language)

    def number(self, value: float, decimals: int = 1) -> str:
        """A figure with decimal comma or point and a true minus sign; never minus zero."""
        rounded = round(float(value), decimals) + 0.0
        written = f"{abs(rounded):.{decimals}f}"
        if self.language == "vi":
            written = written.replace(".", ",")
        return ("−" if rounded < 0 else "") + written

    def quantity(self, value: float, unit: str, decimals: int = 1) -> str:
        """A figure with its unit, which never falls onto the next line: ``12,1 mm``, ``26,4%``."""
        space = "" if unit in ("", "%") else "\u00a0"
        return f"{self.number(value, decimals)}{space}{unit}"

    def span(self, low: float, high: float, decimals: int = 1) -> str:
        """Low to high with an en dash, set apart where a minus sign would run into it."""
        first, last = self.number(low, decimals), self.number(high, decimals)
        return f"{first}\u00a0–\u00a0{last}" if "−" in first + last else f"{first}–{last}"

    def band(self, middle: float, low: float, high: float, unit: str = "mm", decimals: int = 1) -> str:
        """Middle with its range in brackets: ``3,0 mm (1,6–4,2)``."""
        return f"{self.quantity(middle, unit, decimals)} ({self.span(low, high, decimals)})"

    def percent(self, share: float) -> str:
        """A share from 0 to 1 in per cent; one decimal under ten."""
        value = share * 100
        return self.number(value, 1 if 0 < abs(value) < 10 else 0) + "%"

    def date(self, day: Day | None) -> str:
        """``23/11/2026`` or ``23 Nov 2026``; says so when no day is set."""
        if day is None:
            return self("form.no_date")
        if self.language == "vi":
            return f"{day.day:02d}/{day.month:02d}/{day.year}"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def short_date(self, day: Day) -> str:
        """Day and month: ``23/11`` or ``23 Nov``."""
        return (
            f"{day.day:02d}/{day.month:02d}"
            if self.language == "vi"
            else f"{day.day} {_MONTHS[day.month - 1]}"
        )

    def money(self, amount: Decimal | int, currency: str, *, is_rough: bool = False) -> str:
        """An amount as people write it: dong and won whole, dong with dots in both languages.

        ``is_rough`` leaves out empty cents.
        """
        whole = currency in ("VND", "KRW") or (is_rough and amount == int(amount))
        digits = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
        if currency == "VND":
            return digits.replace(",", ".") + "\u00a0₫"
        if self.language == "vi":
            digits = digits.translate(str.maketrans(",.", ".,"))
        return f"{digits}\u00a0{currency}"

    def join(self, parts: list[str]) -> str:
        """``a, b and c``."""
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts[:-1]) + f" {self('form.and')} " + parts[-1]
