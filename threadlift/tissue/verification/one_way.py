"""Barbs that slip and ligaments that only pull: do the answers keep these rules, checked from outside?

Two checks that share no line with the active-set solver. The conditions of the minimum are evaluated on its
answer; and the whole displacement field is solved anew under the forces found, after which every ligament
piece must carry what its stretch in that field says, t = k max(0, g + D^T u).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.cable import build_cables
from threadlift.tissue.part import TissuePart
from threadlift.tissue.response import Pull, Response
from threadlift.tissue.thread import CableThread
from threadlift.tissue.verification.demonstration import (
    demonstration_anatomy,
    demonstration_half,
    four_threads,
)
from threadlift.tissue.verification.figure import Figure, at_most, shown

Floats = NDArray[np.float64]
GROUP = "Slip and slack"
_TENSION_N, _HOLD_N = 1.0, 1.3  # close enough to the hold of a row that some barbs slip and the row does not


def optimality_residual(response: Response, pull: Pull, threads: Sequence[CableThread]) -> float:
    """Largest violation of the conditions of the minimum, over the largest term A x.

    With the gain A x - q: the same (lambda) for the free barbs of a row, no smaller for loose ones, no larger
    for slipping ones; zero for taut pieces, zero or more for slack ones.
    """
    force = np.r_[pull.barb_force_n, pull.piece_force_n]
    flexibility = response.flexibility(threads)
    gain = flexibility @ force - response.rest_stretch()
    count = len(pull.barb_force_n)
    loose = pull.barb_force_n <= 0
    wrong = [np.where(pull.piece_force_n > 0, np.abs(gain[count:]), np.maximum(-gain[count:], 0.0))]
    for row in range(int(response.row_of.max()) + 1):
        mine = response.row_of == row
        free = mine & ~loose & ~pull.barb_slips
        if not free.any():
            continue
        apart = gain[:count] - gain[:count][free].mean()
        wrong += [
            np.abs(apart[free]),
            apart[mine & pull.barb_slips].clip(0.0),
            (-apart[mine & loose]).clip(0.0),
        ]
    return float(np.concatenate(wrong).max() / np.abs(flexibility @ force).max())


def piece_law_error(part: TissuePart, pull: Pull, threads: Sequence[CableThread]) -> float:
    """Largest difference between the force of a ligament piece and k max(0, g + D^T u), over the largest
    force, in the field u solved anew under all forces."""
    cables = build_cables(threads, part.spreading, part.ball_radius_mm)
    held = part.restraints
    load = -(cables.coupling @ pull.segment_tension_n)
    load -= held.coupling @ (pull.piece_force_n - held.rest_force_n)
    moved = part.factorisation.solve(load[:, None])[:, 0]
    return float(np.abs(held.force_n(moved) - pull.piece_force_n).max() / pull.piece_force_n.max())


def one_way_figures() -> list[Figure]:
    """Four threads on the left half, drawn so hard that barbs slip and ligaments go slack."""
    part = demonstration_half()
    threads = [
        replace(thread, tension_n=_TENSION_N, holding_force_n=_HOLD_N)
        for thread in four_threads(demonstration_anatomy(), "left")
    ]
    response = part.respond(threads)
    pull = response.pull(threads)
    rest = part.restraints.rest_force_n
    slack = int(((pull.piece_force_n <= 0) & (rest > 0)).sum())
    return [
        shown(
            GROUP,
            "four threads of 1 N, rows that hold 1.3 N: barbs that slip",
            f"{int(pull.barb_slips.sum())} of {len(pull.barb_slips)}",
            "some, or the check is idle",
        ),
        shown(
            GROUP,
            "ligament pieces that carried weight and go slack",
            f"{slack} of {int((rest > 0).sum())}",
            "some, or the check is idle",
        ),
        at_most(
            GROUP,
            "conditions of the least energy: largest violation",
            optimality_residual(response, pull, threads),
            1e-8,
        ),
        at_most(
            GROUP,
            "ligament forces against their stretch in a field solved anew",
            piece_law_error(part, pull, threads),
            1e-8,
        ),
    ]
