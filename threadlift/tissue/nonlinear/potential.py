"""The energy whose minimum is equilibrium: body, supports, one-way ligament pieces and the load.

    Pi(u) = W(u) + 1/2 u^T K_s u + sum_l k/2 (max(0, e_l)^2 - max(0, g_l)^2) - t_ref^T D^T u + share * L(u)

with e = g + D^T u and t_ref = k max(0, g): at rest in the scanned state nothing is out of balance. L is the
potential of the load: dead forces, -f . u, or tightened cables, N . (their length).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from threadlift.tissue.nonlinear.body import HyperelasticBody
from threadlift.tissue.restraint import Restraints
from threadlift.tissue.wedge import Floats


class Load(Protocol):
    """The potential of a load at its full size."""

    def energy(self, displacement_mm: Floats) -> float:
        """L(u), N mm."""

    def gradient(self, displacement_mm: Floats) -> Floats:
        """dL/du (3n,), N: minus the force on the tissue."""

    def curvature(self, displacement_mm: Floats) -> sparse.csr_array | None:
        """d2L/du2 (3n, 3n), N/mm; None where the force does not depend on the displacement."""


@dataclass(frozen=True, eq=False)
class DeadLoad:
    """Forces (3n,) in N that keep their direction."""

    force_n: Floats

    def energy(self, displacement_mm: Floats) -> float:
        """-f . u"""
        return -float(self.force_n @ displacement_mm)

    def gradient(self, displacement_mm: Floats) -> Floats:
        """-f"""
        return -self.force_n

    def curvature(self, displacement_mm: Floats) -> None:
        """None: constant."""


@dataclass(frozen=True, eq=False)
class Potential:
    """Everything that stores energy when the face moves, on the same unknowns."""

    body: HyperelasticBody
    held: sparse.csr_array
    load: Load
    restraints: Restraints

    def energy(self, displacement_mm: Floats, share: float) -> float:
        """Pi in N mm with ``share`` of the load; infinite where a wedge would be turned inside out."""
        state = self.body.deform(displacement_mm)
        if state is None:
            return np.inf
        held = float(displacement_mm @ (self.held @ displacement_mm)) / 2
        return (
            self.body.energy(state)
            + held
            + self._pieces(displacement_mm)
            + share * self.load.energy(displacement_mm)
        )

    def gradient(self, displacement_mm: Floats, share: float) -> Floats:
        """dPi/du (3n,) in N: what is out of balance."""
        pulled = self.restraints.force_n(displacement_mm) - self.restraints.rest_force_n
        force = self.body.force(self.body.reached(displacement_mm)) + self.held @ displacement_mm
        return np.asarray(
            force + self.restraints.coupling @ pulled + share * self.load.gradient(displacement_mm)
        )

    def tangent(self, displacement_mm: Floats, share: float) -> sparse.csr_array:
        """d2Pi/du2 (3n, 3n), N/mm; of a one-way piece only while it is taut."""
        stiffness = self.body.stiffness(self.body.reached(displacement_mm)) + self.held
        taut = self.restraints.stretch_mm(displacement_mm) > 0
        if taut.any():
            spread = self.restraints.coupling[:, np.flatnonzero(taut)]
            springs = sparse.diags_array(self.restraints.stiffness_n_per_mm[taut])
            stiffness = stiffness + spread @ springs @ spread.T
        curvature = self.load.curvature(displacement_mm)
        if curvature is not None:
            stiffness = stiffness + share * curvature
        return sparse.csr_array(stiffness)

    def _pieces(self, displacement_mm: Floats) -> float:
        """Energy of the one-way pieces beyond their share in the balance of the scanned state."""
        stretch, rest = self.restraints.stretch_mm(displacement_mm), self.restraints.rest_stretch_mm
        stored = self.restraints.stiffness_n_per_mm / 2 * (stretch.clip(0.0) ** 2 - rest.clip(0.0) ** 2)
        return float(stored.sum() - self.restraints.rest_force_n @ (stretch - rest))
