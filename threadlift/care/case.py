"""Worked cases of the triage rules: the short form in the data file, read as a whole check-in."""

from __future__ import annotations

from typing import Any

from threadlift.care.checkin import CheckIn
from threadlift.care.symptom import load_symptoms
from threadlift.care.triage_rule import Case
from threadlift.errors import RuleDataError

_WORDS = {
    "side": ("left", "right", "both", "unknown"),
    "severity": ("mild", "moderate", "severe"),
    "trend": ("better", "same", "worse"),
}


def checkin_of_case(case: Case) -> CheckIn:
    """The check-in of a case: everything answered and unremarkable except what the case says."""
    signs = [read_sign(sign) for sign in case.signs]
    answers: dict[str, Any] = {
        "schema": "threadlift.checkin/1",
        "synthetic": True,
        "day": case.day,
        "pain_0_10": 0,
        "pain_trend": "same",
        "temperature_c": 36.8,
        "danger_signs": "some" if any(load_symptoms()[s["kind"]].danger for s in signs) else "none",
        "procedure": {"filler": "no"},
        "symptoms": signs,
    }
    for key, value in case.answers.items():
        answers[key] = {**answers[key], **value} if isinstance(answers.get(key), dict) else value
    return CheckIn.model_validate({k: v for k, v in answers.items() if k not in case.unanswered})


def read_sign(sign: str) -> dict[str, Any]:
    """``"swelling left mild worse onset=3"`` as a symptom; ``kind?`` is not sure, ``trend?`` not answered."""
    kind, *words = sign.split()
    entry: dict[str, Any] = {"kind": kind.rstrip("?"), "side": "both", "severity": "mild", "trend": "same"}
    if kind.endswith("?"):
        entry["present"] = "unknown"
    for word in words:
        field = next((name for name, allowed in _WORDS.items() if word in allowed), None)
        if field:
            entry[field] = word
        elif word.startswith("onset="):
            entry["onset_day"] = int(word.removeprefix("onset="))
        elif word in ("side?", "severity?", "trend?"):
            entry.pop(word.rstrip("?"))
        else:
            raise RuleDataError(f"case sign {sign!r}: no meaning for {word!r}")
    return entry
