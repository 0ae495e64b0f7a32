"""The check-in: what a patient reports after the session. Schema ``threadlift.checkin/1``.

Every symptom is structured: kind, side, onset, trend, severity. One that is not listed was not reported;
a symptom with ``present = "unknown"`` counts as present. Free text can raise the level and never lowers it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from threadlift.care.level import Level
from threadlift.care.symptom import load_symptoms
from threadlift.errors import InputError
from threadlift.files import read_model
from threadlift.frozen import Frozen
from threadlift.planning.plan import Plan
from threadlift.screening.answer import Answer, Measure
from threadlift.screening.intake import Allergy, Intake, Medicine
from threadlift.threads import load_catalogue

Side = Literal["left", "right", "both", "unknown"]
Trend = Literal["better", "same", "worse", "unknown"]
SymptomSeverity = Literal["mild", "moderate", "severe", "unknown"]
Days = Annotated[int, Measure(0, 20000, "days since the session (0 = the day itself)", whole=True)]


class ReportedSymptom(Frozen):
    """One symptom by side. List it once per side when the sides differ."""

    kind: str = Field(description="id of a symptom, see the symptom list")
    present: Answer = Field(default="yes", description="`unknown` counts as present")
    side: Side = Field(default="unknown", description="the patient's own left or right")
    severity: SymptomSeverity = "unknown"
    trend: Trend = Field(default="unknown", description="against yesterday")
    onset_day: Days | None = Field(default=None, description="day since the session on which it began")

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        known = load_symptoms()
        if value not in known:
            near = get_close_matches(value, known, n=3, cutoff=0.4)
            hint = f"did you mean {', '.join(near)}?" if near else "use `other` for anything not in the list"
            raise ValueError(f"is not a symptom of the list; {hint}")
        return value


class Session(Frozen):
    """What was done at the session. Kinds and materials that are not given are handled as the worst case."""

    thread_kinds: tuple[str, ...] = Field(default=(), description="ids of thread kinds in the catalogue")
    materials: tuple[str, ...] = Field(default=(), description="ids of materials in the catalogue")
    filler: Answer = Field(default="unknown", description="filler injected in the same session")
    temple: Answer = Field(default="unknown", description="threads or needles in temple or scalp")

    @field_validator("thread_kinds")
    @classmethod
    def _known_kinds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = load_catalogue().kinds
        for name in value:
            if name not in known:
                near = get_close_matches(name.lower(), known, n=3, cutoff=0.4) or known
                raise ValueError(
                    f"a thread kind is not in the catalogue; use {', '.join(near)}, or leave it out"
                )
        return value

    @field_validator("materials")
    @classmethod
    def _known_materials(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_find_material(name) for name in value)


def _find_material(name: str) -> str:
    """The id of a material, given by its id or by a word of its name: ``pp`` or ``Polypropylene``."""
    known, wanted = load_catalogue().materials, name.strip().lower()
    named = [key for key, entry in known.items() if wanted in re.findall(r"[\w-]+", entry.name.en.lower())]
    if wanted not in known and len(named) != 1:
        raise ValueError(
            f"a material is not in the catalogue; use {', '.join(known)}, or leave it out if not known"
        )
    return wanted if wanted in known else named[0]


class PatientFacts(Frozen):
    """What changes how a symptom is read. Left out = taken from the record; `unknown` = asked, not sure."""

    immunosuppressed: Answer | None = None
    diabetic: Answer | None = None
    anticoagulant: Answer | None = None
    bleeding_disorder: Answer | None = None
    pregnant: Answer | None = None
    breastfeeding: Answer | None = None
    liver_disease: Answer | None = None
    kidney_disease: Answer | None = None
    allergies: tuple[Allergy, ...] = ()


class Release(Frozen):
    """A clinician who has looked at the patient and lets an earlier level go. Without its day it does not."""

    clinician: str = Field(min_length=2, max_length=120, description="a person's name")
    on: date | None = Field(default=None, description="day of the release; without it nothing is released")
    role: Literal["doctor", "nurse"] = "doctor"
    reason: str = Field(min_length=5, max_length=500)

    @field_validator("clinician")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        """Two words, or one of three letters or more: initials alone name nobody."""
        words = re.findall(r"[^\W\d_]+", value)
        if len(words) < 2 and len("".join(words)) < 3:
            raise ValueError("is not the name of a person; give the clinician's name, as in Dr. Nguyen An")
        return value


class CheckIn(Frozen):
    """One check-in. ``day`` or both dates; the more serious reading counts when they disagree."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.checkin/1"] = Field(alias="schema")
    synthetic: bool = Field(default=False, description="true for a made-up person")
    day: Days | None = Field(default=None, description="days since the session, 0 = the day itself")
    procedure_date: date | None = None
    checkin_date: date | None = None
    hours_since_anaesthetic: (
        Annotated[float, Measure(0, 20000, "hours since the last local anaesthetic")] | None
    ) = None
    pain_0_10: Annotated[float, Measure(0, 10, "points on the 0-10 scale")] | None = None
    pain_trend: Trend = Field(default="unknown", description="against yesterday")
    temperature_c: Annotated[float, Measure(34, 43, "degrees Celsius", "not Fahrenheit")] | None = None
    danger_signs: Literal["none", "some", "unknown"] | None = Field(
        default=None, description="answer to the danger question; each sign that is present is also listed"
    )
    symptoms: tuple[ReportedSymptom, ...] = Field(default=(), max_length=100)
    medicines: tuple[Medicine, ...] = Field(default=(), max_length=60)
    procedure: Session = Session()
    patient: PatientFacts = PatientFacts()
    photo: bool = Field(default=False, description="a photograph was sent; a person looks at it")
    free_text: str = Field(default="", max_length=4000, description="own words; never read as reassurance")
    previous_level: Level | None = Field(default=None, description="level of the last check-in")
    previous_level_on: date | None = Field(default=None, description="day of the last check-in")
    released_by: Release | None = Field(default=None, description="clinician who lets previous_level go")

    @field_validator("day", "hours_since_anaesthetic", "pain_0_10", "temperature_c", mode="before")
    @classmethod
    def _not_known(cls, value: object) -> object:
        """The word "unknown" says that a number was not measured; it is then a missing answer."""
        return None if value == "unknown" else value

    @model_validator(mode="after")
    def _dates_in_order(self) -> CheckIn:
        if self.procedure_date and self.checkin_date and self.checkin_date < self.procedure_date:
            raise ValueError("checkin_date lies before procedure_date")
        return self

    @property
    def session_date(self) -> date | None:
        """Day of the session; from the day of the check-in and its number where only those are known."""
        if self.procedure_date is not None or self.checkin_date is None or self.day is None:
            return self.procedure_date
        return self.checkin_date - timedelta(days=self.day)

    @property
    def is_released(self) -> bool:
        """Whether a clinician has let ``previous_level`` go since it was given, up to this check-in.

        When the day of the earlier check-in is not known, only a release of this very day counts: an older
        one may have been copied from another check-in.
        """
        today, release = self.checkin_date, self.released_by
        if today is None and self.procedure_date is not None and self.day is not None:
            today = self.procedure_date + timedelta(days=self.day)
        if release is None or release.on is None or today is None:
            return False
        return (self.previous_level_on or today) <= release.on <= today

    def days(self) -> tuple[int, ...]:
        """Every day that the answers allow: none without day and dates, two if they disagree."""
        found = [] if self.day is None else [self.day]
        if self.procedure_date and self.checkin_date:
            found.append((self.checkin_date - self.procedure_date).days)
        return tuple(sorted(set(found)))


