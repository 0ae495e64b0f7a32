"""Medicines after the session, checked against what is known of the person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Literal

from pydantic import Field, ValidationError

from threadlift.care.level import Level
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding, Severity, Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.screening.answer import Answer
from threadlift.screening.intake import Allergy, Intake, Medicine
from threadlift.screening.medicine import classify, plain

BLOOD_THINNERS = frozenset({"vitamin_k_antagonist", "doac", "heparin", "antiplatelet"})
IMMUNE = frozenset({"immunosuppressant", "biologic", "chemotherapy", "corticosteroid"})


class MedicineRule(Frozen):
    """Which medicine does not go with which fact. ``level`` is its urgency in a check-in, if it has one."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    classes: tuple[str, ...]
    names: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    taking: Literal["current", "stopped"]
    within: str | None = Field(default=None, description="window, by its id, in which stopping counts")
    dose_over_mg_per_day: float | None = None
    level: Level | None = None
    severity: Severity
    what: Text
    why: Text

    def applies(self, medicine: Medicine, facts: frozenset[str], session: date | None = None) -> bool:
        """Whether this rule speaks about ``medicine`` for a person with ``facts``, treated on ``session``."""
        classes = classes_of(medicine)
        own = facts | _facts_of(medicine)
        return (
            (self.classes == ("*",) or bool(classes & set(self.classes)))
            and (not self.names or any(name in plain(medicine.name) for name in self.names))
            and (not self.facts or bool(own & set(self.facts)))
            and medicine.taking == self.taking
            and not (self.within is not None and stopped_before(self.within, medicine, session))
        )

    def is_exceeded(self, medicines: Iterable[Medicine]) -> bool:
        """Whether the known doses of every medicine of its classes together are over its limit, if any."""
        if self.dose_over_mg_per_day is None:
            return True
        same = [m for m in medicines if m.taking == self.taking and classes_of(m) & set(self.classes)]
        return sum(m.dose_mg_per_day or 0.0 for m in same) > self.dose_over_mg_per_day

    def finding(self, version: str, *names: str, remedy: Text | None = None) -> Finding:
        """The rule as a finding; the names of the medicines are the value."""
        return Finding(
            rule=self.id,
            rule_version=version,
            severity=self.severity,
            what=self.what,
            consequence=self.why,
            remedy=remedy,
            value=", ".join(names) or None,
            status=self.status,
            sources=self.sources,
        )


@cache
def _paracetamol_names() -> tuple[str, ...]:
    return tuple(load_data("threadlift.care", "medicines.toml")["paracetamol"]["names"])


def classes_of(medicine: Medicine) -> frozenset[str]:
    """Classes of the medicine as the intake knows them, and paracetamol by name as well."""
    name = plain(medicine.name)
    own = {"paracetamol"} if any(word in name for word in _paracetamol_names()) else set()
    return classify(medicine) | own


@cache
def _windows() -> dict[str, int]:
    entries = load_data("threadlift.care", "medicines.toml")["window"]
    return {entry["id"]: int(entry["days_before_session"]) for entry in entries}


def stopped_before(window: str, medicine: Medicine, session: date | None) -> bool:
    """Whether ``medicine`` was surely stopped before ``window`` opened; an unknown day never says so."""
    if medicine.taking != "stopped" or medicine.last_dose_on is None or session is None:
        return False
    return (session - medicine.last_dose_on).days > _windows()[window]


def _facts_of(medicine: Medicine) -> set[str]:
    return {"not_prescribed"} if medicine.prescribed == "no" else {"prescribed"}


@cache
def load_medicine_rules() -> tuple[str, tuple[MedicineRule, ...]]:
    """Version and rules."""
    content = load_data("threadlift.care", "medicines.toml")
    try:
        rules = tuple(MedicineRule.model_validate(entry) for entry in content["medicine"])
        unknown = {rule.within for rule in rules if rule.within} - _windows().keys()
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/medicines.toml: {error}") from error
    if unknown:
        raise RuleDataError(f"care/data/medicines.toml: no window {sorted(unknown)[0]!r}")
    return content["file"]["version"], rules


def person_facts(
    medicines: Iterable[Medicine],
    allergies: Iterable[Allergy],
    answers: dict[str, Answer | None],
    session: date | None = None,
) -> frozenset[str]:
    """Facts that count: answered yes or unknown, allergies, and what the medicines themselves tell.

    ``session`` is the day of the session; without it every medicine that was stopped still counts.
    """
    facts = {name for name, answer in answers.items() if answer in ("yes", "unknown")}
    facts |= {fact for allergy in allergies for fact in _allergy_facts(allergy)}
    for medicine in medicines:
        classes = classes_of(medicine)
        thins = classes & BLOOD_THINNERS and not stopped_before("blood_thinner_stopped", medicine, session)
        facts |= {"anticoagulant"} if thins else set()
        facts |= {"immunosuppressed"} if classes & IMMUNE else set()
        facts |= {"diabetic"} if "antidiabetic" in classes else set()
        facts |= {"isotretinoin"} if "isotretinoin" in classes else set()
    return frozenset(facts)


def _allergy_facts(allergy: Allergy) -> set[str]:
    """What an allergy rules out; a pain killer that is not named rules out every kind."""
    if allergy.to != "pain_reliever":
        return {f"allergy_{allergy.to}"}
    classes = classes_of(Medicine(name=allergy.substance)) if allergy.substance else frozenset()
    named = {"allergy_paracetamol"} if "paracetamol" in classes else set()
    named |= {"allergy_nsaid"} if classes & {"nsaid", "aspirin"} else set()
    return named or {"allergy_paracetamol", "allergy_nsaid"}


def facts_of_intake(intake: Intake, session: date | None = None) -> frozenset[str]:
    """The facts of an intake that matter for medicines; an unanswered question counts as possible."""
    conditions = intake.conditions
    men = intake.patient.sex == "male"
    answers: dict[str, Answer | None] = {
        "pregnant": None if men else conditions.pregnancy,
        "breastfeeding": None if men else conditions.breastfeeding,
        "liver_disease": conditions.liver_disease,
        "kidney_disease": conditions.kidney_disease,
    }
    if intake.conditions.diabetes == "yes":
        answers["diabetic"] = "yes"
    return person_facts(intake.medicines, intake.allergies, answers, session)


def check_medicines(
    medicines: Iterable[Medicine], facts: frozenset[str], session: date | None = None
) -> tuple[tuple[MedicineRule, Medicine], ...]:
    """Every rule that speaks about one of the medicines; doses of one class count together."""
    given = tuple(medicines)
    rules = [rule for rule in load_medicine_rules()[1] if rule.is_exceeded(given)]
    return tuple(
        (rule, medicine) for medicine in given for rule in rules if rule.applies(medicine, facts, session)
    )
