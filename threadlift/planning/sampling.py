"""Many faces like this one: tissue, pull, slip, position, model and retention drawn from their spreads.

The motion of a landmark in one sample is

    | sum over threads of  motion by this thread in this tissue x retained share |  x model x place

where the tissue (moduli, thickness of layers, hold of the base, ligaments and their load) acts through the
reduced model of this plan on this face, and a thread carries its pull or what it holds, whichever is less.
``model`` is the error of the linear model, ``place`` that of position and reduction, at each landmark apart.
The spread between studies of retention is one draw a sample, common to all threads and months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from threadlift.planning.assumption import load_assumptions
from threadlift.planning.plan import PlannedThread
from threadlift.threads import Anchoring, ThreadKind, sample_retention
from threadlift.tissue.reduced import draw_logs, prior_spread, reduction_error

Values = NDArray[np.float64]
Group = tuple[str, Anchoring]


class LiftModel(Protocol):
    """Threads on one face, in any tissue: ``threadlift.tissue.reduced.ReducedPlan``."""

    @property
    def thread_ids(self) -> tuple[str, ...]:
        """The lifting threads (k)."""

    @property
    def landmarks(self) -> tuple[str, ...]:
        """The places (p) at which it is read."""

    def lifts(self, logs: Values, carried_n: Values) -> Values:
        """What each thread adds (N, k, p, 3), mm, for logarithms of parameters (N, parameters) in the order
        of ``prior_spread`` and forces (N, k)."""


@dataclass(frozen=True, eq=False)
class LiftSamples:
    """Samples (N) of the lift at landmarks (p), before retention, by group of material and anchoring.

    ``now_mm`` maps a group to (N, p, 3); ``carried_n`` and ``slips`` (N, k) belong to ``threads`` (k) on
    their ``sides``. ``threshold_mm`` and ``descent_mm_per_year`` (N,) are what counts as visible and how the
    face sags on. ``drivers`` are the unknowns as standard normals, (N,) or (N, p) where they differ by place;
    ``place_sd_ln`` is the spread that the one called ``place`` makes.
    """

    landmarks: tuple[str, ...]
    threads: tuple[str, ...]
    sides: tuple[str, ...]
    now_mm: Mapping[Group, Values]
    carried_n: Values
    slips: NDArray[np.bool_]
    study_effect: Values
    threshold_mm: Values
    descent_mm_per_year: Values
    drivers: Mapping[str, Values]
    place_sd_ln: float
    seed: int

    def held_mm(
        self, months: Sequence[float], *, material: str | None = None, study_effect: Values | None = None
    ) -> Values:
        """What the threads hold at each landmark and month (N, months, p), as if all were ``material``."""
        effect = self.study_effect if study_effect is None else study_effect
        total = np.zeros((len(effect), len(months), len(self.landmarks), 3))
        for (own, anchoring), moved in self.now_mm.items():
            share = sample_retention(
                material or own,
                anchoring,
                months,
                samples=len(effect),
                seed=self.seed + 1,  # parameters of the same rank in every group: one body, one doctor
                study_effect=effect,
            )
            total += share[:, :, None, None] * moved[:, None]
        return np.asarray(np.linalg.norm(total, axis=3))

    def change_mm(self, months: Sequence[float]) -> Values:
        """Lift against today's face, with the natural descent that goes on: (N, months, p)."""
        years = np.asarray(months, dtype=float) / 12
        return self.held_mm(months) - (self.descent_mm_per_year[:, None] * years)[:, :, None]


@dataclass(frozen=True, eq=False)
class _Forces:
    """Pull asked of each thread and what it holds, N, with the standard normals behind both: all (N, k)."""

    asked_n: Values
    held_n: Values
    pull: Values
    hold: Values

    @property
    def carried_n(self) -> Values:
        return np.minimum(self.asked_n, self.held_n)


