"""Rules of screening as data: when one fires, what follows, how long to wait, how well it is founded."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.screening.expression import Expression

RULE_FILES = ("contraindications.toml", "candidacy.toml", "vital_signs.toml")
INTERACTION_FILE = "interactions.toml"


class Action(StrEnum):
    """What a rule asks for, from the gravest to a mere note."""

    REFUSE = "refuse"
    REFER_TO_SURGERY = "refer_to_surgery"
    DEFER = "defer"
    DOCTOR_REVIEW = "doctor_review"
    PRECAUTION = "proceed_with_precaution"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest; a lower rank wins."""
        return list(Action).index(self)


class Scope(StrEnum):
    """What a rule speaks of: the patient, the day, a material, a path on the face, or the provider."""

    PATIENT = "patient"
    DAY = "day"
    MATERIAL = "material"
    PATH = "path"
    PROVIDER = "provider"


class Wait(Frozen):
    """How long to wait: days after the event behind a fact, or after the day of screening."""

    days: int = Field(ge=0, le=1000)
    after: tuple[str, ...] = Field(
        default=(),
        description="facts `*.days_since` or `*.days_until`; the latest known one counts; none: today",
    )


class Outcome(Frozen):
    """One branch of a rule. Branches stand in order from the gravest; the first that is true fires."""

    when: Expression
    action: Action
    says: Text = Field(description="may hold {value}, {limit} and {until}")
    wait: Wait | None = None
    until: Text | None = Field(default=None, description="what ends a deferral that has no date")
    condition: Text | None = Field(default=None, description="what to do or to check if treatment goes ahead")
    in_scope: Action | None = Field(
        default=None, description="what it means for the material or path itself, when graver than `action`"
    )
    excludes: Literal["polymers", "paths", "substances"] | None = None
    scope: Scope | None = Field(default=None, description="when it differs from the scope of the rule")
    unknown: Action | None = Field(default=None, description="when it differs from `unknown` of the rule")

    @model_validator(mode="after")
    def _deferral_has_an_end(self) -> Outcome:
        if self.action is Action.DEFER and self.wait is None and self.until is None:
            raise ValueError("a deferral needs wait or until")
        return self


class ArticleRemark(Frozen):
    """How the founding article on collagen thread lifting stands to a rule."""

    verdict: Literal[
        "agrees", "omits", "vague", "stronger_than_evidence", "differs", "contradicts", "not_applicable"
    ]
    note: Text | None = None


class Rule(Frozen):
    """One rule with its branches and standing."""

    id: str
    title: Text
    scope: Scope
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    strength: Text = Field(description="design of the studies behind it, or what it is instead")
    article: ArticleRemark
    tags: tuple[str, ...] = ()
    outcome: tuple[Outcome, ...] = Field(min_length=1)
    unknown: Action = Field(
        default=Action.DOCTOR_REVIEW, description="what follows when answers that the rule needs are missing"
    )
    version: str

    @model_validator(mode="after")
    def _gravest_first(self) -> Rule:
        ranks = [outcome.action.rank for outcome in self.outcome]
        if ranks != sorted(ranks):
            raise ValueError("outcomes must stand in order from the gravest")
        return self


@cache
def load_rules() -> tuple[Rule, ...]:
    """All rules that look at facts alone, in file order. ``RuleDataError`` names the rule at fault."""
    return tuple(rule for name in RULE_FILES for rule in _load(name))


@cache
def load_interactions() -> tuple[Rule, ...]:
    """Rules that look at how many other rules fired; evaluated last."""
    return tuple(_load(INTERACTION_FILE))


def _load(name: str) -> list[Rule]:
    content = load_data("threadlift.screening", name)
    return [_parse(entry, name, content["file"]["version"]) for entry in content["rule"]]


def _parse(entry: dict[str, Any], name: str, version: str) -> Rule:
    try:
        return Rule.model_validate({**entry, "version": version})
    except ValidationError as error:
        raise RuleDataError(f"screening/data/{name}, rule {entry.get('id')!r}: {error}") from error


def rule_set_version() -> str:
    """Version of the rule files, the latest of them."""
    return max(rule.version for rule in (*load_rules(), *load_interactions()))
