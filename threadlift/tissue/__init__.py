"""The layered tissue model: threads as cables in, lift in millimetres out."""

from threadlift.tissue.lift import Lift, LiftReport, PointLift, ThreadPull, UnitResponses
from threadlift.tissue.model import TissueModel, build_tissue
from threadlift.tissue.parameter import TissueParameters, nominal_parameters, parameter_spread
from threadlift.tissue.thread import CableThread, spaced_barbs

__all__ = [
    "CableThread",
    "Lift",
    "LiftReport",
    "PointLift",
    "ThreadPull",
    "TissueModel",
    "TissueParameters",
    "UnitResponses",
    "build_tissue",
    "nominal_parameters",
    "parameter_spread",
    "spaced_barbs",
]
