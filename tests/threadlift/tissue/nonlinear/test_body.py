"""Hyperelastic wedges against the linear stiffness, finite differences and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from threadlift.errors import InputError
from threadlift.tissue.assembly import Elasticity, assemble_stiffness, isotropic
from threadlift.tissue.nonlinear.body import Deformation, Floats, HyperelasticBody
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.part import dilatation_groups, face_elasticity, layered_mesh
from threadlift.tissue.verification.block import make_block
from threadlift.tissue.verification.demonstration import demonstration_anatomy

BLOCK = make_block((3, 2, 2), (3.0, 2.0, 2.0))
NODES = BLOCK.nodes + np.random.default_rng(1).uniform(-0.05, 0.05, BLOCK.nodes.shape)
ELASTICITY = isotropic(np.random.default_rng(2).uniform(0.5, 2.0, len(BLOCK.wedges)), 0.47)


def body(stiffening: float = 0.0) -> HyperelasticBody:
    return HyperelasticBody(NODES, BLOCK.wedges, ELASTICITY, BLOCK.groups, stiffening)


def bent() -> Floats:
    """A large, uneven displacement."""
    x, y, z = NODES.T
    return np.stack([0.1 * y * z, 0.15 * x + 0.05 * x**2, 0.08 * x * y - 0.1 * z], axis=1).ravel()


def at(tissue: HyperelasticBody, displacement: Floats) -> Deformation:
    return tissue.reached(displacement)


@pytest.mark.parametrize("stiffening", [0.0, 4.0])
def test_at_rest_the_tangent_is_the_linear_stiffness(stiffening: float) -> None:
    linear = assemble_stiffness(NODES, BLOCK.wedges, ELASTICITY, BLOCK.groups)
    rest = at(body(stiffening), np.zeros(NODES.size))
    tangent = body(stiffening).stiffness(rest)
    assert abs(tangent - linear).max() <= 1e-14 * abs(linear).max()
    assert body(stiffening).energy(rest) == 0.0
    assert np.abs(body(stiffening).force(rest)).max() < 1e-15


def test_at_rest_the_tangent_of_half_a_face_is_the_linear_stiffness() -> None:
    anatomy, parameters = demonstration_anatomy(), nominal_parameters()
    mesh = layered_mesh(anatomy, parameters, "left")
    elasticity, groups = face_elasticity(anatomy, parameters, mesh), dilatation_groups(mesh)
    linear = assemble_stiffness(mesh.nodes_mm, mesh.wedges, elasticity, groups)
    tissue = HyperelasticBody(mesh.nodes_mm, mesh.wedges, elasticity, groups, 3.0)
    tangent = tissue.stiffness(tissue.reached(np.zeros(tissue.size)))
    assert abs(tangent - linear).max() <= 1e-14 * abs(linear).max()


@pytest.mark.parametrize("stiffening", [0.0, 4.0])
def test_force_and_tangent_are_the_derivatives_of_the_energy(stiffening: float) -> None:
    tissue, base = body(stiffening), bent()
    way = np.random.default_rng(3).normal(size=base.size)
    state = at(tissue, base)
    energy, slope = tissue.energy(state), float(tissue.force(state) @ way)
    curve = float(way @ (tissue.stiffness(state) @ way))
    steps = np.array([4e-3, 2e-3, 1e-3])
    change = np.array([tissue.energy(at(tissue, base + h * way)) - energy for h in steps])
    first = np.log2(np.abs(change - steps * slope))
    second = np.log2(np.abs(change - steps * slope - steps**2 / 2 * curve))
    assert -np.diff(first) == pytest.approx([2, 2], abs=0.15)
    assert -np.diff(second) == pytest.approx([3, 3], abs=0.25)


def test_the_tangent_is_symmetric() -> None:
    tangent = body(4.0).stiffness(at(body(4.0), bent()))
    assert abs(tangent - tangent.T).max() < 1e-13 * abs(tangent).max()


def test_turning_the_body_keeps_its_energy_and_turns_its_force() -> None:
    tissue = body(4.0)
    turn = Rotation.from_rotvec([0.4, -1.1, 0.7]).as_matrix()
    turned = ((NODES + bent().reshape(-1, 3)) @ turn.T + [3.0, -1.0, 2.0] - NODES).ravel()
    before, after = at(tissue, bent()), at(tissue, turned)
    assert tissue.energy(after) == pytest.approx(tissue.energy(before), rel=1e-12)
    force = tissue.force(before).reshape(-1, 3)
    assert tissue.force(after).reshape(-1, 3) == pytest.approx(force @ turn.T, abs=1e-12)
    assert force.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)


@pytest.mark.parametrize("stiffening", [0.0, 3.0])
def test_a_homogeneous_stretch_costs_what_the_law_says(stiffening: float) -> None:
    uniform = Elasticity(np.full(len(BLOCK.wedges), 2.0), np.full(len(BLOCK.wedges), 30.0))
    tissue = HyperelasticBody(NODES, BLOCK.wedges, uniform, BLOCK.groups, stiffening)
    gradient = np.array([[1.4, 0.2, 0.0], [0.0, 0.8, 0.1], [0.0, 0.0, 1.1]])
    state = at(tissue, (NODES @ (gradient - np.eye(3)).T).ravel())
    ratio = np.linalg.det(gradient)
    excess = ratio ** (-2 / 3) * (gradient**2).sum() - 3
    shape = excess if stiffening == 0 else np.expm1(stiffening * excess) / stiffening
    density = 2.0 / 2 * shape + 30.0 / 2 * (ratio - 1) ** 2
    volume = tissue.group_volume.sum()
    assert tissue.energy(state) == pytest.approx(volume * density, rel=1e-12)
    low, high = BLOCK.nodes.min(axis=0), BLOCK.nodes.max(axis=0)
    inner = ((low < BLOCK.nodes) & (high > BLOCK.nodes)).all(axis=1)
    assert inner.any()
    force = tissue.force(state).reshape(-1, 3)
    assert np.abs(force[inner]).max() < 1e-12 * np.abs(force).max()


def test_a_wedge_turned_inside_out_is_no_state() -> None:
    flipped = np.zeros_like(NODES)
    flipped[:, 2] = -2 * NODES[:, 2]
    assert body().deform(flipped.ravel()) is None
    with pytest.raises(InputError, match="inside out"):
        body().reached(flipped.ravel())


def test_strain_beyond_any_meaning_is_no_state() -> None:
    stretched = np.zeros_like(NODES)
    stretched[:, 0] = 9 * NODES[:, 0]
    assert body().deform(stretched.ravel()) is not None
    assert body(4.0).deform(stretched.ravel()) is None


@pytest.mark.parametrize("stiffening", [-1.0, float("nan")])
def test_softening_with_strain_is_refused(stiffening: float) -> None:
    with pytest.raises(InputError, match="zero or more"):
        body(stiffening)
