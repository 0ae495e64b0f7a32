"""Averages of the displacement over small balls of tissue.

A force on a single node digs in deeper the finer the mesh is; a force spread over a ball of fixed radius does
not. The integration points of the wedges are the sampling points, so no node has to lie on a thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from threadlift.tissue.wedge import SHAPES, Floats, Wedges, wedge_geometry

_FEWEST_SAMPLES = 5
_LARGEST_CORRECTION = 3.0


class Spreading:
    """Averaging weights around points of the tissue of one mesh."""

    def __init__(self, nodes_mm: Floats, wedges: Wedges) -> None:
        self._nodes = len(nodes_mm)
        self._wedges = wedges
        self._samples = np.einsum("qa,mai->mqi", SHAPES, nodes_mm[wedges], optimize=True).reshape(-1, 3)
        self._volumes = np.concatenate(
            [
                wedge_geometry(nodes_mm, wedges[start : start + 20_000]).volumes.ravel()
                for start in range(0, len(wedges), 20_000)
            ]
        )
        self._tree = cKDTree(self._samples)

    def weights(self, points_mm: Floats, radius_mm: float) -> sparse.csr_array:
        """Rows (p, nodes) that average a nodal field over a ball around each point; a row sums to 1.

        The weight falls as 1 - (d / radius)^2 and is corrected so that a linear field gives its value at the
        point, also where the ball is cut by the skin or the bone. A point without tissue around it has an
        empty row.
        """
        near = [self._tree.query_ball_point(point, radius_mm) for point in points_mm]
        count = np.array([len(chosen) for chosen in near], dtype=np.int64)
        enough = np.flatnonzero(count >= _FEWEST_SAMPLES)
        if not len(enough):
            return sparse.csr_array((len(points_mm), self._nodes))
        sample = np.concatenate([near[row] for row in enough]).astype(np.int64)
        value = self._balls(points_mm[enough], sample, count[enough], radius_mm)
        nodes = self._wedges[sample // 6]
        share = SHAPES[sample % 6] * value[:, None]
        row = np.repeat(enough, count[enough])
        return sparse.csr_array(
            (share.ravel(), (np.repeat(row, 6), nodes.ravel())), shape=(len(points_mm), self._nodes)
        )

    def _balls(
        self, points_mm: Floats, sample: NDArray[np.int64], count: NDArray[np.int64], radius_mm: float
    ) -> Floats:
        """Weights of the samples (s,) of balls around ``points_mm`` (p, 3), ``count`` (p,) samples each.

        With plain weights w and basis (1, x), the correction c solves (sum w (1, x)(1, x)^T) c = (1, 0).
        """
        start, ball = np.r_[0, np.cumsum(count[:-1])], np.repeat(np.arange(len(count)), count)
        offset = (self._samples[sample] - points_mm[ball]) / radius_mm
        plain = self._volumes[sample] * (1 - (offset**2).sum(axis=1)).clip(1e-6)
        plain /= np.add.reduceat(plain, start)[ball]
        basis = np.column_stack([np.ones(len(sample)), offset])
        weighted = plain[:, None] * basis
        outer = (weighted[:, :, None] * basis[:, None, :]).reshape(-1, 16)
        moments = np.add.reduceat(outer, start).reshape(-1, 4, 4)
        well = np.linalg.cond(moments) <= 1e4
        first = np.zeros((len(count), 4, 1))
        first[:, 0] = 1.0
        solved = np.linalg.solve(np.where(well[:, None, None], moments, np.eye(4)), first)[:, :, 0]
        correction = (basis * solved[ball]).sum(axis=1)
        well &= np.maximum.reduceat(np.abs(correction), start) <= _LARGEST_CORRECTION
        return np.asarray(np.where(well[ball], plain * correction, plain))
