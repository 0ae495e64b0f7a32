"""From wedges to one sparse matrix.

    K = sum_e K_dev,e  +  G^T diag(kappa_g / V_g) G

where row g of G integrates the divergence over a group of wedges: one mean dilatation per group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.tissue.wedge import Floats, Wedges, deviatoric_stiffness, wedge_geometry

CHUNK = 6000  # wedges at a time: keeps the element matrices below 50 MB


@dataclass(frozen=True)
class Elasticity:
    """Isotropic moduli of each wedge in MPa: shear and bulk, both (m,)."""

    shear_mpa: Floats
    bulk_mpa: Floats


def isotropic(young_mpa: Floats, poisson: Floats | float) -> Elasticity:
    """Shear and bulk modulus from Young's modulus and Poisson's ratio (below 0.5)."""
    nu = np.broadcast_to(np.asarray(poisson, dtype=np.float64), young_mpa.shape)
    return Elasticity(young_mpa / (2 * (1 + nu)), young_mpa / (3 * (1 - 2 * nu)))


def assemble_stiffness(
    nodes_mm: Floats, wedges: Wedges, elasticity: Elasticity, groups: NDArray[np.int64]
) -> sparse.csr_array:
    """Stiffness matrix (3n, 3n) in N/mm without any support; unknown 3 i + k is direction k of node i.

    ``groups`` (m,) numbers the wedges that share a mean dilatation.
    """
    size = 3 * len(nodes_mm)
    pattern = BlockPattern.of(wedges, len(nodes_mm))
    blocks = np.zeros((pattern.count, 3, 3))
    rows, volume = np.empty((len(wedges), 18)), np.empty(len(wedges))
    for start in range(0, len(wedges), CHUNK):
        part = slice(start, start + CHUNK)
        geometry = wedge_geometry(nodes_mm, wedges[part])
        rows[part], volume[part] = geometry.divergence, geometry.volume
        element = deviatoric_stiffness(geometry, elasticity.shear_mpa[part])
        pattern.add(blocks, element, part)
    deviatoric = sparse.bsr_array((blocks, pattern.columns, pattern.starts), shape=(size, size)).tocsr()
    return sparse.csr_array(
        deviatoric + volumetric_stiffness(wedges, size, rows, volume, elasticity.bulk_mpa, groups)
    )


def volumetric_stiffness(
    wedges: Wedges, size: int, rows: Floats, volume: Floats, bulk_mpa: Floats, groups: NDArray[np.int64]
) -> sparse.csr_array:
    """G^T diag(kappa_g / V_g) G from the ``rows`` (m, 18) of G, volume (m,) and bulk modulus (m,) of each
    wedge."""
    unknowns = (3 * wedges[:, :, None] + np.arange(3)).reshape(len(wedges), 18)
    count = int(groups.max()) + 1
    total = np.bincount(groups, volume, minlength=count)
    bulk = np.bincount(groups, bulk_mpa * volume, minlength=count) / total
    divergence = sparse.csr_array(
        (rows.ravel(), (np.repeat(groups, 18), unknowns.ravel())), shape=(count, size)
    )
    return (divergence.T.tocsr() @ (sparse.diags_array(bulk / total).tocsr() @ divergence)).tocsr()


@dataclass(frozen=True)
class BlockPattern:
    """Where the 36 node blocks of each wedge go in a block matrix."""

    starts: NDArray[np.int32]
    columns: NDArray[np.int32]
    slots: NDArray[np.int64]

    @property
    def count(self) -> int:
        return len(self.columns)

    @classmethod
    def of(cls, wedges: Wedges, nodes: int) -> BlockPattern:
        keys = (wedges[:, :, None] * nodes + wedges[:, None, :]).reshape(-1)
        unique, slots = np.unique(keys, return_inverse=True)
        starts = np.searchsorted(unique, np.arange(nodes + 1) * nodes)
        return cls(starts.astype(np.int32), (unique % nodes).astype(np.int32), slots.reshape(len(wedges), 36))

    def add(self, blocks: Floats, element: Floats, part: slice) -> None:
        """Sum the (c, 18, 18) element matrices of wedges ``part`` into ``blocks``."""
        values = element.reshape(-1, 6, 3, 6, 3).transpose(0, 1, 3, 2, 4).reshape(-1, 9)
        slots = self.slots[part].ravel()
        order = np.argsort(slots, kind="stable")
        first = np.flatnonzero(np.diff(slots[order], prepend=-1))
        blocks.reshape(-1, 9)[slots[order][first]] += np.add.reduceat(values[order], first, axis=0)
