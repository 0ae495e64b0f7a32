"""Triage rules as data: alternatives of clauses over a check-in."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import Field, ValidationError

from threadlift.care.level import Level
from threadlift.care.symptom import load_symptoms
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text


class Clause(Frozen):
    """Everything given must hold. Day and pain limits include their ends; ``hours_over`` does not."""

    symptom: tuple[str, ...] = Field(default=(), description="any of these, with the three keys below")
    trend: Literal["worse"] | None = None
    severity_min: Literal["moderate", "severe"] | None = None
    side: Literal["one"] | None = Field(default=None, description="one side; an unknown side counts as one")
    onset_min: int | None = None
    day_min: int | None = None
    hours_over: float | None = None
    hours_max: float | None = None
    pain_min: float | None = None
    pain_trend: Literal["worse"] | None = None
    pain_over_usual: bool = False
    fever: bool = False
    temperature_min: float | None = None
    host: tuple[str, ...] = Field(default=(), description="session facts: filler, temple")
    permanent_thread: bool = False
    past_absorption: bool = False


class Case(Frozen):
    """One worked example: ``signs`` in short form, further answers, and the level of the whole check-in."""

    kind: Literal["fires", "not", "threshold", "unknown"]
    day: int
    signs: tuple[str, ...] = ()
    answers: dict[str, Any] = Field(default={})
    unanswered: tuple[str, ...] = ()
    level: Level


class TriageRule(Frozen):
    """One rule. ``unknown`` is the level when an answer that would decide is missing."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    red_flag: str | None = None
    timeline: str | None = None
    level: Level
    unknown: Level = Level.CALL
    group: str
    counts_worse: bool = False
    when: tuple[tuple[Clause, ...], ...] = Field(min_length=1)
    what: Text
    why: Text
    cases: tuple[Case, ...]

    def symptoms(self) -> frozenset[str]:
        """Every symptom that the rule names."""
        return frozenset(
            kind for alternative in self.when for clause in alternative for kind in clause.symptom
        )


class GeneralRule(Frozen):
    """A rule that holds for every symptom; its texts have places to fill."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    red_flag: str | None = None
    what: Text
    why: Text


class Threshold(Frozen):
    """A number that several rules of the check-in share."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str
    unit: str
    value: float


class Generals(Frozen):
    """The general rules by id, with the words they use."""

    version: str
    rules: dict[str, GeneralRule]
    thresholds: dict[str, Threshold]
    words: dict[str, tuple[str, ...]]
    raises: dict[str, tuple[str, ...]]
    host: dict[str, Text]
    missing: dict[str, Text]
    contradiction: dict[str, Text]


@cache
def load_triage_rules() -> tuple[str, tuple[TriageRule, ...]]:
    """Version and rules, every symptom they name checked."""
    content = load_data("threadlift.care", "triage.toml")
    try:
        rules = tuple(TriageRule.model_validate(entry) for entry in content["rule"])
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/triage.toml: {error}") from error
    for rule in rules:
        unknown = rule.symptoms() - load_symptoms().keys()
        if unknown:
            raise RuleDataError(
                f"care/data/triage.toml: rule {rule.id!r} names no symptom {sorted(unknown)[0]!r}"
            )
    return content["file"]["version"], rules


def is_fever(temperature_c: float | None) -> bool:
    """Whether a measured temperature is a fever; not measured is not a fever by this."""
    return temperature_c is not None and temperature_c >= load_generals().thresholds["fever_from"].value


@cache
def load_generals() -> Generals:
    """The rules that hold for every symptom."""
    content = load_data("threadlift.care", "general.toml")
    try:
        return Generals.model_validate(
            {
                "version": content["file"]["version"],
                "rules": {entry["id"]: entry for entry in content["general"]},
                "thresholds": {entry["id"]: entry for entry in content["threshold"]},
                "raises": content["raise"],
                **{key: content[key] for key in ("words", "host", "missing", "contradiction")},
            }
        )
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/general.toml: {error}") from error
