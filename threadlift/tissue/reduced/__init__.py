"""A plan on a face with a hundred unknowns: a thousand kinds of tissue in seconds."""

from threadlift.tissue.reduced.plan import ReducedPlan, reduce_plan
from threadlift.tissue.reduced.prior import (
    draw_logs,
    draw_people,
    parameter_names,
    prior_spread,
    reduction_error,
)

__all__ = [
    "ReducedPlan",
    "draw_logs",
    "draw_people",
    "parameter_names",
    "prior_spread",
    "reduce_plan",
    "reduction_error",
]
