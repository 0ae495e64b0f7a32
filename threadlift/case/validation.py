"""Measured outcomes against what the model predicts for the same people: the harness of validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from threadlift.case.treated import Skipped, Treated, month_of, read_case_folder, read_outcome_case, treat
from threadlift.errors import InputError
from threadlift.tissue.validation.outcome import Cohort, Component, OutcomeCase, Outcomes
from threadlift.tissue.validation.score import (
    Scored,
    ScoredCohort,
    ValidationScore,
    refuse_used,
    score_cohort,
    score_measurement,
    summarise,
)

Floats = NDArray[np.float64]
Progress = Callable[[str], None]
DEFAULT_SAMPLES = 1000


class ValidationResult(BaseModel):
    """Schema ``threadlift.validation/1``. ``score`` is None when only groups were given."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.validation/1"] = Field(default="threadlift.validation/1", alias="schema")
    synthetic: bool = Field(description="true: nobody was measured, so this says nothing about people")
    score: ValidationScore | None
    cohorts: tuple[ScoredCohort, ...]
    skipped: tuple[Skipped, ...]
    samples: int
    seed: int


@dataclass(frozen=True, eq=False)
class Forecast:
    """Samples (N, days, landmarks) of the lift of one case against the face before."""

    treated: Treated
    landmarks: tuple[str, ...]
    days: tuple[int, ...]
    change_mm: Floats

    def at(self, landmark: str, day: int, component: Component = "total") -> Floats:
        """Samples (N,) at a place and day, natural descent included."""
        size = self.change_mm[:, self.days.index(day), self.landmarks.index(landmark)]
        return np.asarray(size * self.treated.share(landmark, component))


@dataclass(frozen=True)
class _Draw:
    samples: int
    seed: int


def validate(
    outcomes: Outcomes,
    folder: Path,
    *,
    samples: int = DEFAULT_SAMPLES,
    seed: int,
    cache: Path | None = None,
    progress: Progress = lambda stage: None,
) -> ValidationResult:
    """Predict every case and group of ``outcomes`` (paths relative to ``folder``) and score them.

    Raises ``InputError`` for outcomes that were used to set parameters, for files that cannot be read, and
    for a landmark outside the modelled face.
    """
    refuse_used(outcomes)
    draw = _Draw(samples, seed)
    scored: list[Scored] = []
    cohorts: list[ScoredCohort] = []
    skipped: list[Skipped] = []
    for case in outcomes.cases:
        planned = read_outcome_case(case, folder)
        progress(case.id)
        treated = treat(case.id, planned, [one.landmark for one in case.measurements], cache)
        if isinstance(treated, Skipped):
            skipped.append(treated)
        else:
            scored += _score_case(case, treated, draw)
    for cohort in outcomes.cohorts:
        planned = read_case_folder(cohort.id, folder / cohort.stand_in)
        progress(cohort.id)
        places = [name for result in cohort.results for name in _with_sides(result.places)]
        treated = treat(cohort.id, planned, places, cache)
        if isinstance(treated, Skipped):
            skipped.append(treated)
        else:
            cohorts += _score_cohort(cohort, treated, draw)
    return ValidationResult(
        synthetic=outcomes.synthetic,
        score=summarise(scored) if scored else None,
        cohorts=tuple(cohorts),
        skipped=tuple(skipped),
        samples=samples,
        seed=seed,
    )


def _forecast(treated: Treated, days: Sequence[int], draw: _Draw) -> Forecast:
    drawn = treated.draw(draw.samples, draw.seed)
    return Forecast(treated, drawn.landmarks, tuple(days), drawn.change_mm([month_of(day) for day in days]))


def _score_case(case: OutcomeCase, treated: Treated, draw: _Draw) -> list[Scored]:
    treated.refuse_outside((one.landmark for one in case.measurements), case.id)
    found = _forecast(treated, sorted({one.day for one in case.measurements}), draw)
    return [
        score_measurement(case.id, one, found.at(one.landmark, one.day, one.component), draw.seed + index)
        for index, one in enumerate(case.measurements)
    ]


def _score_cohort(cohort: Cohort, treated: Treated, draw: _Draw) -> list[ScoredCohort]:
    found = _forecast(treated, sorted({result.day for result in cohort.results}), draw)
    answers = []
    for result in cohort.results:
        there = [name for name in _with_sides(result.places) if name in found.landmarks]
        if not there:
            raise InputError("none of its places is modelled", where=f"outcomes, {cohort.id}")
        best = max((found.at(name, result.day) for name in there), key=lambda lifts: float(np.median(lifts)))
        answers.append(score_cohort(cohort.id, cohort.people, result, best))
    return answers


def _with_sides(places: Sequence[str]) -> list[str]:
    return [f"{place}{side}" for place in places for side in ("_l", "_r", "")]
