"""The session as data: five gated steps, three checks, the rescue kit, and what of them is still open."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from threadlift.errors import InputError, RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text

Phase = Literal["sign_in", "time_out", "sign_out"]


class _Record(Frozen):
    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""


class CheckItem(_Record):
    """One item of a two-person check."""

    phase: Phase
    what: Text


class Step(_Record):
    """One of the five steps. ``gates`` are check items that must be done before it begins or ends."""

    number: int
    name: Text
    minutes_min: int
    minutes_max: int
    gates: tuple[str, ...]
    phase: Phase


class Depth(_Record):
    """What is said about the depth of the threads; ``claim`` marks the article's word."""

    claim: bool
    what: Text


class Kit(_Record):
    """What must be within reach before anything is injected."""

    always: tuple[str, ...]
    with_filler: tuple[str, ...]


class Session(BaseModel):
    """The protocol of one session."""

    model_config = ConfigDict(frozen=True)

    version: str
    steps: tuple[Step, ...]
    checks: tuple[CheckItem, ...]
    depths: tuple[Depth, ...]
    kit: Kit

    @property
    def minutes(self) -> tuple[int, int]:
        """Shortest and longest session."""
        return sum(step.minutes_min for step in self.steps), sum(step.minutes_max for step in self.steps)

    def open_items(self, phase: Phase, done: Collection[str]) -> tuple[CheckItem, ...]:
        """Items of ``phase`` that are not in ``done``. Raises ``InputError`` for an item of no such phase."""
        items = [item for item in self.checks if item.phase == phase]
        unknown = sorted(set(done) - {item.id for item in items})
        if unknown:
            raise InputError(
                f"no item {unknown[0]!r}",
                where=f"checklist.{phase}",
                remedy=f"Items: {', '.join(item.id for item in items)}.",
            )
        return tuple(item for item in items if item.id not in done)

    def open_gates(self, step_id: str, done: Collection[str]) -> tuple[CheckItem, ...]:
        """Gates of a step that are not done: it must not go on while there is one."""
        steps = {step.id: step for step in self.steps}
        if step_id not in steps:
            raise InputError(f"no step {step_id!r}", where="step", remedy=f"Steps: {', '.join(steps)}.")
        gates = steps[step_id].gates
        return tuple(item for item in self.checks if item.id in gates and item.id not in done)


@cache
def load_session() -> Session:
    """The protocol from its data file; every gate is an item of a check."""
    content = load_data("threadlift.care", "session.toml")
    try:
        session = Session.model_validate(
            {
                "version": content["file"]["version"],
                "steps": content["step"],
                "checks": content["check"],
                "depths": content["depth"],
                "kit": content["kit"][0],
            }
        )
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/session.toml: {error}") from error
    known = {item.id for item in session.checks}
    for step in session.steps:
        if not set(step.gates) <= known:
            raise RuleDataError(f"care/data/session.toml: step {step.id!r} has a gate that is no check item")
    return session
