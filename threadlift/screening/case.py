"""Cases of the rules: answers, and what the rule must do with them. Tests and documentation at once."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from pydantic import Field

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.frozen import Frozen
from threadlift.screening.intake import Intake
from threadlift.screening.screen import screen
from threadlift.screening.verdict import Verdict

CASE_FILES = ("cases/contraindications.toml", "cases/others.toml")
KINDS = ("fires", "quiet", "threshold", "unknown")
SCREENED_ON = date(2026, 11, 23)


class RuleCase(Frozen):
    """Answers laid over the base person, and what the rule must then do."""

    rule: str
    kind: Literal["fires", "quiet", "threshold", "unknown"]
    case: str = Field(min_length=1)
    given: dict[str, Any]
    without: tuple[str, ...] = ()
    then: Literal[
        "refuse",
        "refer_to_surgery",
        "defer",
        "doctor_review",
        "proceed_with_precaution",
        "note",
        "quiet",
        "missing",
    ]
    level: str | None = Field(default=None, description="level of the whole verdict")
    until: date | None = None
    asks: str | None = Field(default=None, description="question that must be listed as missing")


@dataclass(frozen=True)
class CaseResult:
    """Whether the rule did what its case says, and what it did instead."""

    holds: bool
    did: str


@cache
def load_cases() -> tuple[RuleCase, ...]:
    """All cases in file order."""
    cases = []
    for name in CASE_FILES:
        for rule, kinds in load_data("threadlift.screening", name).items():
            unknown = set(kinds) - set(KINDS)
            if unknown:
                raise RuleDataError(
                    f"screening/data/{name}, {rule}: unknown kind of case {sorted(unknown)[0]!r}"
                )
            cases += [
                RuleCase.model_validate({"rule": rule, "kind": kind, **entry})
                for kind in KINDS
                for entry in kinds.get(kind, ())
            ]
    return tuple(cases)


def build_intake(given: dict[str, Any], without: tuple[str, ...] = ()) -> Intake:
    """The base person with the answers of ``given`` (dotted keys), and without those of ``without``."""
    answers: dict[str, Any] = copy.deepcopy(load_data("threadlift.screening", "cases/base.toml"))
    for key, value in given.items():
        _place(answers, key)[key.rpartition(".")[2]] = value
    for key in without:
        del _place(answers, key)[key.rpartition(".")[2]]
    return Intake.model_validate(answers)


def _place(answers: dict[str, Any], key: str) -> dict[str, Any]:
    part = answers
    for name in key.split(".")[:-1]:
        part = part.setdefault(name, {})
    return part


def run_case(case: RuleCase) -> CaseResult:
    """Screen the person of ``case`` and compare what its rule did with what the case says."""
    verdict = screen(build_intake(case.given, case.without), on=SCREENED_ON)
    fired = next((entry for entry in verdict.fired if entry.rule == case.rule), None)
    did = fired.action.value if fired else "missing" if _is_missing(verdict, case.rule) else "quiet"
    faults = [] if did == case.then else [did]
    if case.level is not None and verdict.level.value != case.level:
        faults.append(f"level {verdict.level.value}")
    if case.until is not None and (fired is None or fired.until != case.until):
        faults.append(f"until {fired.until if fired else None}")
    if case.asks is not None and case.asks not in [entry.question for entry in verdict.missing]:
        faults.append(f"does not ask {case.asks}")
    return CaseResult(holds=not faults, did=", ".join(faults) or did)


def _is_missing(verdict: Verdict, rule: str) -> bool:
    return any(rule in entry.rules for entry in verdict.missing)
