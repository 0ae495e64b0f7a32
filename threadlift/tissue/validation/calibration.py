"""Calibration: published figures turned into a posterior of the tissue parameters, kept in ``data``.

Exact runs of the model at the points of a small design give power laws (``surrogate``); the figures and their
doubt (``observation``) update the log-normal priors (``posterior``). Everything is deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.validation.cone import cone_block
from threadlift.tissue.validation.cone_nonlinear import stiffening_travel_mm
from threadlift.tissue.validation.level import face_levels
from threadlift.tissue.validation.observation import (
    CONE_LAW,
    Observation,
    fold_observation,
    geometry_spread,
    noise_matrix,
    suture_observations,
    trial_observation,
)
from threadlift.tissue.validation.posterior import Posterior, update
from threadlift.tissue.validation.prior import Prior, evidence, prior_parameters, priors
from threadlift.tissue.validation.surrogate import PowerLaw, design, fit_power_law, run_design

Floats = NDArray[np.float64]
Progress = Callable[[str], None]
RUNS = 40
SEED = 20261123
DATA_FILE = "calibration.toml"


@dataclass(frozen=True, eq=False)
class Calibration:
    """Power laws, observations and the posterior over the material parameters ``names``."""

    priors: tuple[Prior, ...]
    laws: Mapping[str, PowerLaw]
    observations: tuple[Observation, ...]
    geometry_mm: Mapping[str, float]
    geometry_sd_ln: float
    stiffening: Mapping[float, float]
    names: tuple[str, ...]
    posterior: Posterior

    def factor(self, name: str) -> float:
        """Posterior median of a parameter over its prior median."""
        return float(np.exp(self.posterior.mean[self.names.index(name)]))

    def predicted(self, observation: Observation, *, calibrated: bool) -> float:
        """What the laws say of an observation, before or after calibration."""
        law = self.laws[observation.law]
        shift = law.of(self.names) @ self.posterior.mean if calibrated else 0.0
        return float(np.exp(law.ln_value + observation.ln_offset + shift))


def calibrate(runs: int = RUNS, seed: int = SEED, progress: Progress = lambda stage: None) -> Calibration:
    """Run the designs and update the priors. Four to five minutes, most of it whole-face solves."""
    start = prior_parameters()
    progress("geometries of the suture's block")
    geometry_mm, geometry_sd_ln = geometry_spread(start)
    progress("the block with large deformation")
    stiffening = stiffening_factors(start)
    progress(f"{runs} blocks")
    laws = {CONE_LAW: cone_law(start, runs, seed)}
    progress(f"{runs} half faces")
    laws |= face_laws(start, [trial_observation().law, fold_observation().law], runs, seed)
    return conclude(laws, geometry_mm, geometry_sd_ln, stiffening)


def stiffening_factors(start: TissueParameters) -> dict[float, float]:
    """Nonlinear over linear motion of the block at each published load. Raises ``RuleDataError`` without a
    balance.
    """
    factors = {}
    for load, _ in evidence("cal_suture_pull").values["values"]:
        moved = stiffening_travel_mm(start, load)
        if moved is None:
            raise RuleDataError(f"no balance of the suture's block at {load:g} N")
        factors[float(load)] = moved / cone_block(start).pull(load).travel_mm
    return factors


def all_observations(geometry_sd_ln: float, stiffening: Mapping[float, float]) -> tuple[Observation, ...]:
    """Every figure that calibrates."""
    return (
        *suture_observations(geometry_sd_ln, stiffening),
        trial_observation(),
        fold_observation(),
    )


def cone_law(start: TissueParameters, runs: int, seed: int) -> PowerLaw:
    """Travel of the tissue at the cones per newton, as a power law. Half a second a run."""
    spread = {prior.name: prior.sd_ln for prior in priors()}
    logs = design(spread, runs, seed)

    def travel(factors: dict[str, float]) -> list[float]:
        return [cone_block(start.times(**factors)).pull(1.0).travel_mm]

    return fit_power_law(tuple(spread), logs, run_design(travel, tuple(spread), logs)[:, 0])


def face_laws(start: TissueParameters, names: Sequence[str], runs: int, seed: int) -> dict[str, PowerLaw]:
    """Lift at the place that moves most of each law, such as ``face ma/nlf``. Some 4 s a run."""
    spread = {prior.name: prior.sd_ln for prior in priors()}
    logs = design(spread, runs, seed)
    places = tuple(dict.fromkeys(place for name in names for place in _places(name)))
    lifts = run_design(lambda factors: face_levels(start, factors, places), tuple(spread), logs)
    return {
        name: fit_power_law(
            tuple(spread), logs, lifts[:, [places.index(place) for place in _places(name)]].max(axis=1)
        )
        for name in names
    }


def _places(law: str) -> list[str]:
    return law.removeprefix("face ").split("/")


def conclude(
    laws: Mapping[str, PowerLaw],
    geometry_mm: Mapping[str, float],
    geometry_sd_ln: float,
    stiffening: Mapping[float, float],
) -> Calibration:
    """The posterior from laws and observations: no run of the model, so it can be repeated cheaply."""
    observations = all_observations(geometry_sd_ln, stiffening)
    material = [prior for prior in priors() if prior.is_material]
    nuisance = {prior.name: prior.sd_ln for prior in priors() if not prior.is_material}
    names = tuple(prior.name for prior in material)
    posterior = update(
        prior_sd=np.array([prior.sd_ln for prior in material]),
        exponents=np.array([laws[one.law].of(names) for one in observations]),
        predicted=np.array([laws[one.law].ln_value + one.ln_offset for one in observations]),
        observed=np.array([one.ln_observed for one in observations]),
        noise=noise_matrix(observations, laws, nuisance),
    )
    return Calibration(
        priors=priors(),
        laws=dict(laws),
        observations=observations,
        geometry_mm=dict(geometry_mm),
        geometry_sd_ln=geometry_sd_ln,
        stiffening=dict(stiffening),
        names=names,
        posterior=posterior,
    )


@cache
def load_calibration() -> Calibration:
    """The calibration that was stored: laws and geometries are read, the posterior is concluded again.

    Raises ``RuleDataError`` when the stored laws do not cover the observations or the sampled parameters.
    """
    data = load_data("threadlift.tissue", DATA_FILE)
    laws = {entry["law"]: _law(entry) for entry in data["law"]}
    geometry_mm = {entry["geometry"]: entry["travel_mm_per_n"] for entry in data["geometry"]}
    geometry_sd_ln = data["fit"]["geometry_sd_ln"]
    stiffening = {entry["load_n"]: entry["factor"] for entry in data["stiffening_effect"]}
    missing = {one.law for one in all_observations(geometry_sd_ln, stiffening)} - set(laws)
    for law in laws.values():
        missing |= {prior.name for prior in priors()} - set(law.names)
    if missing:
        raise RuleDataError(
            f"tissue/data/{DATA_FILE} lacks {sorted(missing)[0]!r}",
            remedy="Run python scripts/calibrate_tissue.py.",
        )
    return conclude(laws, geometry_mm, geometry_sd_ln, stiffening)


def _law(entry: Mapping[str, Any]) -> PowerLaw:
    return PowerLaw(
        names=tuple(entry["exponents"]),
        ln_value=float(np.log(entry["value"])),
        exponents=np.array(list(entry["exponents"].values())),
        rest_sd_ln=entry["rest_sd_ln"],
        runs=entry["runs"],
    )
