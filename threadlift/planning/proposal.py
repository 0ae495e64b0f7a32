"""What a proposal consists of: the plan, why it is so, what it leaves out, what was changed for clearance."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.language import Text
from threadlift.planning.plan import Plan


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reason(_Strict):
    """One sentence of a proposal with its standing. ``rule`` is the id of the record that it states."""

    rule: str
    what: Text
    status: Status
    sources: tuple[str, ...] = ()


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
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


class Choice(_Strict):
    """A technique for the goals in ``covers``; see the head of ``goals.toml`` for the conditions."""

    id: str
    technique: str
    covers: tuple[str, ...]
    counts: tuple[str, ...] = ()
    min_goals: int = 1
    also_up_to: dict[str, int] = {}
    with_goals: tuple[str, ...] = ()
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


class Sentence(_Strict):
    """A sentence of the proposal with places to fill."""

    id: str
    text: Text
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


class ProposalData(_Strict):
    """Everything in ``goals.toml``."""

    goals: dict[str, GoalRecord]
    choices: tuple[Choice, ...]
    materials: tuple[MaterialChoice, ...]
    sentences: dict[str, Sentence]
    limits: dict[str, dict[str, Any]]

    def say(
        self, sentence_id: str, *, sources: tuple[str, ...] = (), status: Status | None = None, **names: Any
    ) -> Reason:
        """The sentence with its names filled in; ``status`` and ``sources`` of the record that it states."""
        sentence = self.sentences[sentence_id]
        return Reason(
            rule=sentence.id,
            what=sentence.text.fill(**names),
            status=status or sentence.status,
            sources=tuple(dict.fromkeys((*sentence.sources, *sources))),
        )


@cache
def load_proposal_data() -> ProposalData:
    """The choices and sentences. Raises ``RuleDataError`` when the data file does not hold together."""
    data = load_data("threadlift.planning", "goals.toml")
    try:
        return ProposalData(
            goals={entry["goal"]: GoalRecord.model_validate(entry) for entry in data["goal"]},
            choices=tuple(Choice.model_validate(entry) for entry in data["choice"]),
            materials=tuple(MaterialChoice.model_validate(entry) for entry in data["material_choice"]),
            sentences={entry["id"]: Sentence.model_validate(entry) for entry in data["sentence"]},
            limits={entry["id"]: entry for entry in data["proposal_limit"]},
        )
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"planning/data/goals.toml: {error}") from error
