"""A thread as the tissue model sees it: a cable with barbs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError

Floats = NDArray[np.float64]
Anchoring = Literal["fixed", "floating"]


@dataclass(frozen=True)
class CableThread:
    """One thread in the tissue, ready to be tensioned. Lengths in mm, forces in N.

    ``points_mm`` (k, 3) runs from the entry to the far end, at the thread's depth. ``tension_n`` is the pull
    at the entry. A *fixed* thread is tied to fascia or bone at the entry, which does not move; a *floating*
    one is held by ``rear_barbs_mm``, which face the other way. Barb positions are millimetres along the path
    from the entry. ``holding_force_n`` is the largest force that one row (all barbs facing one way) holds
    before it slips; ``axial_stiffness_n`` is Young's modulus times cross-section.
    """

    id: str
    side: Literal["left", "right"]
    points_mm: Floats
    tension_n: float
    axial_stiffness_n: float
    anchoring: Anchoring
    barbs_mm: tuple[float, ...]
    barb_stiffness_n_per_mm: float
    holding_force_n: float
    rear_barbs_mm: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        points = np.asarray(self.points_mm, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 3 or len(points) < 2 or not np.isfinite(points).all():
            raise InputError("the path needs at least two points of three finite numbers", where=self._where)
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        object.__setattr__(self, "points_mm", points[np.concatenate([[True], steps > 1e-9])])
        if len(self.points_mm) < 2:
            raise InputError("the path has no length", where=self._where)
        if not (np.isfinite(self.tension_n) and self.tension_n >= 0):
            raise InputError("tension must be zero or more (a cable only pulls)", where=self._where)
        for name in ("axial_stiffness_n", "barb_stiffness_n_per_mm", "holding_force_n"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise InputError(f"{name} must be above zero", where=self._where)
        self._check_barbs()

    def _check_barbs(self) -> None:
        if not self.barbs_mm:
            raise InputError("has no barbs: a smooth thread does not hold tissue", where=self._where)
        for row in (self.barbs_mm, self.rear_barbs_mm):
            if any(later <= earlier for earlier, later in pairwise(row)):
                raise InputError("barb positions must increase along the path", where=self._where)
        if min((*self.rear_barbs_mm, *self.barbs_mm)) < 0 or self.barbs_mm[-1] > self.length_mm + 1e-6:
            raise InputError("a barb lies off the path", where=self._where)
        if self.anchoring == "floating" and not self.rear_barbs_mm:
            raise InputError("a floating thread needs rear barbs to hold it", where=self._where)
        if self.rear_barbs_mm and self.rear_barbs_mm[-1] >= self.barbs_mm[0]:
            raise InputError("rear barbs must lie before the front barbs", where=self._where)

    @property
    def _where(self) -> str:
        return f"thread {self.id}"

    @property
    def length_mm(self) -> float:
        """Length of the path."""
        return float(np.linalg.norm(np.diff(self.points_mm, axis=0), axis=1).sum())

    def points_at(self, along_mm: Floats) -> Floats:
        """Points of the path at distances from the entry: (p, 3)."""
        steps = np.linalg.norm(np.diff(self.points_mm, axis=0), axis=1)
        arc = np.concatenate([[0.0], np.cumsum(steps)])
        return np.stack([np.interp(along_mm, arc, self.points_mm[:, i]) for i in range(3)], axis=1)


def spaced_barbs(first_mm: float, last_mm: float, count: int) -> tuple[float, ...]:
    """``count`` barb positions spread evenly from ``first_mm`` to ``last_mm``."""
    return tuple(float(place) for place in np.linspace(first_mm, last_mm, count))
