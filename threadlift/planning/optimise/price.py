"""What threads cost, as the optimiser needs it: each thread, and what the session costs besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from threadlift.planning.plan import Plan
from threadlift.threads import ThreadKind


@dataclass(frozen=True)
class Prices:
    """``each(kind, path_mm)`` is the price of one thread with everything that is charged for each thread,
    infinite where the list has none: such a thread is never chosen. ``session(sides)`` is what is charged
    besides; tax included, in the list's currency. ``total`` quotes a plan as text.

    Prices that fall with the number of threads are taken at their highest: a plan is never dearer than
    thought.
    """

    currency: str
    each: Callable[[ThreadKind, float], float]
    session: Callable[[int], float]
    total: Callable[[Plan, dict[str, float]], str]
