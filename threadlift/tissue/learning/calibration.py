"""Is the learning honest? Made-up people whose truth is known, drawn from the prior and learned from.

If prior, model and sampling hold together, the truth lies in the 80 % interval of the posterior for 80 % of
the people, and its rank among the weighted draws is even (simulation-based calibration).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from threadlift.tissue.learning.evidence import Evidence
from threadlift.tissue.learning.posterior import weigh, weighted_quantiles

Floats = NDArray[np.float64]
SHARE = 0.8
_EDGES = ((1 - SHARE) / 2, (1 + SHARE) / 2)


@dataclass(frozen=True, eq=False)
class World:
    """Draws of the unknowns and what follows from each: ``drivers`` (N,) by name, the measured places
    ``measured_mm`` (N, m) and a place that nobody measured, ``unseen_mm`` (N,)."""

    drivers: Mapping[str, Floats]
    measured_mm: Floats
    unseen_mm: Floats


@dataclass(frozen=True, eq=False)
class Calibration:
    """``coverage`` of the 80 % interval by unknown (and ``unseen lift``), ``ranks`` (people,) of the truth
    from 0 to 1, ``effective`` draws in the middle."""

    coverage: Mapping[str, float]
    ranks: Mapping[str, Floats]
    people: int
    effective: float

    def limits(self) -> tuple[float, float]:
        """Between which a true 80 % would show in so many people, 95 times of 100."""
        low, high = (float(binom.ppf(share, self.people, SHARE)) for share in (0.025, 0.975))
        return low / self.people, high / self.people

    def unevenness(self, name: str, bins: int = 10) -> float:
        """Chi-square of the rank histogram over its degrees of freedom: about 1 when even."""
        counts = np.histogram(self.ranks[name], bins=bins, range=(0.0, 1.0))[0]
        even = self.people / bins
        return float(((counts - even) ** 2 / even).sum() / (bins - 1))


def calibrate(world: World, people: World, *, sd_mm: float, place_sd_ln: float, seed: int) -> Calibration:
    """Measure every one of ``people`` with error, learn from that with the draws of ``world``, compare."""
    rng = np.random.default_rng(seed)
    count, places = people.measured_mm.shape
    names = [*world.drivers, "unseen lift"]
    values = np.column_stack([*world.drivers.values(), world.unseen_mm])
    truth = np.column_stack([*people.drivers.values(), people.unseen_mm])
    ranks, inside, effective = np.empty((count, len(names))), np.empty((count, len(names))), np.empty(count)
    for person in range(count):
        moved = people.measured_mm[person] * (1 + place_sd_ln * rng.standard_normal(places))
        evidence = Evidence(
            labels=tuple(f"place {index}" for index in range(places)),
            observed_mm=moved + sd_mm * rng.standard_normal(places),
            sd_mm=np.full(places, sd_mm),
            predicted_mm=world.measured_mm,
            place_sd_ln=place_sd_ln,
        )
        weights = weigh(evidence.log_likelihood().sum(axis=1))
        effective[person] = 1 / (weights**2).sum()
        ranks[person] = weights @ (values < truth[person])
        for column in range(len(names)):
            low, high = weighted_quantiles(values[:, column], weights, _EDGES)
            inside[person, column] = low <= truth[person, column] <= high
    return Calibration(
        coverage=dict(zip(names, map(float, inside.mean(axis=0)), strict=True)),
        ranks=dict(zip(names, ranks.T, strict=True)),
        people=count,
        effective=float(np.median(effective)),
    )
