"""How barbs share a pull while ligaments hold against it: least complementary energy.

The unknown forces x = (f, t) are those of the barbs, f, and of one-way ligament pieces, t::

    minimise  1/2 x^T A x - q^T x   subject to  sum of f over each row = pull of the row,
                                                0 <= f <= F,   0 <= t

``A`` is the flexibility of tissue, cable, barbs and fibres together and ``q`` the stretch that is there
without any of these forces. At the optimum the gain A x - q is the same (lambda) for all free barbs of a row,
larger for those that hang loose and smaller for those that slip; it is zero for taut pieces and above zero
for slack ones.

Solved by an active set. First all forces on the wrong side of a limit change sides at once (the primal-dual
active set, a semismooth Newton method: a handful of steps, one when the set is right from the start). Should
that run in circles, one force at a time does: slower, but it cannot fail on a convex problem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky

from threadlift.errors import ConvergenceError, InputError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
ActiveSet = NDArray[np.int8]
AT_NOTHING, FREE, AT_CAPACITY = -1, 0, 1
_TOLERANCE = 1e-9
_MOST_JUMPS = 40


@dataclass(frozen=True, eq=False)
class Settled:
    """Forces (F + L,) in N of barbs and then pieces, the ``active`` set that they belong to (``AT_NOTHING``,
    ``FREE`` or ``AT_CAPACITY`` each; good as a start for a similar problem), and the steps taken."""

    force_n: Floats
    active: ActiveSet
    steps: int


@dataclass(frozen=True, eq=False)
class _Problem:
    """The minimum as it is asked for; ``row_of`` and ``capacity_n`` cover all forces (row -1, capacity
    infinite for pieces)."""

    flexibility: Floats
    stretch: Floats
    row_of: Indices
    pull_n: Floats
    capacity_n: Floats

    def gain(self, force: Floats) -> Floats:
        return np.asarray(self.flexibility @ force - self.stretch)

    def level(self, multiplier: Floats) -> Floats:
        """The multiplier of each force's row; 0 for pieces."""
        return np.asarray(np.append(multiplier, 0.0)[self.row_of])


def balance(flexibility: Floats, row_of: Indices, pull_n: Floats, capacity_n: Floats) -> tuple[Floats, int]:
    """Barb forces (F,) alone, and the number of steps taken; see ``settle``."""
    settled = settle(flexibility, np.zeros(len(flexibility)), row_of, pull_n, capacity_n)
    return settled.force_n, settled.steps


def unit_shares(flexibility: Floats, row_of: Indices, loose: Mask) -> Floats:
    """How the barbs (F,) share 1 N in each row alone, (F, rows), while those that are ``loose`` hold nothing
    and no other limit counts: the derivative of ``balance`` by the pulls.

    With R = A_PP^-1 over the barbs that hold and E their rows: R E (E^T R E)^-1. A row without any barb that
    holds shares among all of its barbs.
    """
    rows = int(row_of.max()) + 1
    holding = ~loose
    empty = np.bincount(row_of[holding], minlength=rows) == 0
    chosen = np.flatnonzero(holding | empty[row_of])
    members = (row_of[chosen][:, None] == np.arange(rows)).astype(np.float64)
    factor = _factorise(flexibility[np.ix_(chosen, chosen)])
    by_row = cho_solve((factor, True), members, check_finite=False)
    shares = np.zeros((len(row_of), rows))
    shares[chosen] = by_row @ np.linalg.inv(members.T @ by_row)
    return shares


def settle(
    flexibility: Floats,
    stretch_mm: Floats,
    row_of: Indices | None = None,
    pull_n: Floats | None = None,
    capacity_n: Floats | None = None,
    start: ActiveSet | None = None,
) -> Settled:
    """Least complementary energy of F barbs and L pieces (order of ``flexibility``, (F + L, F + L), mm/N).

    ``stretch_mm`` is q (F + L,), ``row_of`` and ``capacity_n`` (F,) describe the barbs (none: pieces only),
    ``pull_n`` the rows. ``start`` is an active set to begin with. A row that is asked for more than it can
    hold carries what it can. Raises ``ConvergenceError`` if the active set does not settle, ``InputError``
    for numbers that are not finite or a flexibility that is not positive definite.
    """
    problem, begin = _prepare(flexibility, stretch_mm, row_of, pull_n, capacity_n, start)
    settled = _jump(problem, begin)
    return settled if settled is not None else _walk(problem, begin)


