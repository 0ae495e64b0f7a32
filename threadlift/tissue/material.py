"""Moduli of every wedge from regional values.

Stiffness is mixed in the logarithm: between bone and soft cheek a linear mean would be practically bone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.tissue.assembly import Elasticity, isotropic
from threadlift.tissue.mesh import WEDGE_LAYERS, Layer, TissueMesh
from threadlift.tissue.parameter import TissueParameters

Floats = NDArray[np.float64]
GLIDE_LEVEL = 1  # wedges between levels 1 and 2: the upper half of the deep layer, under the SMAS


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


def glide_factor(parameters: TissueParameters, regions: tuple[str, ...], region_share: Floats) -> Floats:
    """Factor (n,) on the shear modulus of the gliding plane, mixed in the logarithm."""
    unknown = set(parameters.glide) - set(regions)
    if unknown:
        raise InputError(f"no region {sorted(unknown)[0]!r} on this face", where="tissue parameters, glide")
    return np.asarray(np.exp(region_share @ np.log([parameters.glide.get(name, 1.0) for name in regions])))


def wedge_elasticity(
    mesh: TissueMesh, young: dict[Layer, Floats], poisson: float, glide: Floats | None = None
) -> Elasticity:
    """Moduli of each wedge: the logarithmic mean over the three columns it stands on.

    ``glide`` (n,) multiplies the shear modulus, and that alone, of the upper half of the deep layer: layers
    slide there but do not part.
    """
    modulus = np.empty(len(mesh.wedges))
    for layer, at_vertices in young.items():
        chosen = mesh.layer == layer
        corners = mesh.triangles[mesh.column[chosen]]
        modulus[chosen] = np.exp(np.log(at_vertices)[corners].mean(axis=1))
    plain = isotropic(modulus, poisson)
    if glide is None:
        return plain
    level = np.repeat(np.arange(len(WEDGE_LAYERS)), len(mesh.triangles))
    chosen = level == GLIDE_LEVEL
    shear = plain.shear_mpa.copy()
    shear[chosen] *= np.exp(np.log(glide)[mesh.triangles[mesh.column[chosen]]].mean(axis=1))
    return Elasticity(shear, plain.bulk_mpa)
