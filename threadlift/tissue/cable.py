"""Threads as cables: a few internal forces that couple to the tissue's compliance.

Each thread is cut into *segments* between its barbs, with tensions N. Lengthening of the segments by tissue
motion is delta = B^T u, so the cable loads the tissue with -B N; within a segment the cable slides freely and
presses only where it bends. With C = B^T K^-1 B, thread stretch L/EA and barb springs k_b, the barb forces f
minimise

    1/2 f^T A f,   A = S^T (C + diag(L / EA)) S + diag(1 / k_b),   N = S f,

subject to each row of barbs carrying its thread's pull and to 0 <= f <= F for each barb: a barb grips one way
only and slips at its holding force, and the cable can only pull.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import block_diag

from threadlift.errors import InputError
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
_PULLEY_SPACING_MM = 5.0


@dataclass(frozen=True)
class CableGeometry:
    """Several threads as M segments and F barbs, without tension or stiffness.

    ``coupling`` is B (unknowns, M); ``collect`` is S (M, F), with rear barbs counted negative so that every
    barb force is zero or more. ``row_of`` (F,) numbers each barb's row (thread and direction),
    ``barb_thread`` (F,) and ``segment_thread`` (M,) its thread. ``pulled_segment`` (k,) is the segment
    between rear and front hold, ``barbs_outside`` (k,) how many barbs of a thread lie outside the modelled
    tissue.
    """

    coupling: sparse.csc_array
    collect: Floats
    segment_mm: Floats
    segment_thread: Indices
    barb_thread: Indices
    row_of: Indices
    pulled_segment: Indices
    barbs_outside: Indices


def build_cables(threads: Sequence[CableThread], spreading: Spreading, radius_mm: float) -> CableGeometry:
    """Segments, barbs and coupling of ``threads``; tissue around a point is averaged within ``radius_mm``.

    A barb or bend outside the modelled tissue is taken as held fast and counted in ``barbs_outside``. Raises
    ``InputError`` for a thread most of whose barbs lie outside.
    """
    return join_cables([_one_cable(thread, spreading, radius_mm) for thread in threads])


def join_cables(parts: Sequence[CableGeometry]) -> CableGeometry:
    """One geometry of several, on the same unknowns."""
    if len(parts) == 1:
        return parts[0]
    rows = np.cumsum([0] + [int(part.row_of.max()) + 1 for part in parts])
    segments = np.cumsum([0] + [len(part.segment_mm) for part in parts])
    threads = np.cumsum([0] + [len(part.pulled_segment) for part in parts])

    def shifted(name: str, shift: Indices) -> Indices:
        return np.concatenate([getattr(part, name) + shift[i] for i, part in enumerate(parts)])

    return CableGeometry(
        coupling=sparse.csc_array(sparse.hstack([part.coupling for part in parts])),
        collect=block_diag(*[part.collect for part in parts]),
        segment_mm=np.concatenate([part.segment_mm for part in parts]),
        segment_thread=shifted("segment_thread", threads),
        barb_thread=shifted("barb_thread", threads),
        row_of=shifted("row_of", rows),
        pulled_segment=shifted("pulled_segment", segments),
        barbs_outside=np.concatenate([part.barbs_outside for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class CableWay:
    """Where a cable touches tissue: stations (p, 3), each station's average over the nodes (p, nodes), and
    the segment of each step between stations (p - 1,). The tie of a fixed thread, which does not move, has no
    weights."""

    points_mm: Floats
    weights: sparse.csr_array
    segment_of_step: Indices


def cable_way(thread: CableThread, spreading: Spreading, radius_mm: float) -> CableWay:
    """Stations of one thread from its first hold to its last barb, tissue averaged within ``radius_mm``."""
    along, segment_of_step = _stations(_ends(thread))
    points = thread.points_at(along)
    weights = spreading.weights(points, radius_mm)
    if thread.anchoring == "fixed":
        weights = sparse.csr_array(sparse.diags_array(np.r_[0.0, np.ones(len(points) - 1)]) @ weights)
    return CableWay(points, weights, segment_of_step)


def _barbs(thread: CableThread) -> tuple[tuple[float, ...], Floats]:
    """Rear barbs that hold, and all barbs from the entry on."""
    rear = () if thread.anchoring == "fixed" else thread.rear_barbs_mm
    return rear, np.array([*rear, *thread.barbs_mm])


def _ends(thread: CableThread) -> Floats:
    """Ends of the segments along the path: the tie or the first barb, then every barb."""
    barbs = _barbs(thread)[1]
    if thread.anchoring != "fixed":
        return barbs
    if barbs[0] <= 0:
        raise InputError("the first barb must lie beyond the tie at the entry", where=f"thread {thread.id}")
    return np.concatenate([[0.0], barbs])


def _one_cable(thread: CableThread, spreading: Spreading, radius_mm: float) -> CableGeometry:
    fixed = thread.anchoring == "fixed"
    rear, barbs = _barbs(thread)
    front, ends = len(thread.barbs_mm), _ends(thread)
    way = cable_way(thread, spreading, radius_mm)
    along, segment_of_step = _stations(ends)
    step = np.diff(way.points_mm, axis=0)
    direction = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-12)
    outside = np.diff(way.weights.indptr)[np.searchsorted(along, barbs - 1e-9)] == 0
    if outside[len(rear) :].sum() > front / 2:
        raise InputError(
            "runs outside the modelled face: most of its barbs have no tissue around them",
            where=f"thread {thread.id}",
            remedy="Check its points and depth.",
        )
    count = len(ends) - 1
    return CableGeometry(
        coupling=_coupling(way.weights, direction, segment_of_step, count),
        collect=barb_collection(len(rear), front, fixed=fixed),
        segment_mm=np.bincount(segment_of_step, np.diff(along), minlength=count).astype(np.float64),
        segment_thread=np.zeros(count, dtype=np.int64),
        barb_thread=np.zeros(len(barbs), dtype=np.int64),
        row_of=np.r_[np.zeros(len(rear)), np.full(front, min(len(rear), 1))].astype(np.int64),
        pulled_segment=np.array([0 if fixed else len(rear) - 1], dtype=np.int64),
        barbs_outside=np.array([outside.sum()], dtype=np.int64),
    )


def _stations(ends_mm: Floats) -> tuple[Floats, Indices]:
    """Points along the path at which the cable touches tissue, and the segment of each step between them."""
    along, owner = [ends_mm[:1]], []
    for segment, (start, stop) in enumerate(pairwise(ends_mm)):
        steps = max(1, int(np.ceil((stop - start) / _PULLEY_SPACING_MM)))
        along.append(np.linspace(start, stop, steps + 1)[1:])
        owner.append(np.full(steps, segment))
    return np.concatenate(along), np.concatenate(owner).astype(np.int64)


def _coupling(
    weights: sparse.csr_array, direction: Floats, segment_of_step: Indices, segments: int
) -> sparse.csc_array:
    """B: column s gives the lengthening of segment s, sum of d . (u_next - u_this) over its steps."""
    steps = np.arange(len(direction))
    along = np.zeros((segments, len(direction) + 1, 3))
    np.add.at(along, (segment_of_step, steps + 1), direction)
    np.add.at(along, (segment_of_step, steps), -direction)
    nodes = np.unique(weights.indices)
    share = np.zeros((weights.shape[0], len(nodes)))
    row = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    np.add.at(share, (row, np.searchsorted(nodes, weights.indices)), weights.data)
    value = np.tensordot(along, share, axes=(1, 0)).transpose(0, 2, 1).reshape(segments, -1)
    unknown = (3 * nodes[:, None] + np.arange(3)).ravel()
    segment, entry = np.nonzero(value)
    starts = np.r_[0, np.cumsum(np.bincount(segment, minlength=segments))]
    shape = (3 * weights.shape[1], segments)
    return sparse.csc_array((value[segment, entry], unknown[entry], starts), shape=shape)


def barb_collection(rear: int, front: int, *, fixed: bool) -> Floats:
    """S: tension of a segment = forces of the barbs beyond it, rear ones counted negative.

    The first segment of a fixed thread runs from the tie to the first barb; a floating thread has none there.
    """
    sign = np.r_[-np.ones(rear), np.ones(front)]
    beyond = np.triu(np.ones((rear + front, rear + front))) * sign
    return np.asarray(beyond if fixed else beyond[1:])
