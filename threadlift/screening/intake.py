"""The intake: what the patient and the clinic answer before anything is planned.

Schema ``threadlift.intake/1``, hand-written in TOML or JSON. A question without an answer is ``unknown``, and
unknown never counts as no. No name is asked; ``patient.code`` is a pseudonym of the clinic.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from threadlift.files import read_model
from threadlift.frozen import Frozen
from threadlift.language import Language
from threadlift.screening.answer import Answer, Area, Goal, Measure, Polymer, Region
from threadlift.screening.condition import Condition
from threadlift.screening.scale import LaxityGrade

Days = Annotated[int, Measure(0, 365, "days", whole=True)]


class Patient(Frozen):
    """Who is asked, without a name."""

    code: str | None = Field(
        default=None, max_length=40, description="pseudonym used by the clinic, never a name"
    )
    age_years: Annotated[int, Measure(0, 120, "years", whole=True)] | None = Field(
        default=None, description="age in full years; filled from year_of_birth when left out"
    )
    year_of_birth: Annotated[int, Measure(1900, 2100, "calendar year", whole=True)] | None = Field(
        default=None, description="needs `answered_on` at the top of the file"
    )
    sex: Literal["female", "male", "other", "unknown"] = Field(default="unknown", description="sex at birth")
    height_cm: Annotated[float, Measure(100, 230, "cm", "not metres, not inches")] | None = Field(
        default=None
    )
    weight_kg: Annotated[float, Measure(25, 350, "kg", "not grams, not pounds")] | None = Field(default=None)
    weight_change_3_months_pct: Annotated[float, Measure(-60, 100, "per cent", "loss is negative")] | None = (
        Field(default=None, description="change of body weight in the last 3 months, loss negative")
    )
    plans_weight_loss: Answer = Field(
        default="unknown", description="plans to lose more than 5 % of weight soon"
    )
    market: Literal["VN", "US", "EU", "KR", "UK", "other"] = Field(
        default="VN", description="market where treatment would take place: decides cleared use"
    )
    language: Language = Field(default="vi", description="language of the patient's papers")

    @property
    def bmi(self) -> float | None:
        """Body mass index in kg/m2, or None when height or weight is missing."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return round(self.weight_kg / (self.height_cm / 100) ** 2, 4)

    @model_validator(mode="after")
    def _possible_body(self) -> Patient:
        if self.bmi is not None and not 10 <= self.bmi <= 90:
            raise ValueError(
                "height_cm and weight_kg together give an impossible body mass index; check both units"
            )
        return self


class Wish(Frozen):
    """What the patient hopes for, in words, mm and months, and how much room the days around leave."""

    change: str | None = Field(
        default=None, max_length=500, description="the wish in the patient's own words"
    )
    lift_mm: Annotated[float, Measure(0, 50, "mm")] | None = Field(
        default=None, description="lift wished for"
    )
    duration_months: Annotated[float, Measure(0, 600, "months")] | None = Field(
        default=None, description="how long the result should last, as the patient wishes or expects"
    )
    no_surgery: Answer = Field(default="unknown", description="does not want an operation")
    surgical_result: Answer = Field(
        default="unknown", description="expects the result of a surgical facelift"
    )
    downtime_days: Days | None = Field(default=None, description="days the patient can stay out of sight")
    event_on: date | None = Field(default=None, description="an event at which the face should have settled")
    departs_on: date | None = Field(
        default=None, description="day on which a visitor leaves the clinic's city"
    )
    dental_work_on: date | None = Field(default=None, description="next planned dental treatment")
    vaccination_on: date | None = Field(default=None, description="next planned vaccination")


class Expectation(Frozen):
    """What was promised, and the body-image screen (own wording on published criteria)."""

    promised_months: Annotated[float, Measure(0, 600, "months")] | None = Field(
        default=None, description="duration that somebody promised to the patient"
    )
    wants_guarantee: Answer = Field(default="unknown", description="goes ahead only with a guaranteed result")
    worried_about_looks: Answer = Field(
        default="unknown", description="very worried about how some part looks"
    )
    preoccupied: Answer = Field(
        default="unknown", description="thinks of it a lot, wishes to think of it less"
    )
    only_weight: Answer = Field(default="unknown", description="the worry is only about being too heavy")
    distress_or_impairment: Answer = Field(
        default="unknown", description="much distress, or it harms work, friends, family or going out"
    )
    hours_a_day: Annotated[float, Measure(0, 24, "hours")] | None = Field(
        default=None, description="hours a day spent thinking of it"
    )
    body_image_screen: Literal["positive", "negative", "unknown"] = Field(
        default="unknown", description="result of a licensed questionnaire, if one was used"
    )
    decides_freely: Answer = Field(
        default="unknown", description="understands, decides alone, nobody presses: the clinician's judgement"
    )


