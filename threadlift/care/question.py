"""Questions people ask, answered from the evidence and, where a patient is known, for that patient."""

from __future__ import annotations

from functools import cache

from pydantic import ValidationError

from threadlift.care.alternative import facts_for_fit
from threadlift.care.risk import assess_risks
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.screening import Intake, Verdict
from threadlift.threads import load_catalogue


class ForYou(Frozen):
    """A line added when every fact of ``when`` holds."""

    when: tuple[str, ...]
    says: Text


class Question(Frozen):
    """One question of the data file with its general answer."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    ask: Text
    answer: Text
    for_you: tuple[ForYou, ...] = ()
    hide_when: tuple[str, ...] = ()


class Answer(Frozen):
    """One question answered. ``for_you`` is empty when nothing of this patient changes the answer."""

    id: str
    ask: Text
    answer: Text
    for_you: tuple[Text, ...]
    status: Status
    sources: tuple[str, ...]
    reason: str


@cache
def load_questions() -> tuple[Question, ...]:
    """Every question of the data file."""
    try:
        entries = load_data("threadlift.care", "questions.toml")["question"]
        return tuple(Question.model_validate(entry) for entry in entries)
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/questions.toml: {error}") from error


def answer_questions(
    intake: Intake | None = None, verdict: Verdict | None = None, plan: Plan | None = None
) -> tuple[Answer, ...]:
    """Every question that concerns this patient, with the lines that hold; all when none is known."""
    facts: set[str] = set(_of_plan(plan))
    if intake is not None:
        facts |= facts_for_fit(intake, verdict) | set(assess_risks(intake, plan).groups)
    return tuple(
        Answer(
            id=question.id,
            ask=question.ask,
            answer=question.answer,
            for_you=tuple(line.says for line in question.for_you if facts >= set(line.when)),
            status=question.status,
            sources=question.sources,
            reason=question.reason,
        )
        for question in load_questions()
        if not facts & set(question.hide_when)
    )


def _of_plan(plan: Plan | None) -> set[str]:
    if plan is None or not plan.threads:
        return set()
    materials = {load_catalogue().kind(thread.kind).material for thread in plan.threads}
    return {"plan_pdo"} if "pdo" in materials else {"plan_other"}
