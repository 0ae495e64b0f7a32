"""Questions people ask, answered from the evidence and for this person."""

from __future__ import annotations

from threadlift.care.question import Answer
from threadlift.report.block import Entries, Entry, Mark, Section
from threadlift.report.context import Context


def tell_questions(context: Context) -> Section:
    """The section on questions."""
    say = context.say
    entries = tuple(_entry(context, answer) for answer in context.case.questions)
    return Section("questions", say("question.title"), (Entries(entries),), say("question.lead"))


def _entry(context: Context, answer: Answer) -> Entry:
    say = context.say
    return Entry(
        mark=Mark("note", say("question.question")),
        title=say.of(answer.ask),
        lines=(
            context.tell(answer.answer),
            *(say("question.for_you", what=context.tell(line)) for line in answer.for_you),
        ),
        basis=context.sources.basis(answer.status, answer.sources),
    )
