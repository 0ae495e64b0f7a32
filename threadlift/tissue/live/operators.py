"""What a factorised face does to a few loads: dense operators, front by front.

Eliminating the pivots p of a front with boundary r leaves, with F its stiffness once all below is eliminated,

    G = F_pp^-1,   M = -F_pp^-1 F_pr,   x_p = G b_p + M x_r,   b_r <- b_r + M^T b_p.

Going up, a load b touches only the fronts from its own to the root (its *path*), and the compliance of two
loads is a sum over the fronts that both touch: b^T K^-1 c = sum_f b_f^T G_f c_f. Going down, x_p = M x_r
wherever there is no load; below fronts of a few dozen columns (*patches*) one dense matrix gives the skin's
motion from the motion of the patch's boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cholesky, solve_triangular
from scipy.linalg.lapack import dpotri

from threadlift.errors import InputError
from threadlift.tissue.live.dissection import Front
from threadlift.tissue.solver import SINGULAR

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]
Indices = NDArray[np.int64]
PATCH_COLUMNS = 64
_WORKSPACES = 4  # matrices as large as the largest front that are held at once


@dataclass(frozen=True, eq=False)
class FrontOperator:
    """G (p, p) and M (p, r) of a front; ``start`` and ``stop`` bound its unknowns in the order of
    elimination, ``boundary`` (r,) are those that it hangs on."""

    start: int
    stop: int
    boundary: Indices
    parent: int
    inverse: Reals
    follow: Reals


@dataclass(frozen=True, eq=False)
class Patch:
    """The fronts ``first`` to ``last`` of a subtree; its skin moves by ``surface`` (s, r) @ x_r."""

    first: int
    last: int
    boundary: Indices
    skin: Indices
    surface: Reals


@dataclass(frozen=True, eq=False)
class Operators:
    """All fronts in the order of elimination, the patches, and how many unknowns there are."""

    fronts: tuple[FrontOperator, ...]
    patches: tuple[Patch, ...]
    unknowns: int

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """Precision in which everything is kept."""
        return self.fronts[0].inverse.dtype


def elimination_order(fronts: Sequence[Front], unknowns_of: Callable[[Indices], Indices]) -> Indices:
    """Unknowns of the matrix in the order of elimination; ``unknowns_of`` lists those of some columns."""
    return np.concatenate([unknowns_of(front.columns) for front in fronts])


def bytes_needed(fronts: Sequence[Front], unknowns_per_column: int, dtype: type[np.floating]) -> int:
    """Memory that ``eliminate`` will need: what stays, and the largest front in work, in double precision."""
    own = unknowns_per_column * np.array([len(front.columns) for front in fronts])
    around = unknowns_per_column * np.array([len(front.boundary) for front in fronts])
    stays = int((own * (own + around)).sum()) * np.dtype(dtype).itemsize
    return stays + _WORKSPACES * int(((own + around) ** 2).max()) * 8


def eliminate(
    matrix: sparse.csr_array,
    fronts: Sequence[Front],
    unknowns_of: Callable[[Indices], Indices],
    dtype: type[np.floating],
    step: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[FrontOperator, ...]:
    """Factorise ``matrix`` (order of elimination) front by front; ``unknowns_of`` numbers in that order.

    ``step`` is told after each front. Raises ``InputError`` for a matrix that is not positive definite.
    """
    found: list[FrontOperator] = []
    left_over: dict[int, tuple[Indices, Floats]] = {}
    local = np.full(matrix.shape[0], -1, dtype=np.int64)
    for number, front in enumerate(fronts):
        own, around = unknowns_of(front.columns), unknowns_of(front.boundary)
        both = np.concatenate([own, around])
        local[both] = np.arange(len(both))
        dense, corner = _original(matrix, own, local, len(both)), np.zeros((len(around), len(around)))
        for child in front.children:
            boundary, block = left_over.pop(child)
            _add(dense, corner, local[boundary], block)
        local[both] = -1
        inverse, half, follow = _factorise(dense, len(own))
        corner -= half.T @ half
        left_over[number] = (around, corner)
        found.append(
            FrontOperator(
                start=int(own[0]),
                stop=int(own[-1]) + 1,
                boundary=around,
                parent=front.parent,
                inverse=np.ascontiguousarray(inverse, dtype=dtype),
                follow=np.ascontiguousarray(follow, dtype=dtype),
            )
        )
        step(number + 1, len(fronts))
    return tuple(found)


def _original(matrix: sparse.csr_array, own: Indices, local: Indices, size: int) -> Floats:
    """Entries of the rows ``own`` that belong to this front."""
    rows = sparse.csr_array(matrix[own[0] : own[-1] + 1])
    place = local[rows.indices]
    row = np.repeat(np.arange(len(own)), np.diff(rows.indptr))
    dense = np.zeros((len(own), size))
    dense[row[place >= 0], place[place >= 0]] = rows.data[place >= 0]
    return dense


def _add(dense: Floats, corner: Floats, place: Indices, block: Floats) -> None:
    """Add what a child left, the square ``block`` of unknowns at ``place``, to the pivots' rows and to the
    boundary's corner."""
    own = len(dense)
    first, last = np.flatnonzero(place < own), np.flatnonzero(place >= own)
    dense[np.ix_(place[first], place)] += block[first]
    corner[np.ix_(place[last] - own, place[last] - own)] += block[np.ix_(last, last)]


