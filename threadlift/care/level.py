"""The four levels of urgency, in order."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How soon a person must look at the patient. ``rank`` orders the levels."""

    SELF_CARE = "self_care"
    CALL = "call_24_48h"
    SAME_DAY = "same_day"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for self care up to 3 for an emergency."""
        return list(Level).index(self)

    def one_up(self) -> Level:
        """The next more urgent level; an emergency stays one."""
        return list(Level)[min(self.rank + 1, 3)]


def most_urgent(*levels: Level) -> Level:
    """The most urgent of the levels given; ``SELF_CARE`` when there is none."""
    return max(levels, key=lambda level: level.rank, default=Level.SELF_CARE)
