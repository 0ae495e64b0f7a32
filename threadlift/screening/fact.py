"""From answers to the flat list of named facts that the rules compare. Unknown stays unknown (``None``)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import get_args

from pydantic import BaseModel

from threadlift.errors import InputError
from threadlift.screening.area import find_ungraded_goals
from threadlift.screening.expression import FactValue
from threadlift.screening.intake import Intake, Medicine, PastTreatment, RelevantMedicineClass, TreatmentKind
from threadlift.screening.material import exclude_polymers
from threadlift.screening.medicine import classify, prednisolone_mg_per_day

Facts = dict[str, FactValue]

PARTS = ("patient", "wish", "expectation", "skin", "conditions", "habits", "vital_signs", "provider")
COMING = (
    "wish.event_on",
    "wish.departs_on",
    "wish.dental_work_on",
    "wish.vaccination_on",
    "conditions.pregnancy_due_on",
)
MEDICINE_CLASSES: tuple[str, ...] = get_args(RelevantMedicineClass)
ALLERGIES = (
    "thread_material",
    "amide_anaesthetic",
    "povidone_iodine",
    "chlorhexidine",
    "latex",
    "epinephrine",
    "antibiotic",
    "pain_reliever",
    "metal",
    "adhesive",
    "ester_anaesthetic",
    "other",
    "unknown",
)
LAXITY_REGIONS = ("upper_face", "brow", "midface", "jowl", "jawline", "chin", "neck")


def derive_facts(intake: Intake, on: date) -> Facts:
    """Every fact of ``intake`` on the day of treatment ``on``.

    Raises ``InputError`` naming a date that should lie in the past and does not.
    """
    refuse_future_dates(intake, on)
    facts: Facts = {}
    for part in PARTS:
        facts |= _plain_facts(part, getattr(intake, part), on)
    facts |= _body_facts(intake)
    facts |= _medicine_facts(intake, on)
    facts |= _allergy_facts(intake)
    facts |= _history_facts(intake, on)
    facts |= _laxity_facts(intake)
    facts["intake.examined"] = None if intake.examined == "unknown" else intake.examined
    facts["intake.age_days"] = None if intake.answered_on is None else float((on - intake.answered_on).days)
    lifting = [goal for goal in intake.goals if goal not in ("crow_feet", "skin_quality")]
    facts["goals.lifting"] = None if not intake.goals else float(len(lifting))
    for goal in ("crow_feet", "skin_quality", "double_chin", "neck", "brow", "nasolabial", "marionette"):
        facts[f"goals.{goal}"] = "yes" if goal in intake.goals else "no"
    return facts


def refuse_future_dates(intake: Intake, on: date) -> None:
    """``InputError`` naming the first past event that is dated after ``on``."""
    dated: list[tuple[str, date | None]] = [("answered_on", intake.answered_on)]
    for part in PARTS:
        for name in type(getattr(intake, part)).model_fields:
            if name.endswith("_on") and f"{part}.{name}" not in COMING:
                dated.append((f"{part}.{name}", getattr(getattr(intake, part), name)))
    dated += [(f"medicines.{i}.last_dose_on", entry.last_dose_on) for i, entry in enumerate(intake.medicines)]
    dated += [(f"history.{i}.on", entry.on) for i, entry in enumerate(intake.history)]
    for name, day in dated:
        if day is not None and day > on:
            raise InputError(
                f"lies after the day of the screening ({on.isoformat()})",
                where=name,
                remedy="Correct the date, or screen for a later day with --on.",
            )


def _plain_facts(part: str, model: BaseModel, on: date) -> Facts:
    facts: Facts = {}
    for name in type(model).model_fields:
        value, key = getattr(model, name), f"{part}.{name}"
        if name.endswith("_on"):
            if key in COMING:
                facts[f"{key}.days_until"] = None if value is None else float((value - on).days)
            else:
                facts[f"{key}.days_since"] = None if value is None else float((on - value).days)
        elif isinstance(value, tuple):
            continue
        elif value is None or value == "unknown":
            facts[key] = None
        else:
            facts[key] = float(value) if isinstance(value, int | float) else str(value)
    return facts


def _body_facts(intake: Intake) -> Facts:
    patient = intake.patient
    facts: Facts = {"patient.bmi": patient.bmi}
    facts["patient.age_at_least"] = None if patient.age_years is None else float(patient.age_years)
    if patient.year_of_birth is not None and intake.answered_on is not None and patient.age_years is not None:
        youngest = intake.answered_on.year - patient.year_of_birth - 1
        facts["patient.age_at_least"] = float(min(patient.age_years, youngest))
    if patient.sex == "male":
        for question in ("pregnancy", "breastfeeding"):
            if getattr(intake.conditions, question) == "unknown":
                facts[f"conditions.{question}"] = "no"
    below = ("body", "chest", "shoulder", "unknown")
    on_face = [site for site in intake.conditions.keloid_sites if site not in below]
    facts["conditions.keloid_sites_named"] = "yes" if intake.conditions.keloid_sites else "no"
    facts["conditions.keloid_on_face"] = "yes" if on_face else "no"
    return facts


def _listed(answer: str, entries: Iterable[object]) -> bool:
    """Whether the list of entries can be relied on: it has entries, or the answer was a clear no."""
    return bool(tuple(entries)) or answer == "no"


def _days(dates: Iterable[date | None], on: date) -> tuple[float, str]:
    given = tuple(dates)
    known = [(on - day).days for day in given if day is not None]
    return (float(min(known)) if known else math.inf, "yes" if None in given else "no")


def _medicine_facts(intake: Intake, on: date) -> Facts:
    reliable = _listed(intake.has_medicines, intake.medicines)
    classes = {index: classify(entry) for index, entry in enumerate(intake.medicines)}

    def put(name: str, entries: list[Medicine]) -> None:
        current = [entry for entry in entries if entry.taking == "current"]
        facts[f"medicine.{name}"] = ("yes" if current else "no") if reliable else None
        days, undated = _days([on if e.taking == "current" else e.last_dose_on for e in entries], on)
        facts[f"medicine.{name}.days_since"] = days if reliable else None
        facts[f"medicine.{name}.days_since.undated"] = undated

    facts: Facts = {}

    def of_class(name: str) -> list[Medicine]:
        return [entry for index, entry in enumerate(intake.medicines) if name in classes[index]]

    for name in MEDICINE_CLASSES:
        put(name, of_class(name))
    put("aspirin_prescribed", [entry for entry in of_class("aspirin") if entry.prescribed == "yes"])
    put("aspirin_unclear", [entry for entry in of_class("aspirin") if entry.prescribed == "unknown"])
    put("aspirin_own_choice", [entry for entry in of_class("aspirin") if entry.prescribed == "no"])
    put("unrecognised", of_class("unknown"))
    blocking = [
        entry.name.lower()
        for index, entry in enumerate(intake.medicines)
        if entry.taking == "current" and classes[index] & {"aspirin", "antiplatelet"}
    ]
    facts["medicine.antiplatelet_count"] = float(len(set(blocking))) if reliable else None
    doses = [
        prednisolone_mg_per_day(entry)
        for index, entry in enumerate(intake.medicines)
        if entry.taking == "current" and "corticosteroid" in classes[index]
    ]
    together = None if None in doses else sum(dose for dose in doses if dose is not None)
    facts["medicine.corticosteroid_mg_per_day"] = together if reliable else None
    return facts


def _allergy_facts(intake: Intake) -> Facts:
    reliable = _listed(intake.has_allergies, intake.allergies)
    kinds = {allergy.to for allergy in intake.allergies}
    facts: Facts = {f"allergy.{kind}": None if not reliable else _yes(kind in kinds) for kind in ALLERGIES}
    excluded = exclude_polymers(intake)
    facts["material.excluded"] = float(len(excluded.polymers)) if reliable or excluded.polymers else None
    facts["material.any_in_doubt"] = _yes(excluded.doubt)
    facts["material.lifting_left"] = float(len(excluded.left))
    return facts


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _history_facts(intake: Intake, on: date) -> Facts:
    reliable = _listed(intake.has_past_treatments, intake.history)
    facts: Facts = {}
    kinds: tuple[TreatmentKind, ...] = TreatmentKind.__args__  # type: ignore[attr-defined]

    def put(name: str, entries: list[PastTreatment]) -> None:
        days, undated = _days([entry.on for entry in entries], on)
        facts[f"history.{name}"] = _yes(bool(entries)) if reliable else None
        facts[f"history.{name}.days_since"] = days if reliable else None
        facts[f"history.{name}.days_since.undated"] = undated

    anywhere = ("dental", "vaccination", "threads")
    for kind in kinds:
        put(kind, [e for e in intake.history if e.kind == kind and (e.area != "body" or kind in anywhere)])
    heat = ("hifu", "rf", "rf_microneedling", "ablative_laser", "deep_peel")
    put("device", [e for e in intake.history if e.kind in heat and e.area != "body"])
    permanent = ("permanent_filler", "unknown_filler", "implant")
    put("permanent", [e for e in intake.history if e.kind in permanent and e.area != "body"])
    threads = [e for e in intake.history if e.kind == "threads"]
    put("lasting_threads", [e for e in threads if e.material in ("polypropylene", "gold")])
    put("unknown_threads", [e for e in threads if e.material in (None, "unknown")])
    put(
        "operation",
        [e for e in intake.history if e.kind in ("facelift", "other_surgery") and e.area != "body"],
    )
    others = [e for e in intake.history if e.kind not in anywhere and e.area != "body"]
    facts["history.thread_complication"] = _complication(threads) if reliable else None
    facts["history.complication"] = _complication(others) if reliable else None
    return facts


def _complication(entries: list[PastTreatment]) -> str | None:
    """Whether any of ``entries`` went wrong; None when that is not said for one of them."""
    if any(entry.complication not in ("none", "unknown") for entry in entries):
        return "yes"
    return None if any(entry.complication == "unknown" for entry in entries) else "no"


def _laxity_facts(intake: Intake) -> Facts:
    grades = {
        region: intake.laxity_grade(region) for region, given in intake.laxity.items() if not given.is_fold
    }
    unknown = None in grades.values() or not grades
    worst = intake.worst_laxity
    facts: Facts = {"laxity.worst": None if worst is None else float(worst)}
    facts["laxity.unclear"] = _yes(unknown)
    facts["laxity.goal_ungraded"] = _yes(bool(find_ungraded_goals(intake)))
    folds = [given.operational for given in intake.laxity.values() if given.is_fold]
    facts["laxity.fold_worst"] = float(max(grade or 0 for grade in folds)) if folds else None
    for region in LAXITY_REGIONS:
        grade = grades.get(region)  # type: ignore[call-overload]
        facts[f"laxity.{region}"] = None if grade is None else float(grade)
    return facts
