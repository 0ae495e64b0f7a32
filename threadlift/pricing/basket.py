"""What a plan takes from a price list, conversion to another currency, and the tax rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from threadlift.planning.plan import Plan, PlannedThread
from threadlift.pricing.money import Currency, round_to_unit
from threadlift.pricing.price import DoctorFee, Fee, PriceList, Rate, ThreadPrice
from threadlift.pricing.quotation import TaxLine
from threadlift.threads import Catalogue

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Basket:
    """What a plan takes from a price list, in the list's entries."""

    threads: tuple[tuple[ThreadPrice, tuple[PlannedThread, ...]], ...]
    doctor: DoctorFee
    fees: tuple[tuple[Fee, int], ...]


@dataclass(frozen=True)
class Converter:
    """Turns prices of the list into the currency of the quote, rounded to its smallest unit."""

    currency: Currency
    rate: Rate | None

    def convert(self, price: Decimal) -> Decimal:
        """One price in the quote's currency."""
        return round_to_unit(price / self.rate.list_units if self.rate else price, self.currency)


def fill_basket(
    plan: Plan,
    price_list: PriceList,
    catalogue: Catalogue,
    *,
    doctor: str | None,
    lengths_mm: Mapping[str, float],
) -> Basket:
    """The entries of the list that the plan takes. ``InputError`` names the first kind without a price."""
    found: dict[str, tuple[ThreadPrice, list[PlannedThread]]] = {}
    for thread in plan.threads:
        kind = catalogue.kind(thread.kind)
        same = ", ".join(other.id for other in plan.threads if other.kind == thread.kind)
        entry = price_list.price_of(kind, lengths_mm.get(thread.id), threads=f" (threads {same})")
        found.setdefault(entry.id, (entry, []))[1].append(thread)
    sides = len({thread.side for thread in plan.threads})
    counts = {"session": 1, "side": sides, "thread": len(plan.threads)}
    return Basket(
        threads=tuple((entry, tuple(threads)) for entry, threads in found.values()),
        doctor=price_list.doctor_of(doctor),
        fees=tuple((fee, fee.count * counts[fee.per]) for fee in price_list.fee),
    )


def tax_of(subtotal: Decimal, price_list: PriceList, money: Converter) -> TaxLine:
    """The tax within or upon ``subtotal``, rounded once."""
    rate = price_list.tax.rate_pct
    base = HUNDRED + rate if price_list.tax.included else HUNDRED
    return TaxLine(
        name=price_list.tax.name,
        rate_pct=rate,
        included=price_list.tax.included,
        amount=round_to_unit(subtotal * rate / base, money.currency),
    )
