"""Tightened cables as a load that follows the tissue.

A cable of tension N that slides freely through tissue has the potential N x (length of its way). The way runs
through stations that move with the tissue, x_i = X_i + (mean of u around X_i), so

    L(u) = sum_s N_s sum_(i in s) |x_(i+1) - x_i|

is what the lengths of the segments cost. At rest its force is the dead load -B N of
``threadlift.tissue.cable``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from threadlift.tissue.cable import CableWay
from threadlift.tissue.wedge import Floats


class CableLoad:
    """Threads of given segment tensions, in the order of ``ways`` and their segments."""

    def __init__(self, ways: Sequence[CableWay], tension_n: Floats) -> None:
        """``tension_n`` (M,) is zero or more: a cable pulls."""
        steps, tensions, first, segment = [], [], 0, 0
        for way in ways:
            steps.append(first + np.arange(len(way.segment_of_step)))
            tensions.append(tension_n[segment + way.segment_of_step])
            first, segment = first + len(way.points_mm), segment + int(way.segment_of_step.max()) + 1
        start, self._tension = np.concatenate(steps), np.concatenate(tensions)
        count = len(start)
        self._difference = sparse.csr_array(
            (
                np.r_[np.ones(count), -np.ones(count)],
                (np.tile(np.arange(count), 2), np.r_[start + 1, start]),
            ),
            shape=(count, first),
        ) @ sparse.vstack([way.weights for way in ways])
        points = np.concatenate([way.points_mm for way in ways])
        self._rest = points[start + 1] - points[start]

    def steps_mm(self, displacement_mm: Floats) -> Floats:
        """x_(i+1) - x_i of every step between stations (s, 3)."""
        return np.asarray(self._rest + self._difference @ displacement_mm.reshape(-1, 3))

    def shortest_share(self, displacement_mm: Floats) -> float:
        """Smallest length of a step along its first direction, as a share of the first: at or below 0 a
        station has passed the next."""
        length = np.linalg.norm(self._rest, axis=1)
        ahead = (self.steps_mm(displacement_mm) * self._rest).sum(axis=1) / length**2
        return float(ahead.min())

    def energy(self, displacement_mm: Floats) -> float:
        """L(u), N mm."""
        return float(self._tension @ np.linalg.norm(self.steps_mm(displacement_mm), axis=1))

    def gradient(self, displacement_mm: Floats) -> Floats:
        """dL/du (3n,): N times the direction of each step, on its two ends."""
        step = self.steps_mm(displacement_mm)
        pull = (self._tension / np.linalg.norm(step, axis=1))[:, None] * step
        return np.asarray(self._difference.T @ pull).ravel()

    def curvature(self, displacement_mm: Floats) -> sparse.csr_array:
        """d2L/du2 (3n, 3n): N / length (I - t t^T) of each step; never negative, for a length is convex."""
        step = self.steps_mm(displacement_mm)
        length = np.linalg.norm(step, axis=1)
        along = step / length[:, None]
        block = np.eye(3) - along[:, :, None] * along[:, None, :]
        block *= (self._tension / length)[:, None, None]
        spread = sparse.kron(self._difference, sparse.eye_array(3), format="csr")
        count = len(length)
        middle = sparse.bsr_array(
            (block, np.arange(count), np.arange(count + 1)), shape=(3 * count, 3 * count)
        )
        return sparse.csr_array(spread.T @ (middle.tocsr() @ spread))