def _prepare(
    flexibility: Floats,
    stretch_mm: Floats,
    row_of: Indices | None,
    pull_n: Floats | None,
    capacity_n: Floats | None,
    start: ActiveSet | None,
) -> tuple[_Problem, ActiveSet]:
    barbs = 0 if row_of is None else len(row_of)
    pieces = len(flexibility) - barbs
    row = np.r_[np.empty(0, np.int64) if row_of is None else row_of, np.full(pieces, -1, dtype=np.int64)]
    capacity = np.r_[np.empty(0) if capacity_n is None else capacity_n, np.full(pieces, np.inf)]
    pull = np.empty(0) if pull_n is None else np.where(np.abs(pull_n) < _TOLERANCE, 0.0, pull_n)
    if not (np.isfinite(flexibility).all() and np.isfinite(stretch_mm).all() and np.isfinite(pull).all()):
        raise InputError("forces cannot be shared: a number is not finite", where="thread response")
    total = np.bincount(row[:barbs], capacity[:barbs], minlength=len(pull))
    share = np.divide(pull, total, out=np.zeros(len(pull)), where=total > 0)
    active = np.full(len(row), FREE, dtype=np.int8) if start is None else start.astype(np.int8, copy=True)
    of_barb = share[row[:barbs]]
    active[:barbs][of_barb <= 0] = AT_NOTHING  # rows at nothing or at everything have no choice
    active[:barbs][of_barb >= 1] = AT_CAPACITY
    open_row = (share > 0) & (share < 1)
    open_row[row[:barbs][active[:barbs] == FREE]] = False
    active[:barbs][open_row[row[:barbs]]] = FREE  # a start without any free barb in a row is of no use
    active[barbs:][active[barbs:] == AT_CAPACITY] = FREE
    return _Problem(flexibility, stretch_mm, row, np.minimum(pull, total), capacity), active


def _settled_rows(problem: _Problem) -> Mask:
    """Which forces belong to a row that carries nothing or everything (F + L,)."""
    barb = problem.row_of >= 0
    total = np.bincount(problem.row_of[barb], problem.capacity_n[barb], minlength=len(problem.pull_n))
    fixed = (problem.pull_n <= 0) | (problem.pull_n >= total)
    return np.asarray(np.append(fixed, False)[problem.row_of])


def _jump(problem: _Problem, start: ActiveSet) -> Settled | None:
    """Let all forces on the wrong side change sides at once; None when that does not come to rest."""
    active, no_choice = start.copy(), _settled_rows(problem)
    small = _TOLERANCE * max(1.0, float(np.abs(problem.pull_n).max(initial=0.0)))
    for step in range(1, _MOST_JUMPS + 1):
        held = np.where(active == AT_CAPACITY, problem.capacity_n, 0.0)
        answer = _free_minimum(problem, held, active == FREE)
        if answer is None:
            return None
        force, multiplier = answer
        gain = problem.gain(force) - problem.level(multiplier)
        slight = _TOLERANCE * max(float(np.abs(gain).max(initial=0.0)), 1e-12)
        changed = active.copy()
        free = active == FREE
        changed[free & (force < -small)] = AT_NOTHING
        changed[free & (force > problem.capacity_n + small)] = AT_CAPACITY
        changed[~no_choice & (active == AT_NOTHING) & (gain < -slight)] = FREE
        changed[~no_choice & (active == AT_CAPACITY) & (gain > slight)] = FREE
        if (changed == active).all():
            return Settled(np.clip(force, 0.0, problem.capacity_n), active, step)
        active = changed
    return None


