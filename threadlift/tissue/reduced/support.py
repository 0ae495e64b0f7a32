"""What holds the layers, by parameter: base, cut edges, ligaments sideways, tension of the skin.

What is not listed here (lid margins, the base on bone) stays in the constant part of the reduced model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy import Anatomy
from threadlift.tissue.domain import openings
from threadlift.tissue.material import young_by_layer
from threadlift.tissue.mesh import TissueMesh
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.part import OPENING_REACH_MM, base_stiffness, ligament_springs
from threadlift.tissue.reduced.layer import THICKNESS, TOP_DOWN, YOUNG
from threadlift.tissue.reduced.power import SHARE_NODES, Factor, share_weights
from threadlift.tissue.support import base_foundation, cut_edges, rim_edges, skin_tension

Floats = NDArray[np.float64]
FOUNDATION = "base_factor"
HANGING = "ligament_load"


def support_terms(
    anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh
) -> Iterator[tuple[sparse.csr_array, Factor]]:
    """Matrices (unknowns, unknowns) in N/mm at nominal parameters, with their factors."""
    tangential, normal = base_stiffness(anatomy, parameters, mesh)
    bases = anatomy.layers.BASES
    mobile = 1 - anatomy.layers.base_share[mesh.source][:, bases.index("bone")]
    for node, weight in zip(SHARE_NODES, share_weights(mobile), strict=True):
        if node > 0:  # on bone nothing depends on the foundation of the mobile plane
            yield (
                base_foundation(mesh, tangential * weight, normal * weight),
                Factor.of(**{FOUNDATION: node}),
            )
    eye, free = openings()
    vertices = anatomy.face.vertices_mm
    cut, _ = rim_edges(mesh, vertices[eye], vertices[free], OPENING_REACH_MM)
    young = young_by_layer(parameters, anatomy.layers.regions, anatomy.layers.region_share[mesh.source])
    for layer in TOP_DOWN:
        alone = {other: values * (other == layer) for other, values in young.items()}
        yield (
            cut_edges(mesh, alone, cut, parameters.rim_length),
            Factor.of(**{YOUNG[layer][0]: 1.0, THICKNESS[layer]: 1.0}),
        )
    yield ligament_springs(anatomy, parameters, mesh), Factor.of(ligament_factor=1.0)
    yield (
        skin_tension(mesh, parameters.skin_tension),
        Factor.of(skin_tension=1.0, thickness_skin_factor=1.0),
    )


def weight_terms(mesh: TissueMesh) -> Iterator[tuple[TissueMesh, Factor]]:
    """The mesh of each layer alone, whose weight goes with the layer's thickness and with what it is taken
    to have done to the ligaments."""
    for layer in TOP_DOWN:
        yield (
            replace(mesh, wedges=mesh.wedges[mesh.layer == layer]),
            Factor.of(**{THICKNESS[layer]: 1.0, HANGING: 1.0}),
        )
