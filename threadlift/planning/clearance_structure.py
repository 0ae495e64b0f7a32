"""One thread against the danger structures: how far along the skin, and whether in the same plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy.plane import PLANES, Plane
from threadlift.anatomy.structure import PlacedStructure
from threadlift.finding import Finding, Status, Where
from threadlift.language import Text, figure
from threadlift.planning.clearance_rule import ClearanceRules
from threadlift.planning.path import ResolvedThread
from threadlift.planning.segment import near_pieces

Flags = NDArray[np.bool_]
_WEAKNESS = (Status.SOURCED, Status.DIGEST, Status.DERIVED, Status.ENGINEERING_CHOICE, Status.UNSOURCED)
DEPTH_DOUBT = {
    "sourced": Text(
        en="Depth of the structure measured: {shallow} to {deep} mm; the thread about {depth} mm.",
        vi="Độ sâu cấu trúc đã đo: {shallow} đến {deep} mm; sợi chỉ ở khoảng {depth} mm.",
    ),
    "unsourced": Text(
        en="Depth of the structure not measured in any source, taken as {shallow} to {deep} mm; "
        "the thread about {depth} mm.",
        vi="Độ sâu cấu trúc chưa có nguồn đo, tạm lấy {shallow} đến {deep} mm; sợi chỉ ở khoảng {depth} mm.",
    ),
}
PALPATE = Text(
    en="Mark the artery by pulse or Doppler first.", vi="Đánh dấu động mạch bằng mạch đập hoặc Doppler trước."
)
DOUBTFUL = Text(
    en="Its plane is uncertain here: it may lie in the thread's own.",
    vi="Lớp của cấu trúc ở đây không chắc chắn: có thể cùng lớp với chỉ.",
)
FLOAT = Text(
    en="The needle meets it on the way down to the anchor: leave the thread floating, or anchor elsewhere.",
    vi="Kim gặp cấu trúc này trên đường xuống điểm neo: để chỉ tự do, hoặc neo ở chỗ khác.",
)
NOTHING = Text(en=" ", vi=" ")
OVER = {
    True: Text(en="over", vi="phía trên"),
    False: Text(en="under", vi="phía dưới"),
}


@dataclass(frozen=True)
class _Meeting:
    """The worst place where a thread comes near a structure."""

    rule: str
    distance_mm: float
    piece: int
    of_course: int
    doubtful: bool
    within: bool


def check_structures(
    resolved: ResolvedThread, structures: tuple[PlacedStructure, ...], widen_mm: float, rules: ClearanceRules
) -> Iterator[Finding]:
    """A finding for each structure near the path: stop in its plane within the margin, else caution or note.

    ``widen_mm`` is added to every margin. Structures that are not near give nothing.
    """
    for structure in structures:
        meeting = find_meeting(resolved, structure, widen_mm)
        if meeting is not None:
            yield _report(resolved, structure, meeting, widen_mm, rules)


def find_meeting(resolved: ResolvedThread, structure: PlacedStructure, widen_mm: float) -> _Meeting | None:
    """Where thread and structure meet worst, or None when they stay apart."""
    course = structure.course
    reach = structure.corridor_half_width_mm + structure.caution_mm + widen_mm
    piece, of_course, distance, _ = near_pieces(
        resolved.skin_mm[:-1], resolved.skin_mm[1:], course.start_mm, course.end_mm, reach
    )
    if not len(piece):
        return None
    lies: Flags = _plane_table(structure.planes)
    may_lie: Flags = _plane_table(structure.doubtful_planes)
    segment = course.segment[of_course]
    same = np.asarray((lies[segment] & resolved.occupied[piece]).any(axis=1))
    doubtful = np.asarray((may_lie[segment] & resolved.occupied[piece]).any(axis=1))
    doubtful |= np.asarray(
        (lies[segment] & resolved.possible[piece] & resolved.given[piece, None]).any(axis=1)
    )
    within = distance <= structure.corridor_half_width_mm + structure.stop_mm + widen_mm
    rank = np.where(within & same, 0, np.where(within | same | doubtful, 1, 2))
    worst = int(np.lexsort((distance, rank))[0])
    if rank[worst] == 0:
        rule = "structure_in_plane"
    elif rank[worst] == 2:
        rule = "structure_beside_other_plane"
    else:
        rule = "structure_in_plane_near" if same[worst] else "structure_other_plane"
    return _Meeting(
        rule=rule,
        distance_mm=float(distance[worst]),
        piece=int(piece[worst]),
        of_course=int(of_course[worst]),
        doubtful=bool(doubtful[rank == rank[worst]].any() and not same[worst]),
        within=bool(within[worst]),
    )


def _plane_table(planes: tuple[frozenset[Plane], ...]) -> NDArray[np.bool_]:
    return np.array([[plane in lies for plane in PLANES] for lies in planes], dtype=np.bool_)


def _report(
    resolved: ResolvedThread,
    structure: PlacedStructure,
    meeting: _Meeting,
    widen_mm: float,
    rules: ClearanceRules,
) -> Finding:
    margin = structure.stop_mm if meeting.within else structure.caution_mm
    limit = structure.corridor_half_width_mm + margin + widen_mm
    segment = int(structure.course.segment[meeting.of_course])
    lies = structure.planes[segment]
    sample = meeting.piece
    highest = int(np.flatnonzero(resolved.occupied[sample]).max())
    return rules.finding(
        meeting.rule,
        where=Where(
            structure=structure.id,
            side=structure.side,
            thread=resolved.thread.id,
            distance_mm=round(meeting.distance_mm, 1),
            at_mm=_point(resolved.tissue_mm[sample]),
        ),
        value=round(meeting.distance_mm, 1),
        threshold=round(limit, 1),
        unit="mm",
        status=max(structure.status, structure.depth_status, key=_WEAKNESS.index),
        sources=structure.sources,
        thread=resolved.thread.id,
        structure=structure.name,
        injury=structure.consequence,
        distance=f"{meeting.distance_mm:.0f}",
        move=f"{np.ceil(limit - meeting.distance_mm):.0f}",
        free=_free_planes(lies, rules),
        over=OVER[highest < max(plane.order for plane in lies)],
        extra=_extra(resolved, structure, meeting),
        depth=_depth_words(resolved, structure, meeting),
    )


def _extra(resolved: ResolvedThread, structure: PlacedStructure, meeting: _Meeting) -> Text:
    if resolved.anchored[meeting.piece] and meeting.rule.startswith("structure_in_plane"):
        return FLOAT
    return PALPATE if structure.kind == "artery" and meeting.doubtful else NOTHING


def _depth_words(resolved: ResolvedThread, structure: PlacedStructure, meeting: _Meeting) -> Text:
    known = "sourced" if structure.depth_status in (Status.SOURCED, Status.DIGEST) else "unsourced"
    words = DEPTH_DOUBT[known].fill(
        shallow=f"{structure.course.shallow_mm[meeting.of_course]:.0f}",
        deep=f"{structure.course.deep_mm[meeting.of_course]:.0f}",
        depth=figure(resolved.depth_mm[meeting.piece], ".1f"),
    )
    if not meeting.doubtful:
        return words
    return Text(en=f"{DOUBTFUL.en} {words.en}", vi=f"{DOUBTFUL.vi} {words.vi}")


def _free_planes(lies: frozenset[Plane], rules: ClearanceRules) -> Text:
    """The deepest plane above the structure in which a thread cannot stray into it."""
    top = min(plane.order for plane in lies)
    above = [
        rule.name
        for plane, rule in rules.planes.items()
        if plane.order < top and not lies & set(rule.may_enter)
    ]
    return above[-1] if above else Text(en="none is", vi="không có lớp nào")


def _point(place: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 1) for value in place)
    return (x, y, z)