def draw_lift(
    threads: Sequence[PlannedThread],
    kinds: Mapping[str, ThreadKind],
    model: LiftModel,
    *,
    position_sd_mm: float,
    model_sd_ln: float,
    samples: int,
    seed: int,
    tissue: Values | None = None,
) -> LiftSamples:
    """Draw ``samples`` lifts of lifting ``threads`` (in the order of ``model``) at the model's landmarks.

    ``position_sd_mm`` is the position uncertainty of the face, ``model_sd_ln`` the error of the linear model.
    ``tissue`` are logarithms of parameters (N, parameters) that were drawn already, as for several faces that
    share them.
    """
    rng = np.random.default_rng(seed)
    forces = _draw_forces(threads, kinds, rng, samples)
    own = draw_logs(samples, seed=int(rng.integers(2**31)))
    logs = own if tissue is None else tissue
    each = model.lifts(logs, forces.carried_n)
    structure = rng.standard_normal(samples)
    place = rng.standard_normal((samples, len(model.landmarks)))
    misplaced = load_assumptions().spreads["spread_registration"]["per_mm"] * position_sd_mm
    place_sd_ln = float(np.hypot(misplaced, reduction_error()))
    factor = np.exp(model_sd_ln * structure[:, None] + place_sd_ln * place)
    spreads = load_assumptions().spreads
    threshold, low, high = spreads["visible_change"]["mm"]
    descent, slow, fast = spreads["natural_descent"]["mm_per_year"]
    study = rng.standard_normal(samples)
    weights = _leverage(each)
    return LiftSamples(
        landmarks=model.landmarks,
        threads=tuple(thread.id for thread in threads),
        sides=tuple(thread.side for thread in threads),
        now_mm={
            group: each[:, own].sum(axis=1) * factor[:, :, None]
            for group, own in _group(threads, kinds).items()
        },
        carried_n=forces.carried_n,
        slips=forces.asked_n > forces.held_n,
        study_effect=study,
        threshold_mm=rng.triangular(low, threshold, high, samples),
        descent_mm_per_year=rng.triangular(slow, descent, fast, samples),
        drivers={
            **{name: logs[:, i] / sd for i, (name, sd) in enumerate(prior_spread().items())},
            "pull": _at_places(forces.pull, weights),
            "hold": _at_places(forces.hold, weights),
            "model": structure,
            "place": place,
            "study": study,
        },
        place_sd_ln=place_sd_ln,
        seed=seed,
    )


def _group(threads: Sequence[PlannedThread], kinds: Mapping[str, ThreadKind]) -> dict[Group, list[int]]:
    """Positions of the threads by material and anchoring, which fade alike."""
    groups: dict[Group, list[int]] = {}
    for index, thread in enumerate(threads):
        groups.setdefault((kinds[thread.kind].material, thread.anchoring), []).append(index)
    return groups


def _leverage(each: Values) -> Values:
    """How much of the motion of each landmark each thread makes in the middle (k, p), adding up to 1."""
    size = np.median(np.linalg.norm(each, axis=3), axis=0)
    return np.asarray(size / np.maximum(size.sum(axis=0), 1e-12))


def _at_places(normal: Values, weights: Values) -> Values:
    """What normals of threads (N, k) come to at each place (N, p), of unit spread again."""
    mixed = normal @ weights
    return np.asarray(mixed / np.maximum(mixed.std(axis=0), 1e-12))


def _draw_forces(
    threads: Sequence[PlannedThread],
    kinds: Mapping[str, ThreadKind],
    rng: np.random.Generator,
    samples: int,
) -> _Forces:
    spreads = load_assumptions().spreads
    pull, hold = spreads["spread_tension"], spreads["spread_holding"]
    planned = np.array([thread.tension_n for thread in threads])
    mean, sd = np.array([kinds[thread.kind].holding_force_n or (0.0, 0.0) for thread in threads]).T
    pulled = _partly_shared(pull["shared"], rng, samples, len(threads))
    holding = _partly_shared(hold["shared"], rng, samples, len(threads))
    return _Forces(
        asked_n=planned * np.exp(pull["sd_ln"] * pulled),
        held_n=np.maximum(mean + sd * holding, hold["lowest_n"]),
        pull=pulled,
        hold=holding,
    )


def _partly_shared(share: float, rng: np.random.Generator, samples: int, count: int) -> Values:
    """Standard normal draws (N, k), of whose variance ``share`` is common to all k."""
    common, own = rng.standard_normal((samples, 1)), rng.standard_normal((samples, count))
    return np.asarray(np.sqrt(share) * common + np.sqrt(1 - share) * own)
