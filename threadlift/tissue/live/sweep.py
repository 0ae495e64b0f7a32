"""Two sweeps over the operators of a face: loads up to the root, motion down to the skin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.live.operators import FrontOperator, Operators, Patch

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Risen:
    """k loads risen to the root: on each front of their paths the load b_f (p, k) that arrives and the motion
    G_f b_f (p, k) that it makes with the boundary at rest."""

    load: dict[int, Reals]
    motion: dict[int, Reals]
    count: int

    def compliance(self, other: Risen | Gathered) -> Floats:
        """b^T K^-1 c (k, other k): the sum of b_f^T G_f c_f over the fronts on both paths."""
        total = np.zeros((self.count, other.count))
        for front, load in self.load.items():
            if front in other.motion:
                columns = other.columns[front] if isinstance(other, Gathered) else slice(None)
                total[:, columns] += load.T @ other.motion[front]
        return total


@dataclass(frozen=True, eq=False)
class Gathered:
    """The motions of many risen loads side by side, front by front, and which ``columns`` of all ``count``
    loads reach a front at all."""

    motion: dict[int, Reals]
    columns: dict[int, Indices]
    count: int

    @classmethod
    def of(cls, risen: Sequence[Risen]) -> Gathered:
        """All of ``risen`` in their order."""
        begin = np.cumsum([0] + [one.count for one in risen])
        on_front: dict[int, list[int]] = {}
        for index, one in enumerate(risen):
            for front in one.motion:
                on_front.setdefault(front, []).append(index)
        return cls(
            {front: np.hstack([risen[i].motion[front] for i in which]) for front, which in on_front.items()},
            {
                front: np.concatenate([np.arange(begin[i], begin[i + 1]) for i in which])
                for front, which in on_front.items()
            },
            int(begin[-1]),
        )


class Sweep:
    """The sweeps on one set of operators. ``skin`` (s,) are the unknowns whose motion is wanted."""

    def __init__(self, operators: Operators, skin: Indices) -> None:
        self.operators = operators
        self._skin = skin
        self._front_of = np.empty(operators.unknowns, dtype=np.int64)
        for number, front in enumerate(operators.fronts):
            self._front_of[front.start : front.stop] = number
        inside = np.full(len(operators.fronts), -1, dtype=np.int64)
        for number, patch in enumerate(operators.patches):
            inside[patch.first : patch.last + 1] = number
        self._patch_of = inside
        self._upper = [int(number) for number in np.flatnonzero(inside < 0)[::-1]]
        self._buffer = np.zeros((operators.unknowns, 1), dtype=operators.dtype)

    def rise(self, rows: Indices, loads: Floats) -> Risen:
        """Bring ``loads`` (r, k) on the unknowns ``rows`` (r,) up to the root."""
        buffer = self._cleared(loads.shape[1])
        buffer[rows] = loads
        load: dict[int, Reals] = {}
        motion: dict[int, Reals] = {}
        for number in self._path(rows):
            front = self.operators.fronts[number]
            across = np.array(buffer[front.start : front.stop].T, order="C")  # faster in BLAS this way round
            buffer[front.start : front.stop] = 0
            load[number] = across.T
            motion[number] = _times(across, front.inverse).T
            if len(front.boundary):
                buffer[front.boundary] += _times(across, front.follow).T
        return Risen(load, motion, loads.shape[1])

    def fall(self, risen: Risen, mix: Floats) -> Reals:
        """Motion of the skin (s, j) under the combinations ``mix`` (k, j) of risen loads."""
        mixing = mix.astype(self.operators.dtype)
        field = np.empty((self.operators.unknowns, mix.shape[1]), dtype=self.operators.dtype)
        touched = set(self._patch_of[list(risen.load)].tolist())
        for number in self._upper:
            self._descend(self.operators.fronts[number], number, risen, mixing, field)
        for index, patch in enumerate(self.operators.patches):
            if index in touched:
                for number in range(patch.last, patch.first - 1, -1):
                    self._descend(self.operators.fronts[number], number, risen, mixing, field)
            else:
                self._shift(patch, field)
        return np.asarray(field[self._skin])

    @staticmethod
    def _descend(front: FrontOperator, number: int, risen: Risen, mixing: Reals, field: Reals) -> None:
        own = field[front.start : front.stop]
        if len(front.boundary):
            np.matmul(front.follow, field[front.boundary], out=own)
        else:
            own[:] = 0
        if number in risen.motion:
            own += risen.motion[number] @ mixing

    @staticmethod
    def _shift(patch: Patch, field: Reals) -> None:
        field[patch.skin] = patch.surface @ field[patch.boundary]

    def _path(self, rows: Indices) -> list[int]:
        """Fronts that loads on ``rows`` touch, in the order of elimination."""
        found = set(np.unique(self._front_of[rows]).tolist())
        for number in list(found):
            above = self.operators.fronts[number].parent
            while above >= 0 and above not in found:
                found.add(above)
                above = self.operators.fronts[above].parent
        return sorted(found)

    def _cleared(self, count: int) -> Reals:
        """A buffer (unknowns, count) of zeros; whoever fills it leaves it empty again."""
        if self._buffer.shape[1] != count:
            self._buffer = np.zeros((self.operators.unknowns, count), dtype=self.operators.dtype)
        return self._buffer


def _times(rows: Reals, matrix: Reals) -> Reals:
    """``rows @ matrix``; rows of zeros, of segments that do not reach a front, cost nothing."""
    filled = rows.any(axis=1)
    if filled.all():
        return rows @ matrix
    answer = np.zeros((len(rows), matrix.shape[1]), dtype=matrix.dtype)
    answer[filled] = rows[filled] @ matrix
    return answer
