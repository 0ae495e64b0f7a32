"""Measured lifts beside what the model says to each of many draws of its unknowns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError

Floats = NDArray[np.float64]
_FARTHEST = (
    4.0  # standard deviations beyond the extremes of the draws at which a figure is no outcome of the plan
)
_EXTREMES = (0.001, 0.999)


@dataclass(frozen=True, eq=False)
class Evidence:
    """``labels`` (m,) of measurements ``observed_mm`` with their error ``sd_mm`` (m,), and what the model
    predicts for every draw: ``predicted_mm`` (N, m), before the error of place.

    ``place_sd_ln`` is that error, the spread of the logarithm at each place apart; it is taken up by the
    likelihood exactly (to first order), so that no draws are spent on it.
    """

    labels: tuple[str, ...]
    observed_mm: Floats
    sd_mm: Floats
    predicted_mm: Floats
    place_sd_ln: float

    def __post_init__(self) -> None:
        count = len(self.labels)
        if self.observed_mm.shape != (count,) or self.sd_mm.shape != (count,):
            raise InputError("every measurement needs its value and error", where="outcomes")
        if self.predicted_mm.ndim != 2 or self.predicted_mm.shape[1] != count:
            raise InputError("every draw needs a prediction for each measurement", where="outcomes")
        if not (np.isfinite(self.sd_mm).all() and (self.sd_mm > 0).all()):
            raise InputError("sd_mm must be above zero", where="outcomes")

    @property
    def doubt_mm(self) -> Floats:
        """Standard deviation (N, m) of a measurement around the prediction of a draw."""
        return np.asarray(np.hypot(self.sd_mm, self.place_sd_ln * self.predicted_mm))

    def log_likelihood(self) -> Floats:
        """Of each measurement in each draw (N, m): normal around the prediction."""
        apart = (self.observed_mm - self.predicted_mm) / self.doubt_mm
        return np.asarray(-0.5 * apart**2 - np.log(self.doubt_mm))

    def implausible(self) -> tuple[str, ...]:
        """Measurements beyond what this plan can do in any tissue, with the range that it can."""
        found = []
        low, high = np.quantile(self.predicted_mm, _EXTREMES, axis=0)
        least = low - _FARTHEST * np.hypot(self.sd_mm, self.place_sd_ln * low)
        most = high + _FARTHEST * np.hypot(self.sd_mm, self.place_sd_ln * high)
        for label, value, bottom, top in zip(self.labels, self.observed_mm, least, most, strict=True):
            if not bottom <= value <= top:
                found.append(f"{label} (expected {max(bottom, -50):.1f} to {top:.1f} mm)")
        return tuple(found)
