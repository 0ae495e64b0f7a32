"""One-way springs that hold tissue: the pieces of the retaining ligaments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.errors import InputError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
_CHUNK = 32  # columns solved at a time: 30 MB on a whole face


@dataclass(frozen=True, eq=False)
class Restraints:
    """Springs that pull along their fibre and never push.

    With displacement u from the scanned (upright) state, the stretch of the pieces is e = g + D^T u, and each
    pulls the tissue back along -D with k max(0, e). The change from the scanned state is
    k (max(0, e) - max(0, g)).
    """

    ids: tuple[str, ...]
    """One name a piece: ``mandibular-left-3-normal``."""
    coupling: sparse.csc_array
    """D (unknowns, L): stretch of each piece per displacement, 1."""
    stiffness_n_per_mm: Floats
    """k (L,), above zero."""
    rest_stretch_mm: Floats
    """g (L,): stretch in the scanned state, under gravity; below 0: slack by so much."""

    def __post_init__(self) -> None:
        count = len(self.ids)
        if self.coupling.shape[1] != count or self.stiffness_n_per_mm.shape != (count,):
            raise InputError("every piece needs a direction and a stiffness", where="ligament pieces")
        if not (np.isfinite(self.stiffness_n_per_mm).all() and (self.stiffness_n_per_mm > 0).all()):
            raise InputError("the stiffness of a piece must be above zero", where="ligament pieces")
        if self.rest_stretch_mm.shape != (count,) or not np.isfinite(self.rest_stretch_mm).all():
            raise InputError("every piece needs a finite rest stretch", where="ligament pieces")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def rest_force_n(self) -> Floats:
        """What each piece carries in the scanned state (L,), N."""
        return np.asarray(self.stiffness_n_per_mm * np.maximum(self.rest_stretch_mm, 0.0))

    def stretch_mm(self, displacement_mm: Floats) -> Floats:
        """Stretch (L,) under a displacement (unknowns,)."""
        return np.asarray(self.rest_stretch_mm + self.coupling.T @ displacement_mm)

    def force_n(self, displacement_mm: Floats) -> Floats:
        """What each piece carries (L,), N, under a displacement (unknowns,)."""
        return np.asarray(self.stiffness_n_per_mm * np.maximum(self.stretch_mm(displacement_mm), 0.0))

    @classmethod
    def none(cls, unknowns: int) -> Restraints:
        """No piece at all, for a model of so many unknowns."""
        return cls((), sparse.csc_array((unknowns, 0)), np.empty(0), np.empty(0))


@dataclass(frozen=True, eq=False)
class PieceAnswers:
    """What tissue does for 1 N in each piece (L): ``skin_mm_per_n`` (n, 3, L) of the model's skin nodes, and
    C = D^T K0^-1 D (L, L), by how much each piece shortens."""

    skin_mm_per_n: NDArray[np.float32]
    compliance_mm_per_n: Floats


def solve_pieces(
    solve: Callable[[Floats], Floats], coupling: sparse.csc_array, skin_nodes: Indices
) -> PieceAnswers:
    """Answers of the pieces with directions ``coupling``, by ``solve`` of K0."""
    count = coupling.shape[1]
    skin = np.empty((len(skin_nodes), 3, count), dtype=np.float32)
    compliance = np.empty((count, count))
    for start in range(0, count, _CHUNK):
        part = slice(start, min(start + _CHUNK, count))
        pulled = solve(coupling[:, part].toarray())
        compliance[:, part] = coupling.T @ pulled
        skin[..., part] = -pulled.reshape(-1, 3, pulled.shape[1])[skin_nodes]
    return PieceAnswers(skin, (compliance + compliance.T) / 2)
