"""Cutting a mesh into fronts, and what they answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from threadlift.tissue.live.dissection import column_graph, dissect
from threadlift.tissue.live.operators import Operators, eliminate, elimination_order, make_patches
from threadlift.tissue.live.sweep import Gathered, Sweep


def grid(width: int, height: int) -> tuple[sparse.csr_array, np.ndarray]:
    """A positive definite matrix on a grid of points, one unknown each, and the points."""
    x, y = np.meshgrid(np.arange(float(width)), np.arange(float(height)), indexing="ij")
    places = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1)
    near = np.linalg.norm(places[:, None] - places, axis=2)
    matrix = -((near > 0) & (near < 1.5)).astype(float)
    np.fill_diagonal(matrix, 0.3 - matrix.sum(axis=1))
    return sparse.csr_array(matrix), places


MATRIX, PLACES = grid(18, 14)
FRONTS = dissect(column_graph(MATRIX, np.arange(len(PLACES))), PLACES)


def test_every_column_is_in_one_front_and_children_come_first() -> None:
    assert sorted(np.concatenate([front.columns for front in FRONTS])) == list(range(len(PLACES)))
    assert FRONTS[-1].parent == -1 and FRONTS[-1].size == len(PLACES)
    assert all(number < front.parent for number, front in enumerate(FRONTS[:-1]))


def test_no_entry_of_the_matrix_joins_two_branches() -> None:
    front_of = np.empty(len(PLACES), dtype=int)
    for number, front in enumerate(FRONTS):
        front_of[front.columns] = number
    for number, front in enumerate(FRONTS):
        later = {int(other) for other in MATRIX[front.columns].indices if front_of[other] > number}
        assert later <= set(front.boundary.tolist())


def test_a_separator_is_no_thicker_than_the_grid_is_wide() -> None:
    assert len(FRONTS[-1].columns) <= 15


@pytest.fixture(scope="module")
def sweep() -> tuple[Sweep, np.ndarray, np.ndarray]:
    order = elimination_order(FRONTS, lambda columns: columns)
    rank = np.argsort(order)
    ordered = sparse.csr_array(MATRIX[order][:, order])
    fronts = eliminate(ordered, FRONTS, lambda columns: rank[columns], np.float64)
    patches = make_patches(FRONTS, fronts, np.ones(len(order), dtype=bool))
    inverse = np.linalg.inv(ordered.toarray())
    return Sweep(Operators(fronts, patches, len(order)), np.arange(len(order))), inverse, rank


def test_sweeps_give_the_inverse(sweep: tuple[Sweep, np.ndarray, np.ndarray]) -> None:
    sweeper, inverse, rank = sweep
    assert len(sweeper.operators.patches) > 1
    rows = np.sort(rank[[3, 17, 40, 41, 200]])
    loads = np.random.default_rng(1).standard_normal((5, 3))
    risen = sweeper.rise(rows, loads)
    assert sweeper.fall(risen, np.eye(3)) == pytest.approx(inverse[:, rows] @ loads, abs=1e-12)
    assert risen.compliance(risen) == pytest.approx(loads.T @ inverse[np.ix_(rows, rows)] @ loads, abs=1e-12)


def test_compliance_between_gathered_loads_is_that_of_each(
    sweep: tuple[Sweep, np.ndarray, np.ndarray],
) -> None:
    sweeper, inverse, rank = sweep
    one, two, three = (sweeper.rise(rank[[i]], np.eye(1)) for i in (5, 130, 250))
    gathered = Gathered.of([two, three])
    assert one.compliance(gathered)[0] == pytest.approx(inverse[rank[5], rank[[130, 250]]], abs=1e-12)
    assert one.compliance(two)[0] == pytest.approx(inverse[rank[5], rank[[130]]], abs=1e-12)
