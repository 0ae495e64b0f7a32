"""The file of ``threadlift safety``, schema ``threadlift.safety/1``: any of the sections, at least one."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from threadlift.files import load_data
from threadlift.frozen import Frozen
from threadlift.screening.answer import Answer, Measure
from threadlift.screening.intake import Allergy, Medicine

Zone = Literal["near_eye", "near_ear", "lower_face", "neck", "hairline", "whole_face", "unknown"]


@cache
def _strongest_injected_percent() -> float:
    settings = {entry["id"]: entry for entry in load_data("threadlift.care", "anaesthetic.toml")["setting"]}
    return float(settings["strongest_injected"]["percent"])


class SafetyPatient(Frozen):
    """What decides the dose. A question left out is named as not answered; it and `unknown` count as yes."""

    age_years: Annotated[int, Measure(0, 120, "years", whole=True)] | None = None
    sex: Literal["female", "male", "other", "unknown"] = "unknown"
    height_cm: Annotated[float, Measure(100, 230, "cm", "not metres, not inches")] | None = None
    weight_kg: Annotated[float, Measure(25, 350, "kg", "not grams, not pounds")] | None = None
    liver_disease: Answer | None = None
    heart_disease: Answer | None = None
    pregnant: Answer | None = None
    thyroid_disease: Answer | None = None
    allergies: tuple[Allergy, ...] = ()
    medicines: tuple[Medicine, ...] = ()

    @model_validator(mode="after")
    def _possible_body(self) -> SafetyPatient:
        if self.bmi is not None and not 10 <= self.bmi <= 90:
            raise ValueError("height_cm and weight_kg give an impossible body mass index; check both units")
        return self

    @property
    def bmi(self) -> float | None:
        """Body mass index in kg/m2, or None when height or weight is missing."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return round(self.weight_kg / (self.height_cm / 100) ** 2, 4)


class Anaesthetic(Frozen):
    """One syringe or layer of cream: drawn up, or given in the last 24 hours."""

    agent: str = Field(min_length=1, max_length=40, description="lidocaine, prilocaine, ...")
    route: Literal["injected", "nerve_block", "tumescent", "topical"] = "injected"
    concentration_percent: (
        Annotated[float, Measure(0.05, 40, "per cent", "2 % is 20 mg/ml; not mg/ml, not mg")] | None
    ) = None
    concentration_mg_per_ml: Annotated[float, Measure(0.5, 400, "mg/ml")] | None = None
    volume_ml: Annotated[float, Measure(0.01, 1000, "ml")] | None = None
    amount_g: Annotated[float, Measure(0.1, 200, "g of cream", "grams of cream, not mg")] | None = Field(
        default=None, description="for a cream; 1 g counts as 1 ml"
    )
    times: Annotated[int, Measure(1, 50, "doses", whole=True)] = 1
    epinephrine: Answer = "unknown"
    hours_ago: Annotated[float, Measure(0, 1000, "hours")] = 0

    @model_validator(mode="after")
    def _one_way_of_saying(self) -> Anaesthetic:
        if self.concentration_percent is not None and self.concentration_mg_per_ml is not None:
            raise ValueError("give concentration_percent or concentration_mg_per_ml, not both")
        if self.volume_ml is not None and self.amount_g is not None:
            raise ValueError("give volume_ml or amount_g, not both")
        if self.amount_g is not None and self.route != "topical":
            raise ValueError('amount_g is for route = "topical"; an injection needs volume_ml')
        strength = self.mg_per_ml
        if self.route != "topical" and strength is not None and strength > _strongest_injected_percent() * 10:
            raise ValueError("stronger than any solution for injection; 2 % is 20 mg/ml, check the unit")
        return self

    @property
    def mg_per_ml(self) -> float | None:
        """Strength in mg/ml: 1 % is 10 mg/ml."""
        if self.concentration_percent is not None:
            return self.concentration_percent * 10
        return self.concentration_mg_per_ml

    @property
    def dose_mg(self) -> float | None:
        """All of it in mg, or None when strength or amount is not known."""
        amount = self.volume_ml if self.volume_ml is not None else self.amount_g
        if self.mg_per_ml is None or amount is None:
            return None
        return self.mg_per_ml * amount * self.times


class Antiseptic(Frozen):
    """One antiseptic and where it is used."""

    agent: Literal[
        "povidone_iodine_solution",
        "povidone_iodine_scrub",
        "chlorhexidine",
        "chlorhexidine_alcohol",
        "alcohol",
        "octenidine",
        "benzalkonium",
        "hypochlorous_acid",
        "hydrogen_peroxide",
        "saline_only",
        "other",
        "unknown",
    ]
    zone: Zone = "unknown"
    dry: Answer | None = Field(default=None, description="seen to be dry; left out before it is applied")
    eyes_protected: Answer | None = None


class RescueKit(Frozen):
    """What lies within reach. Left out or unknown counts as missing."""

    epinephrine: Answer = "unknown"
    oxygen: Answer = "unknown"
    lipid_emulsion_20: Answer = "unknown"
    airway_and_suction: Answer = "unknown"
    benzodiazepine: Answer = "unknown"
    blood_pressure_monitor: Answer = "unknown"
    hyaluronidase: Answer = "unknown"
    filler_planned: Answer = "unknown"


class Checklist(Frozen):
    """Items done, by phase; a phase that is left out is not judged."""

    sign_in: tuple[str, ...] | None = None
    time_out: tuple[str, ...] | None = None
    sign_out: tuple[str, ...] | None = None


class ExpectationFacts(Frozen):
    """What is promised or expected."""

    months: Annotated[float, Measure(0, 600, "months")] | None = None
    lift_mm: Annotated[float, Measure(0, 50, "mm")] | None = None
    material: str | None = Field(default=None, description="id of a material in the catalogue")
    surgical_result: Answer = "unknown"
    guarantee: Answer = "unknown"


class Offer(Frozen):
    """An offer as the patient knows it: answers to the questions of ``care/data/offer.toml``."""

    market: str = Field(default="VN", pattern=r"^[A-Z]{2}$")
    thread_kind: str | None = Field(default=None, description="id of a thread kind in the catalogue")
    device: str | None = Field(default=None, description="id of a cleared device, when the product is known")
    expiry_date: date | None = Field(default=None, description="printed on the pack")
    answers: dict[str, Answer] = Field(default={}, description="id of a question -> yes, no or unknown")


class SafetyFile(Frozen):
    """Everything that ``threadlift safety`` can check."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.safety/1"] = Field(alias="schema")
    synthetic: bool = False
    patient: SafetyPatient = SafetyPatient()
    anaesthetic: tuple[Anaesthetic, ...] = Field(default=(), max_length=60)
    antiseptic: tuple[Antiseptic, ...] = Field(default=(), max_length=20)
    rescue_kit: RescueKit | None = None
    checklist: Checklist | None = None
    expectation: ExpectationFacts | None = None
    offer: Offer | None = None

    @model_validator(mode="after")
    def _something_to_check(self) -> SafetyFile:
        rest = (self.rescue_kit, self.checklist, self.expectation, self.offer)
        if not (self.anaesthetic or self.antiseptic or any(part is not None for part in rest)):
            raise ValueError(
                "nothing to check: add [[anaesthetic]], [[antiseptic]], [rescue_kit], [checklist], "
                "[expectation] or [offer]"
            )
        return self
