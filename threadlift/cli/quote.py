"""``threadlift quote``: what a plan costs, item by item, and what changed since an earlier quote."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from rich.table import Table
from rich.text import Text as RichText

from threadlift.case.planned import find_intake, find_plan, read_planned_case
from threadlift.cli.output import console, print_json
from threadlift.cli.wording import status_word
from threadlift.errors import InputError
from threadlift.files import read_model
from threadlift.language import Language, Text
from threadlift.planning.path import resolve_thread
from threadlift.planning.plan import read_plan
from threadlift.pricing import (
    CURRENCIES,
    Currency,
    PriceList,
    Quote,
    QuoteComparison,
    compare_quotes,
    format_money,
    load_price_list,
    quote,
    read_price_list,
)
from threadlift.pricing.wording import MarketPrice, word
from threadlift.screening import read_intake


class QuoteAnswer(BaseModel):
    """What ``threadlift quote --json`` prints."""

    model_config = ConfigDict(frozen=True)

    quote: Quote
    comparison: QuoteComparison | None


def command(
    plan: Annotated[Path, typer.Argument(help="CASE folder or PLAN file (TOML or JSON).")],
    prices: Annotated[Path | None, typer.Option(help="Price list; without one the example list.")] = None,
    currency: Annotated[
        str | None, typer.Option(help=f"{', '.join(CURRENCIES)}. Default: that of the price list.")
    ] = None,
    doctor: Annotated[str | None, typer.Option(help="Doctor's grade in the price list.")] = None,
    laxity: Annotated[
        int | None,
        typer.Option(min=0, max=4, help="Worst laxity grade, for the range. Default: that of the case."),
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="Earlier quote.json: shows what changed and why.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the quote. Default: today.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the text.")] = "en",
) -> None:
    """Price a plan: items, tax, total, range with its drivers, price per side."""
    old = _read_quote(since) if since else None
    price_list = read_price_list(prices) if prices else load_price_list()
    made = quote(
        read_plan(find_plan(plan) if plan.is_dir() else plan),
        price_list,
        on=on.date() if on else date.today(),
        currency=_currency(currency),
        laxity=_laxity_of(plan) if laxity is None else laxity,
        lengths_mm=_lengths_of(plan, price_list),
        doctor=doctor,
        version=old.version + 1 if old else 1,
    )
    comparison = compare_quotes(old, made) if old else None
    if as_json:
        print_json(QuoteAnswer(quote=made, comparison=comparison))
        return
    _print_quote(made, lang)
    if comparison:
        _print_comparison(comparison, lang)


def _laxity_of(plan: Path) -> int | None:
    """The worst grade in the intake of a case folder; None for a plan file or a case without an intake."""
    intake = find_intake(plan) if plan.is_dir() else None
    return read_intake(intake).worst_laxity if intake else None


def _lengths_of(plan: Path, price_list: PriceList) -> dict[str, float]:
    """Length in mm of each thread on the face of a case folder, when the list prices by length."""
    by_length = any(entry.match.lengths_mm for entry in price_list.thread)
    if not by_length or not plan.is_dir() or not (plan / "face.npz").is_file():
        return {}
    case = read_planned_case(plan, None, None)
    return {thread.id: resolve_thread(thread, case.anatomy).length_mm for thread in case.plan.threads}


def _currency(name: str | None) -> Currency | None:
    if name is None:
        return None
    for currency in CURRENCIES:
        if name.upper() == currency:
            return currency
    raise InputError(f"no currency {name[:10]!r}", where="--currency", remedy=f"Use {', '.join(CURRENCIES)}.")


def _read_quote(path: Path) -> Quote:
    """A quote from ``quote.json`` of a case, or from what ``threadlift quote --json`` printed."""
    try:
        return read_model(path, Quote)
    except InputError as error:
        try:
            return read_model(path, QuoteAnswer).quote
        except InputError:
            raise error from None


def _print_quote(made: Quote, language: Language) -> None:
    def say(name: str, /, **values: object) -> str:
        return word("heading", name).fill(**values).in_language(language)

    def money(amount: Decimal) -> str:
        return format_money(amount, made.currency, language)

    def show(text: str, style: str = "") -> None:
        console.print(text, style=style or None, markup=False, soft_wrap=True)

    show(f"{say('title')}, {made.clinic.in_language(language)}", "bold")
    show(say("version", version=made.version, day=_day(made.made_on), until=_day(made.valid_until)), "dim")
    table = Table(box=None, pad_edge=False)
    table.add_column(say("item"))
    for name in ("count", "unit", "amount"):
        table.add_column(say(name), justify="right")
    for line in made.lines:
        threads = f" ({', '.join(line.thread_ids)})" if line.thread_ids else ""
        what = RichText(line.what.in_language(language)).append(threads, style="dim")
        table.add_row(what, str(line.count), money(line.unit_price), money(line.amount))
    tax = say("tax_in" if made.tax.included else "tax_on", name=made.tax.name, rate=f"{made.tax.rate_pct:f}")
    table.add_row(say("subtotal"), "", "", money(made.subtotal))
    table.add_row(tax, "", "", money(made.tax.amount), style="dim")
    table.add_row(say("total"), "", "", money(made.total), style="bold")
    console.print(table)
    show(say("nothing_else"))
    sides = made.per_side
    show(say("sides", left=money(sides.left), right=money(sides.right), shared=money(sides.shared)))
    show("\n" + say("range", low=money(made.range.low), high=money(made.range.high)), "bold")
    for driver in made.range.drivers:
        show(f"  - {driver.name.in_language(language)}: {money(driver.low)} - {money(driver.high)}")
        show(f"    {driver.because.in_language(language)}", "dim")
    for name, texts in (("includes", made.includes), ("not_included", made.not_included)):
        show(f"\n{say(name)}", "bold")
        for text in texts:
            show(f"  - {text.in_language(language)}")
    show(f"\n{say('market')}", "bold")
    for price in made.market:
        ends = " - ".join(dict.fromkeys(_ends(price, language)))
        show(f"  - {price.what.in_language(language)}: {ends} ({status_word(price.status, language)})")
    show("")
    for notice in made.notices:
        show(notice.in_language(language), "italic")
    origin = {"list": made.price_list, "version": made.price_list_version, "hash": made.price_list_hash}
    show(say("made_from", plan=made.plan_hash, **origin), "dim")


def _ends(price: MarketPrice, language: Language) -> list[str]:
    return [format_money(amount, price.currency, language) for amount in (price.low, price.high)]


def _day(day: date) -> Text:
    return Text(en=f"{day.day} {day:%B %Y}", vi=f"{day:%d/%m/%Y}")


def _print_comparison(comparison: QuoteComparison, language: Language) -> None:
    console.print(f"\n{word('heading', 'changed').in_language(language)}", style="bold")
    if not comparison.changes:
        console.print(word("heading", "unchanged").in_language(language))
    for change in comparison.changes:
        text = f"  - {change.says.in_language(language)}; {change.because_says.in_language(language)}"
        threads = [f"+{name}" for name in change.threads_added] + [
            f"-{name}" for name in change.threads_removed
        ]
        console.print(text + (f" ({', '.join(threads)})" if threads else ""), markup=False, soft_wrap=True)
    if comparison.difference is not None:
        amount = format_money(comparison.difference, comparison.currency, language)
        shown = amount if comparison.difference < 0 else f"+{amount}"
        console.print(
            word("heading", "difference").fill(difference=shown).in_language(language), markup=False
        )
