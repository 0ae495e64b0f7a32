"""A chosen technique on both sides of one face: kind of thread, its length against the path, and its hold.

A floating thread hangs on its rear barbs. What is longer than the path sticks out at the entry and is cut off
with the barbs on it, so a kind is taken whose length leaves them in the tissue, if need be with an entry
farther back in the hair; else the technique's threads are tied, where that is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from threadlift.anatomy import Anatomy
from threadlift.language import figure
from threadlift.planning.choice import Chosen
from threadlift.planning.plan import PlannedThread
from threadlift.planning.proposal import Adjustment, MaterialChoice, ProposalData
from threadlift.planning.sentence import Reason
from threadlift.planning.technique import (
    Anchoring,
    PairedSide,
    Technique,
    find_technique,
    path_point,
    place_point,
    place_technique,
)
from threadlift.screening.intake import Intake
from threadlift.threads import Catalogue, ThreadKind

SIDES: tuple[PairedSide, PairedSide] = ("left", "right")


@dataclass(frozen=True)
class Placed:
    """Threads of one technique on both sides, and what there is to say about them."""

    threads: tuple[PlannedThread, ...]
    reasons: tuple[Reason, ...]
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True)
class _Hold:
    """One kind and anchoring for all threads of a technique.

    ``trims_mm`` by which each path ends earlier, ``raise_mm`` by which their common entry lies farther back.
    """

    kind: ThreadKind
    anchoring: Anchoring
    trims_mm: tuple[float, ...]
    raise_mm: float = 0.0


def place_chosen(
    entry: Chosen,
    material: MaterialChoice,
    tension_n: float,
    intake: Intake,
    anatomy: Anatomy,
    catalogue: Catalogue,
    data: ProposalData,
) -> Placed:
    """The threads of one technique on both sides, all of one kind, with paths that the kind reaches over."""
    technique = entry.technique
    thick, reasons = _judge_skin(technique, material, intake, anatomy, data)
    drawn = [
        thread
        for side in SIDES
        for thread in place_technique(
            technique.id,
            anatomy.face,
            side,
            kind=material.kinds["standard"],
            count=entry.count,
            tension_n=tension_n,
        )
    ]
    paths_mm = [path_length_mm(thread, anatomy) for thread in drawn]
    kinds = _kinds(technique, material, catalogue, thick=thick)
    hold = _choose_hold(kinds, technique, paths_mm, data)
    span = f"{min(paths_mm):.0f}-{max(paths_mm):.0f}"
    if hold is None:
        hold, why = _makeshift_hold(kinds, technique, paths_mm, span, drawn, data)
        reasons += why
    elif hold.anchoring != technique.anchoring[0]:
        reasons.append(data.say("anchoring_fixed", technique=technique.name, kind=kinds[0].name, path=span))
    threads = [
        _fit(thread, trim_mm, hold, anatomy) for thread, trim_mm in zip(drawn, hold.trims_mm, strict=True)
    ]
    adjustments = _tell_trims(threads, hold, anatomy, data)
    return Placed(tuple(threads), tuple(reasons), tuple(adjustments))


def _tell_trims(
    threads: Sequence[PlannedThread], hold: _Hold, anatomy: Anatomy, data: ProposalData
) -> list[Adjustment]:
    """An adjustment for a raised entry and for each pair of threads that ends earlier than published."""
    half, told = len(threads) // 2, []
    if hold.raise_mm > 0:
        everyone = tuple(thread.id for thread in threads)
        technique = find_technique(threads[0].technique or "").name
        said = data.say("entry_raised", technique=technique, shift=figure(hold.raise_mm), kind=hold.kind.name)
        told.append(Adjustment(**said.model_dump(), threads=everyone))
    for left, right, trim_mm in zip(threads[:half], threads[half:], hold.trims_mm, strict=False):
        if trim_mm > 0:
            length = hold.kind.length_for(path_length_mm(left, anatomy)) or 0.0
            names = f"{left.id} / {right.id}"
            said = data.say("path_fitted", thread=names, shift=figure(trim_mm), length=figure(length))
            told.append(Adjustment(**said.model_dump(), threads=(left.id, right.id)))
    return told


def _fit(thread: PlannedThread, trim_mm: float, hold: _Hold, anatomy: Anatomy) -> PlannedThread:
    if trim_mm > 0:
        thread = shorten_thread(thread, trim_mm, anatomy)
    if hold.raise_mm > 0:
        thread = enter_farther_back(thread, hold.raise_mm, anatomy)
    return thread.model_copy(update={"kind": hold.kind.id, "anchoring": hold.anchoring})


def enter_farther_back(thread: PlannedThread, shift_mm: float, anatomy: Anatomy) -> PlannedThread:
    """The thread with its entry ``shift_mm`` farther from its end: from the temple, deeper in the hair."""
    entry, end = (np.array(thread.path[index].at_mm, dtype=float) for index in (0, -1))
    back = (entry - end) / np.linalg.norm(entry - end)
    moved = anatomy.skin.closest(entry + back * shift_mm).positions[0]
    return thread.model_copy(update={"path": (path_point(moved), thread.path[-1])})


def kinds_in_skin(
    technique: Technique,
    material: MaterialChoice,
    intake: Intake,
    anatomy: Anatomy,
    catalogue: Catalogue,
    data: ProposalData,
) -> list[ThreadKind]:
    """The kinds of a material that a technique may use in the skin of this person."""
    thick, _ = _judge_skin(technique, material, intake, anatomy, data)
    return _kinds(technique, material, catalogue, thick=thick)


def holds_over(kind: ThreadKind, anchoring: Anchoring, path_mm: float, data: ProposalData) -> bool:
    """Whether a thread of ``kind`` reaches over the path with enough rear barbs left in the tissue."""
    return _trim(kind, anchoring, path_mm, data.limits["rear_hold"]["least_share"], 0.0) == 0.0


def shorten_thread(thread: PlannedThread, shift_mm: float, anatomy: Anatomy) -> PlannedThread:
    """The thread with its far end ``shift_mm`` nearer to its entry, on the skin."""
    first, last = thread.path[0].at_mm, thread.path[-1].at_mm
    entry, end = np.array(first, dtype=float), np.array(last, dtype=float)
    back = entry - end
    moved = anatomy.skin.closest(end + back / np.linalg.norm(back) * shift_mm).positions[0]
    return thread.model_copy(update={"path": (thread.path[0], path_point(moved))})


def path_length_mm(thread: PlannedThread, anatomy: Anatomy) -> float:
    """Length in mm along the skin of a thread whose points are given by coordinates."""
    points = [point.at_mm for point in thread.path if point.at_mm is not None]
    return anatomy.skin.path(np.array(points)).length_mm


def _judge_skin(
    technique: Technique, material: MaterialChoice, intake: Intake, anatomy: Anatomy, data: ProposalData
) -> tuple[bool, list[Reason]]:
    """Whether the skin is thick at the end points, as examined or by region, sex and age."""
    skin_mm = _skin_at_target(technique, anatomy)
    thick = intake.skin.thickness == "thick" or (
        intake.skin.thickness in ("normal", "unknown")
        and skin_mm >= data.limits["thick_skin"]["mean_skin_mm"]
    )
    if thick and material.kinds["strong"] != material.kinds["standard"]:
        return True, [data.say("stronger_for_thick_skin", skin=figure(skin_mm, ".1f"))]
    return thick, []


def _skin_at_target(technique: Technique, anatomy: Anatomy) -> float:
    """Mean skin thickness in mm at the first end point, over both sides."""
    ends = [place_point(anatomy.face, technique.target, side) for side in SIDES]
    hit = anatomy.skin.closest(np.array(ends))
    return float(anatomy.layers.at(hit.triangle, hit.bary).skin_mm.mean())


def _kinds(
    technique: Technique, material: MaterialChoice, catalogue: Catalogue, *, thick: bool
) -> list[ThreadKind]:
    """The kinds to choose from: the strong one in thick skin, also a short one for a short technique."""
    short = ["short"] if technique.length_mm[0] < 90 else []
    wanted = ["strong", "long"] if thick else [*short, "standard", "long"]
    return [catalogue.kind(material.kinds[name]) for name in wanted if name in material.kinds]


def _choose_hold(
    kinds: Sequence[ThreadKind], technique: Technique, paths_mm: Sequence[float], data: ProposalData
) -> _Hold | None:
    """The published anchoring, the kind and the entry that hold every thread of the technique.

    ``paths_mm`` lists the left paths, then the right ones; both sides are treated alike. A floating thread
    gets the kind that leaves most rear barbs, then an entry farther back in the hair of the temple; only
    then is it tied.
    """
    limit = data.limits["rear_hold"]
    steps = (0.0, *limit["raise_mm"]) if technique.entry_zone == "temple" else (0.0,)
    for anchoring in technique.anchoring:
        for raise_mm in steps if anchoring == "floating" else (0.0,):
            paths = [path + raise_mm for path in paths_mm]
            holds = [hold for kind in kinds if (hold := _hold(kind, anchoring, paths, raise_mm, limit))]
            if holds and anchoring == "floating":
                return max(holds, key=lambda hold: _least_rear_mm(hold, paths))
            if holds:
                return holds[0]
    return None


def _hold(
    kind: ThreadKind,
    anchoring: Anchoring,
    paths_mm: Sequence[float],
    raise_mm: float,
    limit: Mapping[str, Any],
) -> _Hold | None:
    """The hold with this kind, or None when it does not reach over every path or hangs on too few barbs."""
    most_mm = limit["most_trim_mm"] if raise_mm == 0 else 0.0
    trims = [_trim(kind, anchoring, path, limit["least_share"], most_mm) for path in paths_mm]
    found = [trim for trim in trims if trim is not None]
    if len(found) < len(trims):
        return None
    half = len(found) // 2
    alike = [max(pair) for pair in zip(found[:half], found[half:], strict=True)]
    return _Hold(kind, anchoring, (*alike, *alike), raise_mm)


def _least_rear_mm(hold: _Hold, paths_mm: Sequence[float]) -> float:
    """The shortest row of rear barbs that stays in the tissue over all paths."""
    rows = []
    for path, trim in zip(paths_mm, hold.trims_mm, strict=True):
        length = hold.kind.length_for(path - trim) or 0.0
        rows.append(_rear_share(hold.kind, length, path - trim) * hold.kind.barbed_rear_mm)
    return min(rows)


def _trim(
    kind: ThreadKind, anchoring: Anchoring, path_mm: float, least_share: float, most_mm: float
) -> float | None:
    """By how many whole mm the path must end earlier for this kind; None when even the most is too little."""
    length = kind.length_for(path_mm)
    if length is not None and (anchoring == "fixed" or _rear_share(kind, length, path_mm) >= least_share):
        return 0.0
    shorter = max((one for one in kind.lengths_mm if one < path_mm), default=None)
    if shorter is None:
        return None
    trim = float(ceil(path_mm - shorter + 0.5))  # half a millimetre for the bend of the skin
    return trim if trim <= most_mm else None


def _rear_share(kind: ThreadKind, length_mm: float, path_mm: float) -> float:
    """Share of the rear barbs that stays in the tissue when what sticks out at the entry is cut off."""
    if kind.barbed_rear_mm <= 0:
        return 0.0
    return max(0.0, 1 - (length_mm - path_mm) / kind.barbed_rear_mm)


def _makeshift_hold(
    kinds: Sequence[ThreadKind],
    technique: Technique,
    paths_mm: Sequence[float],
    span: str,
    drawn: Sequence[PlannedThread],
    data: ProposalData,
) -> tuple[_Hold, list[Reason]]:
    """The first kind that at least reaches over every path, else the first of all, and what is wrong."""
    whole = tuple(0.0 for _ in paths_mm)
    for kind in kinds:
        if kind.length_for(max(paths_mm)) is not None:
            reason = data.say("rear_hold_short", technique=technique.name, kind=kind.name, path=span)
            return _Hold(kind, technique.anchoring[0], whole), [reason]
    kind = kinds[-1]
    reasons = [
        data.say("thread_too_short", thread=thread.id, kind=kind.name, path=f"{path:.0f}")
        for thread, path in zip(drawn, paths_mm, strict=True)
        if kind.length_for(path) is None
    ]
    return _Hold(kind, technique.anchoring[0], whole), reasons
