"""Alternatives side by side for this person, doing nothing included."""

from __future__ import annotations

from threadlift.care.alternative import Alternative, Alternatives
from threadlift.report.block import (
    Block,
    Cell,
    Column,
    Entries,
    Entry,
    Heading,
    Mark,
    MarkKind,
    Paragraph,
    Section,
    Table,
)
from threadlift.report.context import Context

_FITS: dict[str, MarkKind] = {
    "not_suitable": "stop",
    "not_now": "defer",
    "ask_doctor": "review",
    "with_reservation": "caution",
    "suits": "ok",
    "possible": "none",
}


def tell_alternatives(context: Context, alternatives: Alternatives) -> Section:
    """The section on alternatives."""
    say = context.say
    blocks: list[Block] = [
        _table(context, alternatives),
        Heading(say("alternative.for_you")),
        Entries(tuple(_reasons(context, entry) for entry in alternatives.options)),
        Paragraph(context.tell(alternatives.notice), "strong"),
    ]
    return Section("alternatives", say("alternative.title"), tuple(blocks), say("alternative.lead"))


def _table(context: Context, alternatives: Alternatives) -> Table:
    say = context.say
    return Table(
        caption="",
        columns=(
            Column(say("alternative.option"), share=1.1),
            Column(say("alternative.lift"), share=1.3),
            Column(say("alternative.onset"), share=1.2),
            Column(say("alternative.longevity"), share=1.2),
            Column(say("alternative.risk"), share=1.4),
            Column(say("alternative.cost"), share=1.1),
        ),
        rows=tuple(
            (
                Cell(say.of(option.name)),
                Cell(context.tell(option.lift)),
                Cell(context.tell(option.onset), context.tell(option.downtime)),
                Cell(context.tell(option.longevity)),
                Cell(context.tell(option.risk)),
                Cell(context.tell(option.cost)),
            )
            for option in (entry.option for entry in alternatives.options)
        ),
    )


def _reasons(context: Context, entry: Alternative) -> Entry:
    say, option = context.say, entry.option
    words = say.of(entry.fit_words)
    sources = dict.fromkeys((*option.sources, *(name for reason in entry.reasons for name in reason.sources)))
    return Entry(
        mark=Mark(_FITS[entry.fit.value], words[:1].upper() + words[1:]),
        title=say.of(option.name),
        lines=(
            *(context.tell(reason.says) for reason in entry.reasons),
            say("alternative.weakness", what=context.tell(option.weakness)),
        ),
        basis=context.sources.basis(option.status, sources),
    )
