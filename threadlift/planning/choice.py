"""Which goals are served, by which technique, with how many threads a side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast, get_args

from threadlift.planning.proposal import Choice, NotPlanned, ProposalData
from threadlift.planning.sentence import Reason
from threadlift.planning.technique import Technique, find_technique
from threadlift.screening.answer import Region
from threadlift.screening.intake import Intake
from threadlift.screening.verdict import Verdict

EVERYWHERE = ("whole_face", "unknown")  # what lies nobody knows where may lie anywhere
Wanted = dict[str, tuple[int | None, str | None]]  # goal -> laxity grade and the region that it was given for


@dataclass(frozen=True)
class Chosen:
    """A technique with the goals that it serves, its laxity and its number of threads a side."""

    technique: Technique
    goals: tuple[str, ...]
    grade: int | None
    region: str | None
    count: int


def serve_goals(intake: Intake, verdict: Verdict, data: ProposalData) -> tuple[Wanted, list[NotPlanned]]:
    """Goals to be served, each with its laxity grade and the region that gave it; and those that are not."""
    wanted: Wanted = {}
    left_out = []
    blocked = {entry.what: entry.rule for entry in verdict.restrictions.goals}
    for goal in dict.fromkeys(intake.goals):
        if goal == "crow_feet":
            reason = data.say("crow_feet_no_lift")
        elif goal == "skin_quality":
            reason = data.say("skin_quality_no_lift", low=10, high=40)
        else:
            record = data.goals[goal]
            grade, region = _grade(intake, record.laxity)
            if goal in blocked:
                reason = data.say("goal_blocked", goal=record.name, area=record.name, rule=blocked[goal])
            elif grade == 0:
                reason = data.say("goal_not_lax", goal=record.name)
            elif grade is not None and grade >= 4:
                reason = data.say("goal_too_lax", goal=record.name)
            else:
                wanted[goal] = (grade, region)
                continue
        left_out.append(NotPlanned(goal=goal, **reason.model_dump()))
    return wanted, left_out


def _grade(intake: Intake, regions: Sequence[str]) -> tuple[int | None, str | None]:
    for region in regions:
        grade = intake.laxity_grade(cast(Region, region)) if region in get_args(Region) else None
        if grade is not None:
            return grade, region
    return None, None


def choose_techniques(
    wanted: Wanted, verdict: Verdict, data: ProposalData
) -> tuple[list[Chosen], list[NotPlanned]]:
    """Techniques for the goals, none of which passes through an area that the verdict rules out."""
    blocked = {entry.what: entry.rule for entry in verdict.restrictions.areas}
    open_goals = dict(wanted)
    chosen: list[Chosen] = []
    for choice in data.choices:
        technique = find_technique(choice.technique)
        served = _goals_of(choice, open_goals, wanted)
        if not served or _first_blocked(technique, blocked) is not None:
            continue
        grades = [(grade, region) for grade, region in map(wanted.__getitem__, served) if grade is not None]
        if grades:
            grade, region = max(grades, key=lambda entry: entry[0])
            chosen.append(Chosen(technique, served, grade, region, technique.count_for(grade)))
        else:
            chosen.append(Chosen(technique, served, None, None, technique.per_side[0]))
        for goal in served:
            del open_goals[goal]
    return chosen, [_blocked_goal(goal, blocked, data) for goal in open_goals]


def _first_blocked(technique: Technique, blocked: dict[str, str]) -> str | None:
    """An area that a thread of this technique would pass through although it is ruled out."""
    return next((area for area in (*EVERYWHERE, *technique.passes) if area in blocked), None)


def _blocked_goal(goal: str, blocked: dict[str, str], data: ProposalData) -> NotPlanned:
    ways = (find_technique(choice.technique) for choice in data.choices if goal in choice.covers)
    area = next(area for way in ways if (area := _first_blocked(way, blocked)) is not None)
    reason = data.say("goal_blocked", goal=data.goals[goal].name, area=data.areas[area], rule=blocked[area])
    return NotPlanned(goal=goal, **reason.model_dump())


def _goals_of(choice: Choice, open_goals: Wanted, wanted: Wanted) -> tuple[str, ...]:
    """The open goals that this choice serves, or none when its conditions are not met."""
    served = [goal for goal in open_goals if goal in choice.covers]
    counted = [goal for goal in open_goals if goal in (choice.counts or choice.covers)]
    if not served or len(counted) < choice.min_goals:
        return ()
    if choice.with_goals and not any(goal in wanted for goal in choice.with_goals):
        return ()
    also = [
        goal
        for goal, highest in choice.also_up_to.items()
        if goal in open_goals and (open_goals[goal][0] or 0) <= highest
    ]
    return tuple(dict.fromkeys((*served, *also)))


def keep_within_limit(chosen: list[Chosen], data: ProposalData) -> tuple[list[Chosen], list[Reason]]:
    """Reduce the last choices to their lowest published number until the total a side is within the limit."""
    most = int(data.limits["threads_a_side"]["most"])
    kept = list(chosen)
    if sum(entry.count for entry in kept) <= most:
        return kept, []
    for index in reversed(range(len(kept))):
        excess = sum(entry.count for entry in kept) - most
        spare = kept[index].count - kept[index].technique.per_side[0]
        kept[index] = replace(kept[index], count=kept[index].count - max(0, min(spare, excess)))
    total = sum(entry.count for entry in kept)
    return kept, [data.say("fewer_than_graded", most=total)]
