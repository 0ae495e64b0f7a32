"""Which goals are served, by which technique, with how many threads a side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import cast, get_args

from threadlift.finding import Status
from threadlift.language import Text
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
    wanted: Wanted, verdict: Verdict, data: ProposalData, *, without: Sequence[str] = ()
) -> tuple[list[Chosen], list[NotPlanned]]:
    """The smallest set of techniques for the goals, none through an area that the verdict rules out.

    Of the sets that serve every goal that can be served, the one is taken that, in this order, stacks the
    fewest techniques on one entry zone, needs the fewest techniques that are general knowledge only, the
    fewest threads a side, the fewest techniques; among equals the first in the order of the data file.
    ``without`` are techniques that were tried and cannot be laid; a goal that only they would serve is in
    neither answer.
    """
    blocked = {entry.what: entry.rule for entry in verdict.restrictions.areas}
    usable = [
        choice
        for choice in data.choices
        if choice.technique not in without
        and _first_blocked(find_technique(choice.technique), blocked) is None
        and _is_asked_for(choice, wanted)
    ]
    served = {goal for goal in wanted if any(_serves(choice, goal, wanted) for choice in usable)}
    sets = (
        _assign(members, wanted)
        for size in range(len(usable) + 1)
        for members in combinations(usable, size)
        if all(any(_serves(choice, goal, wanted) for choice in members) for goal in served)
    )
    chosen = min(sets, key=_cost)
    return chosen, [
        _blocked_goal(goal, blocked, data)
        for goal in wanted
        if goal not in served and not any(goal in find_technique(one).goals for one in without)
    ]


def _is_asked_for(choice: Choice, wanted: Wanted) -> bool:
    counted = [goal for goal in wanted if goal in (choice.counts or choice.serves)]
    return len(counted) >= choice.min_goals


def _serves(choice: Choice, goal: str, wanted: Wanted) -> bool:
    """Whether the choice is enough for the goal; laxity that nobody graded never asks for more threads."""
    return goal in choice.serves and (wanted[goal][0] or 0) <= choice.serves[goal]


def _assign(members: Sequence[Choice], wanted: Wanted) -> list[Chosen]:
    """The techniques of a set with the goals that each serves; a goal goes to the first that serves it."""
    chosen, open_goals = [], list(wanted)
    for choice in members:
        goals = tuple(goal for goal in open_goals if _serves(choice, goal, wanted))
        open_goals = [goal for goal in open_goals if goal not in goals]
        technique = find_technique(choice.technique)
        graded = [(grade, region) for grade, region in map(wanted.__getitem__, goals) if grade is not None]
        grade, region = max(graded, key=lambda entry: entry[0]) if graded else (None, None)
        count = technique.per_side[0] if grade is None else technique.count_for(grade)
        chosen.append(Chosen(technique, goals, grade, region, count))
    return chosen


def _cost(chosen: Sequence[Chosen]) -> tuple[int, int, int, int]:
    zones = [entry.technique.entry_zone for entry in chosen]
    return (
        len(zones) - len(set(zones)),
        sum(entry.technique.status is Status.UNSOURCED for entry in chosen),
        sum(entry.count for entry in chosen),
        len(chosen),
    )


def explain_choice(chosen: Sequence[Chosen], wanted: Wanted, data: ProposalData) -> list[Reason]:
    """Why these techniques, and why a second one was added to the first."""
    if not chosen:
        return []
    choices = {choice.technique: choice for choice in data.choices}
    reasons = [data.say("smallest_set", count=sum(entry.count for entry in chosen))]
    for index, entry in enumerate(chosen[1:], start=1):
        name = entry.technique.name
        new = []
        for goal in entry.goals:
            part = next((one for one in chosen[:index] if goal in choices[one.technique.id].serves), None)
            if part is None:
                new.append(data.goals[goal].name)
            else:
                highest = choices[part.technique.id].serves[goal]
                reasons.append(
                    data.say(
                        "added_for_grade",
                        technique=name,
                        goal=data.goals[goal].name,
                        first=part.technique.name,
                        highest=highest,
                        grade=wanted[goal][0],
                    )
                )
        if new:
            goals = Text(en=", ".join(one.en for one in new), vi=", ".join(one.vi for one in new))
            reasons.append(data.say("added_for_goal", technique=name, goal=goals))
        beside = next(
            (one for one in chosen[:index] if one.technique.entry_zone == entry.technique.entry_zone), None
        )
        if beside is not None:
            zone = data.zones[entry.technique.entry_zone]
            reasons.append(data.say("entry_shared", technique=name, first=beside.technique.name, zone=zone))
    return reasons


def _first_blocked(technique: Technique, blocked: dict[str, str]) -> str | None:
    """An area that a thread of this technique would pass through although it is ruled out."""
    return next((area for area in (*EVERYWHERE, *technique.passes) if area in blocked), None)


def _blocked_goal(goal: str, blocked: dict[str, str], data: ProposalData) -> NotPlanned:
    ways = (find_technique(choice.technique) for choice in data.choices if goal in choice.serves)
    area = next(area for way in ways if (area := _first_blocked(way, blocked)) is not None)
    reason = data.say("goal_blocked", goal=data.goals[goal].name, area=data.areas[area], rule=blocked[area])
    return NotPlanned(goal=goal, **reason.model_dump())


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
