"""The layered tissue model: threads as cables in, lift in millimetres out."""

from threadlift.tissue.lift import Lift, LiftReport, PointLift, ThreadPull, UnitResponses
from threadlift.tissue.model import TissueModel, build_tissue
from threadlift.tissue.parameter import (
    TissueParameters,
    nominal_parameters,
    parameter_spread,
    thread_defaults,
)
from threadlift.tissue.thread import CableThread, spaced_barbs
from threadlift.tissue.validity import rule_finding

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
    "rule_finding",
    "spaced_barbs",
    "thread_defaults",
]
