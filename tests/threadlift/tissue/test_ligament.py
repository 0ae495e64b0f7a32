"""Ligaments in pieces: they pull, they do not push, and the weight of the face hangs on them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from tests.threadlift.tissue.builders import COUNT, flat_mesh
from threadlift.errors import InputError
from threadlift.tissue.gravity import node_masses, rest_stretch, weight_load
from threadlift.tissue.ligament import (
    UPRIGHT,
    cut_ligaments,
    one_way_coupling,
    two_way_springs,
)
from threadlift.tissue.mesh import SMAS_TOP_LEVEL, TissueMesh
from threadlift.tissue.restraint import Restraints, solve_pieces
from threadlift.tissue.support import LigamentLine

LINE = LigamentLine("x-left", np.array([[4.0, 12, 0], [20.0, 12, 0]]), 1.5)


@pytest.fixture(scope="module")
def standing() -> TissueMesh:
    """A block of layers stood on edge: the skin faces forwards (+z), down is -y."""
    return flat_mesh()


def test_a_line_is_cut_into_pieces_that_share_its_stiffness(standing: TissueMesh) -> None:
    pieces = cut_ligaments(standing, [LINE], radius_mm=5.0, piece_mm=8.0)
    assert [piece.id for piece in pieces] == ["x-left-0", "x-left-1"]
    assert sum(piece.stiffness_n_per_mm for piece in pieces) == pytest.approx(1.5)
    assert [piece.weights.sum() for piece in pieces] == pytest.approx([1.0, 1.0])


def test_a_piece_feels_outward_motion_and_descent_but_not_sideways_motion(standing: TissueMesh) -> None:
    pieces = cut_ligaments(standing, [LINE], radius_mm=5.0, piece_mm=8.0)
    names, coupling, _ = one_way_coupling(standing, pieces)
    assert names[:2] == ("x-left-0-normal", "x-left-0-descent")
    for motion, expected in (((0, 0, 1), (1, 0)), ((0, -1, 0), (0, 1)), ((1, 0, 0), (0, 0))):
        stretch = coupling.T @ np.tile(np.array(motion, dtype=float), len(standing.nodes_mm))
        assert stretch[:2] == pytest.approx(expected, abs=1e-12)


def test_sideways_motion_is_held_both_ways(standing: TissueMesh) -> None:
    springs = two_way_springs(standing, cut_ligaments(standing, [LINE], radius_mm=5.0, piece_mm=8.0))
    for motion, expected in (((1, 0, 0), 1.5), ((0, 1, 0), 0.0), ((0, 0, 1), 0.0)):
        moved = np.tile(np.array(motion, dtype=float), len(standing.nodes_mm))
        assert moved @ (springs @ moved) == pytest.approx(expected, abs=1e-12)


def test_where_the_skin_lies_level_nothing_leads_down_and_both_ways_in_it_are_held() -> None:
    lying = flat_mesh(turned=True)
    (piece, *_) = cut_ligaments(
        lying,
        [dataclasses.replace(LINE, points_mm=lying.surface_mm[[COUNT // 2]])],
        radius_mm=5.0,
        piece_mm=8.0,
    )
    assert piece.outward == pytest.approx(-UPRIGHT) and piece.descent is None
    assert np.trace(piece.two_way) == pytest.approx(2.0)
    assert len(one_way_coupling(lying, [piece])[0]) == 1


def test_a_line_off_the_model_or_without_stiffness_gives_no_piece(standing: TissueMesh) -> None:
    away = dataclasses.replace(LINE, points_mm=LINE.points_mm + 80.0)
    limp = dataclasses.replace(LINE, stiffness_n_per_mm=0.0)
    assert cut_ligaments(standing, [away, limp], radius_mm=5.0, piece_mm=8.0) == []
    names, coupling, stiffness = one_way_coupling(standing, [])
    assert names == () and coupling.shape == (3 * len(standing.nodes_mm), 0) and len(stiffness) == 0
    assert two_way_springs(standing, []).count_nonzero() == 0


def test_the_tissue_weighs_what_its_volume_says(standing: TissueMesh) -> None:
    assert node_masses(standing, 1.0).sum() == pytest.approx(24 * 24 * 10 * 1e-9)
    load = weight_load(standing, 1.0, UPRIGHT).reshape(-1, 3)
    assert load.sum(axis=0) == pytest.approx([0.0, -5.76e-3 * 9.80665, 0.0])
    assert np.ptp(load[standing.level(SMAS_TOP_LEVEL), 1]) > 0  # inner nodes carry more than those at the rim


def test_a_piece_is_stretched_by_the_weight_that_hangs_on_it_or_slack_by_what_it_gave_way() -> None:
    compliance, stiffness = np.diag([2.0, 2.0]), np.array([0.5, 0.5])
    stretch = rest_stretch(compliance, stiffness, np.array([0.4, -0.3]))
    assert stretch == pytest.approx([0.4 / (1 + 2.0 * 0.5), -0.3])


def test_restraints_pull_only_when_stretched() -> None:
    pieces = Restraints(
        ids=("a", "b"),
        coupling=sparse.csc_array(np.eye(3)[:, :2]),
        stiffness_n_per_mm=np.array([2.0, 2.0]),
        rest_stretch_mm=np.array([0.1, -0.1]),
    )
    assert pieces.rest_force_n == pytest.approx([0.2, 0.0])
    assert pieces.force_n(np.array([-0.2, 0.3, 5.0])) == pytest.approx([0.0, 0.4])
    assert pieces.stretch_mm(np.array([-0.2, 0.3, 5.0])) == pytest.approx([-0.1, 0.2])
    assert len(Restraints.none(12)) == 0


@pytest.mark.parametrize(
    ("stiffness", "rest", "message"),
    [
        ([0.0, 1.0], [0.0, 0.0], "above zero"),
        ([-1.0, 1.0], [0.0, 0.0], "above zero"),
        ([np.nan, 1.0], [0.0, 0.0], "above zero"),
        ([1.0], [0.0, 0.0], "direction and a stiffness"),
        ([1.0, 1.0], [0.0, np.inf], "finite rest stretch"),
        ([1.0, 1.0], [0.0], "finite rest stretch"),
    ],
)
def test_restraints_that_make_no_sense_are_refused(
    stiffness: list[float], rest: list[float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Restraints(("a", "b"), sparse.csc_array((6, 2)), np.array(stiffness), np.array(rest))


def test_pieces_are_answered_alike_in_one_go_or_in_many() -> None:
    random = np.random.default_rng(0)
    root = random.normal(size=(21, 21))
    stiffness = root @ root.T + np.eye(21)
    coupling = sparse.csc_array(random.normal(size=(21, 40)))
    answers = solve_pieces(lambda loads: np.linalg.solve(stiffness, loads), coupling, np.arange(5, 7))
    expected = np.linalg.solve(stiffness, coupling.toarray())
    assert answers.compliance_mm_per_n == pytest.approx(coupling.T @ expected)
    assert answers.skin_mm_per_n == pytest.approx(-expected.reshape(7, 3, 40)[5:], rel=1e-5)
