"""Learning from outcomes: what measured lifts of treated people say about the unknowns of the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from threadlift.case.planned import PlannedCase
from threadlift.case.treated import Skipped, Treated, month_of, read_outcome_case, treat
from threadlift.errors import InputError
from threadlift.language import Text
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.sampling import LiftSamples
from threadlift.tissue.learning import Belief, Evidence, learn_from
from threadlift.tissue.reduced import draw_people, parameter_names, prior_spread
from threadlift.tissue.validation.outcome import Measurement, OutcomeCase, Outcomes

Floats = NDArray[np.float64]
Progress = Callable[[str], None]
DEFAULT_SAMPLES = 4000
_PERSONAL = ("pull", "hold", "study")  # told for one person only: they belong to a session
_TEN_TO_NINETY = 1.2816
_SEEDS_A_PERSON = 2  # one for the lift, one for retention: nobody's retention goes with the next one's pull


class LearnedUnknown(BaseModel):
    """One unknown before and after. A tissue parameter as a factor on its nominal value, others as standard
    deviations from what was planned or is usual. ``narrowed`` is how much of its spread the data took away.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: Text
    is_factor: bool
    before_low10: float
    before_high90: float
    now: float
    now_low10: float
    now_high90: float
    narrowed: float
    mean_z: float = Field(description="mean in standard deviations of the prior")
    sd_z: float
    told_by: tuple[str, ...]


class Learned(BaseModel):
    """Schema ``threadlift.learned/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.learned/1"] = Field(default="threadlift.learned/1", alias="schema")
    title: str
    synthetic: bool
    people: int
    measurements: int
    samples: int
    seed: int
    effective: float = Field(description="draws that the answer rests on")
    surprise: float = Field(description="share of outcomes that the model had thought likelier than these")
    unknowns: tuple[LearnedUnknown, ...]


@dataclass(frozen=True)
class _Draw:
    samples: int
    seed: int
    cache: Path | None


def learn(
    outcomes: Outcomes,
    folder: Path,
    *,
    samples: int = DEFAULT_SAMPLES,
    seed: int,
    cache: Path | None = None,
    progress: Progress = lambda stage: None,
) -> Learned:
    """Posterior of the unknowns from every case of ``outcomes`` (paths relative to ``folder``).

    Raises ``InputError`` for a case that is kept for validation, one whose plan does not belong to its face
    or lifts nothing, a landmark outside the model, and lifts beyond plausibility.
    """
    for case in outcomes.cases:
        if case.use != "learn":
            raise InputError(
                "is kept for validation and must not set parameters",
                where=f"outcomes, {case.id}",
                remedy='Write use = "learn" to give it up for validation.',
            )
    if not outcomes.cases:
        raise InputError("holds no case to learn from", where="outcomes", remedy="Groups have no faces.")
    draw = _Draw(samples, seed, cache)
    common, tissue = draw_people(samples, len(outcomes.cases), seed)
    drivers = {name: common[:, i] for i, name in enumerate(prior_spread())}
    evidence = []
    for number, (case, logs) in enumerate(zip(outcomes.cases, tissue, strict=True)):
        progress(case.id)
        drawn, one = _evidence(case, read_outcome_case(case, folder), logs, draw, number)
        evidence.append(one)
        if len(outcomes.cases) == 1:
            drivers |= _session(drawn, [measured.landmark for measured in case.measurements])
    found = learn_from(drivers, evidence)
    return Learned(
        title=outcomes.title,
        synthetic=outcomes.synthetic,
        people=len(evidence),
        measurements=sum(len(one.labels) for one in evidence),
        samples=samples,
        seed=seed,
        effective=round(found.effective, 1),
        surprise=round(found.surprise, 3),
        unknowns=tuple(_tell(belief) for belief in found.beliefs),
    )


def _evidence(
    case: OutcomeCase, planned: PlannedCase, tissue: Floats, draw: _Draw, number: int
) -> tuple[LiftSamples, Evidence]:
    places = [one.landmark for one in case.measurements]
    treated = treat(case.id, planned, places, draw.cache)
    if isinstance(treated, Skipped):
        raise InputError(treated.why, where=f"outcomes, {case.id}", remedy="Leave the case out.")
    treated.refuse_outside(places, case.id)
    drawn = treated.draw(draw.samples, draw.seed + 1 + _SEEDS_A_PERSON * number, tissue)
    return drawn, Evidence(
        labels=tuple(_label(case, one) for one in case.measurements),
        observed_mm=np.array([one.lift_mm for one in case.measurements]),
        sd_mm=np.array([one.sd_mm for one in case.measurements]),
        predicted_mm=_predict(drawn, treated, case.measurements),
        place_sd_ln=drawn.place_sd_ln,
    )


def _predict(drawn: LiftSamples, treated: Treated, measurements: tuple[Measurement, ...]) -> Floats:
    """What every draw says to every measurement (N, m), without the error of place."""
    days = sorted({one.day for one in measurements})
    change = drawn.change_mm([month_of(day) for day in days])
    change = change / np.exp(drawn.place_sd_ln * drawn.drivers["place"])[:, None]
    columns = []
    for one in measurements:
        moved = change[:, days.index(one.day), drawn.landmarks.index(one.landmark)]
        columns.append(moved * treated.share(one.landmark, one.component))
    return np.column_stack(columns)


def _session(drawn: LiftSamples, landmarks: list[str]) -> dict[str, Floats]:
    """The unknowns of one session, as felt at the measured places."""
    columns = [drawn.landmarks.index(name) for name in landmarks]
    found = {}
    for name in _PERSONAL:
        values = drawn.drivers[name]
        found[name] = values if values.ndim == 1 else values[:, columns].mean(axis=1)
    return found


def _label(case: OutcomeCase, one: Measurement) -> str:
    upward = "" if one.component == "total" else " up"
    return f"{case.id}: {one.landmark}{upward}, day {one.day}"


def _tell(belief: Belief) -> LearnedUnknown:
    names = {**parameter_names(), **load_assumptions().drivers}
    spread = prior_spread().get(belief.name)

    def scaled(z: float) -> float:
        return round(float(np.exp(spread * z)) if spread is not None else z, 3)

    return LearnedUnknown(
        id=belief.name,
        name=names[belief.name],
        is_factor=spread is not None,
        before_low10=scaled(-_TEN_TO_NINETY),
        before_high90=scaled(_TEN_TO_NINETY),
        now=scaled(belief.mean),
        now_low10=scaled(belief.low10),
        now_high90=scaled(belief.high90),
        narrowed=round(max(1 - belief.sd, 0.0), 3),
        mean_z=round(belief.mean, 3),
        sd_z=round(belief.sd, 3),
        told_by=belief.told_by,
    )
