"""From upright to lying on the back: how far the skin moves when its weight turns.

The scan is the upright state with its stretched ligaments (``threadlift.tissue.gravity``), so only the change
of weight counts. With W the weight in either posture and t the forces of the one-way ligament pieces (t_ref
upright),

    K0 u = W_supine - W_upright - D (t - t_ref).

The jaw stays where it is and tissue does not creep: both would add to the shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy
from threadlift.tissue.gravity import weight_load
from threadlift.tissue.grip import settle
from threadlift.tissue.lift import PatchReader
from threadlift.tissue.ligament import UPRIGHT
from threadlift.tissue.part import TissuePart

Floats = NDArray[np.float64]
SUPINE = np.array([0.0, 0.0, -1.0])  # direction of gravity in the frame of the face


@dataclass(frozen=True, eq=False)
class PostureShift:
    """Motion of landmarks (p, 3) in mm, means over 5 mm patches, and of all vertices of the face (n, 3)."""

    landmarks: tuple[str, ...]
    moves_mm: Floats
    displacement_mm: Floats
    slack_pieces: int

    def size_mm(self, landmark: str) -> float:
        """How far one landmark moves. Raises ``ValueError`` when it lies outside the model."""
        return float(np.linalg.norm(self.moves_mm[self.landmarks.index(landmark)]))


def posture_shift(part: TissuePart, anatomy: Anatomy, towards: Floats = SUPINE) -> PostureShift:
    """Shift of the face of ``part`` when gravity turns from upright ``towards`` another unit direction."""
    load = weight_load(part.mesh, part.density_g_per_cm3, towards - UPRIGHT)
    plain = part.factorisation.solve(load[:, None])
    restraints, pieces = part.restraints, part.pieces
    rest = restraints.rest_force_n
    stretch = (
        restraints.rest_stretch_mm + pieces.compliance_mm_per_n @ rest + restraints.coupling.T @ plain[:, 0]
    )
    flexibility = pieces.compliance_mm_per_n + np.diag(1 / restraints.stiffness_n_per_mm)
    force = settle(flexibility, stretch).force_n
    skin = part.skin(plain)[..., 0] + pieces.skin_mm_per_n @ (force - rest)
    displacement = part.on_face(skin).astype(np.float64)
    reader = PatchReader(anatomy.face, part.modelled)
    return PostureShift(
        landmarks=reader.landmarks,
        moves_mm=reader.read(displacement),
        displacement_mm=displacement,
        slack_pieces=int((force <= 0).sum()),
    )
