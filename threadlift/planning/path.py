"""A planned thread resolved on one face: where it runs on the skin, how deep, and in which planes it may
lie.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy.control_point import raw_control_point
from threadlift.anatomy.placement import Anatomy
from threadlift.anatomy.plane import PLANES, Plane
from threadlift.anatomy.skin import inwards_at
from threadlift.anatomy.stack import Layering
from threadlift.face.face import Vectors
from threadlift.planning.clearance_rule import ClearanceRules, load_clearance_rules
from threadlift.planning.plan import PathPoint, Plan, PlannedThread

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
_SPARE = 0.95  # laying samples on the skin stretches some steps a little
POSSIBLE_SIGMAS = (
    1.64  # planes outside this many deviations of the layers hold less than one thread in twenty
)


@dataclass(frozen=True, eq=False)
class ResolvedThread:
    """One thread on one face, in k samples from entry to end.

    ``skin_mm`` (k, 3) on the skin, ``tissue_mm`` (k, 3) at depth, ``arc_mm`` and ``depth_mm`` (k,),
    ``order`` (k,) the plane in which each sample lies by its depth (7 = deeper than the tissue), ``given``
    (k,) whether the depth was given by hand. Between two samples, ``occupied`` (k-1, 7) holds the planes
    that the thread may enter and ``possible`` (k-1, 7) those that it may lie in if the layers of this face
    are off.
    """

    thread: PlannedThread
    skin_mm: Vectors
    tissue_mm: Vectors
    arc_mm: Numbers
    depth_mm: Numbers
    layers: Layering
    order: NDArray[np.int64]
    given: Flags
    occupied: Flags
    possible: Flags
    anchored: Flags
    off_skin_mm: tuple[float, ...]

    @property
    def length_mm(self) -> float:
        """Length of the path along the skin."""
        return float(self.arc_mm[-1])

    @property
    def entry_mm(self) -> Vectors:
        """Where the needle enters the skin (3,)."""
        entry: Vectors = self.skin_mm[0]
        return entry

    @property
    def end_mm(self) -> Vectors:
        """The skin above the far end (3,)."""
        end: Vectors = self.skin_mm[-1]
        return end


def resolve_plan(plan: Plan, anatomy: Anatomy) -> tuple[ResolvedThread, ...]:
    """Every thread of ``plan`` on the face of ``anatomy``; see ``resolve_thread``."""
    return tuple(resolve_thread(thread, anatomy) for thread in plan.threads)


def resolve_thread(
    thread: PlannedThread,
    anatomy: Anatomy,
    *,
    rules: ClearanceRules | None = None,
    step_mm: float | None = None,
) -> ResolvedThread:
    """Lay ``thread`` on the face of ``anatomy``.

    Its course follows the skin between waypoints; its depth is what the waypoints say, else the middle of
    its plane on this face. Points off the skin are laid on it and reported in ``off_skin_mm``; that is a
    finding, not an error. Raises ``InputError`` for a landmark that the face does not have.
    """
    rules = rules or load_clearance_rules()
    raw = np.array([_raw_point(point, thread, anatomy) for point in thread.path])
    hit = anatomy.skin.closest(raw)
    skin, triangle, bary, leg, share = _lay_on_skin(anatomy, hit.positions, step_mm or rules.path.step_mm)
    steps = np.linalg.norm(np.diff(skin, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    layers = anatomy.layers.at(triangle, bary)
    depth, given = _depths(thread, layers, leg, share)
    order = np.where(given, layers.plane_at(depth), thread.plane.order)
    inwards = inwards_at(anatomy.face, triangle, bary)
    possible = layers.planes_possible(depth, POSSIBLE_SIGMAS).T
    bite_mm = rules.limit("anchor_outside_window", "bite_mm")
    anchored = (arc[:-1] < bite_mm) & (thread.anchoring == "fixed")
    return ResolvedThread(
        thread=thread,
        skin_mm=skin,
        tissue_mm=skin + inwards * depth[:, None],
        arc_mm=arc,
        depth_mm=depth,
        layers=layers,
        order=order,
        given=given,
        occupied=_occupied(thread, arc, order, given, rules) | anchored[:, None],
        possible=possible[:-1] | possible[1:],
        anchored=anchored,
        off_skin_mm=tuple(float(distance) for distance in hit.distance),
    )


def _raw_point(point: PathPoint, thread: PlannedThread, anatomy: Anatomy) -> Vectors:
    if point.at_mm is not None:
        return np.array(point.at_mm, dtype=np.float64)
    assert point.landmark is not None
    offset = (point.offset_mm.lat, point.offset_mm.up, point.offset_mm.ant)
    return raw_control_point(anatomy.face, {point.landmark: 1.0}, offset, thread.side)


def _lay_on_skin(
    anatomy: Anatomy, stops: Vectors, step_mm: float
) -> tuple[Vectors, NDArray[np.int64], Vectors, NDArray[np.int64], Numbers]:
    """Samples along all legs with the leg each belongs to and its share (0 to 1) along that leg."""
    places, triangles, barys, legs, shares = [], [], [], [], []
    for number in range(len(stops) - 1):
        path = anatomy.skin.path(stops[number : number + 2], _SPARE * step_mm)
        start = 0 if number == 0 else 1
        places.append(path.positions[start:])
        triangles.append(path.triangle[start:])
        barys.append(path.bary[start:])
        legs.append(np.full(len(path.arc_mm) - start, number, dtype=np.int64))
        along = (
            path.arc_mm / path.length_mm if path.length_mm > 0 else np.linspace(0.0, 1.0, len(path.arc_mm))
        )
        shares.append(along[start:])
    return (
        np.vstack(places),
        np.concatenate(triangles),
        np.vstack(barys),
        np.concatenate(legs),
        np.concatenate(shares),
    )


def _depths(
    thread: PlannedThread, layers: Layering, leg: NDArray[np.int64], share: Numbers
) -> tuple[Numbers, Flags]:
    by_plane = layers.nominal_depth(thread.plane)
    stated = np.array([np.nan if point.depth_mm is None else point.depth_mm for point in thread.path])
    start, end = stated[leg], stated[leg + 1]
    depth = (1.0 - share) * np.where(np.isnan(start), by_plane, start) + share * np.where(
        np.isnan(end), by_plane, end
    )
    return depth, ~(np.isnan(start) & np.isnan(end))


def _occupied(
    thread: PlannedThread, arc: Numbers, order: NDArray[np.int64], given: Flags, rules: ClearanceRules
) -> Flags:
    """Planes (k-1, 7) that the thread may enter on its way from each sample to the next."""
    may_enter = np.zeros((len(PLANES), len(PLANES)), dtype=bool)
    for plane, rule in rules.planes.items():
        may_enter[plane.order, [entered.order for entered in rule.may_enter]] = True
    reached = np.minimum(order, len(PLANES) - 1)
    low, high = np.minimum(reached[:-1], reached[1:]), np.maximum(reached[:-1], reached[1:])
    columns = np.arange(len(PLANES))
    passed = (columns >= low[:, None]) & (columns <= high[:, None])
    # What a plan says of its plane counts even where a depth says otherwise: the worse of the two.
    passed[given[1:] | given[:-1], thread.plane.order] = True
    occupied: Flags = (passed.astype(int) @ may_enter.astype(int)) > 0
    on_the_way_in = arc[:-1] < rules.path.entry_ramp_mm
    occupied |= on_the_way_in[:, None] & (columns <= high[:, None])
    return occupied


def plane_of_order(order: int) -> Plane:
    """The plane of an order from ``ResolvedThread.order``; below the tissue counts as the deepest."""
    return PLANES[min(order, len(PLANES) - 1)]
