"""Averages over balls of tissue."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.tissue.spreading import Spreading
from threadlift.tissue.verification.block import make_block
from threadlift.tissue.verification.slab import spreading_lifts

BLOCK = make_block((6, 6, 3), (12.0, 12.0, 6.0))
SPREADING = Spreading(BLOCK.nodes, BLOCK.wedges)


@pytest.mark.parametrize("point", [(6.0, 6.0, 3.0), (5.1, 6.7, 5.5), (0.6, 6.0, 3.0)])
def test_a_linear_field_gives_its_value_at_the_point(point: tuple[float, float, float]) -> None:
    row = SPREADING.weights(np.array([point]), 2.5)
    assert (row @ BLOCK.nodes)[0] == pytest.approx(point, abs=1e-9)
    assert row.sum() == pytest.approx(1.0)


def test_a_point_without_tissue_has_an_empty_row() -> None:
    row = SPREADING.weights(np.array([[6.0, 6.0, 20.0], [6.0, 6.0, 3.0]]), 2.5)
    assert list(np.diff(row.indptr) > 0) == [False, True]


def test_the_lift_hardly_depends_on_the_mesh() -> None:
    lifts = np.array(spreading_lifts([(12, 9, 3), (16, 12, 4), (24, 18, 6)]))[:, 0]
    assert np.abs(lifts / lifts[-1] - 1).max() < 0.05
