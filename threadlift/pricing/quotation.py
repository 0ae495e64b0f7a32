"""The quote as a value: items, tax, range, price per side and the versions it was made from."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.pricing.money import Amount, Currency
from threadlift.pricing.wording import MarketPrice


class QuoteLine(Frozen):
    """One item: what, how many, at what price each, for which threads."""

    id: str = Field(description="id of the entry in the price list")
    group: Literal["thread", "doctor", "fee"]
    what: Text
    count: int
    unit_price: Amount
    amount: Amount = Field(description="exactly count times unit_price")
    thread_ids: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    status: Status | None = None


class TaxLine(Frozen):
    """The tax rule and the amount that it comes to."""

    name: Text
    rate_pct: Amount
    included: bool = Field(description="the prices hold the tax; then it is not added")
    amount: Amount


class SidePrice(Frozen):
    """Threads of each side and what both sides share, before tax is added. The three sum to the subtotal."""

    left: Amount
    right: Amount
    shared: Amount


class PriceDriver(Frozen):
    """Something that moves the price, and the total at its cheap and its dear end, all else kept."""

    id: Literal["laxity", "threads", "doctor"]
    name: Text
    low: Amount
    high: Amount
    because: Text
    sources: tuple[str, ...] = ()


class PriceRange(Frozen):
    """The total when every driver is at its cheap or at its dear end."""

    low: Amount
    high: Amount
    drivers: tuple[PriceDriver, ...]


class Exchange(Frozen):
    """The rate by which the prices were converted."""

    from_currency: Currency
    list_units: Amount
    on: date
    status: Status | None


class Quote(Frozen):
    """Schema ``threadlift.quote/1``. Amounts are decimals, written as text in JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.quote/1"] = Field(default="threadlift.quote/1", alias="schema")
    version: int = Field(ge=1)
    made_on: date
    valid_until: date
    currency: Currency
    clinic: Text
    is_example: bool = Field(description="the price list is made up")
    lines: tuple[QuoteLine, ...]
    subtotal: Amount = Field(description="sum of the lines")
    tax: TaxLine
    total: Amount = Field(description="what the patient pays; nothing is added later")
    per_side: SidePrice
    range: PriceRange
    exchange: Exchange | None
    price_list: str
    price_list_version: str
    price_list_hash: str
    plan_hash: str
    includes: tuple[Text, ...]
    not_included: tuple[Text, ...]
    market: tuple[MarketPrice, ...] = Field(description="prices found elsewhere, with their weakness")
    notices: tuple[Text, ...]

    @property
    def hash(self) -> str:
        """Short hash of the whole quote."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]