def _factorise(dense: Floats, own: int) -> tuple[Floats, Floats, Floats]:
    """F_pp^-1 (p, p), L^-1 F_pr (p, r) and M = -F_pp^-1 F_pr (p, r)."""
    try:
        factor = cholesky(dense[:, :own], lower=True, check_finite=False)
    except np.linalg.LinAlgError as error:
        raise InputError(SINGULAR, remedy="Fix a part of the model.") from error
    half = solve_triangular(factor, dense[:, own:], lower=True, check_finite=False)
    follow = -solve_triangular(factor, half, trans="T", lower=True, check_finite=False)
    lower, _ = dpotri(factor, lower=True)
    return np.tril(lower) + np.tril(lower, -1).T, half, follow


def make_patches(
    fronts: Sequence[Front], operators: Sequence[FrontOperator], is_skin: NDArray[np.bool_]
) -> tuple[Patch, ...]:
    """Patches of up to ``PATCH_COLUMNS`` columns; ``is_skin`` (unknowns,) in the order of elimination."""
    found = []
    for last, front in enumerate(fronts):
        if front.size > PATCH_COLUMNS or front.parent < 0 or fronts[front.parent].size <= PATCH_COLUMNS:
            continue
        first = last
        while fronts[first].children:
            first = min(fronts[first].children)
            while fronts[first].children:
                first = min(fronts[first].children)
        found.append(_make_patch(operators, first, last, is_skin))
    return tuple(found)


def _make_patch(
    operators: Sequence[FrontOperator], first: int, last: int, is_skin: NDArray[np.bool_]
) -> Patch:
    boundary = operators[last].boundary
    begin, end = operators[first].start, operators[last].stop
    field = np.zeros((end - begin + len(boundary), len(boundary)))
    field[end - begin :] = np.eye(len(boundary))
    row = np.full(is_skin.size, -1, dtype=np.int64)
    row[boundary] = end - begin + np.arange(len(boundary))
    row[begin:end] = np.arange(end - begin)
    for number in range(last, first - 1, -1):
        operator = operators[number]
        field[row[operator.start : operator.stop]] = operator.follow @ field[row[operator.boundary]]
    skin = begin + np.flatnonzero(is_skin[begin:end])
    surface = np.ascontiguousarray(field[skin - begin], dtype=operators[last].follow.dtype)
    return Patch(first, last, boundary, skin, surface)
