"""Calibration and validation, kept strictly apart: what set the parameters never counts as validation."""

from threadlift.tissue.validation.document import write_validation
from threadlift.tissue.validation.outcome import (
    Cohort,
    CohortResult,
    Measurement,
    OutcomeCase,
    Outcomes,
    known_landmarks,
    read_outcomes,
)

__all__ = [
    "Cohort",
    "CohortResult",
    "Measurement",
    "OutcomeCase",
    "Outcomes",
    "known_landmarks",
    "read_outcomes",
    "write_validation",
]
