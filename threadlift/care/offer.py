"""Is this offer safe? Three factors (thread, operator, sterility), one verdict: one missing is not safe."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Literal

from pydantic import ValidationError

from threadlift.care.safety_file import Offer
from threadlift.errors import InputError, RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding, Severity, Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.screening.answer import Answer
from threadlift.threads import load_catalogue

Factor = Literal["thread", "operator", "sterility", "offer"]
FACTORS: tuple[Factor, ...] = ("thread", "operator", "sterility")

NOT_SAFE = Text(
    en="Not safe: at least one of the three factors is missing.",
    vi="Không an toàn: thiếu ít nhất một trong ba yếu tố.",
)
NOT_SHOWN = Text(
    en="Not shown to be safe: answers are missing. Treat it as not safe until they are given.",
    vi="Chưa chứng minh được an toàn: còn thiếu câu trả lời. Hãy coi là không an toàn cho đến khi có đủ.",
)
NO_FAULT = Text(
    en="No missing factor was found in these answers. Check the papers yourself; "
    "a doctor still has to examine you.",
    vi="Không thấy thiếu yếu tố nào trong các câu trả lời này. Hãy tự kiểm tra giấy tờ; "
    "bạn vẫn cần được bác sĩ khám.",
)


class OfferQuestion(Frozen):
    """One question to ask; "no" or silence is a red flag of its factor."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    factor: Factor
    severity: Severity
    ask: Text
    red_flag: Text


class OfferVerdict(Frozen):
    """The verdict on an offer, its red flags and the questions still to ask."""

    verdict: Literal["not_safe", "not_shown_safe", "no_missing_factor_found"]
    says: Text
    factors: dict[Factor, Literal["present", "missing", "unknown"]]
    findings: tuple[Finding, ...]
    ask: tuple[Text, ...]


@cache
def load_offer_questions() -> tuple[str, dict[str, OfferQuestion]]:
    """Version, and the questions by the key used in the file (without the ``offer_`` of the record)."""
    content = load_data("threadlift.care", "offer.toml")
    try:
        questions = [OfferQuestion.model_validate(entry) for entry in content["offer"]]
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/offer.toml: {error}") from error
    return content["file"]["version"], {
        question.id.removeprefix("offer_"): question for question in questions
    }


def check_offer(offer: Offer, *, on: date | None = None) -> OfferVerdict:
    """Judge an offer; with ``on`` the expiry date is judged too.

    Raises ``InputError`` for a question, thread kind or device that does not exist.
    """
    version, questions = load_offer_questions()
    answers = _answers(offer, questions, on)
    findings = [
        _finding(question, version, answers[key])
        for key, question in questions.items()
        if answers[key] != "yes"
    ]
    if offer.thread_kind is not None:
        findings += load_catalogue().judge(offer.thread_kind, offer.market, device_id=offer.device)
    factors: dict[Factor, Literal["present", "missing", "unknown"]] = {
        factor: _state(factor, questions, answers) for factor in FACTORS
    }
    if any(f.severity is Severity.STOP and not f.rule.startswith("offer_") for f in findings):
        factors["thread"] = "missing"
    missing, unknown = "missing" in factors.values(), "unknown" in factors.values()
    return OfferVerdict(
        verdict="not_safe" if missing else "not_shown_safe" if unknown else "no_missing_factor_found",
        says=NOT_SAFE if missing else NOT_SHOWN if unknown else NO_FAULT,
        factors=factors,
        findings=tuple(findings),
        ask=tuple(question.ask for key, question in questions.items() if answers[key] != "yes"),
    )


def _answers(offer: Offer, questions: dict[str, OfferQuestion], on: date | None) -> dict[str, Answer]:
    for key in offer.answers:
        if key not in questions:
            near = get_close_matches(key, list(questions), n=3, cutoff=0.4)
            remedy = f"Did you mean {', '.join(near)}?" if near else f"Questions: {', '.join(questions)}."
            raise InputError("no such question", where=f"offer.answers.{key}", remedy=remedy)
    answers: dict[str, Answer] = {key: offer.answers.get(key, "unknown") for key in questions}
    if offer.expiry_date is not None and on is not None:
        printed: Answer = "no" if offer.expiry_date < on else "yes"
        answers["in_date"] = min(printed, offer.answers.get("in_date", printed), key=_safer)
    if offer.thread_kind is not None:
        catalogue = load_catalogue()
        kind = catalogue.kind(offer.thread_kind)
        states = [catalogue.material(kind.material).absorbable]
        if kind.coating is not None:
            states.append(catalogue.coatings[kind.coating].absorbable)
        absorbable: Answer = "no" if "no" in states else "unknown" if "unknown" in states else "yes"
        said = answers["thread_absorbable"]
        answers["thread_absorbable"] = min(
            (absorbable, said if "thread_absorbable" in offer.answers else absorbable), key=_safer
        )
    return answers


def _safer(answer: Answer) -> int:
    return ("no", "unknown", "yes").index(answer)


def _state(
    factor: Factor, questions: dict[str, OfferQuestion], answers: dict[str, Answer]
) -> Literal["present", "missing", "unknown"]:
    given = {
        answers[key]
        for key, question in questions.items()
        if question.factor == factor and question.severity is Severity.STOP
    }
    return "missing" if "no" in given else "unknown" if "unknown" in given else "present"


def _finding(question: OfferQuestion, version: str, answer: Answer) -> Finding:
    unasked = Text(en="Not known", vi="Chưa rõ")
    what = (
        question.red_flag
        if answer == "no"
        else Text(en=f"{unasked.en}: {question.ask.en}", vi=f"{unasked.vi}: {question.ask.vi}")
    )
    return Finding(
        rule=question.id,
        rule_version=version,
        severity=question.severity,
        what=what,
        remedy=question.ask if answer == "no" else None,
        value=answer,
        threshold="yes",
        status=question.status,
        sources=question.sources,
    )
