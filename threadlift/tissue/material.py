"""Moduli of every wedge from regional values.

Stiffness is mixed in the logarithm: between bone and soft cheek a linear mean would be practically bone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.tissue.assembly import Elasticity, isotropic
from threadlift.tissue.mesh import Layer, TissueMesh
from threadlift.tissue.parameter import TissueParameters

Floats = NDArray[np.float64]


def young_by_layer(
    parameters: TissueParameters, regions: tuple[str, ...], region_share: Floats
) -> dict[Layer, Floats]:
    """Young's modulus (n,) in MPa of each layer at vertices whose regions mix as ``region_share`` (n, r)."""
    smas_muscle = region_share @ np.array([parameters.smas_muscle_share.get(name, 0.0) for name in regions])
    deep_muscle = region_share @ np.array([parameters.deep_muscle_share.get(name, 0.0) for name in regions])
    plain = np.ones(len(region_share))
    return {
        Layer.SKIN: parameters.young_skin * plain,
        Layer.FAT: parameters.young_fat * plain,
        Layer.SMAS: mix(parameters.young_smas, parameters.young_muscle, smas_muscle),
        Layer.DEEP: mix(parameters.young_deep, parameters.young_muscle, deep_muscle),
    }


def mix(first: float, second: float, share_of_second: Floats) -> Floats:
    """Logarithmic mixture of two stiffnesses."""
    return np.asarray(np.exp((1 - share_of_second) * np.log(first) + share_of_second * np.log(second)))


def wedge_elasticity(mesh: TissueMesh, young: dict[Layer, Floats], poisson: float) -> Elasticity:
    """Moduli of each wedge: the logarithmic mean over the three columns it stands on."""
    modulus = np.empty(len(mesh.wedges))
    for layer, at_vertices in young.items():
        chosen = mesh.layer == layer
        corners = mesh.triangles[mesh.column[chosen]]
        modulus[chosen] = np.exp(np.log(at_vertices)[corners].mean(axis=1))
    return isotropic(modulus, poisson)
