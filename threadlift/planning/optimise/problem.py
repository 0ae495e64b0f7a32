"""The choice of threads as a mixed-integer linear problem.

An *option* is a thread, or a pair of mirrored threads that are used together. Option j is used (y_j = 1) or
not and pulls with T_j newtons::

    minimise    c . y + d . T  (+ w . s when wishes may be missed)
    subject to  low_j y_j <= T_j <= high_j y_j           y_j in {0, 1}
                wish_p - s_p <= G_p . T <= most_p        lift at landmark p, mm
                L_q . T <= limit_q                       skin strain, unwanted motion
                U_r . y <= at_most_r                     threads a side, money
                sum of y over a clique <= 1              too near, crossing, the same course
                sum of y over a set <= its size - 1      a set that the exact model refused
                y_j <= z_m(j),  sum of z <= 1            one material m for the whole plan
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Set = frozenset[int]
Standing = Literal["optimal", "best_so_far", "infeasible", "none_found"]


@dataclass(frozen=True, eq=False)
class Problem:
    """The arrays of the problem above, for n options: ``use_cost`` is c, ``pull_cost`` d, ``gain_mm_per_n`` G
    (p, n), ``limit_rows`` L (q, n), ``count_rows`` U (r, n).

    ``material`` m (n,) numbers the material of each option from 0; None when materials may be mixed.
    ``miss_cost`` w (p,) prices a missing millimetre of each wish; None means that every wish must be met.
    """

    low_n: Floats
    high_n: Floats
    use_cost: Floats
    pull_cost: Floats
    gain_mm_per_n: Floats
    wish_mm: Floats
    most_mm: Floats
    limit_rows: Floats
    limits: Floats
    count_rows: Floats
    at_most: Floats
    cliques: tuple[Set, ...] = ()
    refused: tuple[Set, ...] = ()
    material: NDArray[np.int64] | None = None
    miss_cost: Floats | None = None

    @property
    def size(self) -> int:
        """Number of options."""
        return len(self.low_n)

    @property
    def materials(self) -> int:
        """Number of materials of which one is chosen; 0 when they may be mixed."""
        return 0 if self.material is None else int(self.material.max()) + 1

    def allowing_misses(self, cost: Floats) -> Problem:
        """The same problem in which wish p may be missed at ``cost`` (p,) per mm."""
        return replace(self, miss_cost=cost)


@dataclass(frozen=True, eq=False)
class Solution:
    """The best choice found: options ``used``, their pull (n,) in N, what is ``missing_mm`` (p,) of each
    wish.

    ``bound`` is what no choice can go below, ``gap`` the share between it and ``objective``; ``first_s``,
    ``within_s`` and ``seconds`` are the times to the first choice, to a gap of 5 % and in all.
    """

    standing: Standing
    used: tuple[int, ...]
    pull_n: Floats
    missing_mm: Floats
    objective: float
    bound: float
    gap: float
    first_s: float
    within_s: float
    seconds: float

    @property
    def is_found(self) -> bool:
        """Whether there is any choice at all."""
        return self.standing in ("optimal", "best_so_far")


@dataclass(frozen=True)
class Rows:
    """Sparse rows of a linear problem with their lower and upper limits."""

    blocks: list[sparse.csr_array] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)

    def add(self, parts: Sequence[Floats], low: Floats, high: Floats) -> None:
        """Rows between ``low`` and ``high``; ``parts`` are their columns for y, T, z and s."""
        if len(low):
            self.blocks.append(sparse.csr_array(np.hstack(parts)))
            self.low.append(low)
            self.high.append(high)

    def matrix(self, columns: int) -> tuple[sparse.csr_array, Floats, Floats]:
        """All rows in one matrix."""
        if not self.blocks:
            return sparse.csr_array((0, columns)), np.zeros(0), np.zeros(0)
        return (
            sparse.csr_array(sparse.vstack(self.blocks, format="csr")),
            np.concatenate(self.low),
            np.concatenate(self.high),
        )


def rows_of(problem: Problem) -> tuple[sparse.csr_array, Floats, Floats]:
    """Matrix (rows, columns) with lower and upper limits; columns are y, T, z, s."""
    n, p, m = problem.size, len(problem.wish_mm), problem.materials
    misses = 0 if problem.miss_cost is None else p
    widths = {"y": n, "T": n, "z": m, "s": misses}
    rows, one, inf = Rows(), np.eye(n), np.inf

    def add(low: Floats, high: Floats, **parts: Floats) -> None:
        count = len(high)
        columns = [parts.get(name, np.zeros((count, width))) for name, width in widths.items()]
        rows.add(columns, low, high)

    def below(high: Floats, **parts: Floats) -> None:
        add(np.full(len(high), -inf), high, **parts)

    below(np.zeros(n), y=-np.diag(problem.high_n), T=one)
    below(np.zeros(n), y=np.diag(problem.low_n), T=-one)
    gain = problem.gain_mm_per_n
    add(problem.wish_mm, np.full(p, inf), T=gain, s=np.eye(p, misses))
    capped = np.isfinite(problem.most_mm)
    below(problem.most_mm[capped], T=gain[capped])
    below(problem.limits, T=problem.limit_rows)
    below(problem.at_most, y=problem.count_rows)
    sets = [(members, 1.0) for members in problem.cliques]
    sets += [(members, len(members) - 1.0) for members in problem.refused]
    member = np.array([[float(j in members) for j in range(n)] for members, _ in sets]).reshape(len(sets), n)
    below(np.array([most for _, most in sets]), y=member)
    if problem.material is not None:
        below(np.zeros(n), y=one, z=-np.eye(m)[problem.material])
        below(np.ones(1), z=np.ones((1, m)))
    return rows.matrix(sum(widths.values()))


Report = Callable[[float, float, float], None]