def _free_minimum(problem: _Problem, held: Floats, free: Mask) -> tuple[Floats, Floats] | None:
    """Least energy over the ``free`` forces with the others ``held`` and the row sums kept.

    With P the free forces, E their rows and R = A_PP^-1:

        x_P = R (q_P - A_PH x_H + E^T lambda),   E x_P = pull - what is held of each row.

    Gives all forces and the multiplier lambda of each row (0 for a row without a free barb); None when a row
    that still has something to carry has no free barb.
    """
    rows = len(problem.pull_n)
    force, multiplier = held.copy(), np.zeros(rows)
    chosen = np.flatnonzero(free)
    barb = problem.row_of >= 0
    rest = problem.pull_n - np.bincount(problem.row_of[barb], held[barb], minlength=rows)
    used = np.unique(problem.row_of[chosen][problem.row_of[chosen] >= 0])
    without = np.ones(rows, dtype=bool)
    without[used] = False
    if (np.abs(rest[without]) > _TOLERANCE * np.maximum(1.0, problem.pull_n[without])).any():
        return None
    if not len(chosen):
        return force, multiplier
    members = (problem.row_of[chosen][:, None] == used).astype(np.float64)
    drive = (problem.stretch - problem.flexibility @ held)[chosen]
    factor = _factorise(problem.flexibility[np.ix_(chosen, chosen)])
    solved = cho_solve((factor, True), np.column_stack([drive, members]), check_finite=False)
    plain, by_row = solved[:, 0], solved[:, 1:]
    if len(used):
        multiplier[used] = np.linalg.solve(members.T @ by_row, rest[used] - members.T @ plain)
    force[chosen] = plain + by_row @ multiplier[used]
    return force, multiplier


def _factorise(flexibility: Floats) -> Floats:
    try:
        return np.asarray(cholesky(flexibility, lower=True, check_finite=False))
    except np.linalg.LinAlgError as error:
        raise InputError(
            "the flexibility of threads and ligaments is not positive definite", where="thread response"
        ) from error


def _walk(problem: _Problem, start: ActiveSet) -> Settled:
    """The same one force at a time, never leaving the limits: every step lowers the energy."""
    no_choice = _settled_rows(problem)
    barb = problem.row_of >= 0
    total = np.bincount(problem.row_of[barb], problem.capacity_n[barb], minlength=len(problem.pull_n))
    force = np.zeros(len(start))
    force[barb] = (problem.pull_n / np.maximum(total, 1e-300))[problem.row_of[barb]] * problem.capacity_n[
        barb
    ]
    free = np.where(barb, ~no_choice, start == FREE)
    tolerance = _TOLERANCE * max(1.0, float(force.max(initial=0.0)))
    limit = 50 + 20 * len(force)
    move = force
    for step in range(1, limit + 1):
        held = np.where(free, 0.0, force)
        answer = _free_minimum(problem, held, free)
        target, multiplier = answer if answer is not None else (force, np.zeros(len(problem.pull_n)))
        move = target - force
        if np.abs(move).max(initial=0.0) <= tolerance:
            gain = problem.gain(force) - problem.level(multiplier)
            upper = force > problem.capacity_n / 2
            wrong = np.where(upper, gain, -gain) * (~free & ~no_choice)
            worst = int(np.argmax(wrong)) if len(wrong) else 0
            scale = float(np.abs(gain + problem.level(multiplier)).max(initial=0.0))
            if not len(wrong) or wrong[worst] <= _TOLERANCE * max(scale, 1e-12):
                return Settled(force, _active(force, free, problem.capacity_n), step)
            free[worst] = True
            continue
        force, free = _advance(force, move, free, problem.capacity_n)
    raise ConvergenceError(
        "barb and ligament forces did not settle",
        iterations=limit,
        residual=float(np.abs(move).max()),
        tolerance=_TOLERANCE,
    )


def _active(force: Floats, free: Mask, capacity_n: Floats) -> ActiveSet:
    return np.where(free, FREE, np.where(force > capacity_n / 2, AT_CAPACITY, AT_NOTHING)).astype(np.int8)


def _advance(force: Floats, move: Floats, free: Mask, capacity_n: Floats) -> tuple[Floats, Mask]:
    """Go as far along ``move`` as the limits allow; the force that stops the way is held at its limit."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
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
