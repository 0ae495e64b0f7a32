"""From a plan and a price list to a quote."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from threadlift.errors import InputError
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.pricing.basket import Basket, Converter, fill_basket, tax_of
from threadlift.pricing.driver import find_range
from threadlift.pricing.money import Currency
from threadlift.pricing.price import DoctorFee, Fee, PriceList
from threadlift.pricing.quotation import Exchange, Quote, QuoteLine, SidePrice
from threadlift.pricing.wording import load_market_prices, word
from threadlift.threads import Catalogue, load_catalogue


def quote(
    plan: Plan,
    price_list: PriceList,
    *,
    on: date,
    currency: Currency | None = None,
    laxity: int | None = None,
    doctor: str | None = None,
    lengths_mm: Mapping[str, float] | None = None,
    version: int = 1,
    catalogue: Catalogue | None = None,
) -> Quote:
    """Price ``plan`` with ``price_list``.

    ``laxity`` is the worst grade 0-4 (it drives the range), ``doctor`` a grade of the list, ``lengths_mm``
    the length of each thread by its id where the list prices by length. Prices are converted and rounded
    each by itself, so that lines, subtotal and total agree to the last unit.
    Raises ``InputError`` for a plan without threads, a kind without a price, an unknown grade or currency.
    """
    catalogue = catalogue or load_catalogue()
    if not plan.threads:
        raise InputError("the plan holds no thread", where="plan", remedy="Plan at least one thread first.")
    money = Converter(
        currency or price_list.info.currency, price_list.rate_to(currency or price_list.info.currency)
    )
    basket = fill_basket(plan, price_list, catalogue, doctor=doctor, lengths_mm=lengths_mm or {})
    lines = _lines(basket, money)
    subtotal = sum((line.amount for line in lines), Decimal(0))
    tax = tax_of(subtotal, price_list, money)
    return Quote(
        version=version,
        made_on=on,
        valid_until=on + timedelta(days=price_list.info.valid_days),
        currency=money.currency,
        clinic=price_list.info.name,
        is_example=price_list.info.example,
        lines=lines,
        subtotal=subtotal,
        tax=tax,
        total=subtotal if tax.included else subtotal + tax.amount,
        per_side=_per_side(plan, lines),
        range=find_range(plan, price_list, basket, money, catalogue, laxity=laxity),
        exchange=_exchange(price_list, money),
        price_list=price_list.info.id,
        price_list_version=price_list.file.version,
        price_list_hash=price_list.hash,
        plan_hash=hashlib.sha256(plan.model_dump_json().encode()).hexdigest()[:16],
        includes=price_list.terms.included,
        not_included=price_list.terms.not_included,
        market=load_market_prices(),
        notices=_notices(price_list, money, on),
    )


def _lines(basket: Basket, money: Converter) -> tuple[QuoteLine, ...]:
    lines = []
    for entry, threads in basket.threads:
        unit = money.convert(entry.unit_price(len(threads)))
        lines.append(
            QuoteLine(
                id=entry.id,
                group="thread",
                what=entry.name,
                count=len(threads),
                unit_price=unit,
                amount=unit * len(threads),
                thread_ids=tuple(thread.id for thread in threads),
                kinds=tuple(dict.fromkeys(thread.kind for thread in threads)),
                status=entry.status,
            )
        )
    fee_lines: list[tuple[Literal["doctor", "fee"], DoctorFee | Fee, int]] = [("doctor", basket.doctor, 1)]
    fee_lines += [("fee", fee, count) for fee, count in basket.fees]
    for group, fee, count in fee_lines:
        unit = money.convert(fee.price)
        lines.append(
            QuoteLine(
                id=fee.id,
                group=group,
                what=fee.name,
                count=count,
                unit_price=unit,
                amount=unit * count,
                status=fee.status,
            )
        )
    return tuple(lines)


def _per_side(plan: Plan, lines: tuple[QuoteLine, ...]) -> SidePrice:
    side = {thread.id: thread.side for thread in plan.threads}
    by_side = {"left": Decimal(0), "right": Decimal(0), "shared": Decimal(0)}
    for line in lines:
        if line.group != "thread":
            by_side["shared"] += line.amount
        for name in line.thread_ids:
            by_side[side[name]] += line.unit_price
    return SidePrice(**by_side)


def _exchange(price_list: PriceList, money: Converter) -> Exchange | None:
    if money.rate is None:
        return None
    return Exchange(
        from_currency=price_list.info.currency,
        list_units=money.rate.list_units,
        on=money.rate.on,
        status=money.rate.status,
    )


def _notices(price_list: PriceList, money: Converter, on: date) -> tuple[Text, ...]:
    notices = [word("notice", "more_threads")]
    if price_list.info.example:
        notices.append(word("notice", "example"))
    if on < price_list.info.valid_from:
        notices.append(word("notice", "not_yet_valid"))
    if money.rate is not None:
        notices.append(word("notice", "exchange"))
    return tuple(notices)
