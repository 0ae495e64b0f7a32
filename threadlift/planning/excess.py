"""Where a simulated lift leaves what the tissue model can answer for, and which techniques answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.face.face import Face, Vectors
from threadlift.face.surface import patch_weights
from threadlift.face.template import load_template
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.proposal import ProposalData
from threadlift.tissue import Lift
from threadlift.tissue.lift import PATCH_RADIUS_MM
from threadlift.tissue.validity import threshold_of

Values = NDArray[np.float64]
_MOST_PATCHES = 8  # worst places looked at for each measure; they lie at least half a patch apart


@dataclass(frozen=True)
class Excess:
    """One measure beyond its limit: ``what`` is the sentence that says it, ``ratio`` value over limit (> 1).

    ``techniques`` have threads near the place. ``falls_with_pull``: whether less pull helps at all.
    ``at_mm``: middle of the patch that was read, None for an entry that is dragged.
    """

    what: str
    ratio: float
    shown: float
    limit: float
    techniques: tuple[str, ...]
    falls_with_pull: bool = True
    at_mm: tuple[float, float, float] | None = None


def find_excess(plan: Plan, lift: Lift, face: Face, data: ProposalData) -> list[Excess]:
    """Every measure of ``lift`` beyond its limit, the worst first.

    Stretch, bunching and motion are means over patches of 5 mm radius away from the entries; at the entries
    it counts how far the skin is dragged against what the ends of the threads are lifted.
    """
    if not plan.threads:
        return []
    limit = data.limits["pull"]
    free = lift.modelled & (_distance_to_entries(plan, face) > limit["entry_mm"])
    most_mm = threshold_of("LIFT-LARGE")
    stretch = load_assumptions().spreads["validity"]["most_stretch_percent"]
    length = np.linalg.norm(lift.displacement_mm, axis=1)
    found = [
        *_patches("beyond_stretch", 100 * lift.strain_max, stretch, free, plan, face, limit["reach_mm"]),
        *_patches(
            "beyond_pucker",
            -100 * lift.strain_min,
            limit["most_bunching_percent"],
            free,
            plan,
            face,
            limit["reach_mm"],
        ),
        *_patches("beyond_large", length, most_mm, free, plan, face, limit["reach_mm"]),
        *_landmarks(lift, most_mm, plan, face, limit["reach_mm"]),
        *_drags(lift, plan, face, limit["least_drag_mm"], limit["most_drag_percent"]),
    ]
    return sorted((one for one in found if one.ratio > limit["slack"]), key=lambda one: -one.ratio)


def goal_lift_mm(lift: Lift, face: Face, place: str) -> float:
    """The computed lift at a place, mean over its sides, mm; 0 where nothing is modelled."""
    names = [name for name in (f"{place}_l", f"{place}_r", place) if name in face.landmarks_mm]
    read = {point.landmark: point.total_mm for point in lift.points}
    values = [read.get(name, 0.0) for name in names]
    return sum(values) / len(values) if values else 0.0


def _patches(
    what: str, field: Values, most: float, free: NDArray[np.bool_], plan: Plan, face: Face, reach_mm: float
) -> list[Excess]:
    """The worst patch over which the mean of ``field`` (n,) is beyond ``most``, if any."""
    value = np.where(free, field, 0.0)
    places: list[Vectors] = []
    worst, at = 0.0, np.zeros(3)
    for vertex in np.argsort(-value, kind="stable"):
        if value[vertex] <= most or len(places) == _MOST_PATCHES:
            break
        place = face.vertices_mm[vertex]
        if all(np.linalg.norm(place - other) > PATCH_RADIUS_MM / 2 for other in places):
            places.append(place)
            mean = float(
                patch_weights(face.vertices_mm, load_template().triangles, place, PATCH_RADIUS_MM) @ field
            )
            if mean > worst:
                worst, at = mean, place
    if worst <= most:
        return []
    near = _techniques_near(at, plan, face, reach_mm)
    return [Excess(what, worst / most, worst, most, near, at_mm=_triple(at))]


def _landmarks(lift: Lift, most_mm: float, plan: Plan, face: Face, reach_mm: float) -> list[Excess]:
    """Landmarks of the prediction whose computed lift is beyond what the model was compared for."""
    told: dict[str, Any] = dict.fromkeys(load_assumptions().spreads["schedule"]["landmarks"])
    found = []
    for point in lift.points:
        name = point.landmark.removesuffix("_l").removesuffix("_r")
        moved = point.total_mm
        if name in told and moved > most_mm:
            place = face.landmark(point.landmark)
            near = _techniques_near(place, plan, face, reach_mm)
            found.append(Excess("beyond_large", moved / most_mm, moved, most_mm, near, at_mm=_triple(place)))
    return found


def _drags(lift: Lift, plan: Plan, face: Face, least_mm: float, most_percent: float) -> list[Excess]:
    """Entries dragged much farther than the front of their threads is lifted on average.

    Both grow alike with the pull, so only fewer threads, another hold or another entry helps.
    """
    found = []
    by_entry: dict[tuple[str | None, str], list[PlannedThread]] = {}
    for thread in plan.threads:
        by_entry.setdefault((thread.technique, thread.side), []).append(thread)
    for (technique, _), threads in by_entry.items():
        drag = float(np.mean([_motion(lift, face, _point(thread, 0)) for thread in threads]))
        raised = float(np.mean([_raised_mm(lift, face, thread) for thread in threads]))
        share = 100 * drag / max(raised, 1e-9)
        if technique is not None and drag > least_mm and share > most_percent:
            found.append(
                Excess("beyond_drag", share / most_percent, share, most_percent, (technique,), False)
            )
    return found


def _triple(place: Vectors) -> tuple[float, float, float]:
    return (float(place[0]), float(place[1]), float(place[2]))


def _raised_mm(lift: Lift, face: Face, thread: PlannedThread) -> float:
    """What a thread lifts at its end or above its front barbs, a quarter of the way back, mm."""
    entry, end = _point(thread, 0), _point(thread, -1)
    return max(_motion(lift, face, end), _motion(lift, face, end + 0.25 * (entry - end)))


def _motion(lift: Lift, face: Face, place: Vectors) -> float:
    return float(np.linalg.norm(_patch(face, place) @ lift.displacement_mm))


def _patch(face: Face, place: Vectors) -> Values:
    return patch_weights(face.vertices_mm, load_template().triangles, place, PATCH_RADIUS_MM)


def _point(thread: PlannedThread, index: int) -> Vectors:
    return np.array(thread.path[index].at_mm, dtype=float)


def _distance_to_entries(plan: Plan, face: Face) -> Values:
    entries = [_point(thread, 0) for thread in plan.threads]
    return np.asarray(np.min([np.linalg.norm(face.vertices_mm - entry, axis=1) for entry in entries], axis=0))


def _techniques_near(place: Vectors, plan: Plan, face: Face, reach_mm: float) -> tuple[str, ...]:
    """Techniques with a thread within reach of the place, else that of the nearest thread; nearest first."""
    nearest: dict[str, float] = {}
    for thread in plan.threads:
        if thread.technique is not None:
            away = _distance_to_line(place, _point(thread, 0), _point(thread, -1))
            nearest[thread.technique] = min(away, nearest.get(thread.technique, np.inf))
    order: Sequence[str] = sorted(nearest, key=lambda name: nearest[name])
    return tuple(name for name in order if nearest[name] <= reach_mm) or tuple(order[:1])


def _distance_to_line(place: Vectors, start: Vectors, end: Vectors) -> float:
    along = end - start
    share = float(np.clip((place - start) @ along / max(float(along @ along), 1e-9), 0.0, 1.0))
    return float(np.linalg.norm(start + share * along - place))
