"""The threads of a plan against each other: sides, spacing, crossing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from threadlift.face.face import Vectors
from threadlift.finding import Finding, Where
from threadlift.planning.clearance_place import place_of
from threadlift.planning.clearance_rule import ClearanceRules
from threadlift.planning.path import ResolvedThread
from threadlift.planning.segment import near_pieces


def check_between(threads: tuple[ResolvedThread, ...], rules: ClearanceRules) -> Iterator[Finding]:
    """Findings about pairs of threads and about left and right."""
    yield from _check_sides(threads, rules)
    yield from _check_counterparts(threads, rules)
    for first, second in combinations(threads, 2):
        if abs(first.thread.plane.order - second.thread.plane.order) <= 1:
            yield from _check_pair(first, second, rules)


def _group(resolved: ResolvedThread) -> tuple[str, str, str]:
    thread = resolved.thread
    return (thread.technique or "free hand", thread.kind, thread.plane.value)


def _check_sides(threads: tuple[ResolvedThread, ...], rules: ClearanceRules) -> Iterator[Finding]:
    for group in sorted({_group(one) for one in threads}):
        left, right = (
            sum(_group(one) == group and one.thread.side == side for one in threads)
            for side in ("left", "right")
        )
        if left != right:
            yield rules.finding(
                "plan_one_sided",
                where=Where(side="left" if left > right else "right"),
                value=float(left),
                threshold=float(right),
                other=str(right),
                group=", ".join(group),
            )


def _check_counterparts(threads: tuple[ResolvedThread, ...], rules: ClearanceRules) -> Iterator[Finding]:
    """Each left thread against its nearest mirror image on the right; uneven numbers are another finding."""
    limit = rules.limit("plan_uneven", "limit_mm")
    for one in (thread for thread in threads if thread.thread.side == "left"):
        mirrored = [
            other for other in threads if other.thread.side == "right" and _group(other) == _group(one)
        ]
        if not mirrored:
            continue
        apart, nearest = min(
            ((_mirror_gap(one, other), other) for other in mirrored), key=lambda pair: pair[0]
        )
        if apart > limit:
            yield rules.finding(
                "plan_uneven",
                where=place_of(one),
                value=round(apart, 1),
                threshold=limit,
                unit="mm",
                thread=one.thread.id,
                other=nearest.thread.id,
            )


def _mirror_gap(left: ResolvedThread, right: ResolvedThread) -> float:
    flip = np.array([-1.0, 1.0, 1.0])
    ends = (left.entry_mm - flip * right.entry_mm, left.end_mm - flip * right.end_mm)
    return float(max(np.linalg.norm(end) for end in ends))


def _check_pair(first: ResolvedThread, second: ResolvedThread, rules: ClearanceRules) -> Iterator[Finding]:
    apart = rules.limit("threads_cross", "apart_mm")
    away = rules.limit("threads_cross", "from_entry_mm")
    inner = [
        np.flatnonzero((one.arc_mm[:-1] > away) & (one.arc_mm[1:] < one.length_mm)) for one in (first, second)
    ]
    if len(inner[0]) and len(inner[1]):
        a, b = inner
        crossing = near_pieces(
            first.skin_mm[a], first.skin_mm[a + 1], second.skin_mm[b], second.skin_mm[b + 1], apart
        )[0]
        if len(crossing) and _passes_through(first, second):
            yield rules.finding(
                "threads_cross",
                where=place_of(first, int(a[crossing[0]])),
                thread=first.thread.id,
                other=second.thread.id,
            )
            return
    limit = rules.limit("threads_close", "limit_mm")
    for one, other in ((first, second), (second, first)):
        distance = _end_to_path(one.end_mm, other)
        if distance < limit:
            yield rules.finding(
                "threads_close",
                where=place_of(one, -1, distance),
                value=round(distance, 1),
                threshold=limit,
                unit="mm",
                thread=one.thread.id,
                other=other.thread.id,
            )
            return


def _passes_through(first: ResolvedThread, second: ResolvedThread) -> bool:
    """Whether the threads swap sides, rather than run along each other: their ends lie on opposite sides."""
    start, way = first.entry_mm, first.end_mm - first.entry_mm
    out = _outwards(first)
    entry, end = (float(np.cross(way, at - start) @ out) for at in (second.entry_mm, second.end_mm))
    return entry * end < 0.0


def _outwards(resolved: ResolvedThread) -> Vectors:
    middle = len(resolved.skin_mm) // 2
    out: Vectors = resolved.skin_mm[middle] - resolved.tissue_mm[middle]
    return out


def _end_to_path(end: Vectors, other: ResolvedThread) -> float:
    here = end[None]
    return float(near_pieces(here, here, other.skin_mm[:-1], other.skin_mm[1:], 1e3)[2].min())
