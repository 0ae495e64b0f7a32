"""The price list of a clinic: what a thread of each kind costs, fees, tax and exchange rates.

Schema ``threadlift.prices/1``, hand-written as TOML or JSON. The list in the project is an example.
"""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from threadlift.errors import InputError, RuleDataError
from threadlift.files import load_data, read_model
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.pricing.money import Amount, Currency, Price
from threadlift.threads import ThreadKind


class _Entry(Frozen):
    """A priced entry; standing and sources are for lists that come with the project."""

    id: str = Field(min_length=1, max_length=40)
    status: Status | None = None
    sources: tuple[str, ...] = ()
    reason: str = ""


class Match(Frozen):
    """Which threads an entry prices: every condition that is given must hold."""

    kinds: tuple[str, ...] | None = Field(default=None, description="ids of thread kinds")
    materials: tuple[str, ...] | None = None
    forms: tuple[str, ...] | None = None
    usp: tuple[str, ...] | None = Field(default=None, description="suture sizes such as 2-0")
    gauges: tuple[str, ...] | None = Field(default=None, description="needle or cannula, such as 21G")
    lengths_mm: tuple[float, float] | None = Field(default=None, description="from and to, both included")

    @model_validator(mode="after")
    def _names_something(self) -> Match:
        if self.weight == 0:
            raise ValueError("must name kinds, materials, forms, usp, gauges or lengths_mm")
        if self.lengths_mm is not None and self.lengths_mm[0] > self.lengths_mm[1]:
            raise ValueError("lengths_mm must rise")
        return self

    @property
    def weight(self) -> int:
        """How much the entry names; a kind by id weighs more than everything else together."""
        others = (self.materials, self.forms, self.usp, self.gauges, self.lengths_mm)
        return 10 * (self.kinds is not None) + sum(condition is not None for condition in others)

    def fits(self, kind: ThreadKind, length_mm: float | None) -> bool:
        """Whether a thread of ``kind`` belongs here; an unknown length fits every range of lengths."""
        named = (
            (self.kinds, kind.id),
            (self.materials, kind.material),
            (self.forms, kind.form),
            (self.usp, kind.usp),
            (self.gauges, kind.needle_gauge),
        )
        if any(allowed is not None and value not in allowed for allowed, value in named):
            return False
        if self.lengths_mm is None or length_mm is None:
            return True
        return self.lengths_mm[0] <= length_mm <= self.lengths_mm[1]


class Tier(Frozen):
    """Another price for each thread of the entry from so many threads on."""

    from_count: int = Field(ge=2, le=1000)
    price: Price


class ThreadPrice(_Entry):
    """What one thread costs, needle included."""

    name: Text
    match: Match
    price: Price
    tiers: tuple[Tier, ...] = ()

    @model_validator(mode="after")
    def _tiers_rise(self) -> ThreadPrice:
        counts = [tier.from_count for tier in self.tiers]
        if counts != sorted(set(counts)):
            raise ValueError("tiers must stand in rising order of from_count")
        return self

    def unit_price(self, count: int) -> Decimal:
        """Price of each thread when ``count`` threads of this entry are used."""
        reached = [tier.price for tier in self.tiers if count >= tier.from_count]
        return reached[-1] if reached else self.price


class Fee(_Entry):
    """A fee beside the threads: per session, per side that is treated, or per thread."""

    name: Text
    price: Price
    per: Literal["session", "side", "thread"]
    count: int = Field(default=1, ge=1, le=50, description="how many, for example follow-up visits")


class DoctorFee(_Entry):
    """What a doctor of a grade takes for the session."""

    grade: str = Field(min_length=1, max_length=40)
    name: Text
    price: Price


class Tax(Frozen):
    """The tax rule: its rate, and whether the prices of the list hold it already."""

    name: Text
    rate_pct: Amount = Field(ge=0, le=100)
    included: bool


class Rate(_Entry):
    """Units of the list's currency for one unit of another, on a day."""

    currency: Currency
    list_units: Amount = Field(gt=0)
    on: date