class Skin(Frozen):
    """Skin and soft tissue as the examiner finds them."""

    thickness: Literal["very_thin", "thin", "normal", "thick", "unknown"] = "unknown"
    sun_damage: Literal["none", "mild", "moderate", "severe", "unknown"] = "unknown"
    fibrotic: Answer = Field(default="unknown", description="scarred or fibrotic tissue on the thread paths")
    heavy_face: Answer = Field(default="unknown", description="heavy, full face with much fat")
    phototype: Literal["I", "II", "III", "IV", "V", "VI", "unknown"] = Field(
        default="unknown", description="Fitzpatrick phototype"
    )
    asymmetry: Answer = Field(default="unknown", description="left and right clearly differ before treatment")


RelevantMedicineClass = Literal[
    "vitamin_k_antagonist",
    "doac",
    "heparin",
    "aspirin",
    "antiplatelet",
    "nsaid",
    "bleeding_supplement",
    "isotretinoin",
    "corticosteroid",
    "immunosuppressant",
    "biologic",
    "chemotherapy",
    "antibiotic",
    "glp1",
    "antidiabetic",
    "antihypertensive",
    "beta_blocker",
    "tricyclic_or_maoi",
    "cyp_inhibitor",
]
MedicineClass = Literal[
    RelevantMedicineClass,
    "antiviral",
    "thyroid",
    "contraceptive",
    "lipid_lowering",
    "paracetamol",
    "other_harmless",
    "unknown",
]


class Medicine(Frozen):
    """One medicine or supplement. Its class is recognised from the name where the name is known."""

    name: str = Field(min_length=1, max_length=80, description="active substance or brand")
    drug_class: MedicineClass | None = Field(default=None, description="class, when the name is not known")
    taking: Literal["current", "stopped"] = "current"
    last_dose_on: date | None = Field(default=None, description="day of the last dose, needed when stopped")
    prescribed: Answer = Field(default="unknown", description="prescribed by a doctor for a disease")
    dose_mg_per_day: Annotated[float, Measure(0, 20000, "mg per day")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: object) -> object:
        """A plain text in the list of medicines is the name of one that is taken now."""
        return {"name": value} if isinstance(value, str) else value


class Allergy(Frozen):
    """One allergy: to a thread material, or to something used at the treatment."""

    to: Literal[
        "thread_material",
        "amide_anaesthetic",
        "ester_anaesthetic",
        "povidone_iodine",
        "chlorhexidine",
        "latex",
        "epinephrine",
        "antibiotic",
        "pain_reliever",
        "metal",
        "adhesive",
        "food_or_pollen",
        "other",
        "unknown",
    ]
    material: Polymer | None = Field(default=None, description="which thread material, for `thread_material`")
    substance: str | None = Field(default=None, max_length=80, description="name of the medicine or product")

    @model_validator(mode="after")
    def _material_belongs(self) -> Allergy:
        if self.material is not None and self.to != "thread_material":
            raise ValueError('material is only for to = "thread_material"')
        return self


TreatmentKind = Literal[
    "toxin",
    "ha_filler",
    "biostimulator",
    "permanent_filler",
    "unknown_filler",
    "fat_graft",
    "implant",
    "threads",
    "hifu",
    "rf",
    "rf_microneedling",
    "ablative_laser",
    "deep_peel",
    "facelift",
    "other_surgery",
    "dental",
    "vaccination",
]


class PastTreatment(Frozen):
    """Something done before: filler, toxin, device, threads, surgery, dental work, vaccination."""

    kind: TreatmentKind
    on: date | None = Field(default=None, description="day of it; without one the day counts as unknown")
    area: Area = "unknown"
    side: Literal["left", "right", "both"] = "both"
    material: Polymer | None = Field(default=None, description="polymer of threads or of a biostimulator")
    complication: Literal[
        "none", "infection", "granuloma", "rejection", "visible", "nerve", "other", "unknown"
    ] = Field(default="unknown", description="what went wrong, if anything")


class Habits(Frozen):
    """Habits that change healing or bruising."""

    smokes: Answer = Field(default="unknown", description="smokes or vapes nicotine now")
    stopped_smoking_on: date | None = Field(
        default=None, description="day of the last cigarette, when stopped"
    )
    alcohol: Answer = Field(default="unknown", description="drinks alcohol")
    last_alcohol_on: date | None = None
    strenuous_exercise: Answer = "unknown"
    sleeps_on_side: Answer = Field(default="unknown", description="sleeps on the side or the face")


