"""A quantity as a power law in the tissue parameters, fitted to exact runs of the model.

    ln q = ln q0 + sum of b_i ln(p_i / p_i0) + rest

A small Sobol design over the prior spreads gives the exponents b by least squares; what the law leaves over
is kept as ``rest_sd_ln`` and counts as doubt wherever the law is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from threadlift.errors import InputError

Floats = NDArray[np.float64]
_CLIP = 0.02  # two standard deviations each way: far tails would bend the law where nobody is


@dataclass(frozen=True, eq=False)
class PowerLaw:
    """``ln_value`` at the nominal parameters and the ``exponents`` (k,) of ``names`` (k,)."""

    names: tuple[str, ...]
    ln_value: float
    exponents: Floats
    rest_sd_ln: float
    runs: int

    @property
    def value(self) -> float:
        """The quantity at the nominal parameters, as the law has it."""
        return float(np.exp(self.ln_value))

    def of(self, names: Sequence[str]) -> Floats:
        """Exponents of some of the parameters, in that order."""
        return np.array([self.exponents[self.names.index(name)] for name in names])


def design(spread: Mapping[str, float], runs: int, seed: int) -> Floats:
    """Logarithms of parameter factors (runs, k): the nominal point, then a Sobol set over the spreads."""
    if runs < len(spread) + 3:
        raise InputError(
            f"{runs} runs cannot fit {len(spread)} exponents", where="design", remedy="Ask for more runs."
        )
    sobol = qmc.Sobol(len(spread), seed=seed)
    unit = sobol.random_base2(int(np.ceil(np.log2(runs))))[: runs - 1]
    logs = norm.ppf(unit.clip(_CLIP, 1 - _CLIP)) * np.array(list(spread.values()))
    return np.vstack([np.zeros(len(spread)), logs])


def run_design(
    answer: Callable[[dict[str, float]], Sequence[float]], names: Sequence[str], logs: Floats
) -> Floats:
    """Answers (runs, q) of the exact model for factors exp(logs), one after another."""
    return np.array([answer(dict(zip(names, np.exp(row).tolist(), strict=True))) for row in logs])


def fit_power_law(names: Sequence[str], logs: Floats, values: Floats) -> PowerLaw:
    """Least squares of ln ``values`` (runs,) on ``logs`` (runs, k). Raises ``InputError`` for values <= 0."""
    if not (values > 0).all():
        raise InputError("a power law needs values above zero", where="surrogate")
    columns = np.column_stack([np.ones(len(logs)), logs])
    fitted = np.linalg.lstsq(columns, np.log(values), rcond=None)[0]
    rest = np.log(values) - columns @ fitted
    freedom = max(1, len(logs) - columns.shape[1])
    return PowerLaw(
        names=tuple(names),
        ln_value=float(fitted[0]),
        exponents=fitted[1:],
        rest_sd_ln=float(np.sqrt((rest**2).sum() / freedom)),
        runs=len(logs),
    )
