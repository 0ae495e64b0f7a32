"""Fit the power law of ``tissue/data/sensitivity.toml`` again: lift of four threads over sampled parameters.

    python benchmarks/tissue_sensitivity.py [samples]

Half a face per sample, about 4 s each. Threads follow the layers: thickness is scaled on the anatomy.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import norm, qmc

from threadlift.tissue import nominal_parameters, parameter_spread
from threadlift.tissue.model import TissueModel
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads, thickened

POINTS = ("jowl_l", "mar_l", "ma_l", "nlf_l")


def lifts(factors: dict[str, float]) -> np.ndarray:
    """Lift in mm at ``POINTS`` with the nominal parameters times ``factors``."""
    anatomy = thickened(demonstration_anatomy(), factors)
    plain = {name: value for name, value in factors.items() if not name.startswith("thickness")}
    model = TissueModel(anatomy, nominal_parameters().times(**plain), pieces="halves")
    lift = model.lift(four_threads(anatomy, "left"))
    return np.array([lift.point(name).total_mm for name in POINTS])


def main() -> None:
    """Print exponents, the quality of the fit and the spread of each point."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    spread = parameter_spread()
    names = list(spread)
    unit = qmc.Sobol(len(names), seed=1).random(count)
    logs = norm.ppf(unit.clip(0.01, 0.99)) * np.array(list(spread.values()))
    answers = np.log([lifts(dict(zip(names, np.exp(row).tolist(), strict=True))) for row in logs])
    for point, answer in [*zip(POINTS, answers.T, strict=True), ("mean", answers.mean(axis=1))]:
        design = np.column_stack([np.ones(count), logs])
        fit = np.linalg.lstsq(design, answer, rcond=None)[0]
        rest = answer - design @ fit
        share = {name: round(float(value), 2) for name, value in zip(names, fit[1:], strict=True)}
        print(point, f"{np.exp(fit[0]):.2f} mm; sd ln {answer.std():.2f}; fit leaves {rest.std():.3f}", share)


if __name__ == "__main__":
    main()
