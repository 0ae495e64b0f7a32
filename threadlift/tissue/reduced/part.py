"""A plan on one side of a face with a few dozen unknowns instead of a hundred thousand.

With fields V (unknowns, m), u = V c and K(p) = V^T K V, F(p) = V^T F, D = V^T D, W(p) = V^T W::

    sag = D^T K^-1 W                                     stretch of the ligament pieces under the weight
    t_ref = forces of the pieces that hang the face up   (one-way: threadlift.tissue.grip)
    t     = the same with the threads pulling            stretch sag + D^T K^-1 F T
    c     = K^-1 (F T - D (t - t_ref))

so ligaments go slack or not anew in every sample. What each thread contributes is read with every piece as a
spring of its secant stiffness, which gives the same lift and adds up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from threadlift.errors import InputError
from threadlift.tissue.grip import settle

Floats = NDArray[np.float64]
_NO_CHANGE_MM = 1e-9


@dataclass(frozen=True, eq=False)
class Powered:
    """An array that depends on the parameters: sum over q of exp(powers_q . ln p) arrays_q."""

    powers: Floats
    arrays: Floats

    def at(self, logs: Floats) -> Floats:
        """The array for logarithms (parameters,) of the factors."""
        return np.asarray(np.tensordot(np.exp(self.powers @ logs), self.arrays, axes=1))


@dataclass(frozen=True, eq=False)
class ReducedPart:
    """k threads and L ligament pieces on m fields, read at p landmarks.

    ``stiffness`` (m, m) N/mm, ``load`` (m, k) for 1 N in each thread and ``weight`` (m,) in N depend on the
    parameters; ``pieces`` (m, L) is D, ``piece_stiffness_n_per_mm`` (L,) nominal; ``reading`` (p, 3, m).
    """

    stiffness: Powered
    load: Powered
    weight: Powered
    pieces: Floats
    piece_stiffness_n_per_mm: Floats
    reading: Floats

    def lift(self, logs: Floats, ligament_factor: float, carried_n: Floats) -> Floats:
        """What each thread adds to the motion of each landmark (k, p, 3), mm, when carrying ``carried_n``.

        Raises ``InputError`` for parameters so far off that the interpolated stiffness is none.
        """
        try:
            factor = cho_factor(self.stiffness.at(logs), lower=True)
        except (np.linalg.LinAlgError, ValueError) as error:
            raise InputError("does not hold for tissue so far from nominal", where="reduced model") from error
        load = self.load.at(logs)
        count = load.shape[1]
        right = np.column_stack([load, self.weight.at(logs), self.pieces])
        solved = cho_solve(factor, right, check_finite=False)
        moved, hanging, pulled = solved[:, :count], solved[:, count], solved[:, count + 1 :]
        if self.pieces.shape[1] and ligament_factor > 0:
            stiffness = ligament_factor * self.piece_stiffness_n_per_mm
            moved = moved - self._held(moved, hanging, pulled, stiffness, carried_n)
        return np.asarray(np.einsum("pxm,mk->kpx", self.reading, moved * carried_n))

    def _held(
        self, moved: Floats, hanging: Floats, pulled: Floats, stiffness: Floats, carried_n: Floats
    ) -> Floats:
        """What the ligaments take off the answer ``moved`` (m, k) to 1 N in each thread."""
        compliance = self.pieces.T @ pulled
        compliance = (compliance + compliance.T) / 2
        flexibility = compliance + np.diag(1 / stiffness)
        sag, drawn = self.pieces.T @ hanging, self.pieces.T @ moved
        rest = settle(flexibility, sag)
        stretch = drawn @ carried_n
        change_n = settle(flexibility, sag + stretch, start=rest.active).force_n - rest.force_n
        change_mm = stretch - compliance @ change_n
        secant = np.zeros(len(stiffness))
        stirred = np.abs(change_mm) > _NO_CHANGE_MM
        secant[stirred] = np.clip(change_n[stirred] / change_mm[stirred], 0.0, stiffness[stirred])
        kept = np.flatnonzero(secant > 1e-6 * stiffness)
        held = compliance[np.ix_(kept, kept)] + np.diag(1 / secant[kept])
        return np.asarray(pulled[:, kept] @ np.linalg.solve(held, drawn[kept]))
