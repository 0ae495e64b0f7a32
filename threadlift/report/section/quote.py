"""The quote: every item, the total, what moves the price, what is and is not included."""

from __future__ import annotations

from threadlift.pricing import Quote, QuoteLine
from threadlift.pricing.wording import MarketPrice
from threadlift.report.block import (
    Block,
    Bullets,
    Cell,
    Chart,
    Column,
    Fold,
    Heading,
    Mark,
    Note,
    Paragraph,
    Section,
    Table,
)
from threadlift.report.chart import draw_shares
from threadlift.report.context import Context

_GROUPS = ("thread", "doctor", "fee")


def tell_quote(context: Context, quote: Quote) -> Section:
    """The section on the price."""
    say = context.say
    blocks: list[Block] = []
    if quote.is_example:
        blocks.append(Note(Mark("note", say("quote.example")), say("quote.example_means")))
    blocks += [_items(context, quote), Paragraph(say("quote.nothing_else"), "strong")]
    blocks += _breakdown(context, quote)
    blocks.append(_drivers(context, quote))
    for name, entries in (("includes", quote.includes), ("not_included", quote.not_included)):
        if entries:
            blocks.append(Heading(say(f"quote.{name}")))
            blocks.append(Bullets(tuple(context.tell(entry) for entry in entries)))
    if quote.market:
        blocks.append(Fold(say("quote.market"), (_market(context, quote),)))
    blocks += [Paragraph(context.tell(notice), "quiet") for notice in quote.notices]
    if quote.exchange:
        rate = say("quote.exchange", currency=quote.exchange.from_currency, day=say.date(quote.exchange.on))
        blocks.append(Paragraph(rate, "quiet"))
    blocks.append(
        Paragraph(say("quote.made_from", version=quote.price_list_version, list=quote.price_list), "quiet")
    )
    lead = say(
        "quote.lead", version=quote.version, day=say.date(quote.made_on), until=say.date(quote.valid_until)
    )
    return Section("quote", say("quote.title"), tuple(blocks), lead)


def say_total(context: Context, quote: Quote) -> str:
    """Total with the range that its drivers span."""
    say, money = context.say, context.say.money
    low, high = money(quote.range.low, quote.currency), money(quote.range.high, quote.currency)
    return say("quote.total_range", total=money(quote.total, quote.currency), low=low, high=high)


def _items(context: Context, quote: Quote) -> Table:
    say = context.say

    def row(line: QuoteLine) -> tuple[Cell, ...]:
        threads = ", ".join(context.thread_names.get(name, name) for name in line.thread_ids)
        return (
            Cell(context.tell(line.what), say("finding.thread", thread=threads) if threads else ""),
            Cell(str(line.count)),
            Cell(say.money(line.unit_price, quote.currency)),
            Cell(say.money(line.amount, quote.currency)),
        )

    tax = say(
        "quote.tax_in" if quote.tax.included else "quote.tax_on",
        name=say.of(quote.tax.name),
        rate=say.number(float(quote.tax.rate_pct), 0 if quote.tax.rate_pct == int(quote.tax.rate_pct) else 1),
    )
    tax_row = (Cell(tax), Cell(""), Cell(""), Cell(say.money(quote.tax.amount, quote.currency)))
    return Table(
        caption=say("quote.items"),
        columns=(
            Column(say("quote.item"), share=2.6),
            Column(say("quote.count"), is_number=True, share=0.7),
            Column(say("quote.unit_price"), is_number=True, share=1.2),
            Column(say("quote.amount"), is_number=True, share=1.3),
        ),
        rows=(*(row(line) for line in quote.lines), tax_row),
        foot=(Cell(say("quote.total")), Cell(""), Cell(""), Cell(say.money(quote.total, quote.currency))),
    )


def _breakdown(context: Context, quote: Quote) -> list[Block]:
    say, title = context.say, context.say("quote.breakdown")
    rows = []
    for group in _GROUPS:
        amount = sum(line.amount for line in quote.lines if line.group == group)
        if amount:
            rows.append((say(f"quote.group_{group}"), float(amount), say.money(amount, quote.currency)))
    if len(rows) < 2:
        return []
    described = "; ".join(f"{label}: {written}" for label, _, written in rows)
    return [Chart(title, described, draw_shares(rows, title=title, description=described))]


def _drivers(context: Context, quote: Quote) -> Table:
    say = context.say
    return Table(
        caption=say("quote.drivers"),
        columns=(
            Column(say("quote.driver"), share=1.4),
            Column(say("quote.range"), share=1.5),
            Column(say("plan.statement"), share=2.2),
        ),
        rows=tuple(
            (
                Cell(say.of(driver.name)),
                Cell(
                    say(
                        "quote.from_to",
                        low=say.money(driver.low, quote.currency),
                        high=say.money(driver.high, quote.currency),
                    )
                ),
                Cell(context.tell(driver.because), basis=context.sources.note(driver.sources)),
            )
            for driver in quote.range.drivers
        ),
    )


def _market(context: Context, quote: Quote) -> Table:
    say = context.say

    def span(price: MarketPrice) -> str:
        low, high = (say.money(amount, price.currency, is_rough=True) for amount in (price.low, price.high))
        return low if low == high else say("quote.from_to", low=low, high=high)

    return Table(
        caption="",
        columns=(
            Column(say("quote.item"), share=1.8),
            Column(say("quote.range"), share=1.6),
            Column(say("plan.basis"), share=1.6),
        ),
        rows=tuple(
            (
                Cell(say.of(price.what)),
                Cell(span(price)),
                Cell("", basis=context.sources.basis(price.status, price.sources)),
            )
            for price in quote.market
        ),
    )
