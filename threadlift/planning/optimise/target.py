"""The wishes as rows of numbers, and whether a lift meets them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.planning.optimise.check import Checked, motion_of
from threadlift.planning.optimise.goal import Goal, optimiser_record
from threadlift.planning.optimise.reading import wish_direction
from threadlift.planning.optimise.robust import needed_lift, sample_lift_factors
from threadlift.tissue import Lift, TissueModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Target:
    """The wishes as rows: ``landmark`` with ``direction`` (3,), ``wish_mm``, ``needed_mm`` in the middle
    tissue, ``most_mm``."""

    landmarks: tuple[str, ...]
    names: tuple[str, ...]
    directions: Floats
    wish_mm: Floats
    needed_mm: Floats
    most_mm: Floats
    weight: Floats

    @classmethod
    def of(cls, goal: Goal, model: TissueModel, seed: int) -> Target:
        """The wishes of ``goal`` on the face of ``model``; a robust goal needs more than its wish."""
        pairs = [(wish, name) for wish in goal.lift for name in wish.landmarks()]
        names = tuple(name for _, name in pairs)
        wished = np.array([wish.mm for wish, _ in pairs])
        needed = wished
        if goal.robust:
            search = optimiser_record("search")
            factors = sample_lift_factors(names, int(search["robust_samples"]), seed)
            needed = needed_lift(wished, factors, search["robust_share"])
        return cls(
            landmarks=names,
            names=tuple(wish.direction for wish, _ in pairs),
            directions=np.array([wish_direction(wish, name, model.anatomy.face) for wish, name in pairs]),
            wish_mm=wished,
            needed_mm=needed,
            most_mm=np.array([wish.at_most_mm or np.inf for wish, _ in pairs]),
            weight=np.array([wish.weight for wish, _ in pairs]),
        )

    def reached(self, checked: Checked) -> Floats:
        """Lift (p,) that the exact model gives along each wish."""
        return self.read(checked.lift)

    def read(self, lift: Lift) -> Floats:
        """Lift (p,) along each wish."""
        motion = np.array([motion_of(lift, name) for name in self.landmarks])
        return np.asarray((motion * self.directions).sum(axis=1))

    def reached_alone(self, checked: Checked) -> Floats:
        """Lift (p, threads) of each thread alone at 1 N."""
        return np.array(
            [
                checked.unit_motion(name) @ way
                for name, way in zip(self.landmarks, self.directions, strict=True)
            ]
        )

    def is_met(self, lift_mm: Floats) -> bool:
        """Whether the lifts (p,) are as needed, within the tolerance of the record."""
        search = optimiser_record("search")
        slack = np.maximum(search["tolerance_mm"], search["tolerance_share"] * self.needed_mm)
        return bool((lift_mm >= self.needed_mm - slack).all() and (lift_mm <= self.most_mm + slack).all())
