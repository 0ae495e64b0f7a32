"""The six-node wedge and the numbers that prove it."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.errors import InputError
from threadlift.tissue.verification.block import make_block
from threadlift.tissue.verification.element import count_zero_modes, patch_error, stretch_energy
from threadlift.tissue.wedge import (
    POINTS,
    corner_jacobians,
    shape_gradients,
    shape_values,
    wedge_geometry,
)

UPRIGHT = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 2], [1, 0, 2], [0, 1, 2]], dtype=float)
ONE = np.arange(6)[None]


def test_shape_functions_add_up_to_one_and_their_gradients_to_zero() -> None:
    assert np.allclose(shape_values(POINTS).sum(axis=1), 1)
    assert np.allclose(shape_gradients(POINTS).sum(axis=1), 0)


def test_volume_of_an_upright_wedge() -> None:
    assert wedge_geometry(UPRIGHT, ONE).volume == pytest.approx([1.0])


def test_an_inverted_corner_has_a_negative_jacobian() -> None:
    folded = UPRIGHT.copy()
    folded[3] = [2.0, 2.0, 2.0]
    assert corner_jacobians(UPRIGHT, ONE).min() > 0
    assert corner_jacobians(folded, ONE).min() < 0


@pytest.mark.parametrize("poisson", [0.3, 0.49])
def test_distorted_wedges_reproduce_a_linear_displacement(poisson: float) -> None:
    assert patch_error(poisson) < 1e-12


def test_a_free_block_has_exactly_six_rigid_modes() -> None:
    assert count_zero_modes() == 6


def test_a_uniform_stretch_stores_lambda_plus_two_mu() -> None:
    assert stretch_energy() == pytest.approx(13.461538, abs=1e-5)


def test_the_stiffness_is_symmetric() -> None:
    stiffness = make_block((3, 2, 2)).stiffness(1.0, 0.47)
    assert abs(stiffness - stiffness.T).max() < 1e-14


@pytest.mark.parametrize("nodes", [UPRIGHT[[3, 4, 5, 0, 1, 2]], UPRIGHT * np.array([1.0, 1.0, 0.0])])
def test_a_wedge_inside_out_or_without_volume_is_refused(nodes: np.ndarray) -> None:
    with pytest.raises(InputError, match="1 wedges are turned inside out or flat, the first is number 1"):
        wedge_geometry(np.vstack([UPRIGHT, nodes]), np.arange(12).reshape(2, 6))
