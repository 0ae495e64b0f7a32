"""The nominal state that a reduction starts from: threads pulled as planned, the face hung by its weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.grip import settle
from threadlift.tissue.part import TissuePart

Floats = NDArray[np.float64]
SLACKEST = 0.1  # share of the largest change of a piece's force below which its answer is left out
_LEAST_SLACK = 0.1


@dataclass(frozen=True, eq=False)
class NominalState:
    """``answers`` (unknowns, k) to 1 N in each thread, ligaments at their secant stiffness in the plan;
    ``hanging`` (unknowns,) under the weight; ``slack`` (unknowns, s) the answers of the ligament pieces that
    the plan changes, times that change in N (but at least a tenth of the largest)."""

    answers: Floats
    hanging: Floats
    slack: Floats


def nominal_state(part: TissuePart, free: Floats, sagging: Floats, asked_n: Floats) -> NominalState:
    """From the answers ``free`` (unknowns, k) of the threads and ``sagging`` (unknowns,) of the weight, both
    without ligaments, with ``asked_n`` (k,) in the threads."""
    restraints, compliance = part.restraints, part.pieces.compliance_mm_per_n
    if not len(restraints):
        return NominalState(free, sagging, free[:, :0])
    stiffness, rest_n = restraints.stiffness_n_per_mm, restraints.rest_force_n
    drawn = restraints.coupling.T @ free
    stretch = restraints.coupling.T @ sagging + drawn @ asked_n
    change_n = settle(compliance + np.diag(1 / stiffness), stretch).force_n - rest_n
    change_mm = drawn @ asked_n - compliance @ change_n
    secant = np.clip(change_n / np.where(change_mm == 0, 1.0, change_mm), 0.0, stiffness)
    kept = np.flatnonzero(secant > 1e-6 * stiffness)
    held = compliance[np.ix_(kept, kept)] + np.diag(1 / secant[kept])
    by_piece = np.zeros((len(stiffness), free.shape[1]))
    by_piece[kept] = np.linalg.solve(held, drawn[kept])
    solve, coupling = part.factorisation.solve, restraints.coupling
    size = np.abs(change_n)
    chosen = np.flatnonzero(size > SLACKEST * size.max(initial=0.0))
    return NominalState(
        answers=free - solve(coupling @ by_piece),
        hanging=sagging - solve((coupling @ rest_n)[:, None])[:, 0],
        slack=solve(coupling[:, chosen].toarray())
        * np.maximum(size[chosen], _LEAST_SLACK * size.max(initial=0.0)),
    )
