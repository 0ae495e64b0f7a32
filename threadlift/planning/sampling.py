"""Many faces like this one: tissue, pull, slip, position, model and retention drawn from their spreads.

The lift of a sample at a landmark is

    | sum over threads of  carried tension x unit response x retained share |  x tissue x ligaments x model

where the tissue factor is a product of powers of the tissue parameters (fitted to the whole-face model), and
a thread carries its pull or what it holds, whichever is less. The spread between studies is one draw a
sample, common to all threads and months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.planning.assumption import Assumptions, load_assumptions
from threadlift.planning.plan import PlannedThread
from threadlift.threads import Anchoring, ThreadKind, sample_retention
from threadlift.tissue import UnitResponses
from threadlift.tissue.sensitivity import lift_factors, sample_factors

Values = NDArray[np.float64]
Group = tuple[str, Anchoring]


@dataclass(frozen=True, eq=False)
class LiftSamples:
    """Samples (N) of the lift at landmarks (p), before retention, by group of material and anchoring.

    ``now_mm`` maps a group to (N, p, 3); ``carried_n`` and ``slips`` (N, k) belong to ``threads`` (k) on
    their ``sides``;
    ``threshold_mm`` and ``descent_mm_per_year`` (N,) are what counts as visible and how the face sags on.
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


def draw_lift(
    threads: Sequence[PlannedThread],
    kinds: Mapping[str, ThreadKind],
    responses: UnitResponses,
    landmarks: Sequence[str],
    *,
    position_sd_mm: float,
    model_sd_ln: float,
    samples: int,
    seed: int,
) -> LiftSamples:
    """Draw ``samples`` lifts of lifting ``threads`` (in the order of ``responses``) at ``landmarks``.

    ``position_sd_mm`` is the position uncertainty of the face, ``model_sd_ln`` the error of the linear model.
    """
    assumptions = load_assumptions()
    rng = np.random.default_rng(seed)
    asked, held = _draw_forces(threads, kinds, assumptions, rng, samples)
    carried = np.minimum(asked, held)
    columns = [responses.landmarks.index(name) for name in landmarks]
    unit = responses.point_mm_per_n[:, columns]
    factor = _draw_factor(landmarks, position_sd_mm, model_sd_ln, assumptions, rng, samples)
    groups: dict[Group, list[int]] = {}
    for index, thread in enumerate(threads):
        groups.setdefault((kinds[thread.kind].material, thread.anchoring), []).append(index)
    spreads = assumptions.spreads
    threshold, low, high = spreads["visible_change"]["mm"]
    descent, slow, fast = spreads["natural_descent"]["mm_per_year"]
    return LiftSamples(
        landmarks=tuple(landmarks),
        threads=tuple(thread.id for thread in threads),
        sides=tuple(thread.side for thread in threads),
        now_mm={
            group: np.einsum("nk,kpx->npx", carried[:, own], unit[own]) * factor[:, :, None]
            for group, own in groups.items()
        },
        carried_n=carried,
        slips=asked > held,
        study_effect=rng.standard_normal(samples),
        threshold_mm=rng.triangular(low, threshold, high, samples),
        descent_mm_per_year=rng.triangular(slow, descent, fast, samples),
        seed=seed,
    )


def _draw_forces(
    threads: Sequence[PlannedThread],
    kinds: Mapping[str, ThreadKind],
    assumptions: Assumptions,
    rng: np.random.Generator,
    samples: int,
) -> tuple[Values, Values]:
    """Pull asked of each thread and what it holds, N, both (N, k)."""
    pull, hold = assumptions.spreads["spread_tension"], assumptions.spreads["spread_holding"]
    planned = np.array([thread.tension_n for thread in threads])
    mean, sd = np.array([kinds[thread.kind].holding_force_n or (0.0, 0.0) for thread in threads]).T
    asked = planned * np.exp(pull["sd_ln"] * _partly_shared(pull["shared"], rng, samples, len(threads)))
    held = mean + sd * _partly_shared(hold["shared"], rng, samples, len(threads))
    return asked, np.maximum(held, hold["lowest_n"])


def _partly_shared(share: float, rng: np.random.Generator, samples: int, count: int) -> Values:
    """Standard normal draws (N, k), of whose variance ``share`` is common to all k."""
    common, own = rng.standard_normal((samples, 1)), rng.standard_normal((samples, count))
    return np.asarray(np.sqrt(share) * common + np.sqrt(1 - share) * own)


def _draw_factor(
    landmarks: Sequence[str],
    position_sd_mm: float,
    model_sd_ln: float,
    assumptions: Assumptions,
    rng: np.random.Generator,
    samples: int,
) -> Values:
    """Tissue, ligaments, linearisation and position together: a factor (N, p) on every lift."""
    spreads = assumptions.spreads
    tissue = sample_factors(samples, seed=int(rng.integers(2**31)))
    common = lift_factors(tissue, spreads["spread_tissue"]["quantity"])
    ligament = spreads["spread_ligament"]
    common = common * rng.triangular(ligament["low"], ligament["low"], ligament["high"], samples)
    common = common * np.exp(model_sd_ln * rng.standard_normal(samples))
    apart = spreads["spread_registration"]["per_mm"] * position_sd_mm
    return np.asarray(common[:, None] * np.exp(apart * rng.standard_normal((samples, len(landmarks)))))
