"""Make the reduced model of one side: choose the fields, project everything on them.

The fields are the answer of each thread, the face hanging by its weight, the derivatives of the whole plan
and of the hanging face by every parameter (K0^-1 (dK/d ln p) u), the answers of the ligament pieces, and
those of unit loads at the landmarks, because a field that the reading needs makes its error quadratic. All
from the one factorisation of the nominal face; then thinned out by their energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy
from threadlift.tissue.cable import build_cables
from threadlift.tissue.gravity import weight_load
from threadlift.tissue.ligament import UPRIGHT
from threadlift.tissue.mesh import SKIN_LEVEL, Layer
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.part import TissuePart
from threadlift.tissue.reduced.layer import THICKNESS, Layers, LayerTerm, stretch_nodes
from threadlift.tissue.reduced.part import Powered, ReducedPart
from threadlift.tissue.reduced.power import THICK, Collected, Factor, linear_function
from threadlift.tissue.reduced.prior import prior_spread
from threadlift.tissue.reduced.state import nominal_state
from threadlift.tissue.reduced.support import support_terms, weight_terms
from threadlift.tissue.response import Response
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STILL = 0.012  # share of the largest motion below which the tissue keeps its nominal stiffness
_THINNEST = 1e-5  # share of energy below which a combination of fields is dropped
_HANGING, _READING = 0.5, 0.1  # weight of fields against a thread's own answer
_MOVED = 0.05  # share of the largest motion of a landmark from which one counts as moved
_LEAST_N = 0.1
_FLAT = ("skin_tension", "base_factor", "ligament_load")  # hardly change the shape of the fields
_NEAR_MM = 15.0
_MOVED_BY = (Layer.SKIN, Layer.FAT)  # layers whose thickness moves a thread in depth


@dataclass(frozen=True, eq=False)
class Pulled:
    """One thread and how its segments share a pull of 1 N in the nominal plan."""

    thread: CableThread
    share: Floats

    def load(self, thread: CableThread, spreading: Spreading, radius_mm: float) -> Floats:
        """Load on the nodes (unknowns,) for 1 N; ``thread`` may be this one laid elsewhere."""
        return np.asarray(-(build_cables([thread], spreading, radius_mm).coupling @ self.share))


def share_pull(response: Response, threads: Sequence[CableThread]) -> list[Pulled]:
    """How each of ``threads`` (in the order of ``response``) shares its pull among its segments."""
    pulling = [replace(thread, tension_n=max(thread.tension_n, _LEAST_N)) for thread in threads]
    pull = response.pull(pulling)
    return [
        Pulled(thread, pull.segment_tension_n[response.segment_thread == index] / pull.carried_n[index])
        for index, thread in enumerate(threads)
    ]


class Reduction:
    """The steps from a factorised part of a face to a ``ReducedPart``."""

    def __init__(
        self, part: TissuePart, anatomy: Anatomy, parameters: TissueParameters, pulled: Sequence[Pulled]
    ) -> None:
        self.part = part
        self.names = tuple(prior_spread())
        self._spread = np.array(list(prior_spread().values()))
        self._pulled = pulled
        self._density = parameters.density
        self.loads = np.column_stack(
            [one.load(one.thread, part.spreading, part.ball_radius_mm) for one in pulled]
        )
        self._free = part.factorisation.solve(self.loads)
        layers = Layers(anatomy, parameters, part.mesh, self._moving_wedges())
        self._layers: list[LayerTerm] = list(layers.terms())
        self._supports = list(support_terms(anatomy, parameters, part.mesh))

    def _moving_wedges(self) -> Mask:
        size = np.linalg.norm(self._free.reshape(-1, 3, self._free.shape[1]), axis=1)
        moving = (size > _STILL * size.max(axis=0)).any(axis=1)
        return np.asarray(moving[self.part.mesh.wedges].any(axis=1))

    def reduce(self, rows: Floats) -> ReducedPart:
        """The reduced model, read by patch weights ``rows`` (p, columns of the mesh)."""
        weights = self._weights()
        moved_loads = self._moved_loads()
        fields = self._fields(rows, weights, moved_loads)
        stiffness = self._project(fields)
        load = Collected(self.names)
        load.add(Factor(((1.0, {}),)), fields.T @ self.loads)
        for factor, difference in moved_loads:
            load.add(factor, fields.T @ difference)
        weight = Collected(self.names)
        for factor, pull in weights:
            weight.add(factor, fields.T @ pull)
        skin = fields.reshape(-1, self.part.mesh.columns, 3, fields.shape[1])[SKIN_LEVEL]
        return ReducedPart(
            stiffness=Powered(*stiffness.stacked()),
            load=Powered(*load.stacked()),
            weight=Powered(*weight.stacked()),
            pieces=np.asarray((self.part.restraints.coupling.T @ fields).T),
            piece_stiffness_n_per_mm=self.part.restraints.stiffness_n_per_mm,
            reading=np.einsum("pn,nxm->pxm", rows, skin, optimize=True),
        )

    def _weights(self) -> list[tuple[Factor, Floats]]:
        return [
            (factor, weight_load(mesh, self._density, UPRIGHT))
            for mesh, factor in weight_terms(self.part.mesh)
        ]

    def _moved_loads(self) -> list[tuple[Factor, Floats]]:
        """By how much the loads change when a thicker layer takes the threads deeper."""
        mesh, radius = self.part.mesh, self.part.ball_radius_mm
        middle = mesh.nodes_mm[mesh.wedges].mean(axis=1)
        points = np.concatenate([one.thread.points_mm for one in self._pulled])
        near = np.zeros(len(mesh.wedges), dtype=bool)
        for point in points:
            near |= np.abs(middle - point).max(axis=1) < _NEAR_MM
        found = []
        for layer in _MOVED_BY:
            nodes = stretch_nodes(mesh, {layer: THICK})
            spreading = Spreading(nodes, mesh.wedges[near])
            loads = [
                one.load(self._laid(one.thread, nodes - mesh.nodes_mm), spreading, radius)
                for one in self._pulled
            ]
            found.append((linear_function(THICKNESS[layer]), np.column_stack(loads) - self.loads))
        return found

    def _laid(self, thread: CableThread, motion_mm: Floats) -> CableThread:
        """The thread where the tissue around it has moved to; barbs keep their share of the path."""
        weights = self.part.spreading.weights(thread.points_mm, self.part.ball_radius_mm)
        points = thread.points_mm + weights @ motion_mm
        scale = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()) / thread.length_mm
        return replace(
            thread,
            points_mm=points,
            barbs_mm=tuple(place * scale for place in thread.barbs_mm),
            rear_barbs_mm=tuple(place * scale for place in thread.rear_barbs_mm),
        )

    def _fields(
        self, rows: Floats, weights: list[tuple[Factor, Floats]], moved: list[tuple[Factor, Floats]]
    ) -> Floats:
        """V (unknowns, m) with V^T K0 V = 1, from everything that the answers may be made of."""
        part, solve = self.part, self.part.factorisation.solve
        weight = np.sum([pull for _, pull in weights], axis=0)
        asked_n = np.array([max(one.thread.tension_n, _LEAST_N) for one in self._pulled])
        state = nominal_state(part, self._free, solve(weight[:, None])[:, 0], asked_n)
        states = np.column_stack([state.answers, state.hanging])
        scale = self._energy(states) ** -0.5
        states = states * scale * np.r_[np.ones(len(asked_n)), _HANGING]
        plan = state.answers @ asked_n
        whole = np.column_stack([plan, states[:, -1]])
        whole[:, 0] *= self._energy(plan[:, None]) ** -0.5
        sloped = [(name, sd) for name, sd in zip(self.names, self._spread, strict=True) if name not in _FLAT]
        slopes = solve(np.column_stack([sd * self._slope(name, whole) for name, sd in sloped]))
        deeper = solve(np.column_stack([change for _, change in moved])) * np.tile(scale[:-1], len(moved))
        by_layer = [self._spread[self.names.index(THICKNESS[layer])] for layer in _MOVED_BY]
        reading = solve(self._reading_loads(rows, plan))
        columns = np.column_stack(
            [
                states,
                slopes,
                deeper * np.repeat(by_layer, len(asked_n)),
                state.slack * (self._energy(plan[:, None]) ** -0.5),
                reading * (_READING * self._energy(reading) ** -0.5),
            ]
        )
        gram = columns.T @ (part.factorisation.matrix @ columns)
        value, vector = np.linalg.eigh((gram + gram.T) / 2)
        used = value > _THINNEST * value[-1]
        return np.asarray(columns @ (vector[:, used] / np.sqrt(value[used])))

    def _energy(self, fields: Floats) -> Floats:
        return np.asarray((fields * (self.part.factorisation.matrix @ fields)).sum(axis=0))

    def _slope(self, name: str, fields: Floats) -> Floats:
        """(dK / d ln p) V."""
        found = np.zeros_like(fields)
        for term in self._layers:
            slope = np.array([factor.slope(name) for factor in term.factors])
            if slope.any():
                found += term.energy.apply(fields, slope @ term.weights)
        for matrix, factor in self._supports:
            if factor.slope(name):
                found += factor.slope(name) * (matrix @ fields)
        return found

    def _reading_loads(self, rows: Floats, plan_mm: Floats) -> Floats:
        """Unit loads (unknowns, p) on the patches that the plan moves, along their motion."""
        skin = 3 * self.part.mesh.level(SKIN_LEVEL)[:, None] + np.arange(3)
        motion = rows @ plan_mm[skin]
        size = np.linalg.norm(motion, axis=1)
        moved = np.flatnonzero(size > _MOVED * size.max(initial=0.0))
        loads = np.zeros((len(plan_mm), len(moved)))
        for column, row in enumerate(moved):
            loads[skin, column] = rows[row][:, None] * (motion[row] / size[row])
        return loads

    def _project(self, fields: Floats) -> Collected:
        """V^T K(p) V; what no parameter touches fills up to V^T K0 V."""
        found = Collected(self.names)
        for term in self._layers:
            for factor, matrix in zip(term.factors, term.energy.project(fields, term.weights), strict=True):
                found.add(factor, matrix)
        for matrix, factor in self._supports:
            found.add(factor, fields.T @ (matrix @ fields))
        whole = fields.T @ (self.part.factorisation.matrix @ fields)
        found.add(Factor(((1.0, {}),)), whole - found.nominal())
        return found
