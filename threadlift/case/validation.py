"""Measured outcomes against what the model predicts for the same people: the harness of validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from threadlift.case.planned import PlannedCase, read_planned_case
from threadlift.errors import InputError
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.cable import cables_of
from threadlift.planning.form import choose_form, is_overstretched
from threadlift.planning.path import resolve_thread
from threadlift.planning.plan import PlannedThread
from threadlift.planning.sampling import LiftModel, draw_lift
from threadlift.threads import last_month, load_catalogue
from threadlift.threads.retention import WEEKS_PER_MONTH
from threadlift.tissue import Lift, build_tissue
from threadlift.tissue.reduced import reduce_plan
from threadlift.tissue.validation.outcome import Cohort, OutcomeCase, Outcomes
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
Component = Literal["total", "up"]
DEFAULT_SAMPLES = 1000


class Skipped(BaseModel):
    """A case or group for which nothing is predicted, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    why: str


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
class Simulated:
    """A case with its lift computed; ``threads`` are those that pull, ``tissue`` answers for any tissue."""

    planned: PlannedCase
    threads: tuple[PlannedThread, ...]
    lift: Lift
    tissue: LiftModel


@dataclass(frozen=True, eq=False)
class Forecast:
    """Samples (N, days, landmarks) of the lift of one case against the face before."""

    lift: Lift
    landmarks: tuple[str, ...]
    days: tuple[int, ...]
    change_mm: Floats

    def at(self, landmark: str, day: int, component: Component = "total") -> Floats:
        """Samples (N,) at a place and day, natural descent included.

        ``up`` takes the direction of the computed lift: samples differ in size far more than in direction.
        """
        size = self.change_mm[:, self.days.index(day), self.landmarks.index(landmark)]
        if component == "total":
            return np.asarray(size)
        point = self.lift.point(landmark)
        return np.asarray(size * (point.up_mm / point.total_mm if point.total_mm > 0 else 0.0))


@dataclass(frozen=True)
class _Draw:
    samples: int
    seed: int
    cache: Path | None


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
    draw = _Draw(samples, seed, cache)
    scored: list[Scored] = []
    cohorts: list[ScoredCohort] = []
    skipped: list[Skipped] = []
    for case in outcomes.cases:
        planned = read_outcome_case(case, folder)
        progress(case.id)
        simulated = _simulate(case.id, planned, [one.landmark for one in case.measurements], draw)
        if isinstance(simulated, Skipped):
            skipped.append(simulated)
        else:
            scored += _score_case(case, simulated, draw)
    for cohort in outcomes.cohorts:
        planned = _read_folder(cohort.id, folder / cohort.stand_in)
        progress(cohort.id)
        places = [name for result in cohort.results for name in _with_sides(result.places)]
        simulated = _simulate(cohort.id, planned, places, draw)
        if isinstance(simulated, Skipped):
            skipped.append(simulated)
        else:
            cohorts += _score_cohort(cohort, simulated, draw)
    return ValidationResult(
        synthetic=outcomes.synthetic,
        score=summarise(scored) if scored else None,
        cohorts=tuple(cohorts),
        skipped=tuple(skipped),
        samples=samples,
        seed=seed,
    )


def read_outcome_case(case: OutcomeCase, folder: Path) -> PlannedCase:
    """The face and plan of a case; its paths are relative to ``folder``."""
    if case.case is not None:
        return _read_folder(case.id, folder / case.case)
    face, plan = case.face or Path(), case.plan or Path()
    return read_planned_case(folder / plan, folder / face, folder / case.intake if case.intake else None)


def _read_folder(name: str, folder: Path) -> PlannedCase:
    if not folder.is_dir():
        raise InputError(
            "no such case folder",
            where=f"outcomes, {name}",
            remedy="Paths count from the folder of the outcome file; `threadlift plan` makes a case.",
        )
    return read_planned_case(folder, None, None)


def _simulate(name: str, planned: PlannedCase, landmarks: Sequence[str], draw: _Draw) -> Simulated | Skipped:
    """The lift of a case and its tissue read at ``landmarks``, or why nothing is predicted for it."""
    catalogue = load_catalogue()
    cables, _ = cables_of([resolve_thread(thread, planned.anatomy) for thread in planned.plan.threads])
    if not cables:
        return Skipped(id=name, why="the plan has no lifting thread")
    model = build_tissue(planned.anatomy, cache=draw.cache)
    able = {thread.id: thread for thread in planned.plan.threads}
    pulling = tuple(able[cable.id] for cable in cables)
    lift = model.lift(cables)
    face = planned.anatomy.face
    form, why = choose_form(planned.plan, pulling, face, lift, catalogue, load_assumptions())
    if form == "refused":
        return Skipped(id=name, why=" ".join(reason.what.en for reason in why))
    return Simulated(planned, pulling, lift, reduce_plan(model, cables, list(dict.fromkeys(landmarks))))


def _forecast(simulated: Simulated, days: Sequence[int], draw: _Draw) -> Forecast:
    spreads = load_assumptions().spreads
    wide = spreads["validity"]["overstretched_sd_ln"]
    drawn = draw_lift(
        simulated.threads,
        load_catalogue().kinds,
        simulated.tissue,
        position_sd_mm=simulated.planned.anatomy.face.quality.position_sd_mm,
        model_sd_ln=wide if is_overstretched(simulated.lift) else spreads["spread_linearisation"]["sd_ln"],
        samples=draw.samples,
        seed=draw.seed,
    )
    months = [min(day / 7 / WEEKS_PER_MONTH, last_month()) for day in days]
    return Forecast(simulated.lift, drawn.landmarks, tuple(days), drawn.change_mm(months))


def _score_case(case: OutcomeCase, simulated: Simulated, draw: _Draw) -> list[Scored]:
    found = _forecast(simulated, sorted({one.day for one in case.measurements}), draw)
    for one in case.measurements:
        if one.landmark not in found.landmarks:
            raise InputError(
                f"{one.landmark} lies outside the modelled face",
                where=f"outcomes, {case.id}",
                remedy="Leave it out.",
            )
    return [
        score_measurement(case.id, one, found.at(one.landmark, one.day, one.component), draw.seed + index)
        for index, one in enumerate(case.measurements)
    ]


def _score_cohort(cohort: Cohort, simulated: Simulated, draw: _Draw) -> list[ScoredCohort]:
    found = _forecast(simulated, sorted({result.day for result in cohort.results}), draw)
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
