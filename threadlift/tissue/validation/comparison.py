"""Published figures beside the model, before and after calibration, each with the spread of the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.validation.calibration import Calibration
from threadlift.tissue.validation.cone import cone_block
from threadlift.tissue.validation.cone_nonlinear import stiffening_travel_mm
from threadlift.tissue.validation.observation import Observation
from threadlift.tissue.validation.prior import evidence, prior_parameters

BAND_Z = 1.2816  # eight in ten


@dataclass(frozen=True)
class SuturePull:
    """One load of the published pull, and exact runs with either set of parameters.

    ``bent_*`` are those with large deformation and stiffening (before: as the calibration kept it); None
    where no balance is found.
    """

    load_n: float
    published_mm: float
    before_mm: float
    after_mm: float
    bent_before_mm: float
    bent_after_mm: float | None


def calibrated_parameters(found: Calibration) -> TissueParameters:
    """The nominal set with every calibrated parameter at its posterior median."""
    return prior_parameters().times(**{name: found.factor(name) for name in found.names})


def suture_pulls(found: Calibration) -> list[SuturePull]:
    """The four-cone suture at the published loads, linear and with stiffening. Half a minute."""
    then = calibrated_parameters(found)
    before, after = cone_block(prior_parameters()), cone_block(then)
    return [
        SuturePull(
            load_n=load,
            published_mm=moved,
            before_mm=before.pull(load).travel_mm,
            after_mm=after.pull(load).travel_mm,
            bent_before_mm=found.stiffening[load] * before.pull(load).travel_mm,
            bent_after_mm=stiffening_travel_mm(then, load),
        )
        for load, moved in evidence("cal_suture_pull").values["values"]
    ]


def spread_of(found: Calibration, one: Observation, *, calibrated: bool) -> float:
    """Standard deviation of ln of what the model says of ``one``: parameters, thickness, power law."""
    law = found.laws[one.law]
    exponents = law.of(found.names)
    if calibrated:
        material = exponents @ found.posterior.covariance @ exponents
    else:
        sd = np.array([prior.sd_ln for prior in found.priors if prior.is_material])
        material = (exponents**2) @ sd**2
    loose = [prior for prior in found.priors if not prior.is_material]
    thickness = (law.of([p.name for p in loose]) ** 2) @ np.array([p.sd_ln for p in loose]) ** 2
    return float(np.sqrt(material + thickness + law.rest_sd_ln**2))


def band(middle: float, sd_ln: float) -> tuple[float, float]:
    """Eight in ten of a log-normal around ``middle``."""
    return float(middle * np.exp(-BAND_Z * sd_ln)), float(middle * np.exp(BAND_Z * sd_ln))


def within_doubt(one: Observation, predicted: float, sd_ln: float) -> float:
    """How many standard deviations the figure and the model are apart, both doubts counted."""
    doubt = np.sqrt(one.shared_sd_ln**2 + one.own_sd_ln**2 + sd_ln**2)
    return float((one.ln_observed - np.log(predicted)) / doubt)
