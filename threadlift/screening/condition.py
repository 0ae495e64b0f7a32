"""Conditions that are asked one by one: yes, no or unknown, with the measured details that a rule needs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from threadlift.frozen import Frozen
from threadlift.screening.answer import Answer, Area, Measure

KeloidSite = Literal["ear", "chest", "shoulder", Area]


class Condition(Frozen):
    """Health questions. Every one that stays ``unknown`` is listed as missing in the verdict."""

    pregnancy: Answer = Field(default="unknown", description="pregnant or possibly pregnant")
    pregnancy_due_on: date | None = Field(default=None, description="expected day of birth")
    pregnancy_ended_on: date | None = Field(
        default=None, description="day of birth or end, if within 3 months"
    )
    breastfeeding: Answer = "unknown"

    skin_infection: Answer = Field(
        default="unknown", description="cellulitis, boil, infected wound on face or neck"
    )
    inflamed_acne: Answer = Field(default="unknown", description="acne with pustules on face or neck now")
    cold_sore_now: Answer = Field(default="unknown", description="herpes blisters now")
    dental_or_sinus_infection: Answer = Field(
        default="unknown", description="dental abscess or sinusitis now"
    )
    infection_elsewhere: Answer = Field(
        default="unknown", description="any other infection or feverish illness now, COVID included"
    )
    infection_healed_on: date | None = Field(default=None, description="day the last infection was healed")
    cold_sores_before: Answer = Field(default="unknown", description="cold sores come back")

    bleeding_disorder: Answer = Field(
        default="unknown", description="haemophilia, von Willebrand, low platelets ..."
    )
    bleeding_disorder_cleared: Answer = Field(
        default="unknown", description="cleared in writing by a haematologist for this treatment"
    )
    platelets_10e9_per_l: Annotated[float, Measure(1, 2000, "x10^9/L", "not per microlitre")] | None = None
    inr: Annotated[float, Measure(0.5, 20, "INR (no unit)")] | None = None

    diabetes: Answer = "unknown"
    hba1c_pct: Annotated[float, Measure(3, 20, "per cent", "mmol/mol goes to hba1c_mmol_mol")] | None = None
    hba1c_mmol_mol: Annotated[float, Measure(10, 200, "mmol/mol")] | None = None
    hypertension: Answer = "unknown"
    cardiac_or_stroke: Answer = Field(
        default="unknown",
        description="ever stroke, heart attack, stent, unstable angina or serious arrhythmia",
    )
    cardiac_or_stroke_on: date | None = Field(default=None, description="day of the last such event")
    liver_disease: Answer = "unknown"
    kidney_disease: Answer = "unknown"

    keloid: Answer = Field(default="unknown", description="keloid scars of one's own")
    keloid_sites: tuple[KeloidSite, ...] = Field(
        default=(), description="where, `body` for any other place below the neck"
    )
    autoimmune: Answer = Field(
        default="unknown", description="lupus, scleroderma, rheumatoid arthritis, sarcoidosis, thyroid ..."
    )
    autoimmune_active: Answer = Field(default="unknown", description="in a flare now")
    immunosuppressed: Answer = Field(default="unknown", description="weak immune system for any reason")
    transplant: Answer = "unknown"
    hiv: Answer = "unknown"
    hiv_controlled: Answer = "unknown"
    cancer_active: Answer = Field(default="unknown", description="cancer in treatment or not yet cleared")
    face_radiotherapy: Answer = Field(default="unknown", description="radiotherapy to face or neck ever")

    psychiatric_unstable: Answer = Field(
        default="unknown", description="psychiatric illness that is not stable"
    )
    facial_weakness: Answer = Field(default="unknown", description="facial palsy or weakness, old or new")
    facial_weakness_kind: Literal["new", "long_standing", "unknown"] = "unknown"
    pacemaker: Answer = Field(default="unknown", description="pacemaker or implanted defibrillator")
