"""Two quotes beside each other: what changed, by how much, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.pricing.money import Amount, Currency, format_money
from threadlift.pricing.quotation import Quote, QuoteLine
from threadlift.pricing.wording import word

Reason = Literal["plan", "prices", "choice", "tier", "rate"]


class QuoteChange(Frozen):
    """One line that is new, gone or different."""

    line: str
    says: Text
    because: Reason
    because_says: Text
    difference: Amount | None = Field(description="in the new currency; None when the currencies differ")
    threads_added: tuple[str, ...] = ()
    threads_removed: tuple[str, ...] = ()


class QuoteComparison(Frozen):
    """Every change from an older quote to a newer one."""

    old: str = Field(description="hash of the older quote")
    new: str
    currency: Currency
    changes: tuple[QuoteChange, ...]
    difference: Amount | None = Field(description="of the totals; None when the currencies differ")


def compare_quotes(old: Quote, new: Quote) -> QuoteComparison:
    """Say what changed between two quotes, and whether plan, prices or a choice is the reason."""
    same_money = old.currency == new.currency
    before = {line.id: line for line in old.lines}
    after = {line.id: line for line in new.lines}
    changes: list[QuoteChange] = []
    for name in dict.fromkeys((*before, *after)):
        changes += _line_changes(old, new, before.get(name), after.get(name))
    if not same_money:
        says = word("change", "currency").fill(before=new.currency, after=old.currency)
        changes.append(_change("currency", says, "choice", None))
    elif old.exchange != new.exchange:
        changes.append(_change("rate", word("change", "rate"), "rate", None))
    if (old.tax.rate_pct, old.tax.included) != (new.tax.rate_pct, new.tax.included):
        difference = (new.total - new.subtotal) - (old.total - old.subtotal) if same_money else None
        changes.append(_change("tax", word("change", "tax"), "prices", difference))
    return QuoteComparison(
        old=old.hash,
        new=new.hash,
        currency=new.currency,
        changes=tuple(changes),
        difference=new.total - old.total if same_money else None,
    )


def _line_changes(
    old: Quote, new: Quote, before: QuoteLine | None, after: QuoteLine | None
) -> list[QuoteChange]:
    if before is None or after is None:
        line = after or before
        assert line is not None
        says = word("change", "added" if before is None else "removed").fill(
            what=line.what, count=line.count, price=_money(line.unit_price, new if after else old)
        )
        return [_with_threads(old, new, before, after, says, _reason(old, new, line))]
    changes = []
    if before.count != after.count or before.thread_ids != after.thread_ids:
        says = word("change", "count").fill(what=after.what, before=after.count, after=before.count)
        changes.append(_with_threads(old, new, before, after, says, _reason(old, new, after)))
    if before.unit_price != after.unit_price and old.currency == new.currency:
        says = word("change", "price").fill(
            what=after.what, before=_money(after.unit_price, new), after=_money(before.unit_price, old)
        )
        difference = (after.unit_price - before.unit_price) * after.count
        changes.append(_change(after.id, says, _price_reason(old, new), difference))
    return changes


def _reason(old: Quote, new: Quote, line: QuoteLine) -> Reason:
    if line.group == "thread" and old.plan_hash != new.plan_hash:
        return "plan"
    if old.price_list_hash != new.price_list_hash:
        return "prices"
    return "plan" if old.plan_hash != new.plan_hash and line.group == "fee" else "choice"


def _price_reason(old: Quote, new: Quote) -> Reason:
    if old.exchange != new.exchange:
        return "rate"
    return "prices" if old.price_list_hash != new.price_list_hash else "tier"


def _with_threads(
    old: Quote, new: Quote, before: QuoteLine | None, after: QuoteLine | None, says: Text, because: Reason
) -> QuoteChange:
    """A change of number: at the old price each, so that a change of price is counted apart."""
    was, now = before.count if before else 0, after.count if after else 0
    priced = before or after
    assert priced is not None
    difference = (now - was) * priced.unit_price if old.currency == new.currency else None
    was_threads = set(before.thread_ids if before else ())
    now_threads = set(after.thread_ids if after else ())
    change = _change(priced.id, says, because, difference)
    return change.model_copy(
        update={
            "threads_added": tuple(sorted(now_threads - was_threads)),
            "threads_removed": tuple(sorted(was_threads - now_threads)),
        }
    )


def _change(line: str, says: Text, because: Reason, difference: Amount | None) -> QuoteChange:
    return QuoteChange(
        line=line, says=says, because=because, because_says=word("because", because), difference=difference
    )


def _money(amount: Amount, quote: Quote) -> Text:
    return Text(en=format_money(amount, quote.currency, "en"), vi=format_money(amount, quote.currency, "vi"))
