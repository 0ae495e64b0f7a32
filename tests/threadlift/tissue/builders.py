"""Blocks and faces for the tests of the tissue room."""

from __future__ import annotations

from functools import cache

import numpy as np

from threadlift.tissue import nominal_parameters
from threadlift.tissue.mesh import LayerThickness, TissueMesh, build_mesh
from threadlift.tissue.model import TissueModel
from threadlift.tissue.verification.block import make_block
from threadlift.tissue.verification.demonstration import demonstration_anatomy

GRID = make_block((8, 8, 1), (24.0, 24.0, 1.0))
COUNT = len(GRID.nodes) // 2
PLAIN = np.ones(COUNT)
SKIN_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # turns the skin from facing forwards to facing up


def flat_mesh(*, turned: bool = False) -> TissueMesh:
    """24 x 24 x 10 mm of layers; the skin faces forwards (+z), or up when ``turned``."""
    vertices = GRID.nodes[:COUNT]
    return build_mesh(
        vertices @ SKIN_UP.T if turned else vertices,
        GRID.triangles,
        LayerThickness(1.5 * PLAIN, 3.0 * PLAIN, 1.0 * PLAIN, 4.5 * PLAIN),
        np.zeros(COUNT, dtype=bool),
    )


@cache
def half_face_model() -> TissueModel:
    """The demonstration face in halves: built once for all tests, because it takes seconds."""
    return TissueModel(demonstration_anatomy(), nominal_parameters(), pieces="halves")
