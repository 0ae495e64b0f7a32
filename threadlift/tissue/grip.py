"""How the barbs share a pull: least complementary energy, with every barb between nothing and its holding
force.

    minimise  1/2 f^T A f   subject to  sum of f over each row = pull of the row,  0 <= f <= F

``A`` is the flexibility of tissue, cable and barbs together. Solved by an active set: a barb at a limit is
held there until letting it go would lower the energy. A few dozen unknowns, so dense.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import ConvergenceError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
_TOLERANCE = 1e-9


def balance(flexibility: Floats, row_of: Indices, pull_n: Floats, capacity_n: Floats) -> tuple[Floats, int]:
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
    flexibility: Floats, row_of: Indices, force: Floats, free: NDArray[np.bool_], rows: int
) -> tuple[Floats, Floats]:
    """Least energy over the free barbs with the row sums kept, and the multiplier (common shortening) of
    each row."""
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
