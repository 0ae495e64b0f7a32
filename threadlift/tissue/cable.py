"""Threads as cables: a few internal forces that couple to the tissue's compliance.

Each thread is cut into *segments* between its barbs, with tensions N. Lengthening of the segments by tissue motion is
delta = B^T u, so the cable loads the tissue with -B N; within a segment the cable slides freely and presses only
where it bends. With C = B^T K^-1 B, thread stretch L/EA and barb springs k_b, the barb forces f minimise

    1/2 f^T A f,   A = S^T (C + diag(L / EA)) S + diag(1 / k_b),   N = S f,

subject to each row of barbs carrying its thread's pull and to 0 <= f <= F for each barb: a barb grips one way only and
slips at its holding force, and the cable can only pull.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.errors import ConvergenceError
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
_PULLEY_SPACING_MM = 5.0
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class CableSystem:
    """Several threads as segments (M) and barbs (F). ``coupling`` is B: (unknowns, M).

    ``collect`` is S (M, F), with rear barbs counted negative so that every barb force is zero or more;
    ``row_of`` gives each barb's row (thread and direction); ``row_thread`` and ``row_capacity_n`` describe the rows.
    """

    coupling: sparse.csc_array
    collect: Floats
    stretch_mm_per_n: Floats
    barb_mm_per_n: Floats
    row_of: NDArray[np.int64]
    row_thread: NDArray[np.int64]
    barb_capacity_n: Floats
    pulled_segment: NDArray[np.int64]
    barbs_outside: NDArray[np.int64]

    def flexibility(self, compliance_mm_per_n: Floats) -> Floats:
        """A of the module's formula, (F, F), for the tissue compliance C (M, M)."""
        inner = compliance_mm_per_n + np.diag(self.stretch_mm_per_n)
        return np.asarray(self.collect.T @ inner @ self.collect + np.diag(self.barb_mm_per_n))


def build_cables(threads: Sequence[CableThread], spreading: Spreading, radius_mm: float) -> CableSystem:
    """Segments, barbs and coupling of ``threads``; tissue around a point is averaged within ``radius_mm``.

    A barb or bend outside the modelled tissue is taken as held fast and counted in ``barbs_outside``.
    """
    parts = [_thread_segments(thread, spreading, radius_mm) for thread in threads]
    segments = np.cumsum([0] + [len(part.stretch) for part in parts])
    barbs = np.cumsum([0] + [part.collect.shape[1] for part in parts])
    collect = np.zeros((segments[-1], barbs[-1]))
    for i, part in enumerate(parts):
        collect[segments[i] : segments[i + 1], barbs[i] : barbs[i + 1]] = part.collect
    rows = np.cumsum([0] + [int(part.row.max()) + 1 for part in parts])
    return CableSystem(
        coupling=sparse.hstack([part.coupling for part in parts], format="csc"),
        collect=collect,
        stretch_mm_per_n=np.concatenate([part.stretch for part in parts]),
        barb_mm_per_n=np.concatenate(
            [
                np.full(part.collect.shape[1], 1 / thread.barb_stiffness_n_per_mm)
                for part, thread in zip(parts, threads, strict=True)
            ]
        ),
        row_of=np.concatenate([part.row + rows[i] for i, part in enumerate(parts)]),
        row_thread=np.repeat(np.arange(len(threads)), np.diff(rows)),
        barb_capacity_n=np.concatenate([part.capacity for part in parts]),
        pulled_segment=np.array([segments[i] + part.pulled for i, part in enumerate(parts)], dtype=np.int64),
        barbs_outside=np.array([part.outside for part in parts], dtype=np.int64),
    )


@dataclass(frozen=True)
class _Segments:
    coupling: sparse.csc_array
    collect: Floats
    stretch: Floats
    row: NDArray[np.int64]
    capacity: Floats
    pulled: int
    outside: int


def _thread_segments(thread: CableThread, spreading: Spreading, radius_mm: float) -> _Segments:
    fixed = thread.anchoring == "fixed"
    rear = () if fixed else thread.rear_barbs_mm
    barbs = np.array([*rear, *thread.barbs_mm])
    ends = np.concatenate([[0.0], barbs]) if fixed else barbs
    along, segment_of_step = _stations(ends)
    points = thread.points_at(along)
    step = np.diff(points, axis=0)
    length = np.maximum(np.linalg.norm(step, axis=1), 1e-12)
    direction = step / length[:, None]
    weights = spreading.weights(points, radius_mm)
    if fixed:  # the tie at the entry does not move
        weights = (sparse.diags_array(np.r_[0.0, np.ones(len(points) - 1)]) @ weights).tocsr()
    outside = np.diff(weights.indptr)[np.searchsorted(along, barbs - 1e-9)] == 0
    count = len(ends) - 1
    return _Segments(
        coupling=_coupling(weights, direction, segment_of_step, count),
        collect=_collect(len(rear), len(thread.barbs_mm), fixed=fixed),
        stretch=np.bincount(segment_of_step, np.diff(along), minlength=count) / thread.axial_stiffness_n,
        row=np.r_[np.zeros(len(rear)), np.full(len(thread.barbs_mm), 0 if fixed else 1)].astype(np.int64),
        capacity=np.r_[
            np.full(len(rear), thread.holding_force_n / max(len(rear), 1)),
            np.full(len(thread.barbs_mm), thread.holding_force_n / len(thread.barbs_mm)),
        ],
        pulled=0 if fixed else len(rear) - 1,
        outside=int(outside.sum()),
    )


