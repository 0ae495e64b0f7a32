"""Aligning point sets and bending the template onto a scan.

``align`` finds a robust similarity (rotation, shift, scale). ``bend_template`` moves every template vertex by
a displacement that is smooth (small Laplacian) and brings the surface onto the scan where the scan can be
trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from threadlift.errors import InputError
from threadlift.face.face import Vectors


@dataclass(frozen=True)
class Similarity:
    """``x -> scale * rotation @ x + shift``; ``rotation`` (3, 3) proper, ``shift`` (3,) in units of the
    target."""

    rotation: Vectors
    shift: Vectors
    scale: float = 1.0

    def apply(self, points: ArrayLike) -> Vectors:
        """Points (n, 3) or (3,) carried over."""
        return np.asarray(self.scale * (np.asarray(points, float) @ self.rotation.T) + self.shift)

    def inverse(self) -> Similarity:
        """The way back."""
        turned = self.rotation.T
        return Similarity(turned, -(turned @ self.shift) / self.scale, 1.0 / self.scale)

    def after(self, first: Similarity) -> Similarity:
        """``first``, then this one."""
        shift = self.apply(first.shift)
        return Similarity(self.rotation @ first.rotation, shift, self.scale * first.scale)


def align_exactly(
    source: Vectors, target: Vectors, weights: Vectors | None = None, *, scale: float | None = None
) -> Similarity:
    """Least-squares similarity from ``source`` (n, 3) to ``target`` (n, 3); with ``scale`` given, only a
    rigid motion.

    Never a mirror image. Raises ``InputError`` for fewer than three points or points on one line.
    """
    if len(source) < 3:
        raise InputError("three or more landmarks are needed to place the scan", where="landmarks")
    share = np.ones(len(source)) if weights is None else np.asarray(weights, float)
    share = share / share.sum()
    middle_source, middle_target = share @ source, share @ target
    own, other = source - middle_source, target - middle_target
    left, strengths, right = np.linalg.svd((other * share[:, None]).T @ own)
    if strengths[1] < 1e-9 * max(strengths[0], 1e-30):
        raise InputError(
            "the landmarks lie on one line", where="landmarks", remedy="Give points off that line."
        )
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = left @ (sign[:, None] * right)
    size = float((strengths * sign).sum() / (share @ (own**2).sum(axis=1))) if scale is None else scale
    return Similarity(rotation, middle_target - size * rotation @ middle_source, size)


def align(
    source: Vectors,
    target: Vectors,
    weights: Vectors | None = None,
    *,
    scale: float | None = None,
    rounds: int = 12,
) -> tuple[Similarity, Vectors]:
    """Robust similarity and the residuals (n,) in units of ``target``; points far off lose their weight."""
    base = np.ones(len(source)) if weights is None else np.asarray(weights, float)
    share = base
    for _ in range(rounds):
        found = align_exactly(source, target, share, scale=scale)
        residual = np.linalg.norm(found.apply(source) - target, axis=1)
        spread = max(float(np.median(residual[base > 0])), 1e-9)
        share = base / (1.0 + (residual / (2.0 * spread)) ** 2) ** 2
    return found, residual
