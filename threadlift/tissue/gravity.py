"""The weight of the tissue, and what it has already done to the ligaments before anybody pulls.

The scan shows a person upright, so the weight is in the picture already. Only the one-way ligaments need to
be told: those on which the face hangs are stretched and go slack when a thread has taken the load off them,
others are slack from the start. Their stretch is that of the model hung up once by its ligaments,

    K0 u + D t = W,   0 <= t,   t / k - D^T u >= 0,   one of the two zero for each piece,

with W the weight in the upright posture; then g = D^T u.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.grip import settle
from threadlift.tissue.mesh import TissueMesh
from threadlift.tissue.wedge import SHAPES, wedge_geometry

Floats = NDArray[np.float64]
STANDARD_GRAVITY_MM_PER_S2 = 9806.65
_CHUNK = 20_000


def node_masses(mesh: TissueMesh, density_g_per_cm3: float) -> Floats:
    """Mass at each node, in tonnes (N s2/mm): the integral of the density times each shape function."""
    density = density_g_per_cm3 * 1e-9  # g/cm3 = 1e-9 t/mm3
    mass = np.zeros(len(mesh.nodes_mm))
    for start in range(0, len(mesh.wedges), _CHUNK):
        wedges = mesh.wedges[start : start + _CHUNK]
        share = wedge_geometry(mesh.nodes_mm, wedges).volumes @ SHAPES
        mass += np.bincount(wedges.ravel(), density * share.ravel(), minlength=len(mass))
    return mass


def weight_load(mesh: TissueMesh, density_g_per_cm3: float, direction: Floats) -> Floats:
    """Weight of the tissue as loads (unknowns,) in N; ``direction`` is the unit vector in which it pulls."""
    pull = STANDARD_GRAVITY_MM_PER_S2 * node_masses(mesh, density_g_per_cm3)
    return np.asarray((pull[:, None] * direction).ravel())


def rest_stretch(compliance_mm_per_n: Floats, stiffness_n_per_mm: Floats, sag_mm: Floats) -> Floats:
    """Stretch g (L,) of one-way pieces under the weight.

    ``compliance_mm_per_n`` is C = D^T K0^-1 D, ``sag_mm`` the stretch D^T K0^-1 W that they would have if
    none of them held.
    """
    forces = settle(compliance_mm_per_n + np.diag(1 / stiffness_n_per_mm), sag_mm).force_n
    return np.asarray(sag_mm - compliance_mm_per_n @ forces)
