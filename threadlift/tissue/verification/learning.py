"""Figures on the reduced model and on learning from outcomes, on half a synthetic face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from threadlift.tissue.learning.calibration import Calibration, World, calibrate
from threadlift.tissue.model import TissueModel
from threadlift.tissue.parameter import TissueParameters, nominal_parameters
from threadlift.tissue.reduced import ReducedPlan, draw_logs, prior_spread, reduce_plan, reduction_error
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads, thickened
from threadlift.tissue.verification.figure import Figure, at_least, at_most, shown

Floats = NDArray[np.float64]
REDUCED, LEARNING = "Reduced model", "Learning from outcomes"
MEASURED = ("jowl_l", "mar_l", "ma_l")
UNSEEN = "nlf_l"
PLACES = (*MEASURED, UNSEEN)
FULL_SOLVES, DRAWS, PEOPLE = 20, 4000, 500
PULL_SD_LN, MEASURING_SD_MM = 0.35, 0.3
_FARTHEST = 0.006  # share of the prior left out at each end of the compared parameters


@cache
def reduced_demonstration() -> ReducedPlan:
    """Four threads on the left of the synthetic face."""
    anatomy = demonstration_anatomy()
    model = TissueModel(anatomy, nominal_parameters(), pieces="halves")
    return reduce_plan(model, four_threads(anatomy, "left"), PLACES)


def full_lift(factors: Mapping[str, float], places: Sequence[str] = PLACES) -> Floats:
    """Lift (places,) in mm by the full model with every parameter times its factor: another mesh where
    layers are thicker, threads laid again, barbs sharing anew."""
    anatomy = thickened(demonstration_anatomy(), factors)
    lift = TissueModel(anatomy, changed_parameters(factors), pieces="halves").lift(
        four_threads(anatomy, "left")
    )
    return np.array([lift.point(name).total_mm for name in places])


def changed_parameters(factors: Mapping[str, float]) -> TissueParameters:
    """The nominal parameters times ``factors``, thickness left to the anatomy."""
    own = {"base_factor", "ligament_load"}
    plain = {
        name: value for name, value in factors.items() if name not in own and not name.startswith("thickness")
    }
    changed = nominal_parameters().times(**plain, density=factors.get("ligament_load", 1.0))
    hold = factors.get("base_factor", 1.0)
    base = {
        kind: pair if kind == "bone" else (pair[0] * hold, pair[1] * hold)
        for kind, pair in changed.base.items()
    }
    return replace(changed, base=base)


def reduction_errors(samples: int, seed: int = 5) -> Floats:
    """Logarithm of reduced over full lift (samples, places) over the prior."""
    spread = prior_spread()
    count = 2 ** int(np.ceil(np.log2(samples)))
    unit = qmc.Sobol(len(spread), rng=seed).random(count)[:samples]
    logs = norm.ppf(unit.clip(_FARTHEST, 1 - _FARTHEST)) * np.array(list(spread.values()))
    reduced = reduced_demonstration()
    carried = np.ones((samples, len(reduced.thread_ids)))
    moved = np.linalg.norm(reduced.lifts(logs, carried).sum(axis=1), axis=2)
    full = np.array([full_lift(dict(zip(spread, np.exp(row).tolist(), strict=True))) for row in logs])
    return np.asarray(np.log(moved / full))


def reduction_figures(samples: int = FULL_SOLVES) -> list[Figure]:
    """Reduced against full model over the prior. Some seconds for every full solve."""
    reduced = reduced_demonstration()
    nominal = np.linalg.norm(reduced.nominal_mm(np.ones(len(reduced.thread_ids))), axis=1)
    off = float(np.abs(np.log(nominal / full_lift({}))).max())
    errors = reduction_errors(samples)
    error = np.sqrt((errors**2).mean(axis=0))
    count = f"{samples} full solves over the prior"
    figures = [at_most(REDUCED, "nominal tissue: largest error of a lift", off, 1e-3)]
    for name, value in zip(PLACES, map(float, error), strict=True):
        figures.append(
            at_most(
                REDUCED, f"root mean square error of the lift at {name}, {count}", value, reduction_error()
            )
        )
    worst = f"{100 * float(np.expm1(np.abs(errors).max())):.1f} %"
    return [*figures, shown(REDUCED, f"largest error, {count}", worst, "shown")]


def learning_calibration(draws: int = DRAWS, people: int = PEOPLE, seed: int = 3) -> Calibration:
    """Made-up people with three places measured on the day, and a fourth predicted."""
    world, others = _world(draws, seed), _world(people, seed + 1)
    return calibrate(world, others, sd_mm=MEASURING_SD_MM, place_sd_ln=reduction_error(), seed=seed + 2)


def _world(count: int, seed: int) -> World:
    reduced = reduced_demonstration()
    logs = draw_logs(count, seed)
    pull = np.random.default_rng(seed + 1000).standard_normal(count)
    carried = np.exp(PULL_SD_LN * pull)[:, None] * np.ones((1, len(reduced.thread_ids)))
    moved = np.linalg.norm(reduced.lifts(logs, carried).sum(axis=1), axis=2)
    drivers = {name: logs[:, i] / sd for i, (name, sd) in enumerate(prior_spread().items())}
    columns = [PLACES.index(name) for name in MEASURED]
    return World(drivers | {"pull": pull}, moved[:, columns], moved[:, PLACES.index(UNSEEN)])


def learning_figures() -> list[Figure]:
    """Coverage of 80 % intervals over made-up people. About ten seconds."""
    found = learning_calibration()
    low, high = found.limits()
    (worst, least), *_, (widest, most) = sorted(found.coverage.items(), key=lambda item: item[1])
    unseen = found.coverage["unseen lift"]
    uneven = max(found.unevenness(name) for name in found.coverage)
    reach = f"80 % shows as {100 * low:.1f} to {100 * high:.1f} % in {found.people} people"
    figures = [
        at_least(LEARNING, f"least coverage of an 80 % interval ({worst}); {reach}", least, 0.75),
        at_most(LEARNING, f"largest coverage ({widest})", most, 0.85),
        at_least(LEARNING, "coverage of the lift at a place not measured, at least", unseen, 0.75),
        at_most(LEARNING, "coverage of the lift at a place not measured, at most", unseen, 0.85),
        at_most(LEARNING, "rank histograms: largest chi-square per degree of freedom", uneven, 3.0),
    ]
    for name in ("pull", "young_skin", "unseen lift"):
        counts = np.histogram(found.ranks[name], bins=10, range=(0.0, 1.0))[0]
        figures.append(shown(LEARNING, f"ranks of {name}, ten bins", " ".join(map(str, counts)), "50 each"))
    figures.append(shown(LEARNING, "effective draws in the middle", f"{found.effective:.0f}", f"of {DRAWS}"))
    return figures
