"""The verdict: one level, every rule that fired, what is missing, and what the plan has to respect."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field

from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.screening.rule import Action, ArticleRemark, Scope


class Level(StrEnum):
    """The verdict's levels, gravest first. The gravest rule that fired decides."""

    REFUSE = "refuse"
    REFER_TO_SURGERY = "refer_to_surgery"
    DEFER = "defer"
    DOCTOR_REVIEW = "doctor_review"
    PRECAUTION = "proceed_with_precaution"
    PROCEED = "proceed"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Level).index(self)

    @property
    def is_stop(self) -> bool:
        """Whether nothing may be done now: refuse, refer to surgery, defer."""
        return self in (Level.REFUSE, Level.REFER_TO_SURGERY, Level.DEFER)


class UsedValue(Frozen):
    """A fact that a rule looked at, and what it was compared with."""

    field: str
    value: str | float
    sign: str
    threshold: str | float


class FiredRule(Frozen):
    """One rule that fired, with everything needed to judge it."""

    rule: str
    rule_version: str
    title: Text
    scope: Scope
    action: Action = Field(description="what the rule asks for the patient")
    in_scope: Action = Field(description="what it asks for the material or path alone; else the same")
    says: Text
    used: tuple[UsedValue, ...]
    until: date | None = None
    until_when: Text | None = None
    condition: Text | None = None
    status: Status
    strength: Text
    basis: str = Field(description="where an unsourced number comes from")
    sources: tuple[str, ...]
    article: ArticleRemark
    article_says: Text


class MissingAnswer(Frozen):
    """A question without an answer, the rules that needed it, and what its absence asks for."""

    question: str
    asks: Text
    rules: tuple[str, ...]
    action: Action


class Exclusion(Frozen):
    """Something that must not be used, and by which rule."""

    what: str
    rule: str


class Requirement(Frozen):
    """Something to do or to check if treatment goes ahead, and by which rule."""

    text: Text
    rule: str
    scope: Scope


class Restrictions(Frozen):
    """What planning and the session have to respect, by scope."""

    materials: tuple[Exclusion, ...] = Field(default=(), description="thread polymers that must not be used")
    materials_left: tuple[str, ...] = Field(default=(), description="absorbable lifting polymers that remain")
    areas: tuple[Exclusion, ...] = Field(default=(), description="areas no thread may pass through")
    goals: tuple[Exclusion, ...] = Field(default=(), description="goals whose paths cross those areas")
    substances: tuple[Exclusion, ...] = Field(default=(), description="drugs, antiseptics, gloves to avoid")
    requirements: tuple[Requirement, ...] = ()


class DurationRemark(Frozen):
    """How long a material's result may be said to last, beside the wish."""

    material: str
    months: tuple[float, float]
    meets_wish: bool | None = Field(description="None when no duration was wished")
    status: Status
    sources: tuple[str, ...]


class Verdict(Frozen):
    """Schema ``threadlift.verdict/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.verdict/1"] = Field(default="threadlift.verdict/1", alias="schema")
    level: Level
    summary: Text
    on: date
    until: date | None = Field(default=None, description="first day at which every dated deferral has ended")
    until_when: tuple[Text, ...] = Field(default=(), description="what else must be so before treatment")
    fired: tuple[FiredRule, ...]
    missing: tuple[MissingAnswer, ...]
    restrictions: Restrictions
    durations: tuple[DurationRemark, ...]
    rules_checked: int
    rule_set: str
    intake_hash: str
    disclaimer: Text

    @property
    def is_stop(self) -> bool:
        """Whether the verdict stops treatment for now."""
        return self.level.is_stop

    def fired_ids(self) -> tuple[str, ...]:
        """Ids of the rules that fired, gravest first."""
        return tuple(fired.rule for fired in self.fired)
