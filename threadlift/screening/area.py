"""Areas of the face that no thread may cross, and which goals that leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from threadlift.files import load_data
from threadlift.screening.intake import Intake

PERMANENT = ("permanent_filler", "unknown_filler", "implant")


@cache
def load_goal_areas() -> dict[str, frozenset[str]]:
    """For each goal the areas that its threads cross."""
    entries = load_data("threadlift.screening", "goals.toml")["goal"]
    return {entry["goal"]: frozenset(entry["areas"]) for entry in entries}


def find_ungraded_goals(intake: Intake) -> tuple[str, ...]:
    """Lifting goals for which no laxity grade was given in any of their regions."""
    entries = load_data("threadlift.screening", "goals.toml")["goal"]
    regions = {entry["goal"]: set(entry["regions"]) for entry in entries}
    return tuple(goal for goal in intake.goals if regions[goal] and not regions[goal] & set(intake.laxity))


@dataclass(frozen=True)
class Blocked:
    """Areas with a permanent or unknown product, goals whose threads would cross them, and goals left."""

    areas: tuple[str, ...]
    goals: tuple[str, ...]
    goals_left: float


def block_areas(intake: Intake) -> Blocked:
    """Areas that no thread may cross. An unknown area blocks no goal: it has to be found first."""
    areas = {entry.area for entry in intake.history if entry.kind in PERMANENT and entry.area != "body"}
    crossed = load_goal_areas()
    goals = tuple(goal for goal in intake.goals if "whole_face" in areas or crossed[goal] & areas)
    left = len(intake.goals) - len(goals) if intake.goals else 0 if "whole_face" in areas else 1
    return Blocked(areas=tuple(sorted(areas)), goals=goals, goals_left=float(left))
