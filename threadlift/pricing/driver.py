"""What moves the price: degree of laxity (number of threads), type of thread, clinic and doctor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from threadlift.errors import InputError
from threadlift.files import load_data
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.pricing.basket import Basket, Converter, tax_of
from threadlift.pricing.money import round_to_unit
from threadlift.pricing.price import DoctorFee, PriceList, ThreadPrice
from threadlift.pricing.quotation import PriceDriver, PriceRange
from threadlift.pricing.wording import word
from threadlift.threads import Catalogue


@dataclass(frozen=True)
class _Scene:
    """One variant of the treatment: how many lifting threads, each at which price, by which doctor."""

    lifting: int
    unit: Decimal
    doctor: Decimal


def find_range(
    plan: Plan,
    price_list: PriceList,
    basket: Basket,
    money: Converter,
    catalogue: Catalogue,
    *,
    laxity: int | None,
) -> PriceRange:
    """The range of totals and its drivers. The planned total always lies inside."""
    lifting, rest = _split(basket, catalogue, money)
    fees = sum((money.convert(fee.price) * count for fee, count in basket.fees), Decimal(0))
    count = sum(number for number, _ in lifting)
    spent = sum((number * unit for number, unit in lifting), Decimal(0))
    planned = _Scene(count, spent / count if count else Decimal(0), money.convert(basket.doctor.price))

    def total(scene: _Scene) -> Decimal:
        threads = round_to_unit(scene.lifting * scene.unit, money.currency)
        subtotal = threads + rest + fees + scene.doctor
        tax = tax_of(subtotal, price_list, money)
        return subtotal if tax.included else subtotal + tax.amount

    low, high, drivers = planned, planned, []
    if count:
        fewest, most, sources = _thread_counts(plan, catalogue, laxity)
        few, many = replace(planned, lifting=min(fewest, count)), replace(planned, lifting=max(most, count))
        because = word("driver", "laxity_because").fill(low=fewest, high=most, planned=count)
        drivers.append(_driver("laxity", total(few), total(many), because, sources))
        cheap, dear = _extreme_threads(plan, price_list, catalogue)
        cheap_unit = min(planned.unit, money.convert(cheap.unit_price(count)))
        dear_unit = max(planned.unit, money.convert(dear.unit_price(count)))
        because = word("driver", "threads_because").fill(low=cheap.name, high=dear.name)
        ends = (replace(planned, unit=cheap_unit), replace(planned, unit=dear_unit))
        drivers.append(_driver("threads", total(ends[0]), total(ends[1]), because))
        low = replace(few, unit=cheap_unit)
        high = replace(many, unit=dear_unit)
    first, last = _extreme_doctors(price_list)
    cheapest, dearest = money.convert(first.price), money.convert(last.price)
    because = word("driver", "doctor_because").fill(low=first.name, high=last.name)
    ends = (replace(planned, doctor=cheapest), replace(planned, doctor=dearest))
    drivers.append(_driver("doctor", total(ends[0]), total(ends[1]), because))
    return PriceRange(
        low=total(replace(low, doctor=cheapest)),
        high=total(replace(high, doctor=dearest)),
        drivers=tuple(drivers),
    )


def _driver(
    name: str, low: Decimal, high: Decimal, because: Text, sources: tuple[str, ...] = ()
) -> PriceDriver:
    return PriceDriver.model_validate(
        {
            "id": name,
            "name": word("driver", name),
            "low": low,
            "high": high,
            "because": because,
            "sources": sources,
        }
    )


def _split(
    basket: Basket, catalogue: Catalogue, money: Converter
) -> tuple[list[tuple[int, Decimal]], Decimal]:
    """Number and price of the lifting threads by entry, and the sum of the threads that do not lift."""
    lifting: list[tuple[int, Decimal]] = []
    rest = Decimal(0)
    for entry, threads in basket.threads:
        unit = money.convert(entry.unit_price(len(threads)))
        number = sum(catalogue.kind(thread.kind).can_lift for thread in threads)
        if number:
            lifting.append((number, unit))
        rest += unit * (len(threads) - number)
    return lifting, rest


def _thread_counts(plan: Plan, catalogue: Catalogue, laxity: int | None) -> tuple[int, int, tuple[str, ...]]:
    """Fewest and most lifting threads for this laxity, over the sides and techniques of the plan."""
    entries = load_data("threadlift.pricing", "market_ranges.toml")["threads_by_laxity"]
    fitting = [entry for entry in entries if laxity is None or entry["laxity"] == max(1, min(3, laxity))]
    groups = {(t.side, t.technique) for t in plan.threads if catalogue.kind(t.kind).can_lift}
    fewest = min(entry["per_side"][0] for entry in fitting) * len(groups)
    most = max(entry["per_side"][1] for entry in fitting) * len(groups)
    return fewest, most, tuple(fitting[0]["sources"])


def _extreme_threads(
    plan: Plan, price_list: PriceList, catalogue: Catalogue
) -> tuple[ThreadPrice, ThreadPrice]:
    """The cheapest and the dearest entry that prices a lifting thread of the plan or one in its place.

    In its place comes an absorbable thread of the same form: a cone thread does not replace a barbed one.
    """
    planned = {catalogue.kind(thread.kind) for thread in plan.threads}
    forms = {kind.form for kind in planned if kind.can_lift}
    entries = {}
    for kind in catalogue.find_kinds(can_lift=True):
        if kind in planned or (kind.form in forms and catalogue.is_absorbable(kind.id)):
            try:
                entry = price_list.price_of(kind, None)
            except InputError:
                continue  # the clinic does not offer this kind
            entries[entry.id] = entry
    offered = sorted(entries.values(), key=lambda entry: (entry.price, entry.id))
    return offered[0], offered[-1]


def _extreme_doctors(price_list: PriceList) -> tuple[DoctorFee, DoctorFee]:
    ordered = sorted(price_list.doctor, key=lambda entry: (entry.price, entry.grade))
    return ordered[0], ordered[-1]
