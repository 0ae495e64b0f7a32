"""Hyperelastic wedges: energy, force and exact tangent of a layered body under large deformation.

    W = sum_q w_q psi(I1bar_q)  +  sum_g V_g kappa_g / 2 (Jbar_g - 1)^2

    psi = mu / (2 b) (exp(b (I1bar - 3)) - 1),   mu / 2 (I1bar - 3) for b = 0
    I1bar = J^(-2/3) tr F^T F,   Jbar_g = current volume of a dilatation group / its reference volume

At rest the tangent is the linear stiffness of ``threadlift.tissue.assembly``: same wedges, same integration
points, same groups. With b = 0 the law is a compressible neo-Hookean one; b > 0 stiffens with strain
(Demiray, of Fung's type).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.errors import InputError
from threadlift.tissue.assembly import CHUNK, BlockPattern, Elasticity, volumetric_stiffness
from threadlift.tissue.wedge import Floats, Wedges, wedge_geometry

Indices = NDArray[np.int64]
_LARGEST_EXPONENT = (
    50.0  # exp of it is still far from overflow; a body strained so far counts as not admissible
)


@dataclass(frozen=True)
class Deformation:
    """Deformation of every wedge (m) at its six integration points.

    ``gradient`` F (m, 6, 3, 3), ``inverse`` F^-T (m, 6, 3, 3), ``jacobian`` J (m, 6), ``first`` tr F^T F
    (m, 6), ``volume_ratio`` Jbar of each wedge's group (m,).
    """

    gradient: Floats
    inverse: Floats
    jacobian: Floats
    first: Floats
    volume_ratio: Floats


class HyperelasticBody:
    """Wedges with moduli, stiffening and dilatation groups. Displacements are (3 n,) in mm."""

    def __init__(
        self,
        nodes_mm: Floats,
        wedges: Wedges,
        elasticity: Elasticity,
        groups: Indices,
        stiffening: Floats | float = 0.0,
    ) -> None:
        """``groups`` (m,) share a mean dilatation; ``stiffening`` b (m,), zero or more.

        Raises ``InputError`` for a stiffening below zero.
        """
        geometry = wedge_geometry(nodes_mm, wedges)
        self.size = 3 * len(nodes_mm)
        self.wedges, self.groups = wedges, groups
        self.shear = elasticity.shear_mpa
        self.stiffening = np.broadcast_to(np.asarray(stiffening, dtype=np.float64), self.shear.shape)
        if not (np.isfinite(self.stiffening).all() and (self.stiffening >= 0).all()):
            raise InputError("stiffening with strain must be zero or more", where="nonlinear tissue")
        self._gradients, self._weights = geometry.gradients, geometry.volumes
        self._volume, self._bulk = geometry.volume, elasticity.bulk_mpa
        self._count = int(groups.max()) + 1
        self.group_volume = np.bincount(groups, self._volume, minlength=self._count)
        self.group_bulk = (
            np.bincount(groups, self._bulk * self._volume, minlength=self._count) / self.group_volume
        )
        self.energy_rounding = 4 * float(np.finfo(float).eps * (self.shear * self._volume).sum())
        self._pattern = BlockPattern.of(wedges, len(nodes_mm))

    def deform(self, displacement_mm: Floats) -> Deformation | None:
        """F = I + du/dX everywhere; None where a wedge is inside out or strained beyond any meaning."""
        at_wedges = displacement_mm.reshape(-1, 3)[self.wedges]
        gradient = np.matmul(at_wedges.transpose(0, 2, 1)[:, None], self._gradients)
        gradient += np.eye(3)
        rows = gradient[..., 0, :], gradient[..., 1, :], gradient[..., 2, :]
        cofactor = np.stack([_cross(rows[i - 2], rows[i - 1]) for i in range(3)], axis=-2)
        jacobian = (rows[0] * cofactor[..., 0, :]).sum(axis=-1)
        if not (jacobian > 0).all():
            return None
        first = np.einsum("mqij,mqij->mq", gradient, gradient)
        exponent = self.stiffening[:, None] * (jacobian ** (-2 / 3) * first - 3)
        if not (exponent < _LARGEST_EXPONENT).all():
            return None
        volume = np.bincount(self.groups, (self._weights * jacobian).sum(axis=1), minlength=self._count)
        return Deformation(
            gradient=gradient,
            inverse=cofactor / jacobian[..., None, None],
            jacobian=jacobian,
            first=first,
            volume_ratio=(volume / self.group_volume)[self.groups],
        )

    def reached(self, displacement_mm: Floats) -> Deformation:
        """``deform`` for a displacement that is known to be admissible. Raises ``InputError`` for another."""
        state = self.deform(displacement_mm)
        if state is None:
            raise InputError("a wedge is turned inside out", where="nonlinear tissue")
        return state

    def energy(self, state: Deformation) -> float:
        """W in N mm."""
        excess = state.jacobian ** (-2 / 3) * state.first - 3
        b = self.stiffening[:, None]
        shape = np.where(b > 0, np.expm1(b * excess) / np.where(b > 0, b, 1.0), excess)
        ratio = np.zeros(self._count)
        ratio[self.groups] = state.volume_ratio
        dilatation = self.group_volume * self.group_bulk / 2 * (ratio - 1) ** 2
        return float((self._weights * self.shear[:, None] / 2 * shape).sum() + dilatation.sum())

    def force(self, state: Deformation) -> Floats:
        """dW/du (3n,), the internal force in N.

        P = psi' 2 J^(-2/3) (F - I1/3 F^-T) + p J F^-T  with the group's pressure p = kappa_g (Jbar_g - 1).
        """
        slope = self._slope(state)
        scale = self._weights * slope * 2 * state.jacobian ** (-2 / 3)
        along = self._weights * self._pressure(state)[:, None] * state.jacobian - scale * state.first / 3
        stress = scale[..., None, None] * state.gradient + along[..., None, None] * state.inverse
        nodal = np.einsum("mqij,mqaj->mai", stress, self._gradients, optimize=True)
        return self._gather(nodal)

    def stiffness(self, state: Deformation) -> sparse.csr_array:
        """d2W/du2 (3n, 3n), N/mm: symmetric, and not always positive definite."""
        blocks = np.zeros((self._pattern.count, 3, 3))
        rows = np.empty((len(self.wedges), 18))
        slope, pressure = self._slope(state), self._pressure(state)
        for start in range(0, len(self.wedges), CHUNK):
            part = slice(start, start + CHUNK)
            element, rows[part] = self._element(state, slope, pressure, part)
            self._pattern.add(blocks, element, part)
        own = sparse.bsr_array(
            (blocks, self._pattern.columns, self._pattern.starts), shape=(self.size, self.size)
        ).tocsr()
        shared = volumetric_stiffness(self.wedges, self.size, rows, self._volume, self._bulk, self.groups)
        return sparse.csr_array(own + shared)

    def _element(
        self, state: Deformation, slope: Floats, pressure: Floats, part: slice
    ) -> tuple[Floats, Floats]:
        """Element tangents (c, 18, 18) without the part that couples a group, and dv/du (c, 18).

        With g = F^-T grad N, f = F grad N, s = 2 J^(-2/3), a = s (f - I1/3 g) at each point:

            K_ai,bk = w psi' s (delta_ik grad N_a . grad N_b - 2/3 (f_ai g_bk + g_ai f_bk))
                    + w (psi' s 2/9 I1 + p J) g_ai g_bk + w (psi' s I1/3 - p J) g_ak g_bi + w psi'' a_ai a_bk
        """
        gradients = self._gradients[part]
        count = len(gradients)
        w, first, jacobian = self._weights[part], state.first[part], state.jacobian[part]
        s = 2 * jacobian ** (-2 / 3)
        base, pj = w * slope[part] * s, w * pressure[part, None] * jacobian
        f = np.matmul(gradients, state.gradient[part].transpose(0, 1, 3, 2)).reshape(count, 6, 18)
        g = np.matmul(gradients, state.inverse[part].transpose(0, 1, 3, 2)).reshape(count, 6, 18)
        a = s[..., None] * (f - first[..., None] / 3 * g)
        curve = w * self.stiffening[part, None] * slope[part]
        left = np.concatenate([f, g, a], axis=1)
        right = np.concatenate(
            [
                (-2 / 3 * base)[..., None] * g,
                (-2 / 3 * base)[..., None] * f + (base * 2 / 9 * first + pj)[..., None] * g,
                curve[..., None] * a,
            ],
            axis=1,
        )
        element = np.matmul(left.transpose(0, 2, 1), right).reshape(count, 6, 3, 6, 3)
        crossed = np.matmul(g.transpose(0, 2, 1), (base * first / 3 - pj)[..., None] * g)
        element += crossed.reshape(count, 6, 3, 6, 3).transpose(0, 1, 4, 3, 2)
        by_axis = gradients.transpose(0, 2, 1, 3).reshape(count, 6, 18)
        weighted = (gradients * base[..., None, None]).transpose(0, 2, 1, 3).reshape(count, 6, 18)
        plain = np.matmul(by_axis, weighted.transpose(0, 2, 1))
        for i in range(3):
            element[:, :, i, :, i] += plain
        return element.reshape(count, 18, 18), np.einsum("mq,mqx->mx", w * jacobian, g)

    def _slope(self, state: Deformation) -> Floats:
        """psi' = mu / 2 exp(b (I1bar - 3)) (m, 6)."""
        b = self.stiffening[:, None]
        return np.asarray(
            self.shear[:, None] / 2 * np.exp(b * (state.jacobian ** (-2 / 3) * state.first - 3))
        )

    def _pressure(self, state: Deformation) -> Floats:
        """p = kappa_g (Jbar_g - 1) of each wedge's group (m,), MPa; above zero where it swells."""
        return np.asarray(self.group_bulk[self.groups] * (state.volume_ratio - 1))

    def _gather(self, nodal: Floats) -> Floats:
        where = (3 * self.wedges[:, :, None] + np.arange(3)).ravel()
        return np.bincount(where, nodal.ravel(), minlength=self.size).astype(np.float64)


def _cross(first: Floats, second: Floats) -> Floats:
    """Cross products over the last axis; several times as fast as ``numpy.cross`` on many short vectors."""
    a, b = np.moveaxis(first, -1, 0), np.moveaxis(second, -1, 0)
    return np.stack(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]], axis=-1
    )
