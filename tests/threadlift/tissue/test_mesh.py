"""The layered mesh under a skin."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.anatomy import place_layers
from threadlift.errors import InputError
from threadlift.face.morph import shape_face
from threadlift.tissue.domain import beside_openings, boundary_edges, domain_triangles, face_domain, openings
from threadlift.tissue.mesh import SMALLEST_RATIO, LayerThickness, TissueMesh, build_mesh
from threadlift.tissue.verification.block import make_block
from threadlift.tissue.wedge import corner_jacobians, wedge_geometry

GRID = make_block((8, 8, 1), (24.0, 24.0, 1.0))
SKIN = GRID.nodes[: len(GRID.nodes) // 2]
NOWHERE = np.zeros(len(SKIN), dtype=bool)


def layers(count: int, factor: float = 1.0) -> LayerThickness:
    plain = np.full(count, factor)
    return LayerThickness(1.5 * plain, 3.0 * plain, 1.0 * plain, 4.5 * plain)


def mesh_of(skin: np.ndarray) -> TissueMesh:
    return build_mesh(skin, GRID.triangles, layers(len(skin)), NOWHERE)


def test_a_flat_skin_gets_its_full_thickness() -> None:
    mesh = mesh_of(SKIN)
    assert mesh.trimmed == 0
    assert mesh.kept_thickness == pytest.approx(np.ones(len(SKIN)))
    assert wedge_geometry(mesh.nodes_mm, mesh.wedges).volume.sum() == pytest.approx(24 * 24 * 10)


def test_layers_lie_in_their_order_and_thickness() -> None:
    mesh = mesh_of(SKIN)
    heights = [mesh.nodes_mm[mesh.level(level)][0, 2] for level in range(7)]
    assert heights == pytest.approx([-10, -7.75, -5.5, -4.5, -3.0, -1.5, 0.0])


def test_a_sharp_ridge_is_thinned_until_no_wedge_folds() -> None:
    ridge = SKIN.copy()
    ridge[:, 2] = -1.2 * np.abs(ridge[:, 0] - 12)
    mesh = mesh_of(ridge)
    assert corner_jacobians(mesh.nodes_mm, mesh.wedges).min() > 0
    assert mesh.smallest_ratio >= SMALLEST_RATIO
    assert mesh.kept_thickness.min() < 0.95


def test_a_skin_that_cannot_be_laid_under_is_refused() -> None:
    crumpled = SKIN.copy()
    crumpled[:, 2] = np.random.default_rng(0).normal(scale=25, size=len(SKIN))
    with pytest.raises(InputError, match="folds too sharply"):
        mesh_of(crumpled)


def test_coordinates_that_are_not_numbers_are_refused() -> None:
    broken = SKIN.copy()
    broken[3, 1] = np.nan
    with pytest.raises(InputError, match="not finite"):
        mesh_of(broken)


def test_a_layer_without_thickness_is_refused() -> None:
    with pytest.raises(InputError, match="skin_mm must be above zero"):
        layers(4, 0.0)


def beside(skin: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """The skin, and a strip of it of so many cells a little apart."""
    chosen = np.arange(2 * 64).reshape(2, 64)[:, :cells].ravel()
    island = skin + np.array([100.0, 0.0, 0.0])
    return np.vstack([skin, island]), np.vstack([GRID.triangles, GRID.triangles[chosen] + len(skin)])


def test_a_crumb_of_skin_apart_from_the_face_is_left_out() -> None:
    skin, triangles = beside(SKIN, 1)
    mesh = build_mesh(skin, triangles, layers(len(skin)), np.zeros(len(skin), dtype=bool))
    assert mesh.trimmed == 2 and mesh.columns == len(SKIN)


def test_a_face_in_two_pieces_is_refused() -> None:
    skin, triangles = beside(SKIN, 32)
    with pytest.raises(InputError, match="in pieces"):
        build_mesh(skin, triangles, layers(len(skin)), np.zeros(len(skin), dtype=bool))


def test_no_skin_is_refused() -> None:
    with pytest.raises(InputError, match="no skin"):
        build_mesh(SKIN, GRID.triangles[:0], layers(len(SKIN)), NOWHERE)


def test_the_domain_leaves_out_ears_and_opens_mouth_and_nostrils() -> None:
    eye, free = openings()
    whole = face_domain()
    assert whole[eye].all() and 3000 < whole.sum() < 9000
    rim = set(boundary_edges(domain_triangles()).ravel().tolist())
    assert rim & set(free.tolist())
    assert (face_domain("left") | face_domain("right"))[whole].all()


FACES = {
    "plain": ({}, "female", 21.0, 0.0),
    "old and sagging": (
        {"female_old": 1, "age": 1.5, "double_chin": 1, "cheek_down": 1, "laugh_lines": 1},
        "female",
        24.0,
        0.0,
    ),
    "heavy old man": ({"male_old": 1, "old_maxweight": 1, "platysma": 1}, "male", 40.0, 0.0),
    "thin": ({"male_old": 1, "gaunt": 1, "cheek_vol_decr": 1}, "male", 17.0, 0.0),
    "crooked": ({"asymmetric_jaw": 1, "asymmetric_mouth": 1, "asymmetric_nose": 1}, "female", 23.0, 0.0),
    "noisy scan": ({"female_old": 1}, "female", 23.0, 0.4),
}


@pytest.mark.parametrize("name", FACES)
def test_every_kind_of_face_can_be_meshed(name: str) -> None:
    morphs, sex, bmi, noise = FACES[name]
    vertices = shape_face(morphs).vertices_mm
    vertices = vertices + noise * np.random.default_rng(0).normal(size=vertices.shape)
    placed = place_layers(sex="male" if sex == "male" else "female", age_years=55, bmi=bmi)
    thickness = LayerThickness(placed.skin_mm, placed.superficial_fat_mm, placed.smas_mm, placed.deep_mm)
    mesh = build_mesh(vertices, domain_triangles(), thickness, beside_openings())
    assert corner_jacobians(mesh.nodes_mm, mesh.wedges).min() > 0
    assert mesh.trimmed <= 0.02 * len(mesh.triangles)
    assert np.quantile(mesh.kept_thickness, 0.02) > 0.85
