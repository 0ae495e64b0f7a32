"""The condition language of the rules: typed tables over named facts, with three truth values.

A leaf compares one fact: ``{ field = "conditions.pregnancy", is = "yes" }``; operators are ``is``, ``in``,
``lt``, ``le``, ``gt``, ``ge``. Leaves combine with ``all``, ``any`` and ``not``. A fact that is not known
makes a leaf unknown, unless the leaf says ``or_unknown = true`` or ``false``. Unknown combines as in Kleene's
logic: false wins an ``all``, true wins an ``any``. So small that another language can evaluate the table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import ConfigDict, Field, model_validator

from threadlift.errors import RuleDataError
from threadlift.frozen import Frozen

FactValue: TypeAlias = str | float | None
"""Words, numbers, ``None`` for unknown; ``inf`` days for something that never happened."""


class Leaf(Frozen):
    """Compares one fact with a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    field: str
    equals: str | None = Field(default=None, alias="is")
    one_of: tuple[str, ...] | None = Field(default=None, alias="in")
    lt: float | None = None
    le: float | None = None
    gt: float | None = None
    ge: float | None = None
    or_unknown: bool | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> Leaf:
        given = (self.equals, self.one_of, self.lt, self.le, self.gt, self.ge)
        if sum(value is not None for value in given) != 1:
            raise ValueError("a leaf needs exactly one of is, in, lt, le, gt, ge")
        return self

    @property
    def limit(self) -> str | float:
        """What the fact is compared with."""
        if self.one_of is not None:
            return ", ".join(self.one_of)
        given = (self.equals, self.lt, self.le, self.gt, self.ge)
        return next(value for value in given if value is not None)

    @property
    def sign(self) -> str:
        """The comparison as a reader writes it."""
        signs = {"=": self.equals, "<": self.lt, "<=": self.le, ">": self.gt, ">=": self.ge}
        return next((sign for sign, value in signs.items() if value is not None), "in")


class AllOf(Frozen):
    """True when every part is true."""

    all: tuple[Expression, ...] = Field(min_length=1)


class AnyOf(Frozen):
    """True when at least one part is true."""

    any: tuple[Expression, ...] = Field(min_length=1)


class NotOf(Frozen):
    """True when the part is false."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    part: Expression = Field(alias="not")


Expression: TypeAlias = Leaf | AllOf | AnyOf | NotOf


@dataclass(frozen=True)
class Used:
    """One comparison that decided: the fact, its value, and what it was compared with."""

    field: str
    value: str | float
    sign: str
    limit: str | float


@dataclass(frozen=True)
class Evaluation:
    """Truth of an expression (``None`` = unknown), what decided, and which facts were missing."""

    truth: bool | None
    used: tuple[Used, ...] = ()
    missing: tuple[str, ...] = ()


def evaluate(expression: Expression, facts: Mapping[str, FactValue]) -> Evaluation:
    """Truth of ``expression`` over ``facts``; ``RuleDataError`` when it names a fact that does not exist."""
    if isinstance(expression, Leaf):
        return _leaf(expression, facts)
    if isinstance(expression, NotOf):
        inner = evaluate(expression.part, facts)
        return Evaluation(None if inner.truth is None else not inner.truth, inner.used, inner.missing)
    wins = isinstance(expression, AnyOf)  # the value that decides at once
    parts = expression.any if isinstance(expression, AnyOf) else expression.all
    results = [evaluate(part, facts) for part in parts]
    if any(result.truth is wins for result in results):
        deciding = [result for result in results if result.truth is wins]
        return Evaluation(wins, _used(deciding))
    unknown = [result for result in results if result.truth is None]
    if unknown:
        # In an `all` the first unknown part is the question to ask; the details matter only after a yes.
        asked = unknown if wins else unknown[:1]
        missing = tuple(dict.fromkeys(name for result in asked for name in result.missing))
        return Evaluation(None, missing=missing)
    return Evaluation(not wins, _used(results))


def _used(results: list[Evaluation]) -> tuple[Used, ...]:
    return tuple(dict.fromkeys(used for result in results for used in result.used))


def _leaf(leaf: Leaf, facts: Mapping[str, FactValue]) -> Evaluation:
    if leaf.field not in facts:
        raise RuleDataError(f"a screening rule names the fact {leaf.field!r}, which does not exist")
    value = facts[leaf.field]
    truth = None if value is None else _compare(leaf, value)
    if truth is False and facts.get(f"{leaf.field}.undated") == "yes":
        truth = None  # another entry of the same kind has no date: it may be the recent one
    if truth is None:
        if leaf.or_unknown is None:
            return Evaluation(None, missing=(leaf.field,))
        return Evaluation(leaf.or_unknown, (Used(leaf.field, "unknown", leaf.sign, leaf.limit),))
    shown = "never" if value == math.inf else value
    return Evaluation(truth, (Used(leaf.field, shown if shown is not None else "", leaf.sign, leaf.limit),))


def _compare(leaf: Leaf, value: str | float) -> bool:
    if leaf.equals is not None:
        return value == leaf.equals
    if leaf.one_of is not None:
        return value in leaf.one_of
    if isinstance(value, str):
        raise RuleDataError(f"a screening rule compares the word in {leaf.field!r} with a number")
    if leaf.lt is not None:
        return value < leaf.lt
    if leaf.le is not None:
        return value <= leaf.le
    if leaf.gt is not None:
        return value > leaf.gt
    assert leaf.ge is not None
    return value >= leaf.ge


AllOf.model_rebuild()
AnyOf.model_rebuild()
NotOf.model_rebuild()
