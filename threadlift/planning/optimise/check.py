"""The exact model's word on a plan: lift at the wishes, and every limit that the plan passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.face.face import Vectors
from threadlift.planning.cable import cables_of
from threadlift.planning.excess import Excess, find_excess
from threadlift.planning.optimise.reading import Reading
from threadlift.planning.path import ResolvedThread
from threadlift.planning.plan import Plan
from threadlift.planning.proposal import load_proposal_data
from threadlift.tissue import Lift, TissueModel
from threadlift.tissue.domain import Extent
from threadlift.tissue.strain import principal_directions, strain_row

Floats = NDArray[np.float64]
MOUTH = ("ch_l", "ch_r")


@dataclass(frozen=True, eq=False)
class Checked:
    """A plan computed exactly. ``unit_mm`` (threads, landmarks of the lift, 3) is the lift of each thread
    alone at 1 N, ``secant_n_per_mm`` the stiffness of the ligament pieces of ``extents`` under this pull."""

    plan: Plan
    lift: Lift
    excess: tuple[Excess, ...]
    landmarks: tuple[str, ...]
    unit_mm: Floats
    secant_n_per_mm: Floats
    extents: tuple[Extent, ...]

    def unit_motion(self, landmark: str) -> Floats:
        """Motion (threads, 3) of a landmark by each thread alone at 1 N."""
        if landmark not in self.landmarks:
            return np.zeros((len(self.unit_mm), 3))
        return np.asarray(self.unit_mm[:, self.landmarks.index(landmark)])

    @property
    def mouth_mm(self) -> float:
        """The larger motion of the two corners of the mouth."""
        return max(float(np.linalg.norm(motion_of(self.lift, name))) for name in MOUTH)


@dataclass(frozen=True, eq=False)
class Cut:
    """A limit found by the exact model, as a row (3 n,) whose reading of the checked plan is ``value``."""

    row: Floats
    value: float
    limit: float
    skin: bool


def motion_of(lift: Lift, landmark: str) -> Vectors:
    """Motion (3,) of a landmark, mm; zero where it is not modelled."""
    for point in lift.points:
        if point.landmark == landmark:
            sideways = -point.lateral_mm if point.side == "right" else point.lateral_mm
            return np.array([sideways, point.up_mm, point.forward_mm])
    return np.zeros(3)


def check_exactly(plan: Plan, threads: Sequence[ResolvedThread], model: TissueModel) -> Checked:
    """Lift, limits and unit lifts of ``plan`` with its own barb forces and its own slack ligaments."""
    cables, _ = cables_of(threads)
    lift = model.lift(cables)
    units = model.unit_responses(cables)
    pull = model.response(cables).pull(cables)
    extents: tuple[Extent, ...] = ("full",)
    if model.pieces == "halves":
        extents = tuple(dict.fromkeys(cable.side for cable in cables))
    return Checked(
        plan=plan,
        lift=lift,
        excess=tuple(find_excess(plan, lift, model.anatomy.face, load_proposal_data())),
        landmarks=units.landmarks,
        unit_mm=units.point_mm_per_n,
        secant_n_per_mm=pull.secant_stiffness_n_per_mm,
        extents=extents,
    )


def find_cuts(checked: Checked, reading: Reading, mouth_mm: float, model: TissueModel) -> list[Cut]:
    """One row for every limit that the plan passes and that less pull at the right place would keep.

    Stretch, bunching and motion are convex in the motion of the skin, so that the tangent at this plan's
    motion cuts off this plan and no plan that keeps the limit.
    """
    moved = checked.lift.displacement_mm * checked.lift.modelled[:, None]
    high, low = principal_directions(reading.planes, moved)
    found = []
    for excess in checked.excess:
        if excess.at_mm is None:
            continue
        weights = reading.patch(np.array(excess.at_mm))
        if excess.what == "beyond_large":
            row = _along(weights, weights @ moved)
            value, limit = excess.shown, excess.limit
        else:
            bunched = excess.what == "beyond_pucker"
            row = strain_row(reading.planes, weights, low if bunched else high) * (-1.0 if bunched else 1.0)
            value, limit = excess.shown / 100, excess.limit / 100
        found.append(Cut(row, value, limit, skin=True))
    for name in MOUTH:
        motion = motion_of(checked.lift, name)
        size = float(np.linalg.norm(motion))
        if size > 1.005 * mouth_mm:
            weights = reading.patch(model.anatomy.face.landmark(name))
            found.append(Cut(_along(weights, motion), size, mouth_mm, skin=False))
    return found


def _along(weights: Floats, motion: Vectors) -> Floats:
    direction = motion / max(float(np.linalg.norm(motion)), 1e-12)
    return np.asarray(np.outer(weights, direction).ravel())


def stacked(cuts: Sequence[Cut]) -> sparse.csr_array:
    """The rows of several cuts (r, 3 n)."""
    return sparse.csr_array(np.array([cut.row for cut in cuts]))