class VitalSigns(Frozen):
    """Measured at the clinic, on the day of the screening."""

    measured_on: date | None = None
    systolic_mmhg: Annotated[int, Measure(50, 300, "mmHg", whole=True)] | None = None
    diastolic_mmhg: Annotated[int, Measure(20, 200, "mmHg", whole=True)] | None = None
    temperature_c: Annotated[float, Measure(30, 45, "degrees Celsius", "not Fahrenheit")] | None = None
    pulse_per_min: Annotated[int, Measure(20, 250, "beats a minute", whole=True)] | None = None

    @model_validator(mode="after")
    def _systolic_above_diastolic(self) -> VitalSigns:
        high, low = self.systolic_mmhg, self.diastolic_mmhg
        if high is not None and low is not None and high <= low:
            raise ValueError("systolic_mmhg must be above diastolic_mmhg; were the two swapped?")
        return self


class Provider(Frozen):
    """The offer: who treats, where, with which threads. The clinic, or a wary patient, answers."""

    licensed_doctor: Answer = "unknown"
    sterile_place: Answer = "unknown"
    registered_threads: Answer = Field(
        default="unknown", description="threads registered in the country of treatment"
    )


class Intake(Frozen):
    """All answers. Hand-writable as TOML or JSON; every key is optional except ``schema``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.intake/1"] = Field(alias="schema")
    synthetic: bool = Field(default=False, description="true for a made-up person")
    note: str | None = Field(default=None, max_length=1000)
    answered_on: date | None = Field(default=None, description="day on which the answers were given")
    examined: Literal["in_person", "video", "photos", "none", "unknown"] = Field(
        default="unknown", description="how a doctor has examined the patient so far"
    )
    patient: Patient = Patient()
    goals: tuple[Goal, ...] = Field(default=(), description="what should change")
    wish: Wish = Wish()
    expectation: Expectation = Expectation()
    laxity: dict[Region, LaxityGrade] = Field(default={}, description="grade per region on a named scale")
    skin: Skin = Skin()
    conditions: Condition = Condition()
    has_medicines: Answer = Field(default="unknown", description="takes, or took in the last 6 months, any")
    medicines: tuple[Medicine, ...] = Field(default=(), max_length=60)
    has_allergies: Answer = "unknown"
    allergies: tuple[Allergy, ...] = Field(default=(), max_length=60)
    has_past_treatments: Answer = Field(
        default="unknown", description="fillers, toxin, devices, threads, surgery ..."
    )
    history: tuple[PastTreatment, ...] = Field(default=(), max_length=100)
    habits: Habits = Habits()
    vital_signs: VitalSigns = VitalSigns()
    provider: Provider = Provider()

    @model_validator(mode="after")
    def _lists_agree_with_answers(self) -> Intake:
        for answer, entries, name in (
            (self.has_medicines, self.medicines, "medicines"),
            (self.has_allergies, self.allergies, "allergies"),
            (self.has_past_treatments, self.history, "history"),
        ):
            if answer == "no" and entries:
                raise ValueError(f"{name}: entries are listed although the question before says no")
        return self

    @model_validator(mode="after")
    def _age_can_be_known(self) -> Intake:
        born, today = self.patient.year_of_birth, self.answered_on
        if born is None:
            return self
        if today is None:
            raise ValueError(
                "patient.year_of_birth needs answered_on at the top of the file, or give age_years"
            )
        if not 0 <= today.year - born <= 120:
            raise ValueError("patient.year_of_birth gives an impossible age")
        if self.patient.age_years is None:
            patient = self.patient.model_copy(update={"age_years": today.year - born})
            object.__setattr__(self, "patient", patient)
        elif not 0 <= today.year - born - self.patient.age_years <= 1:
            raise ValueError("patient.age_years and patient.year_of_birth contradict each other")
        return self

    def laxity_grade(self, region: Region) -> int | None:
        """Grade 0-4 on the project's scale; None when not given or when the scale does not convert."""
        given = self.laxity.get(region)
        return given.operational if given else None

    @property
    def worst_laxity(self) -> int | None:
        """Highest laxity grade 0-4 of any region, folds left aside; None when none can be used."""
        grades = [given.operational for given in self.laxity.values() if not given.is_fold]
        return max((grade for grade in grades if grade is not None), default=None)


def read_intake(path: Path) -> Intake:
    """Read an intake from TOML or JSON. ``InputError`` names every key at fault and never its value."""
    return read_model(path, Intake)
