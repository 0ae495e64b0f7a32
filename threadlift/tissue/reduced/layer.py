"""Energy of single layers, projected wedge by wedge on a few fields.

    V^T K_q V = sum_e  w_qe V_e^T K_e V_e

No matrix of the whole face is assembled: a layer's element matrices are computed once for each thickness and
serve all of its terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy import Anatomy
from threadlift.tissue.assembly import Elasticity
from threadlift.tissue.mesh import Layer, LayerThickness, TissueMesh
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.part import dilatation_groups, face_elasticity
from threadlift.tissue.reduced.power import (
    THICK,
    THIN,
    Factor,
    linear_function,
    mixture,
    share_weights,
    thickness_functions,
)
from threadlift.tissue.wedge import deviatoric_stiffness, wedge_geometry

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

TOP_DOWN = (Layer.SKIN, Layer.FAT, Layer.SMAS, Layer.DEEP)
THICKNESS = {
    Layer.SKIN: "thickness_skin_factor",
    Layer.FAT: "thickness_fat_factor",
    Layer.SMAS: "thickness_smas_factor",
    Layer.DEEP: "thickness_deep_factor",
}
YOUNG = {
    Layer.SKIN: ("young_skin", None),
    Layer.FAT: ("young_fat", None),
    Layer.SMAS: ("young_smas", "young_muscle"),
    Layer.DEEP: ("young_deep", "young_muscle"),
}
_CHUNK = 2000  # wedges at a time
_PURE = 0.02  # a share of muscle so near to none or all counts as that


def stretch_nodes(mesh: TissueMesh, factors: Mapping[Layer, float]) -> Floats:
    """Nodes (7n, 3) with layers ``factors`` times as thick; columns and skin stay where they are."""
    old = mesh.thickness
    new = LayerThickness(
        old.skin_mm * factors.get(Layer.SKIN, 1.0),
        old.fat_mm * factors.get(Layer.FAT, 1.0),
        old.smas_mm * factors.get(Layer.SMAS, 1.0),
        old.deep_mm * factors.get(Layer.DEEP, 1.0),
    )
    skin = mesh.surface_mm
    offset = (mesh.nodes_mm[mesh.level(0)] - skin) * (new.total_mm / old.total_mm)[:, None]
    levels = skin[None] + (1 - new.heights())[:, :, None] * offset[None]
    return np.asarray(levels.reshape(-1, 3))


@dataclass(frozen=True, eq=False)
class LayerEnergy:
    """Element matrices of some wedges of one layer at nominal moduli.

    ``wedges`` (c, 6) are nodes, ``deviatoric`` (c, 18, 18) in N/mm; ``divergence`` (c, 18) with ``volume``
    and ``bulk_mpa`` (c,) make the mean dilatation of each of the ``groups`` (c,).
    """

    wedges: Indices
    deviatoric: NDArray[np.float32]
    divergence: Floats
    volume: Floats
    bulk_mpa: Floats
    groups: Indices

    def _rows(self, part: slice) -> Indices:
        wedges = self.wedges[part]
        return np.asarray((3 * wedges[:, :, None] + np.arange(3)).reshape(len(wedges), 18))

    def _dilatation(self, fields: Floats) -> Floats:
        """G V: integral of the divergence over each group (g, m)."""
        count = len(self.wedges)
        rows = np.repeat(self.groups, 18), self._rows(slice(None)).ravel()
        shape = (int(self.groups.max(initial=-1)) + 1, len(fields))
        operator = sparse.csr_array((self.divergence.reshape(18 * count), rows), shape=shape)
        return np.asarray(operator @ fields)

    def _group_bulk(self, weight: Floats) -> Floats:
        """kappa / V of each group (g,)."""
        count = int(self.groups.max(initial=-1)) + 1
        total = np.bincount(self.groups, self.volume, minlength=count)
        bulk = np.bincount(self.groups, self.bulk_mpa * self.volume * weight, minlength=count)
        return np.asarray(bulk / total**2)

    def project(self, fields: Floats, weights: Floats) -> Floats:
        """V^T K V (w, m, m) for ``fields`` V (unknowns, m), each wedge ``weights`` (w, c) times as stiff."""
        nodes, local = np.unique(self.wedges, return_inverse=True)
        near = fields.reshape(-1, 3, fields.shape[1])[nodes].reshape(-1, fields.shape[1]).astype(np.float32)
        rows = (3 * local.reshape(-1, 6, 1) + np.arange(3)).reshape(-1, 18)
        found = np.zeros((len(weights), *near.T.shape), dtype=np.float32)
        for start in range(0, len(self.wedges), _CHUNK):
            part = slice(start, start + _CHUNK)
            force = np.matmul(self.deviatoric[part], near[rows[part]])
            for index, weight in enumerate(weights[:, part].astype(np.float32)):
                used = np.flatnonzero(weight)
                if len(used):
                    found[index] += _scatter(rows[part][used], weight[used], force[used], len(near)).T
        dilatation = self._dilatation(fields)
        stiffness = np.array(
            [
                (forces @ near).astype(np.float64)
                + dilatation.T @ (self._group_bulk(weight)[:, None] * dilatation)
                for forces, weight in zip(found, weights, strict=True)
            ]
        )
        return np.asarray((stiffness + stiffness.transpose(0, 2, 1)) / 2)

    def apply(self, fields: Floats, weight: Floats) -> Floats:
        """K V (unknowns, m) with each wedge ``weight`` (c,) times as stiff."""
        found = np.zeros_like(fields)
        pressure = self._group_bulk(weight)[:, None] * self._dilatation(fields)
        for start in range(0, len(self.wedges), _CHUNK):
            part = slice(start, start + _CHUNK)
            rows = self._rows(part)
            force = np.matmul(self.deviatoric[part], fields[rows]) * weight[part, None, None]
            force += self.divergence[part][:, :, None] * pressure[self.groups[part]][:, None, :]
            for column in range(fields.shape[1]):
                found[:, column] += np.bincount(
                    rows.ravel(), force[:, :, column].ravel(), minlength=len(fields)
                )
        return found


def _scatter(
    rows: Indices, weight: NDArray[np.float32], force: NDArray[np.float32], unknowns: int
) -> NDArray[np.float32]:
    """Weighted forces (c, 18, m) of wedges with unknowns ``rows`` (c, 18), added up (unknowns, m)."""
    values = np.repeat(weight, 18)
    place = sparse.csr_array((values, (rows.ravel(), np.arange(rows.size))), shape=(unknowns, rows.size))
    return np.asarray(place @ force.reshape(rows.size, -1))


@dataclass(frozen=True, eq=False)
class LayerTerm:
    """Energy of a layer with, for each row of ``weights`` (w, c), the factor by which it enters."""

    energy: LayerEnergy
    weights: Floats
    factors: tuple[Factor, ...]


class Layers:
    """The layers of a face, on its own mesh and with layers thinner and thicker."""

    def __init__(self, anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh, used: Mask) -> None:
        """``used`` (m,) are the wedges that count."""
        layers = anatomy.layers
        region = layers.region_share[mesh.source]
        self._elasticity = face_elasticity(anatomy, parameters, mesh)
        self._mesh = mesh
        self._used = used
        muscle = {Layer.SMAS: parameters.smas_muscle_share, Layer.DEEP: parameters.deep_muscle_share}
        self._share = {
            layer: region @ np.array([shares.get(name, 0.0) for name in layers.regions])
            for layer, shares in muscle.items()
        }
        self._group = dilatation_groups(mesh)

    def energy(self, layer: Layer, nodes_mm: Floats) -> LayerEnergy:
        """The element matrices of a layer on ``nodes_mm``."""
        mesh = self._mesh
        chosen = np.flatnonzero((mesh.layer == layer) & self._used)
        moduli = Elasticity(self._elasticity.shear_mpa[chosen], self._elasticity.bulk_mpa[chosen])
        deviatoric = np.empty((len(chosen), 18, 18), dtype=np.float32)
        divergence, volume = np.empty((len(chosen), 18)), np.empty(len(chosen))
        for start in range(0, len(chosen), _CHUNK):
            part = slice(start, start + _CHUNK)
            geometry = wedge_geometry(nodes_mm, mesh.wedges[chosen[part]])
            deviatoric[part] = deviatoric_stiffness(geometry, moduli.shear_mpa[part])
            divergence[part], volume[part] = geometry.divergence, geometry.volume
        groups = np.unique(self._group[chosen], return_inverse=True)[1]
        return LayerEnergy(mesh.wedges[chosen], deviatoric, divergence, volume, moduli.bulk_mpa, groups)

    def _mixture(self, layer: Layer, *, whole: bool) -> tuple[Floats, tuple[Factor, ...]]:
        """Weights (w, c) and factors of a layer's parts by their share of muscle, which for corrections by
        thickness counts ``whole``: as one or the other."""
        mesh = self._mesh
        chosen = (mesh.layer == layer) & self._used
        factors = mixture(*YOUNG[layer])
        if layer not in self._share:
            return np.ones((1, int(chosen.sum()))), factors
        share = self._share[layer][mesh.triangles[mesh.column[chosen]]].mean(axis=1)
        share[share < _PURE] = 0.0
        share[share > 1 - _PURE] = 1.0
        return share_weights(np.round(share) if whole else share), factors

    def terms(self) -> Iterator[LayerTerm]:
        """Every term: by modulus, by own thickness, and by the thickness of the layers above, which displace
        a layer (to first order)."""
        thicker = {layer: stretch_nodes(self._mesh, {layer: THICK}) for layer in TOP_DOWN}
        for index, layer in enumerate(TOP_DOWN):
            weights, factors = self._mixture(layer, whole=False)
            rough, _ = self._mixture(layer, whole=True)
            thin, thick = thickness_functions(THICKNESS[layer])
            above = [linear_function(THICKNESS[upper]) for upper in TOP_DOWN[:index]]
            less = Factor(tuple((-c, p) for one in (thin, thick, *above) for c, p in one.terms))
            nominal = self.energy(layer, self._mesh.nodes_mm)
            yield LayerTerm(nominal, weights, factors)
            yield self._term(nominal, rough, factors, less)
            yield self._term(
                self.energy(layer, stretch_nodes(self._mesh, {layer: THIN})), rough, factors, thin
            )
            yield self._term(self.energy(layer, thicker[layer]), rough, factors, thick)
            for upper, function in zip(TOP_DOWN[:index], above, strict=True):
                yield self._term(self.energy(layer, thicker[upper]), rough, factors, function)

    @staticmethod
    def _term(energy: LayerEnergy, weights: Floats, factors: tuple[Factor, ...], by: Factor) -> LayerTerm:
        """A correction; parts that no wedge belongs to are left out."""
        used = [index for index, weight in enumerate(weights) if weight.any()]
        return LayerTerm(energy, weights[used], tuple(factors[index].times(by) for index in used))