def _stations(ends_mm: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Points along the path at which the cable touches tissue, and the segment of each step between them."""
    along, owner = [ends_mm[:1]], []
    for segment, (start, stop) in enumerate(zip(ends_mm, ends_mm[1:], strict=False)):
        steps = max(1, int(np.ceil((stop - start) / _PULLEY_SPACING_MM)))
        along.append(np.linspace(start, stop, steps + 1)[1:])
        owner.append(np.full(steps, segment))
    return np.concatenate(along), np.concatenate(owner).astype(np.int64)


def _coupling(
    weights: sparse.csr_array, direction: Floats, segment_of_step: NDArray[np.int64], segments: int
) -> sparse.csc_array:
    """B: column s gives the lengthening of segment s, sum of d . (u_next - u_this) over its steps."""
    steps = np.arange(len(direction))
    by_axis = []
    for axis in range(3):
        along = sparse.csr_array(
            (
                np.concatenate([direction[:, axis], -direction[:, axis]]),
                (np.tile(segment_of_step, 2), np.concatenate([steps + 1, steps])),
            ),
            shape=(segments, len(direction) + 1),
        )
        by_axis.append((along @ weights).tocoo())
    row = np.concatenate([part.coords[0] for part in by_axis])
    unknown = np.concatenate([3 * part.coords[1] + axis for axis, part in enumerate(by_axis)])
    value = np.concatenate([part.data for part in by_axis])
    return sparse.csc_array((value, (unknown, row)), shape=(3 * weights.shape[1], segments))


def _collect(rear: int, front: int, *, fixed: bool) -> Floats:
    """S: tension of a segment = forces of the barbs beyond it, rear ones counted negative."""
    sign = np.r_[-np.ones(rear), np.ones(front)]
    beyond = np.triu(np.ones((rear + front, rear + front))) * sign
    return beyond if fixed else beyond[1:]


def balance(
    flexibility: Floats, row_of: NDArray[np.int64], pull_n: Floats, capacity_n: Floats
) -> tuple[Floats, int]:
    """Barb forces (F,) of least complementary energy with row sums ``pull_n`` and 0 <= f <= capacity.

    A row that is asked for more than it can hold carries what it can. Also gives the number of steps taken.
    Raises ``ConvergenceError`` if the active set does not settle.
    """
    total = np.bincount(row_of, capacity_n, minlength=len(pull_n))
    share = np.minimum(pull_n / total, 1.0)
    force = share[row_of] * capacity_n
    free = (share[row_of] > 0) & (share[row_of] < 1)
    settled = ~free  # rows at nothing or at everything have no choice
    limit = 20 + 10 * len(force)
    for step in range(1, limit + 1):
        target, multiplier = _free_minimum(flexibility, row_of, force, free, len(pull_n))
        move = target - force
        if np.abs(move).max(initial=0.0) <= _TOLERANCE * max(1.0, float(capacity_n.max(initial=1.0))):
            gain = flexibility @ force - multiplier[row_of]
            held = ~free & ~settled
            wrong = np.where(force <= capacity_n / 2, -gain, gain) * held
            worst = int(np.argmax(wrong)) if len(wrong) else 0
            scale = float(np.abs(flexibility @ force).max(initial=0.0))
            if not len(wrong) or wrong[worst] <= _TOLERANCE * max(scale, 1e-12):
                return force, step
            free[worst] = True
            continue
        force, free = _advance(force, move, free, capacity_n)
    raise ConvergenceError(
        "barb forces did not settle",
        iterations=limit,
        residual=float(np.abs(move).max()),
        tolerance=_TOLERANCE,
    )


def _free_minimum(
    flexibility: Floats, row_of: NDArray[np.int64], force: Floats, free: NDArray[np.bool_], rows: int
) -> tuple[Floats, Floats]:
    """Least energy over the free barbs with the row sums kept, and the multiplier (common shortening) of each row."""
    target, multiplier = force.copy(), np.zeros(rows)
    used = np.unique(row_of[free])
    if not len(used):
        return target, multiplier
    members = (row_of[free][None, :] == used[:, None]).astype(float)
    held = np.where(free, 0.0, force)
    size, count = int(free.sum()), len(used)
    system = np.block([[flexibility[np.ix_(free, free)], -members.T], [members, np.zeros((count, count))]])
    right = np.r_[-(flexibility @ held)[free], members @ force[free]]
    answer = np.linalg.solve(system, right)
    target[free], multiplier[used] = answer[:size], answer[size:]
    return target, multiplier


def _advance(
    force: Floats, move: Floats, free: NDArray[np.bool_], capacity_n: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Go as far along ``move`` as the limits allow; the barb that stops the way is held at its limit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(move > 0, (capacity_n - force) / move, np.where(move < 0, -force / move, np.inf))
    room[~free] = np.inf
    blocking = int(np.argmin(room))
    if room[blocking] >= 1:
        return force + move, free
    moved = force + max(room[blocking], 0.0) * move
    moved[blocking] = capacity_n[blocking] if move[blocking] > 0 else 0.0
    free = free.copy()
    free[blocking] = False
    return moved, free
