"""Gaussian update of logarithms of parameters by measured quantities.

With theta = ln(p / p0) ~ N(0, P), observations y = a + B theta + noise, noise ~ N(0, R):

    S = B P B^T + R,   K = P B^T S^-1,   mean = K (y - a),   covariance = P - K B P

``R`` holds the doubt of each observation (measurement, what the model cannot know, what the power law leaves)
and what several observations share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Posterior:
    """Mean (k,) and covariance (k, k) of ln(p / p0); ``misfit`` is chi-square of the observations before the
    update, ``left`` (m,) the residual y - a - B mean after it."""

    mean: Floats
    covariance: Floats
    misfit: float
    left: Floats

    @property
    def sd(self) -> Floats:
        """Posterior standard deviation of each parameter's logarithm (k,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def update(
    prior_sd: Floats, exponents: Floats, predicted: Floats, observed: Floats, noise: Floats
) -> Posterior:
    """Posterior from ``exponents`` B (m, k), ``predicted`` a and ``observed`` y (m,), ``noise`` R (m, m).

    Raises ``InputError`` for a noise that is not symmetric and positive definite.
    """
    if not np.allclose(noise, noise.T) or (np.linalg.eigvalsh(noise) <= 0).any():
        raise InputError("the noise must be symmetric and positive definite", where="calibration")
    prior = np.diag(prior_sd**2)
    spread = exponents @ prior @ exponents.T + noise
    gain = prior @ exponents.T @ np.linalg.inv(spread)
    apart = observed - predicted
    mean = gain @ apart
    covariance = prior - gain @ exponents @ prior
    return Posterior(
        mean=mean,
        covariance=(covariance + covariance.T) / 2,
        misfit=float(apart @ np.linalg.solve(spread, apart)),
        left=apart - exponents @ mean,
    )
