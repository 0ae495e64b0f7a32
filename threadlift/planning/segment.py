"""Distances between short straight pieces in space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def piece_distances(a: Numbers, b: Numbers, c: Numbers, d: Numbers) -> tuple[Numbers, Numbers]:
    """Distance (k,) between pieces a-b and c-d, all (k, 3), and the share (k,) of a-b at which it is reached.

    A piece may have no length.
    """
    u, v, w = b - a, d - c, a - c
    uu, uv, vv = _dot(u, u), _dot(u, v), _dot(v, v)
    uw, vw = _dot(u, w), _dot(v, w)
    tiny = 1e-12
    cross = uu * vv - uv * uv
    s = np.where(
        cross > tiny, np.clip((uv * vw - vv * uw) / np.where(cross > tiny, cross, 1.0), 0.0, 1.0), 0.0
    )
    t = np.where(vv > tiny, (uv * s + vw) / np.where(vv > tiny, vv, 1.0), 0.0)
    beyond = (t < 0.0) | (t > 1.0)
    t = np.clip(t, 0.0, 1.0)
    again = np.where(uu > tiny, np.clip((uv * t - uw) / np.where(uu > tiny, uu, 1.0), 0.0, 1.0), 0.0)
    s = np.where(beyond | (cross <= tiny), again, s)
    return np.linalg.norm(w + s[:, None] * u - t[:, None] * v, axis=1), s


def near_pieces(
    a: Numbers, b: Numbers, c: Numbers, d: Numbers, reach_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Numbers, Numbers]:
    """Pairs (i, j) of pieces a-b (n, 3) and c-d (m, 3) no further apart than ``reach_mm``: i, j, distance,
    share.
    """
    centre_a, centre_c = (a + b) / 2.0, (c + d) / 2.0
    half_a, half_c = np.linalg.norm(b - a, axis=1) / 2.0, np.linalg.norm(d - c, axis=1) / 2.0
    apart = np.linalg.norm(centre_a[:, None] - centre_c[None], axis=2)
    i, j = np.nonzero(apart <= reach_mm + half_a[:, None] + half_c[None])
    distance, share = piece_distances(a[i], b[i], c[j], d[j])
    near = distance <= reach_mm
    return i[near], j[near], distance[near], share[near]


def _dot(a: Numbers, b: Numbers) -> Numbers:
    product: Numbers = np.einsum("kx,kx->k", a, b)
    return product
