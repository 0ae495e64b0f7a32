"""The same small block in scikit-fem; what is exported; what a missing code does to the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from threadlift.tissue.assembly import isotropic
from threadlift.tissue.verification import agreement
from threadlift.tissue.verification.agreement import block_model, compare_with
from threadlift.tissue.verification.block import make_block
from threadlift.tissue.verification.document import render_verification
from threadlift.tissue.verification.element import distorted_block
from threadlift.tissue.verification.export import MESH, read_model, write_model
from threadlift.tissue.verification.figure import missing
from threadlift.tissue.verification.plain import plain_stiffness
from threadlift.tissue.verification.skfem_oracle import cut_wedges, solve_quadratic
from threadlift.tissue.wedge import wedge_geometry


def test_scikit_fem_has_the_same_matrix_and_solution_on_a_distorted_block(tmp_path: Path) -> None:
    write_model(tmp_path, block_model(3))
    found = compare_with("skfem", tmp_path)
    assert found.matrix < 1e-12
    assert found.solution < 1e-8


def test_an_exported_model_reads_back_to_the_last_digit(tmp_path: Path) -> None:
    model = block_model(2)
    write_model(tmp_path, model)
    again = read_model(tmp_path)
    assert np.array_equal(again.nodes_mm, model.nodes_mm)
    assert np.array_equal(again.elasticity.bulk_mpa, model.elasticity.bulk_mpa)
    assert abs(again.held - model.held).max() == 0
    assert np.array_equal(again.load_n, model.load_n)


def test_the_vtk_text_counts_its_wedges_and_turns_their_triangles_outward(tmp_path: Path) -> None:
    model = block_model(2)
    write_model(tmp_path, model)
    lines = (tmp_path / MESH).read_text(encoding="utf-8").splitlines()
    first = lines.index(f"CELLS {len(model.wedges)} {7 * len(model.wedges)}") + 1
    assert [int(word) for word in lines[first].split()] == [6, *model.wedges[0, [0, 2, 1, 3, 5, 4]]]
    assert lines[-1] == str(len(model.wedges))


def test_plain_wedges_hold_the_energy_of_a_uniform_stretch() -> None:
    block = make_block((2, 2, 2))
    stretch = np.zeros_like(block.nodes)
    stretch[:, 0] = block.nodes[:, 0]
    stiffness = plain_stiffness(block.nodes, block.wedges, isotropic(np.full(len(block.wedges), 10.0), 0.3))
    assert stretch.ravel() @ (stiffness @ stretch.ravel()) == pytest.approx(13.461538, abs=1e-5)


def test_tetrahedra_fill_the_wedges_and_share_their_faces() -> None:
    block = distorted_block(3, seed=2, amount=0.0)
    corners = block.nodes[cut_wedges(block.wedges)]
    volume = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 6
    assert volume.sum() == pytest.approx(wedge_geometry(block.nodes, block.wedges).volume.sum())
    faces = np.sort(
        cut_wedges(block.wedges)[:, [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]].reshape(-1, 3), axis=1
    )
    count = np.unique(faces, axis=0, return_counts=True)[1]
    assert count.max() == 2
    assert (count == 1).sum() == 6 * 2 * 3 * 3  # two triangles per square of the cube's six sides


def test_quadratic_tetrahedra_settle_under_their_weight_as_a_column_does() -> None:
    """nu = 0: u_z = -(g / E) (H z - z^2 / 2), which is quadratic and therefore exact."""
    block = make_block((2, 2, 3), (4.0, 4.0, 6.0))
    elasticity = isotropic(np.full(len(block.wedges), 2.0), 0.0)
    z = block.nodes[:, 2]
    found = solve_quadratic(
        block.nodes, block.wedges, elasticity, z == 0, lambda points: np.full(points.shape, [0.0, 0.0, -0.01])
    )
    settled = found.displacement_mm.reshape(-1, 3)
    assert settled[:, 2] == pytest.approx(-0.01 / 2.0 * (6.0 * z - z**2 / 2), abs=1e-9)
    assert np.abs(settled[:, :2]).max() < 1e-9


def test_a_code_that_is_not_installed_is_named_and_counts_as_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement.importlib.util, "find_spec", lambda name: None)
    assert agreement.missing_oracles() == ("mfem", "skfem")
    page = render_verification(
        [missing("Against other codes", "NOT RUN: PyMFEM is not installed", "install")], []
    )
    assert "NOT RUN" in page
    assert "**misses**" in page
    assert "0 of 1 judged figures hold" in page
