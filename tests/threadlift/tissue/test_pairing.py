"""Matching triangles in pairs."""

from __future__ import annotations

import numpy as np

from threadlift.tissue.pairing import pair_triangles
from threadlift.tissue.verification.block import make_block


def test_every_triangle_of_a_grid_finds_a_partner() -> None:
    block = make_block((7, 5, 1))
    groups = pair_triangles(block.nodes, block.triangles)
    assert set(np.bincount(groups)) == {2}


def test_a_triangle_left_over_joins_its_neighbours_pair() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [2, 0.5, 0]], dtype=float)
    groups = pair_triangles(vertices, np.array([[0, 1, 2], [1, 3, 2], [1, 4, 3]]))
    assert list(np.bincount(groups)) == [3]


def test_a_lone_triangle_keeps_its_own_group() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=float)
    assert list(pair_triangles(vertices, np.array([[0, 1, 2]]))) == [0]
