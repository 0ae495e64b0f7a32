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
        rows, samples, values = [], [], []
        for row, point in enumerate(points_mm):
            chosen = np.array(self._tree.query_ball_point(point, radius_mm), dtype=np.int64)
            if len(chosen) < _FEWEST_SAMPLES:
                continue
            rows.append(np.full(len(chosen), row))
            samples.append(chosen)
            values.append(self._ball(points_mm[row], chosen, radius_mm))
        if not rows:
            return sparse.csr_array((len(points_mm), self._nodes))
        sample = np.concatenate(samples)
        nodes = self._wedges[sample // 6]
        share = SHAPES[sample % 6] * np.concatenate(values)[:, None]
        return sparse.csr_array(
            (share.ravel(), (np.repeat(np.concatenate(rows), 6), nodes.ravel())),
            shape=(len(points_mm), self._nodes),
        )

    def _ball(self, point_mm: Floats, near: NDArray[np.int64], radius_mm: float) -> Floats:
        offset = (self._samples[near] - point_mm) / radius_mm
        plain = self._volumes[near] * (1 - (offset**2).sum(axis=1)).clip(1e-6)
        plain /= plain.sum()
        basis = np.column_stack([np.ones(len(near)), offset])
        moments = basis.T @ (plain[:, None] * basis)
        if np.linalg.cond(moments) > 1e4:
            return np.asarray(plain)
        correction = basis @ np.linalg.solve(moments, np.array([1.0, 0.0, 0.0, 0.0]))
        if np.abs(correction).max() > _LARGEST_CORRECTION:
            return np.asarray(plain)
        return np.asarray(plain * correction)
