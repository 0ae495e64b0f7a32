"""Measured outcomes against predicted ones: coverage of the bands, bias, error, each with its interval.

A prediction is a set of samples of the lift at a place and day. The error of measurement is added to them
before anything is compared, so that a band which is right holds eight measured values in ten, whatever the
scanner. Measurements of one person go together: intervals count people, not landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.stats import norm, t

from threadlift.errors import InputError
from threadlift.frozen import Frozen
from threadlift.tissue.validation.outcome import CohortResult, Measurement, Outcomes
from threadlift.tissue.validation.prior import used_sources

Floats = NDArray[np.float64]
BAND = (0.1, 0.9)
_NOISE = (1,)  # apart from the draws of a prediction, whose first normals would otherwise be these again
FEWEST_PEOPLE = 5  # below, an interval over people says nothing


class Scored(Frozen):
    """One measurement beside its prediction, mm. ``rank`` is the share of samples below what was measured."""

    case: str
    day: int
    landmark: str
    component: Literal["total", "up"]
    measured_mm: float
    sd_mm: float
    low10_mm: float
    median_mm: float
    high90_mm: float
    inside: bool
    error_mm: float = Field(description="measured less predicted median")
    rank: float


class ScoredCohort(Frozen):
    """A published figure beside the stand-in; ``low`` to ``high`` is its own 95 % interval."""

    cohort: str
    day: int
    what: Literal["mean_mm", "share_above"]
    measured: float
    low: float
    high: float
    predicted: float
    inside: bool = Field(description="the prediction lies within the interval of the measured figure")


class Interval(Frozen):
    """A figure with its 95 % interval over people; no interval with fewer than five."""

    value: float
    low95: float | None
    high95: float | None


class ValidationScore(Frozen):
    """All measurements together. ``coverage`` should be near 0.8, ``bias_mm`` near 0."""

    people: int
    measurements: int
    coverage: Interval
    bias_mm: Interval
    error_mm: Interval = Field(description="mean absolute error")
    scored: tuple[Scored, ...]


def refuse_used(outcomes: Outcomes) -> None:
    """Raises ``InputError`` for outcomes that cannot validate: their source, or they, set the parameters."""
    used = used_sources()
    named = [(case.id, case.source) for case in outcomes.cases]
    named += [(cohort.id, cohort.source) for cohort in outcomes.cohorts]
    for name, source in named:
        if source in used:
            raise InputError(
                f"{source} was used to calibrate or check the parameters, so it cannot validate them",
                where=f"outcomes, {name}",
                remedy="Leave it out; see docs/validation.md for what was used.",
            )
    for case in outcomes.cases:
        if case.use == "learn":
            raise InputError(
                "was used for learning, so it cannot validate",
                where=f"outcomes, {case.id}",
                remedy='Leave it out, or validate on cases with use = "validate".',
            )


def score_measurement(case: str, seen: Measurement, samples_mm: Floats, seed: int) -> Scored:
    """One measurement beside ``samples_mm`` (N,) of the predicted lift at its place and day.

    ``seed`` may be that of the samples: the error of measurement comes from a stream of its own.
    """
    stream = np.random.SeedSequence(seed, spawn_key=_NOISE)
    noise = np.random.default_rng(stream).standard_normal(len(samples_mm))
    expected = samples_mm + seen.sd_mm * noise
    low, median, high = np.quantile(expected, [BAND[0], 0.5, BAND[1]])
    return Scored(
        case=case,
        day=seen.day,
        landmark=seen.landmark,
        component=seen.component,
        measured_mm=seen.lift_mm,
        sd_mm=seen.sd_mm,
        low10_mm=float(low),
        median_mm=float(median),
        high90_mm=float(high),
        inside=bool(low <= seen.lift_mm <= high),
        error_mm=float(seen.lift_mm - median),
        rank=float((expected < seen.lift_mm).mean()),
    )


def score_cohort(cohort: str, people: int, seen: CohortResult, samples_mm: Floats) -> ScoredCohort:
    """A published figure beside ``samples_mm`` (N,), the lift of people like the stand-in."""
    if seen.mean_mm is not None and seen.sd_mm is not None:
        reach = float(norm.ppf(0.975)) * seen.sd_mm / np.sqrt(people)
        low, high, measured = seen.mean_mm - reach, seen.mean_mm + reach, seen.mean_mm
        predicted = float(samples_mm.mean())
        what: Literal["mean_mm", "share_above"] = "mean_mm"
    elif seen.above_mm is not None and seen.events is not None:
        low, high = wilson_interval(seen.events / people, people)
        measured, predicted = seen.events / people, float((samples_mm >= seen.above_mm).mean())
        what = "share_above"
    else:
        raise InputError("reports neither a mean nor a share", where=f"outcomes, {cohort}")
    return ScoredCohort(
        cohort=cohort,
        day=seen.day,
        what=what,
        measured=measured,
        low=float(low),
        high=float(high),
        predicted=predicted,
        inside=bool(low <= predicted <= high),
    )


def summarise(scored: Sequence[Scored]) -> ValidationScore:
    """Coverage, bias and error over people. Raises ``InputError`` without any measurement."""
    if not scored:
        raise InputError("hold no measurement that could be compared", where="outcomes")
    people = list(dict.fromkeys(one.case for one in scored))
    by_person = [[one for one in scored if one.case == name] for name in people]
    inside = np.array([np.mean([one.inside for one in own]) for own in by_person])
    errors = np.array([np.mean([one.error_mm for one in own]) for own in by_person])
    sizes = np.array([np.mean([abs(one.error_mm) for one in own]) for own in by_person])
    share = float(inside.mean())
    enough = len(people) >= FEWEST_PEOPLE
    low, high = wilson_interval(share, len(people)) if enough else (None, None)
    return ValidationScore(
        people=len(people),
        measurements=len(scored),
        coverage=Interval(value=share, low95=low, high95=high),
        bias_mm=_mean_interval(errors),
        error_mm=_mean_interval(sizes),
        scored=tuple(scored),
    )


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share seen in ``count`` people."""
    z = float(norm.ppf(0.975))
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return float(middle - reach), float(middle + reach)


def _mean_interval(values: Floats) -> Interval:
    mean, count = float(values.mean()), len(values)
    if count < FEWEST_PEOPLE:
        return Interval(value=mean, low95=None, high95=None)
    reach = float(t.ppf(0.975, count - 1)) * float(values.std(ddof=1)) / np.sqrt(count)
    return Interval(value=mean, low95=mean - reach, high95=mean + reach)
