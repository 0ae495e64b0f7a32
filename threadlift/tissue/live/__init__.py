"""The live response: a plan answers while one of its threads is dragged."""

from threadlift.tissue.live.plan import Frame, LivePlan
from threadlift.tissue.live.response import CancelledError, LiveResponse
from threadlift.tissue.live.store import live_key

__all__ = ["CancelledError", "Frame", "LivePlan", "LiveResponse", "live_key"]
