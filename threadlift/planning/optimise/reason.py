"""The answer in words: what the plan is, how it departs from published technique, what kept it from more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.files import load_data
from threadlift.language import Text, figure
from threadlift.planning.clearance_rule import load_clearance_rules
from threadlift.planning.optimise.answer import Outcome
from threadlift.planning.optimise.candidate import Candidate, Supply
from threadlift.planning.optimise.goal import Goal, optimiser_record
from threadlift.planning.optimise.milp import solve_problem
from threadlift.planning.optimise.problem import Problem
from threadlift.planning.optimise.reading import Reading
from threadlift.planning.optimise.rounds import miss_cost, without_limits
from threadlift.planning.optimise.search import Found, Search
from threadlift.planning.optimise.target import Target
from threadlift.planning.proposal import Adjustment
from threadlift.planning.sentence import Reason, Sentences, read_sentences
from threadlift.planning.technique import find_technique
from threadlift.tissue import TissueModel

Floats = NDArray[np.float64]
_LIMITS = ("hold", "count", "budget", "skin", "mouth", "spacing", "most")
_BINDS_SHARE = 0.05  # a limit binds when its absence makes the shortfall so much smaller
_BLOCKED_LOOKED_AT = 120


@cache
def sentences() -> Sentences:
    """The sentences of the optimiser."""
    return read_sentences(load_data("threadlift.planning", "optimise.toml")["sentence"])


def explain_outcome(
    outcome: Outcome, goal: Goal, target: Target, answer: Found | None, supply: Supply, *, stopped: bool
) -> Iterator[Reason]:
    """What the plan is and what it is worth."""
    say, search = sentences().say, optimiser_record("search")
    yield say("optimised", generated=supply.generated, clear=len(supply.candidates))
    if outcome == "best_so_far" or stopped:
        yield say("stopped_early")
    if goal.robust:
        yield say(
            "robust_how", share=f"{100 * search['robust_share']:.0f}", samples=int(search["robust_samples"])
        )
    if answer is None:
        return
    if not answer.keeps_limits:
        what = ", ".join(dict.fromkeys(one.what for one in answer.checked.excess)) or "LIFT-MOUTH"
        yield say("limit_remains", what=what)
    if not answer.is_met:
        yield from _explain_misses(goal, target, target.reached(answer.checked))


def _explain_misses(goal: Goal, target: Target, reached_mm: Floats) -> Iterator[Reason]:
    """Every wish that is fallen short of, and every place that would move more than was allowed."""
    say = sentences().say
    share = f"{100 * optimiser_record('search')['robust_share']:.0f}"
    for i, name in enumerate(target.landmarks):
        reached = figure(float(reached_mm[i]), ".2f")
        if reached_mm[i] < 0.99 * target.needed_mm[i]:
            wished = figure(float(target.wish_mm[i]), ".2f")
            if goal.robust:
                needed = figure(float(target.needed_mm[i]), ".2f")
                yield say(
                    "wish_missed_robust",
                    landmark=name,
                    wished=wished,
                    share=share,
                    needed=needed,
                    reached=reached,
                )
            else:
                yield say("wish_missed", landmark=name, wished=wished, reached=reached)
        if reached_mm[i] > 1.01 * target.most_mm[i]:
            most = figure(float(target.most_mm[i]), ".2f")
            yield say("most_passed", landmark=name, most=most, reached=reached)


def explain_binding(search: Search, supply: Supply, model: TissueModel) -> list[Reason]:
    """Which limits keep the wishes from being reached: each is taken away in turn, and the shortfall looked
    at. Where no limit alone makes the difference, all of them at once."""
    full = _shortfall(search.problem(), search)
    said = [
        _binding(name, search)
        for name in _LIMITS
        if (name != "budget" or search.goal.budget is not None) and _is_eased(full, search, name)
    ]
    if _clearance_binds(search, supply, model):
        worst = next(iter(supply.refused))
        said.append(sentences().say("binds_clearance", count=len(supply.blocked), rule=worst))
    if said:
        return said
    together = _is_eased(full, search, *_LIMITS)
    return [sentences().say("binds_together" if together else "binds_reach")]


def _is_eased(full: float, search: Search, *names: str) -> bool:
    """Whether the shortfall ``full`` is clearly smaller without these limits."""
    return _shortfall(without_limits(search, *names), search) < (1 - _BINDS_SHARE) * full


def _shortfall(problem: Problem, search: Search) -> float:
    """What is missing of the wishes, weighed; infinite where not even a plan without threads is allowed."""
    cost = miss_cost(search)
    seconds = optimiser_record("search")["relax_seconds"]
    found, _ = solve_problem(problem.allowing_misses(cost), seconds=seconds, gap=0.02)
    return float(found.missing_mm @ cost) if found.is_found else np.inf


def _binding(name: str, search: Search) -> Reason:
    words: dict[str, dict[str, Any]] = {
        "hold": {"pull": figure(max(option.first.high_n for option in search.options))},
        "count": {"count": search.goal.maximum_threads_per_side},
        "mouth": {"limit": figure(search.goal.mouth_mm)},
    }
    return sentences().say(f"binds_{name}", **words.get(name, {}))


def _clearance_binds(search: Search, supply: Supply, model: TissueModel) -> bool:
    """Whether a candidate that met a stop would lift a wished place more per newton than any that may be
    used."""
    looked_at = sorted(supply.blocked, key=lambda one: one.departs_mm)[:_BLOCKED_LOOKED_AT]
    if not looked_at:
        return False
    reading = Reading(model, looked_at)
    reading.add(reading.motion([model.anatomy.face.landmark(name) for name in search.target.landmarks]))
    count = len(search.target.landmarks)
    raw = reading.per_newton().reshape(count, 3, -1)
    blocked = np.einsum("pxk,px->pk", raw, search.target.directions).max(axis=1)
    each = max(len(option.members) for option in search.options)
    clear = (search.lift_per_n()).max(axis=1) if each else np.zeros(count)
    return bool((blocked > 1.1 * clear).any())


def explain_departures(answer: Found, search: Search) -> tuple[Adjustment, ...]:
    """How each thread departs from the published technique that it comes from; mirrored threads together."""
    everyone = search.candidates()
    groups: dict[tuple[object, ...], list[tuple[str, Candidate]]] = {}
    for thread, column in zip(answer.checked.plan.threads, answer.columns, strict=True):
        one = everyone[column]
        groups.setdefault((one.design, one.kind.id), []).append((thread.id, one))
    counts: dict[str, int] = {}
    for thread in answer.checked.plan.threads:
        if thread.side == answer.checked.plan.threads[0].side:
            counts[thread.technique or ""] = counts.get(thread.technique or "", 0) + 1
    return tuple(_departure(members, counts) for members in groups.values())


def _departure(members: list[tuple[str, Candidate]], counts: dict[str, int]) -> Adjustment:
    say, one = sentences().say, members[0][1]
    technique = find_technique(one.design[0])
    changes = []
    if one.entry_off_mm >= 0.5:
        changes.append(say("change_entry", mm=figure(round(one.entry_off_mm), ".0f")))
    if one.end_off_mm >= 0.5:
        changes.append(say("change_end", mm=figure(round(one.end_off_mm), ".0f")))
    if one.thread.plane != technique.plane:
        changes.append(say("change_plane", plane=load_clearance_rules().planes[one.thread.plane].name))
    low, high = technique.per_side
    if not low <= counts.get(technique.id, 0) <= high:
        usual = str(low) if low == high else Text(en=f"{low} to {high}", vi=f"{low} đến {high}")
        changes.append(say("change_count", count=counts.get(technique.id, 0), usual=usual))
    names = tuple(name for name, _ in members)
    shown = " / ".join(names)
    if not changes:
        reason = say("as_published", threads=shown, technique=technique.name)
    else:
        told = Text(
            en="; ".join(change.what.en for change in changes),
            vi="; ".join(change.what.vi for change in changes),
        )
        reason = say(
            "departs", threads=shown, technique=technique.name, changes=told, sources=technique.sources
        )
    return Adjustment(**reason.model_dump(), threads=names)
