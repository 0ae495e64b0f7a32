"""Our wedges with every integral taken at all six points: what other codes compute.

    K_e = K_dev,e + sum_q kappa_e w_q g_q g_q^T,   g_q the divergence of the 18 displacements at point q

The model itself averages the dilatation over pairs of wedges, which no other code here does. This variant is
used by the verification alone: the same geometry, shape functions and change of shape, so that what agrees
here leaves only the averaging to be checked by other means (Cook's membrane, the cantilever).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from threadlift.tissue.assembly import CHUNK, BlockPattern, Elasticity
from threadlift.tissue.wedge import Floats, Wedges, deviatoric_stiffness, wedge_geometry


def plain_stiffness(nodes_mm: Floats, wedges: Wedges, elasticity: Elasticity) -> sparse.csr_array:
    """Stiffness (3n, 3n) in N/mm of fully integrated wedges without any support."""
    size = 3 * len(nodes_mm)
    pattern = BlockPattern.of(wedges, len(nodes_mm))
    blocks = np.zeros((pattern.count, 3, 3))
    for start in range(0, len(wedges), CHUNK):
        part = slice(start, start + CHUNK)
        geometry = wedge_geometry(nodes_mm, wedges[part])
        element = deviatoric_stiffness(geometry, elasticity.shear_mpa[part])
        weight = elasticity.bulk_mpa[part, None] * geometry.volumes
        divergence = geometry.gradients.reshape(-1, 6, 18)
        element += np.matmul((divergence * weight[:, :, None]).transpose(0, 2, 1), divergence)
        pattern.add(blocks, element, part)
    return sparse.csr_array(
        sparse.bsr_array((blocks, pattern.columns, pattern.starts), shape=(size, size)).tocsr()
    )
