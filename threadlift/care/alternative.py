"""Alternatives side by side for one patient, doing nothing included: gains, costs, risks, and for whom."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError

from threadlift.care.medicine import BLOOD_THINNERS
from threadlift.care.triage_answer import NOTICE
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.screening import Action, Intake, Verdict
from threadlift.screening.medicine import classify

SKIN_GOALS = frozenset({"crow_feet", "skin_quality"})
FOR_EVERY_PROCEDURE = frozenset({"CI-04", "CI-15", "CI-19", "CI-21", "CI-22"})  # screening rules
FOLD_GOALS = frozenset({"nasolabial", "marionette"})


class Fit(StrEnum):
    """Whether an option suits, gravest first."""

    NOT_SUITABLE = "not_suitable"
    NOT_NOW = "not_now"
    ASK_DOCTOR = "ask_doctor"
    WITH_RESERVATION = "with_reservation"
    SUITS = "suits"
    POSSIBLE = "possible"


FIT_WORDS: dict[Fit, Text] = {
    Fit.NOT_SUITABLE: Text(en="does not suit", vi="không phù hợp"),
    Fit.NOT_NOW: Text(en="not now", vi="chưa làm lúc này"),
    Fit.ASK_DOCTOR: Text(en="a doctor decides", vi="cần bác sĩ quyết định"),
    Fit.WITH_RESERVATION: Text(en="with reservation", vi="phù hợp một phần"),
    Fit.SUITS: Text(en="suits", vi="phù hợp"),
    Fit.POSSIBLE: Text(en="possible", vi="có thể"),
}


class Option(Frozen):
    """One option of the data file."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    name: Text
    onset_kind: Literal["immediate", "gradual", "none"]
    onset: Text
    downtime_days: tuple[int, int]
    downtime: Text
    longevity: Text
    lift: Text
    risk: Text
    cost: Text
    weakness: Text


class FitRule(Frozen):
    """When an option suits or not; every fact of ``when`` must hold."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    options: tuple[str, ...]
    when: tuple[str, ...]
    fit: Fit
    says: Text


class Alternative(Frozen):
    """One option for this patient."""

    option: Option
    fit: Fit
    fit_words: Text
    reasons: tuple[FitRule, ...] = Field(description="gravest first")


class Alternatives(Frozen):
    """Every option in the order of the data. Schema ``threadlift.alternatives/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.alternatives/1"] = Field(default="threadlift.alternatives/1", alias="schema")
    version: str
    facts: tuple[str, ...] = Field(description="what of the patient was used")
    options: tuple[Alternative, ...]
    threads_planned: int | None = Field(description="threads in the plan, when there is one")
    notice: Text = NOTICE


@cache
def load_options() -> tuple[str, tuple[Option, ...], tuple[FitRule, ...]]:
    """Version, options, and the rules of fit, every option they name checked."""
    content = load_data("threadlift.care", "alternatives.toml")
    try:
        options = tuple(Option.model_validate(entry) for entry in content["option"])
        rules = tuple(FitRule.model_validate(entry) for entry in content["fit"])
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/alternatives.toml: {error}") from error
    known = {option.id for option in options}
    for rule in rules:
        if not set(rule.options) <= known:
            raise RuleDataError(f"care/data/alternatives.toml: rule {rule.id!r} names an unknown option")
    return content["file"]["version"], options, rules


@cache
def _threshold(name: str) -> float:
    entries = load_data("threadlift.care", "alternatives.toml")["threshold"]
    return float(next(entry["value"] for entry in entries if entry["id"] == name))


def compare(intake: Intake, verdict: Verdict | None = None, plan: Plan | None = None) -> Alternatives:
    """All options side by side; the gravest reason decides how each one fits."""
    version, options, rules = load_options()
    facts = facts_for_fit(intake, verdict)
    return Alternatives(
        version=version,
        facts=tuple(sorted(facts - {"always"})),
        options=tuple(_for_patient(option, rules, facts) for option in options),
        threads_planned=len(plan.threads) if plan is not None else None,
    )


def _for_patient(option: Option, rules: Iterable[FitRule], facts: frozenset[str]) -> Alternative:
    order = list(Fit)
    reasons = sorted(
        (rule for rule in rules if option.id in rule.options and facts >= set(rule.when)),
        key=lambda rule: order.index(rule.fit),
    )
    fit = reasons[0].fit if reasons else Fit.POSSIBLE
    return Alternative(option=option, fit=fit, fit_words=FIT_WORDS[fit], reasons=tuple(reasons))


def facts_for_fit(intake: Intake, verdict: Verdict | None) -> frozenset[str]:
    """What of this patient decides between the options."""
    found = {"always": True}
    found |= _of_verdict(verdict)
    found |= _of_laxity(intake)
    found |= _of_wish(intake)
    found |= _of_health(intake)
    return frozenset(name for name, holds in found.items() if holds)


def _of_verdict(verdict: Verdict | None) -> dict[str, bool]:
    if verdict is None:
        return {}
    fired = {entry.rule for entry in verdict.fired if entry.action is not Action.NOTE}
    facts = {f"verdict_{verdict.level.value}": True, "weak_defence": bool(fired & {"CI-17", "CI-18"})}
    return facts | {f"fired_{rule}": True for rule in fired & FOR_EVERY_PROCEDURE}


def _of_laxity(intake: Intake) -> dict[str, bool]:
    worst = intake.worst_laxity
    return {
        "laxity_unknown": worst is None,
        "laxity_none": worst == 0,
        "laxity_mild_moderate": worst in (1, 2),
        "laxity_severe": worst == 3,
        "laxity_very_severe": worst == 4,
        "laxity_severe_or_more": worst is not None and worst >= 3,
    }


def _of_wish(intake: Intake) -> dict[str, bool]:
    wish, goals = intake.wish, set(intake.goals)
    days, months = wish.downtime_days, wish.duration_months
    short, enough = _threshold("downtime_days_short"), _threshold("downtime_days_enough")
    long, too_long = _threshold("wish_months_long"), _threshold("wish_months_too_long")
    return {
        "downtime_unknown": days is None,
        "downtime_under_3": days is not None and days < short,
        "downtime_3_to_13": days is not None and short <= days < enough,
        "downtime_under_14": days is not None and days < enough,
        "no_surgery": wish.no_surgery == "yes",
        "wants_surgical_result": wish.surgical_result == "yes",
        "wishes_over_24_months": months is not None and months > too_long,
        "wishes_13_to_24_months": months is not None and long < months <= too_long,
        "goals_skin": bool(goals & SKIN_GOALS),
        "goals_skin_only": bool(goals) and goals <= SKIN_GOALS,
        "goals_lift": bool(goals - SKIN_GOALS - FOLD_GOALS),
        "goals_fold": bool(goals & FOLD_GOALS),
    }


def _of_health(intake: Intake) -> dict[str, bool]:
    conditions, patient = intake.conditions, intake.patient
    classes = {c for m in intake.medicines if m.taking == "current" for c in classify(m)}
    woman = patient.sex != "male"
    return {
        "pregnant": conditions.pregnancy == "yes",
        "breastfeeding": woman and conditions.breastfeeding == "yes",
        "pregnancy_unknown": woman and conditions.pregnancy == "unknown",
        "age_under_18": patient.age_years is not None and patient.age_years < _threshold("adult_from_years"),
        "bleeding_or_thinner": conditions.bleeding_disorder == "yes" or bool(classes & BLOOD_THINNERS),
        "keloid": conditions.keloid == "yes",
        "smokes": intake.habits.smokes == "yes",
        "pacemaker": conditions.pacemaker == "yes",
    }
