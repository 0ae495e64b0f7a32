"""A cheap surrogate for sampling: the lift as a power law in the tissue parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.files import load_data
from threadlift.tissue.parameter import parameter_spread

Floats = NDArray[np.float64]


def lift_exponents(quantity: str = "jowl") -> dict[str, float]:
    """Exponent of each parameter for ``jowl``, ``mar``, ``ma``, ``nlf``, ``mean`` or ``barb_travel``."""
    for entry in load_data("threadlift.tissue", "sensitivity.toml")["surrogate"]:
        if entry["quantity"] == quantity:
            return {name: float(value) for name, value in entry["exponents"].items()}
    raise InputError(f"no sensitivity of {quantity[:40]!r}", where="sensitivity")


def lift_factors(factors: Mapping[str, Floats], quantity: str = "jowl") -> Floats:
    """Factor (s,) on a nominal lift for samples of parameter factors (each (s,), 1 = nominal).

    Parameters without an exponent change nothing. The fit itself is good to about 5 %.
    """
    exponents = lift_exponents(quantity)
    total: Floats = np.zeros(len(next(iter(factors.values()))))
    for name, values in factors.items():
        total = total + exponents.get(name, 0.0) * np.log(values)
    return np.asarray(np.exp(total))


def sample_factors(count: int, seed: int) -> dict[str, Floats]:
    """Log-normal factors (count,) of every sampled parameter, cut at 2.5 standard deviations."""
    random = np.random.default_rng(seed)
    return {
        name: np.exp(sd * random.standard_normal(count).clip(-2.5, 2.5))
        for name, sd in parameter_spread().items()
    }
