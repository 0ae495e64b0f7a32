"""Stretch of the skin under large motion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from threadlift.tissue.nonlinear.stretch import skin_stretch
from threadlift.tissue.verification.block import make_block

BLOCK = make_block((3, 3, 1))
SKIN = BLOCK.nodes[: len(BLOCK.nodes) // 2]


def test_a_mere_turn_stretches_nothing() -> None:
    turn = Rotation.from_rotvec([0.5, -0.8, 0.3]).as_matrix()
    high, low = skin_stretch(SKIN, BLOCK.triangles, SKIN @ turn.T - SKIN)
    assert np.abs([high, low]).max() < 1e-12


def test_a_stretch_and_a_squeeze_are_read_as_they_are() -> None:
    high, low = skin_stretch(SKIN, BLOCK.triangles, SKIN * [0.3, -0.2, 0.0])
    assert high == pytest.approx(0.3)
    assert low == pytest.approx(-0.2)
