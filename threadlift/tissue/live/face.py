"""What is kept of a face for live answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.live.operators import Operators
from threadlift.tissue.restraint import Restraints


@dataclass(frozen=True, eq=False)
class LiveFace:
    """What is stored of a face: operators, the unknowns' place in the order of elimination, and its ligament
    pieces with the skin's answer (s, L) and compliance (L, L)."""

    operators: Operators
    rank: NDArray[np.int64]
    restraints: Restraints
    piece_skin: NDArray[np.floating]
    piece_compliance: NDArray[np.float64]
