"""The nonlinear mode: large deformation and stiffening with strain, as a check of the linear model."""

from threadlift.tissue.nonlinear.face import NonlinearLift, NonlinearMode, PartProgress, lift_nonlinear
from threadlift.tissue.nonlinear.newton import Equilibrium, NewtonSettings, NewtonStep
from threadlift.tissue.nonlinear.stiffening import NO_STIFFENING, nominal_stiffening

__all__ = [
    "NO_STIFFENING",
    "Equilibrium",
    "NewtonSettings",
    "NewtonStep",
    "NonlinearLift",
    "NonlinearMode",
    "PartProgress",
    "lift_nonlinear",
    "nominal_stiffening",
]
