"""Words of the quote, and the market prices shown beside it."""

from __future__ import annotations

from functools import cache

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.pricing.money import Amount, Currency


class MarketPrice(Frozen):
    """A price found elsewhere, with its weakness."""

    id: str
    market: str
    what: Text
    currency: Currency
    low: Amount
    high: Amount
    status: Status
    sources: tuple[str, ...]
    reason: str


@cache
def load_market_prices() -> tuple[MarketPrice, ...]:
    """All market prices, in file order."""
    entries = load_data("threadlift.pricing", "market_ranges.toml")["market_price"]
    return tuple(MarketPrice.model_validate(entry) for entry in entries)


@cache
def word(group: str, name: str) -> Text:
    """The text ``name`` of a group of ``wording.toml``."""
    try:
        return Text.model_validate(load_data("threadlift.pricing", "wording.toml")[group][name])
    except KeyError as error:
        raise RuleDataError(f"pricing/data/wording.toml has no {group}.{name}") from error
