"""The plan: proposed or drawn, checked for clearance, simulated, predicted."""

from threadlift.planning.plan import Offset, PathPoint, Plan, Plane, PlannedThread
from threadlift.planning.prediction import Prediction, predict, predict_with_model
from threadlift.planning.proposal import Proposal
from threadlift.planning.propose import propose_plan
from threadlift.planning.technique import Technique, load_techniques, place_technique

__all__ = [
    "Offset",
    "PathPoint",
    "Plan",
    "Plane",
    "PlannedThread",
    "Prediction",
    "Proposal",
    "Technique",
    "load_techniques",
    "place_technique",
    "predict",
    "predict_with_model",
    "propose_plan",
]
