"""Importance sampling: draws of the prior, weighted by how well they explain what was measured.

    w_n ~ product over measurements of  N(y_m ; prediction_m(n), doubt_m(n)),   sum of w = 1

The draws hold every unknown of the prediction together (tissue, pull, holding force, model error, retention),
so what is not asked about is integrated out. The effective number of draws, 1 / sum w^2, tells whether there
are enough of them; the same draws give the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from threadlift.errors import InputError
from threadlift.tissue.learning.evidence import Evidence

Floats = NDArray[np.float64]
LEAST_EFFECTIVE = 50.0  # effective draws below which the answer would be that of a handful of draws
_TELLING = 0.1  # correlation with a prediction from which a measurement is said to be about an unknown


@dataclass(frozen=True)
class Belief:
    """One unknown z, standard normal before: mean and spread after, 10th and 90th percentile.

    ``told_by`` are the measurements that its value shows in, the strongest first.
    """

    name: str
    mean: float
    sd: float
    low10: float
    high90: float
    told_by: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Posterior:
    """``weights`` (N,) of the draws, the ``beliefs`` they come to, and how far the data are from the prior:
    ``surprise`` is the share of expected outcomes that would have been likelier (0.5 = ordinary)."""

    weights: Floats
    effective: float
    beliefs: tuple[Belief, ...]
    surprise: float


def learn_from(drivers: Mapping[str, Floats], evidence: Sequence[Evidence]) -> Posterior:
    """Posterior of standard normal ``drivers`` (N,) each, from the ``evidence`` of one or several people.

    Raises ``InputError`` for a figure beyond plausibility, and when too few draws explain the data.
    """
    beyond = [label for one in evidence for label in one.implausible()]
    if beyond:
        raise InputError(
            f"beyond what the plan can do in any tissue: {'; '.join(beyond)}",
            where="outcomes",
            remedy="Check the unit (mm), the landmark, the day, and that the measurement is of this plan.",
        )
    likelihood = np.concatenate([one.log_likelihood() for one in evidence], axis=1)
    weights = weigh(likelihood.sum(axis=1))
    effective = float(1 / (weights**2).sum())
    if effective < LEAST_EFFECTIVE:
        raise InputError(
            f"only {effective:.0f} of {len(weights)} draws explain these figures together",
            where="outcomes",
            remedy="Take more draws (--samples), fewer measurements, or check that sd_mm is not too small.",
        )
    return Posterior(
        weights=weights,
        effective=effective,
        beliefs=tuple(_believe(name, z, weights, evidence) for name, z in drivers.items()),
        surprise=_surprise(evidence),
    )


def weigh(log_likelihood: Floats) -> Floats:
    """Weights (N,) that add up to 1."""
    weights = np.exp(log_likelihood - np.max(log_likelihood))
    return np.asarray(weights / weights.sum())


def weighted_quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles of weighted draws (N,): where the summed weight passes each of ``shares``."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(shares, passed, values[order]))


def _believe(name: str, z: Floats, weights: Floats, evidence: Sequence[Evidence]) -> Belief:
    mean = float(weights @ z)
    low, high = weighted_quantiles(z, weights, (0.1, 0.9))
    strength = {
        label: abs(float(np.corrcoef(z, one.predicted_mm[:, column])[0, 1]))
        for one in evidence
        for column, label in enumerate(one.labels)
    }
    told = [
        label
        for label in sorted(strength, key=strength.__getitem__, reverse=True)
        if strength[label] >= _TELLING
    ]
    return Belief(
        name=name,
        mean=mean,
        sd=float(np.sqrt(weights @ (z - mean) ** 2)),
        low10=float(low),
        high90=float(high),
        told_by=tuple(told),
    )


def _surprise(evidence: Sequence[Evidence]) -> float:
    """Share of expected outcomes nearer to the middle than the data, by a normal of the draws' spread."""
    observed = np.concatenate([one.observed_mm for one in evidence])
    predicted = np.concatenate([one.predicted_mm for one in evidence], axis=1)
    doubt = np.concatenate([one.doubt_mm.mean(axis=0) for one in evidence])
    apart = predicted - predicted.mean(axis=0)
    spread = apart.T @ apart / len(apart) + np.diag(doubt**2)
    off = observed - predicted.mean(axis=0)
    return float(chi2.cdf(off @ np.linalg.solve(spread, off), len(off)))