class ListInfo(Frozen):
    """Whose list it is, in which currency, and from when."""

    id: str = Field(min_length=1, max_length=60)
    name: Text
    currency: Currency
    market: str
    example: bool = Field(default=False, description="true for made-up prices; shown on every quote")
    valid_from: date
    valid_days: int = Field(ge=1, le=365, description="days for which a quote holds")


class Terms(Frozen):
    """What the prices cover and what they do not."""

    included: tuple[Text, ...] = ()
    not_included: tuple[Text, ...] = ()


class FileInfo(Frozen):
    """Title and version of the file."""

    title: str
    version: str = Field(min_length=1)


class PriceList(Frozen):
    """A clinic's prices. Amounts are whole numbers, or decimals written as text."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.prices/1"] = Field(alias="schema")
    file: FileInfo
    info: ListInfo = Field(alias="list")
    tax: Tax
    thread: tuple[ThreadPrice, ...] = Field(min_length=1)
    doctor: tuple[DoctorFee, ...] = Field(min_length=1, description="the first grade is the default")
    fee: tuple[Fee, ...] = ()
    rate: tuple[Rate, ...] = ()
    terms: Terms = Terms()

    @model_validator(mode="after")
    def _ids_differ(self) -> PriceList:
        names = [entry.id for entry in (*self.thread, *self.doctor, *self.fee, *self.rate)]
        names += [entry.grade for entry in self.doctor] + [entry.currency for entry in self.rate]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name!r} is used twice")
        if self.info.currency in [entry.currency for entry in self.rate]:
            raise ValueError("rate: the list's own currency needs no rate")
        return self

    @property
    def hash(self) -> str:
        """Short hash of everything in the list: a quote names it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def price_of(self, kind: ThreadKind, length_mm: float | None, *, threads: str = "") -> ThreadPrice:
        """The entry that prices a thread.

        Raises ``InputError`` naming kind and remedy when none or more than one entry fits best.
        """
        fitting = [entry for entry in self.thread if entry.match.fits(kind, length_mm)]
        if not fitting:
            length = f" of {length_mm:g} mm" if length_mm is not None else ""
            raise InputError(
                f"no price for thread kind {kind.id!r}{length}{threads}",
                where=f"price list {self.info.id}",
                remedy=f'Add a [[thread]] with match = {{ kinds = ["{kind.id}"] }}, or use another kind.',
            )
        best = max(entry.match.weight for entry in fitting)
        entries = [entry for entry in fitting if entry.match.weight == best]
        if len(entries) > 1 and length_mm is None and all(entry.match.lengths_mm for entry in entries):
            return max(entries, key=lambda entry: entry.price)  # length unknown: no thread is priced too low
        if len(entries) > 1:
            raise InputError(
                f"entries {', '.join(entry.id for entry in entries)} fit kind {kind.id!r} equally well",
                where=f"price list {self.info.id}",
                remedy="Name the kind in one of them, or make one narrower.",
            )
        return entries[0]

    def doctor_of(self, grade: str | None) -> DoctorFee:
        """The fee of a grade, the first one without a grade. ``InputError`` names the grades there are."""
        if grade is None:
            return self.doctor[0]
        for entry in self.doctor:
            if entry.grade == grade:
                return entry
        raise InputError(
            f"no doctor grade {grade[:40]!r}",
            where=f"price list {self.info.id}",
            remedy=f"Grades: {', '.join(entry.grade for entry in self.doctor)}.",
        )

    def rate_to(self, currency: Currency) -> Rate | None:
        """The exchange rate to ``currency``, None for the list's own. ``InputError`` when there is none."""
        if currency == self.info.currency:
            return None
        for entry in self.rate:
            if entry.currency == currency:
                return entry
        raise InputError(
            f"no exchange rate from {self.info.currency} to {currency}",
            where=f"price list {self.info.id}",
            remedy="Add a [[rate]] entry with currency, list_units and on.",
        )


def load_price_list() -> PriceList:
    """The example price list that comes with the project."""
    try:
        return PriceList.model_validate(load_data("threadlift.pricing", "price_list.toml"))
    except ValidationError as error:
        raise RuleDataError(f"pricing/data/price_list.toml: {error}") from error


def read_price_list(path: Path) -> PriceList:
    """A clinic's price list. ``InputError`` names every key at fault and never its value."""
    return read_model(path, PriceList)
