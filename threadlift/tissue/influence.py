"""Read-outs per newton of thousands of threads, from one solve per read-out instead of a dozen per thread.

The displacement under segment tensions N is u = -K0^-1 B N (``threadlift.tissue.cable``). A read-out r . u,
such as the mean motion of a patch of skin, is therefore, K0 being symmetric,

    r . u = -z . (B N),   K0 z = r,

so that one *adjoint* z for each read-out serves every thread: a sparse product with its loads B N. How the
barbs share a pull needs a thread's own compliance; here N = S f with a usual sharing f
(``data/influence.toml``), which is good enough to choose by. What is chosen is computed with its own sharing
afterwards.

Ligament pieces with the secant stiffness k of some pull are two-way springs. With D their directions and C =
D^T K0^-1 D, Woodbury's identity takes them into account at any k without another solve:

    r . u = r . u0 - (r . K0^-1 D) (C + 1/k)^-1 D^T u0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.files import load_data
from threadlift.tissue.cable import build_cables
from threadlift.tissue.mesh import SKIN_LEVEL, TissueMesh
from threadlift.tissue.part import TissuePart
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
_SOLVED_AT_ONCE = 48  # adjoints at a time: 45 MB on a whole face


@dataclass(frozen=True, eq=False)
class Influence:
    """Read-outs (r) of threads (k) pulled with 1 N each, and what the ligament pieces (L) change about them.

    ``free_per_n`` (r, k) without pieces, ``stretch_mm_per_n`` (L, k) of each piece, ``across`` (r, L) the
    read-outs of 1 N along each piece, ``compliance_mm_per_n`` (L, L) among the pieces.
    """

    free_per_n: Floats
    stretch_mm_per_n: Floats
    across: Floats
    compliance_mm_per_n: Floats

    def at(self, stiffness_n_per_mm: Floats) -> Floats:
        """Read-outs per newton (r, k) with the pieces as springs of ``stiffness_n_per_mm`` (L,); 0 takes one
        away."""
        kept = np.flatnonzero(stiffness_n_per_mm)
        if not len(kept):
            return self.free_per_n
        held = self.compliance_mm_per_n[np.ix_(kept, kept)] + np.diag(1 / stiffness_n_per_mm[kept])
        return np.asarray(
            self.free_per_n - self.across[:, kept] @ np.linalg.solve(held, self.stretch_mm_per_n[kept])
        )

    def joined(self, other: Influence) -> Influence:
        """The read-outs of both, on the same threads."""
        return replace(
            self,
            free_per_n=np.vstack([self.free_per_n, other.free_per_n]),
            across=np.vstack([self.across, other.across]),
        )


class ThreadLoads:
    """Many threads as loads on one piece of face, ready for any read-out."""

    def __init__(self, part: TissuePart, threads: Sequence[CableThread]) -> None:
        """Raises ``InputError`` for a thread most of whose barbs lie outside the modelled tissue."""
        self.part = part
        self._loads = load_columns(part, threads)
        self._stretch = self._read(part.restraints.coupling.T.tocsr())[0]

    def taking(self, columns: NDArray[np.int64]) -> ThreadLoads:
        """Some of the threads, by their numbers, without computing anything again."""
        taken = copy(self)
        taken._loads, taken._stretch = self._loads[:, columns], self._stretch[:, columns]
        return taken

    def influence(self, rows: sparse.csr_array) -> Influence:
        """Influence on the read-outs ``rows`` (r, 3 n) of the face's vertices."""
        free, across = self._read(on_unknowns(rows, self.part.mesh))
        return Influence(free, self._stretch, across, self.part.pieces.compliance_mm_per_n)

    def _read(self, rows: sparse.csr_array) -> tuple[Floats, Floats]:
        """Read-outs of the threads (r, k) and of the ligament pieces (r, L) for ``rows`` (r, unknowns)."""
        free, across = [], []
        for start in range(0, rows.shape[0], _SOLVED_AT_ONCE):
            adjoint = solve_adjoints(self.part.factorisation.solve, rows[start : start + _SOLVED_AT_ONCE])
            free.append(-(self._loads.T @ adjoint).T)
            across.append((self.part.restraints.coupling.T @ adjoint).T)
        if not free:
            return np.empty((0, self._loads.shape[1])), np.empty((0, len(self.part.restraints)))
        return np.vstack(free), np.vstack(across)


def solve_adjoints(solve: Callable[[Floats], Floats], rows: sparse.csr_array) -> Floats:
    """Adjoints (unknowns, r) of read-outs ``rows`` (r, unknowns), by ``solve`` of a symmetric stiffness."""
    return solve(rows.toarray().T)


def load_columns(part: TissuePart, threads: Sequence[CableThread]) -> sparse.csc_array:
    """Loads B S f (unknowns, k) of each thread alone at a pull of 1 N, shared among its barbs as usual."""
    columns = []
    for thread in threads:
        cable = build_cables([thread], part.spreading, part.ball_radius_mm)
        tension = cable.collect @ usual_shares(thread)
        columns.append(sparse.csc_array((cable.coupling @ tension)[:, None]))
    if not columns:
        return sparse.csc_array((part.factorisation.matrix.shape[0], 0))
    return sparse.csc_array(sparse.hstack(columns, format="csc"))


def usual_shares(thread: CableThread) -> Floats:
    """Force (F,) of each barb at a pull of 1 N, rear barbs first; each row of barbs sums to 1."""
    front, rear = _profiles()
    parts = [_shares(front, len(thread.barbs_mm))]
    if thread.anchoring == "floating":
        parts.insert(0, _shares(rear, len(thread.rear_barbs_mm)))
    return np.concatenate(parts)


@cache
def _profiles() -> tuple[tuple[float, ...], tuple[float, ...]]:
    record = load_data("threadlift.tissue", "influence.toml")["share"][0]
    return tuple(record["front"]), tuple(record["rear"])


def _shares(profile: tuple[float, ...], count: int) -> Floats:
    places = np.linspace(0.0, 1.0, count) if count > 1 else np.array([0.5])
    shares = np.interp(places, np.linspace(0.0, 1.0, len(profile)), profile)
    return np.asarray(shares / shares.sum())


def patch_rows(weights: Floats) -> sparse.csr_array:
    """Read-outs (3 p, 3 n) of the mean motion along x, y, z over patches of ``weights`` (p, n)."""
    return sparse.csr_array(sparse.kron(sparse.csr_array(weights), sparse.eye_array(3)))


def on_unknowns(rows: sparse.csr_array, mesh: TissueMesh) -> sparse.csr_array:
    """Read-outs on the face's vertices (r, 3 n) as read-outs on the unknowns of a model (r, unknowns)."""
    taken = (3 * mesh.source[:, None] + np.arange(3)).ravel()
    put = (3 * mesh.level(SKIN_LEVEL)[:, None] + np.arange(3)).ravel()
    picked = sparse.coo_array(rows.tocsc()[:, taken])
    row, column = picked.coords
    return sparse.csr_array((picked.data, (row, put[column])), shape=(rows.shape[0], 3 * len(mesh.nodes_mm)))
