"""What a proposal consists of: the plan, why it is so, what it leaves out, what was changed for clearance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.planning.sentence import Reason, Sentences, read_sentences


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NotPlanned(Reason):
    """A goal that gets no threads, and why."""

    goal: str


class Adjustment(Reason):
    """A departure from the published path, or a thread that still has a stop."""

    threads: tuple[str, ...]
    because: tuple[str, ...] = Field(default=(), description="rules of the findings that led to it")


class Proposal(_Strict):
    """A plan with its reasons. Schema ``threadlift.proposal/1``. The doctor decides."""

    format: Literal["threadlift.proposal/1"] = Field(default="threadlift.proposal/1", alias="schema")
    plan: Plan
    material: str | None
    reasons: tuple[Reason, ...]
    not_planned: tuple[NotPlanned, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    threads_with_stop: tuple[str, ...] = Field(default=(), description="a stop remains; never hidden")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class GoalRecord(_Strict):
    """A goal with the regions whose laxity grade speaks for it, best first."""

    id: str
    goal: str
    name: Text
    laxity: tuple[str, ...]
    place: str = Field(description="landmark without its side where its lift is read")
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


class Choice(_Strict):
    """A technique and the goals that it ``serves``, each up to a laxity grade.

    ``min_goals`` of the goals in ``counts`` must be wished for before it is taken into account.
    """

    id: str
    technique: str
    serves: dict[str, int]
    counts: tuple[str, ...] = ()
    min_goals: int = 1
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


class MaterialChoice(_Strict):
    """A material in order of preference with its thread kinds."""

    id: str
    material: str
    polymer: str
    kinds: dict[Literal["standard", "strong", "short", "long"], str]
    why: Text
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class ProposalData:
    """Everything in ``goals.toml``."""

    goals: Mapping[str, GoalRecord]
    areas: Mapping[str, Text]
    zones: Mapping[str, Text]
    choices: tuple[Choice, ...]
    materials: tuple[MaterialChoice, ...]
    sentences: Sentences
    limits: Mapping[str, Mapping[str, Any]]

    def say(
        self, sentence_id: str, *, sources: tuple[str, ...] = (), status: Status | None = None, **names: Any
    ) -> Reason:
        """One of the sentences, filled in."""
        return self.sentences.say(sentence_id, sources=sources, status=status, **names)


@cache
def load_proposal_data() -> ProposalData:
    """The choices and sentences. Raises ``RuleDataError`` when the data file does not hold together."""
    data = load_data("threadlift.planning", "goals.toml")
    try:
        return ProposalData(
            goals={entry["goal"]: GoalRecord.model_validate(entry) for entry in data["goal"]},
            areas={entry["area"]: Text.model_validate(entry["name"]) for entry in data["area"]},
            zones={entry["zone"]: Text.model_validate(entry["name"]) for entry in data["zone"]},
            choices=tuple(Choice.model_validate(entry) for entry in data["choice"]),
            materials=tuple(MaterialChoice.model_validate(entry) for entry in data["material_choice"]),
            sentences=read_sentences(data["sentence"]),
            limits={entry["id"]: entry for entry in data["proposal_limit"]},
        )
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"planning/data/goals.toml: {error}") from error
