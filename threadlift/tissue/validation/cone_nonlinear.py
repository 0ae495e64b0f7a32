"""The pull of the four-cone suture with large deformation and tissue that stiffens: can it bend the curve?"""

from __future__ import annotations

import numpy as np

from threadlift.errors import ConvergenceError
from threadlift.tissue.nonlinear.body import HyperelasticBody
from threadlift.tissue.nonlinear.newton import NewtonSettings, find_equilibrium
from threadlift.tissue.nonlinear.potential import DeadLoad, Potential
from threadlift.tissue.nonlinear.stiffening import nominal_stiffening, wedge_stiffening
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.restraint import Restraints
from threadlift.tissue.validation.cone import REFERENCE, Geometry, block_supports, block_tissue, cone_block

_SETTINGS = NewtonSettings(tolerance=1e-4, tolerance_on_the_way=3e-2, increments=2)


def stiffening_travel_mm(
    parameters: TissueParameters, force_n: float, geometry: Geometry = REFERENCE
) -> float | None:
    """Motion of the tissue at the cones, mm; None where no stable balance is found.

    Forces of the cones are those of the linear block and keep their direction: the suture is straight.
    """
    block = cone_block(parameters, geometry)
    mesh = block.mesh
    elasticity, groups = block_tissue(mesh, parameters, geometry)
    stiffening = wedge_stiffening(mesh, nominal_stiffening())
    potential = Potential(
        body=HyperelasticBody(mesh.nodes_mm, mesh.wedges, elasticity, groups, stiffening),
        held=block_supports(mesh, parameters, geometry),
        load=DeadLoad(block.load_n(force_n)),
        restraints=Restraints.none(mesh.nodes_mm.size),
    )
    try:
        found = find_equilibrium(potential, _SETTINGS)
    except ConvergenceError:
        return None
    return block.travel_mm(np.asarray(found.displacement_mm))
