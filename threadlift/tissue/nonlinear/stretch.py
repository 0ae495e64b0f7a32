"""Stretch of the skin under large motion."""

from __future__ import annotations

import numpy as np

from threadlift.tissue.strain import Indices, SkinPlanes, to_vertices
from threadlift.tissue.wedge import Floats


def skin_stretch(vertices_mm: Floats, triangles: Indices, displacement_mm: Floats) -> tuple[Floats, Floats]:
    """Largest and smallest principal stretch of the skin less one (n,), averaged over the triangles of each
    vertex.

    Roots of C = (grad x)^T (grad x) in the plane of each triangle: a mere rotation gives 0, where linear
    strain would not.
    """
    planes = SkinPlanes.of(vertices_mm, triangles)
    slope = np.einsum("mai,maj->mij", displacement_mm[triangles], planes.gradient)
    lines = planes.frame + np.einsum("mij,mpj->mpi", slope, planes.frame)
    squared = np.einsum("mpi,mqi->mpq", lines, lines)
    roots = np.sqrt(np.linalg.eigvalsh(squared).clip(0.0)) - 1
    return (
        to_vertices(roots[:, 1], planes.double_area, triangles, len(vertices_mm)),
        to_vertices(roots[:, 0], planes.double_area, triangles, len(vertices_mm)),
    )
