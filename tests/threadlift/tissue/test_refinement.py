"""Other meshes of the same tissue, and checks of slip and slack that must be able to fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.threadlift.tissue.builders import flat_mesh, half_face_model
from threadlift.face.surface import triangle_normals
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.part import face_elasticity
from threadlift.tissue.verification.cheek import Cheek
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads
from threadlift.tissue.verification.one_way import optimality_residual, piece_law_error
from threadlift.tissue.verification.refinement import coarsen, fill_patch, halve_edges, resample_mesh
from threadlift.tissue.wedge import corner_jacobians, wedge_geometry

MESH = flat_mesh()
CENTRE = np.array([12.0, 12.0, 0.0])


def test_halving_every_edge_keeps_the_tissue_and_makes_four_triangles_of_one() -> None:
    finer = resample_mesh(MESH, halve_edges(MESH.triangles, MESH.columns))
    assert len(finer.triangles) == 4 * len(MESH.triangles)
    volumes = [wedge_geometry(mesh.nodes_mm, mesh.wedges).volume.sum() for mesh in (MESH, finer)]
    assert volumes[1] == pytest.approx(volumes[0], rel=1e-12)
    assert (corner_jacobians(finer.nodes_mm, finer.wedges) > 0).all()


def test_halved_edges_meet_in_their_middle() -> None:
    finer = halve_edges(np.array([[0, 1, 2]]), 3)
    corners = np.array([[0.0, 0, 0], [2, 0, 0], [0, 2, 0]])
    assert {tuple(point) for point in finer.mix @ corners} == {
        *((0, 0, 0), (2, 0, 0), (0, 2, 0)),
        *((1, 0, 0), (1, 1, 0), (0, 1, 0)),
    }


def test_a_coarser_mesh_has_the_wished_share_of_triangles_on_the_same_skin() -> None:
    coarse = coarsen(MESH.surface_mm, MESH.triangles, 1 / 3)
    assert len(coarse.triangles) == pytest.approx(len(MESH.triangles) / 3, rel=0.1)
    points = coarse.mix @ MESH.surface_mm
    area = np.linalg.norm(triangle_normals(points, coarse.triangles), axis=1).sum() / 2
    assert area == pytest.approx(24.0 * 24.0, rel=0.05)  # corners are cut, nothing more
    mesh = resample_mesh(MESH, coarse)
    assert mesh.thickness.total_mm == pytest.approx(MESH.thickness.total_mm[0])


def test_a_patch_reads_the_same_linear_field_on_every_mesh() -> None:
    patch = fill_patch(MESH.surface_mm, MESH.triangles, CENTRE)
    slope = np.array([[0.1, 0.02, 0.0], [0.0, -0.05, 0.3], [0.0, 0.0, 0.0]])
    finer = resample_mesh(MESH, halve_edges(MESH.triangles, MESH.columns))
    read = [patch.read(mesh, mesh.surface_mm @ slope) for mesh in (MESH, finer)]
    assert read[1] == pytest.approx(read[0], rel=1e-12)
    assert read[0] == pytest.approx(np.linalg.norm(CENTRE @ slope), rel=0.02)


def test_a_cheek_is_cut_out_whole_and_pulled_upwards_away_from_its_clamps() -> None:
    anatomy, mesh = demonstration_anatomy(), half_face_model().part("left").mesh
    jowl = anatomy.face.landmark("jowl_l")
    cheek = Cheek(mesh, face_elasticity(anatomy, nominal_parameters(), mesh), jowl)
    assert (corner_jacobians(cheek.nodes_mm, cheek.wedges) > 0).all()
    sideways, upwards, forwards = cheek.load().reshape(-1, 3).sum(axis=0)
    assert sideways == forwards == 0
    assert 0.5 < upwards < 1.05
    assert not np.abs(cheek.load()[np.repeat(cheek.clamped, 3)]).any()


def test_slip_and_slack_are_found_right_and_a_wrong_answer_is_noticed() -> None:
    part = half_face_model().part("left")
    threads = [
        replace(thread, tension_n=1.0, holding_force_n=1.3)
        for thread in four_threads(demonstration_anatomy(), "left")
    ]
    response = part.respond(threads)
    pull = response.pull(threads)
    assert pull.barb_slips.any()
    assert optimality_residual(response, pull, threads) < 1e-8
    assert piece_law_error(part, pull, threads) < 1e-8
    shares = np.where(pull.barb_force_n > 0, 1.001 * pull.barb_force_n, 0.0)
    assert optimality_residual(response, replace(pull, barb_force_n=shares), threads) > 1e-6
    taut = pull.piece_force_n + 0.01
    assert optimality_residual(response, replace(pull, piece_force_n=taut), threads) > 1e-6
    assert piece_law_error(part, replace(pull, piece_force_n=taut), threads) > 1e-3
