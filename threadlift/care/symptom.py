"""The symptoms a check-in can name, and on which days they are usual."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text

SEVERITIES = ("mild", "moderate", "severe")


class UsualWindow(Frozen):
    """Days (both included) on which the symptom is usual up to a severity."""

    from_day: int
    to_day: int
    severity: Literal["mild", "moderate"]


class Symptom(Frozen):
    """One word of the check-in. ``danger``: part of the danger question."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str
    group: str
    danger: bool = False
    label: Text
    usual: tuple[UsualWindow, ...] = ()

    def usual_severity(self, day: int) -> str | None:
        """The strongest severity that is usual on ``day``; None when the symptom is not usual then."""
        return next((w.severity for w in self.usual if w.from_day <= day <= w.to_day), None)


@cache
def load_symptoms() -> dict[str, Symptom]:
    """Every symptom by id."""
    try:
        entries = load_data("threadlift.care", "symptoms.toml")["symptom"]
        return {entry["id"]: Symptom.model_validate(entry) for entry in entries}
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/symptoms.toml: {error}") from error


@cache
def danger_question() -> Text:
    """The one question that every check-in asks about danger signs."""
    return Text.model_validate(load_data("threadlift.care", "symptoms.toml")["danger_question"])