def with_record(checkin: CheckIn, intake: Intake, plan: Plan | None = None) -> CheckIn:
    """Fill what the check-in leaves out from the intake and the plan; what the patient says today stays.

    An answer that is unknown in the intake stays unknown, which is read on the safe side.
    """
    conditions, man = intake.conditions, intake.patient.sex == "male"
    record: dict[str, Answer | None] = {
        "immunosuppressed": _any_of(conditions.immunosuppressed, conditions.transplant, conditions.hiv),
        "bleeding_disorder": conditions.bleeding_disorder,
        "diabetic": conditions.diabetes,
        "pregnant": "no" if man else conditions.pregnancy,
        "breastfeeding": "no" if man else conditions.breastfeeding,
        "liver_disease": conditions.liver_disease,
        "kidney_disease": conditions.kidney_disease,
    }
    said = {name: value for name, value in record.items() if getattr(checkin.patient, name) is None}
    allergies = (*checkin.patient.allergies, *intake.allergies)
    patient = checkin.patient.model_copy(update={**said, "allergies": allergies})
    named = {medicine.name.casefold() for medicine in checkin.medicines}
    medicines = (*checkin.medicines, *(m for m in intake.medicines if m.name.casefold() not in named))
    session = checkin.procedure
    if plan is not None and not session.thread_kinds and not session.materials:
        kinds = tuple(dict.fromkeys(thread.kind for thread in plan.threads))
        session = Session.model_validate(session.model_dump() | {"thread_kinds": kinds})
    return checkin.model_copy(update={"patient": patient, "medicines": medicines, "procedure": session})


def _any_of(*answers: Answer) -> Answer:
    """Yes when one of ``answers`` is, no when all are, else not known."""
    if "yes" in answers:
        return "yes"
    return "unknown" if "unknown" in answers else "no"


def check_dates(checkin: CheckIn, *, today: date) -> None:
    """Raise ``InputError`` when a date of the check-in lies in the future."""
    for name in ("procedure_date", "checkin_date"):
        value = getattr(checkin, name)
        if value is not None and value > today:
            raise InputError("lies in the future", where=name, remedy="Correct the date.")


def read_checkin(path: Path, *, today: date) -> CheckIn:
    """Read a check-in from TOML or JSON. ``InputError`` names every key at fault."""
    checkin = read_model(path, CheckIn)
    if checkin.procedure_date and not checkin.checkin_date and checkin.day is None:
        checkin = checkin.model_copy(update={"checkin_date": today})
    check_dates(checkin, today=today)
    return checkin
