"""The six-node wedge: a triangle swept through a layer.

Nodes 0, 1, 2 are the triangle on the deep side, 3, 4, 5 the same corners on the side towards the skin::

    N_a(r, s, t)     = L_a(r, s) (1 - t) / 2        a = 0, 1, 2,  L = (1 - r - s, r, s)
    N_{a+3}(r, s, t) = L_a(r, s) (1 + t) / 2

with (r, s) on the unit triangle and t in [-1, 1]. Triangle corners run anticlockwise seen from outside, so
that the Jacobian is positive. Integration: 3 points in the triangle (degree 2) times 2 through the thickness
(degree 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError

Floats = NDArray[np.float64]
Wedges = NDArray[np.int64]

_TRIANGLE = np.array([[1 / 6, 1 / 6], [2 / 3, 1 / 6], [1 / 6, 2 / 3]])
_GAUSS = np.array([-1.0, 1.0]) / np.sqrt(3.0)
POINTS = np.array([[r, s, t] for t in _GAUSS for r, s in _TRIANGLE])  # (6, 3)
WEIGHTS = np.full(6, 1 / 6)  # area of the unit triangle 1/2, three points, two Gauss weights of 1
CORNERS = np.array([[r, s, t] for t in (-1.0, 1.0) for r, s in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))])


def shape_values(points: Floats) -> Floats:
    """Shape functions at reference points (q, 3): (q, 6)."""
    r, s, t = points.T
    corner = np.stack([1 - r - s, r, s], axis=1)
    return np.hstack([corner * ((1 - t) / 2)[:, None], corner * ((1 + t) / 2)[:, None]])


def shape_gradients(points: Floats) -> Floats:
    """Derivatives of the shape functions by (r, s, t) at reference points (q, 3): (q, 6, 3)."""
    r, s, t = points.T
    corner = np.stack([1 - r - s, r, s], axis=1)
    by_rs = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    gradient = np.empty((len(points), 6, 3))
    for half, sign in ((slice(0, 3), -1.0), (slice(3, 6), 1.0)):
        gradient[:, half, :2] = by_rs * ((1 + sign * t) / 2)[:, None, None]
        gradient[:, half, 2] = sign * corner / 2
    return gradient


SHAPES = shape_values(POINTS)
_REFERENCE_GRADIENTS = shape_gradients(POINTS)
_CORNER_GRADIENTS = shape_gradients(CORNERS)


def corner_jacobians(nodes_mm: Floats, wedges: Wedges) -> Floats:
    """Determinant of the Jacobian at the six corners of each wedge: (m, 6). All positive = not inverted."""
    jacobian = np.einsum("mai,qaj->mqij", nodes_mm[wedges], _CORNER_GRADIENTS, optimize=True)
    return np.asarray(np.linalg.det(jacobian))


@dataclass(frozen=True)
class WedgeGeometry:
    """Shape gradients (m, 6 points, 6 nodes, 3) by x and integration weights times det J (m, 6) of each
    wedge."""

    gradients: Floats
    volumes: Floats

    @property
    def volume(self) -> Floats:
        """Volume of each wedge, mm3."""
        return np.asarray(self.volumes.sum(axis=1))

    @property
    def divergence(self) -> Floats:
        """Integral of the divergence as a row on the 18 displacements of a wedge: (m, 18)."""
        return np.asarray(np.einsum("mq,mqai->mai", self.volumes, self.gradients, optimize=True)).reshape(
            -1, 18
        )


def wedge_geometry(nodes_mm: Floats, wedges: Wedges) -> WedgeGeometry:
    """Gradients and weights at the six integration points of each wedge.

    Raises ``InputError`` for wedges that are turned inside out or have no volume.
    """
    jacobian = np.einsum("mai,qaj->mqij", nodes_mm[wedges], _REFERENCE_GRADIENTS, optimize=True)
    determinant = np.linalg.det(jacobian)
    inverted = np.flatnonzero(~(determinant > 0).all(axis=1))
    if len(inverted):
        raise InputError(
            f"{len(inverted)} wedges are turned inside out or flat, the first is number {inverted[0]}",
            where="tissue mesh",
            remedy="Corners must run anticlockwise seen from the skin, and layers must not fold.",
        )
    inverse = np.linalg.inv(jacobian)
    gradients = np.einsum("qaj,mqji->mqai", _REFERENCE_GRADIENTS, inverse, optimize=True)
    return WedgeGeometry(np.ascontiguousarray(gradients), determinant * WEIGHTS)


def deviatoric_stiffness(geometry: WedgeGeometry, shear_mpa: Floats) -> Floats:
    """Stiffness of the change of shape, fully integrated: (m, 18, 18) in N/mm.

    With H_{ai,bj} = sum_q w_q dN_a/dx_i dN_b/dx_j the block of nodes a and b is
    mu (delta_ij H_{ak,bk} + H_{aj,bi} - 2/3 H_{ai,bj}).
    """
    count = len(shear_mpa)
    weighted = geometry.gradients * np.sqrt(geometry.volumes)[:, :, None, None]
    columns = weighted.reshape(count, 6, 18)
    h = np.matmul(columns.transpose(0, 2, 1), columns).reshape(count, 6, 3, 6, 3)
    stiffness = h.transpose(0, 1, 4, 3, 2) - (2 / 3) * h
    trace = np.einsum("makbk->mab", h)
    for i in range(3):
        stiffness[:, :, i, :, i] += trace
    stiffness *= shear_mpa[:, None, None, None, None]
    return np.asarray(stiffness.reshape(count, 18, 18))
