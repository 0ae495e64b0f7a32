"""Wishes that hold in most sampled tissues.

A sample multiplies each lift by a factor of its own for each landmark (the fitted power law in the tissue
parameters). Wish p then needs a lift of wish_p / F_sp in the middle tissue. Each wish is asked for at the
same quantile of its own needs, and that quantile is raised until the samples in which *all* wishes hold are
as many as asked for. For one wish this is exact; for several it is safe and may ask for a little more than
the cheapest way to keep it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.sensitivity import lift_exponents, lift_factors, sample_factors

Floats = NDArray[np.float64]
_QUANTITIES = ("jowl", "mar", "ma", "nlf")


def sample_lift_factors(landmarks: Sequence[str], samples: int, seed: int) -> Floats:
    """Factors (samples, p) on the lift at each landmark, 1 for the middle tissue."""
    tissue = sample_factors(samples, seed)
    by_name = {}
    for name in {landmark.removesuffix("_l").removesuffix("_r") for landmark in landmarks}:
        quantity = name if name in _QUANTITIES and lift_exponents(name) else "mean"
        by_name[name] = lift_factors(tissue, quantity)
    return np.stack([by_name[name.removesuffix("_l").removesuffix("_r")] for name in landmarks], axis=1)


def needed_lift(wish_mm: Floats, factors: Floats, share: float) -> Floats:
    """Lift (p,) in the middle tissue so that all wishes (p,) hold together in ``share`` of the samples (s,
    p)."""
    needs = np.sort(wish_mm / factors, axis=0)
    for rank in range(int(np.ceil(share * len(factors))) - 1, len(factors)):
        needed = needs[rank]
        if (needed * factors >= wish_mm * (1 - 1e-12)).all(axis=1).mean() >= share - 1e-12:
            return np.asarray(needed)
    return np.asarray(needs[-1])
