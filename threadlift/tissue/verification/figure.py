"""One figure of the verification: what was computed, what was expected, whether it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` against ``expected``, a sentence. ``holds`` is None for a figure that is only shown."""

    group: str
    name: str
    value: str
    expected: str
    holds: bool | None


def at_most(group: str, name: str, value: float, limit: float) -> Figure:
    """A figure that must not exceed ``limit``."""
    return Figure(group, name, f"{value:.3g}", f"at most {limit:g}", value <= limit)


def at_least(group: str, name: str, value: float, limit: float) -> Figure:
    """A figure that must reach ``limit``."""
    return Figure(group, name, f"{value:.3g}", f"at least {limit:g}", value >= limit)


def close_to(group: str, name: str, value: float, expected: float, tolerance: float) -> Figure:
    """A figure within ``tolerance`` (absolute) of ``expected``."""
    return Figure(
        group,
        name,
        f"{value:.6g}",
        f"{expected:g} within {tolerance:g}",
        abs(value - expected) <= tolerance,
    )


def shown(group: str, name: str, value: str, reference: str) -> Figure:
    """A figure that is shown beside a reference without a verdict."""
    return Figure(group, name, value, reference, None)


def missing(group: str, name: str, remedy: str) -> Figure:
    """A figure that could not be computed: counts as a miss, so that nobody overlooks it."""
    return Figure(group, name, "not run", remedy, False)
