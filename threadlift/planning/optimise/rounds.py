"""Rounds of choice and exact check, until both agree or the nearest plan is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from threadlift.planning.optimise.goal import optimiser_record
from threadlift.planning.optimise.milp import solve_problem
from threadlift.planning.optimise.problem import Problem
from threadlift.planning.optimise.search import Found, Search

Floats = NDArray[np.float64]
Tell = Callable[[str, float, float], None]
_GAP = 0.01
_NEAREST_ROUNDS = 3


def run_search(search: Search, face: str, *, seconds: float, tell: Tell) -> list[Found]:
    """Rounds until the exact model agrees and nothing better is in sight, time is up, or somebody stops it.

    Gives every choice that was computed exactly. Ctrl-C ends it with what is found so
    far; when nothing is, it is passed on.
    """
    start, record = time.perf_counter(), optimiser_record("search")
    found: list[Found] = []
    for number in range(int(record["rounds"])):
        left = seconds - (time.perf_counter() - start)
        if number and (left <= 0 or search.stopped):
            break
        begun = time.perf_counter() - start
        solution, search.stopped = solve_problem(
            search.problem(),
            seconds=max(left, 1.0),
            gap=_GAP,
            report=lambda objective, bound, _: tell("choice", objective, bound),
        )
        best = min((one.objective for one in found if one.is_good), default=np.inf)
        if not solution.is_found or solution.objective > best * (1 - _GAP):
            break
        if search.first_s is None:
            search.first_s, search.within_s = begun + solution.first_s, begun + solution.within_s
        tell("check", number + 1.0, 0.0)
        try:
            found.append(search.look(solution, face))
        except KeyboardInterrupt:
            if not found:
                raise
            search.stopped = True
    return found


def run_nearest(search: Search, face: str, *, seconds: float, tell: Tell) -> list[Found]:
    """Choices that miss the wishes by least, each weighed by its importance and size, until one keeps the
    limits."""
    found: list[Found] = []
    for number in range(_NEAREST_ROUNDS):
        problem = search.problem().allowing_misses(miss_cost(search))
        solution, stopped = solve_problem(problem, seconds=seconds / _NEAREST_ROUNDS, gap=_GAP)
        search.stopped |= stopped
        if not solution.used:
            break
        tell("check", number + 1.0, 0.0)
        try:
            found.append(search.look(solution, face))
        except KeyboardInterrupt:
            if not found:
                raise
            search.stopped = True
        if found[-1].keeps_limits or search.stopped:
            break
    return found


def miss_cost(search: Search) -> Floats:
    """What a missing millimetre of each wish costs: far more than any thread."""
    dear = 100.0 * max(1.0, float((search.use_cost + search.pull_cost).max()))
    return np.asarray(dear * search.target.weight / search.target.needed_mm)


def without_limits(search: Search, *names: str) -> Problem:
    """The problem with some kinds of limit taken away, to see what binds: hold, count, budget, skin, mouth,
    spacing, most."""
    problem = search.problem()
    for name in names:
        problem = _freed(problem, search, name)
    return problem


def _freed(problem: Problem, search: Search, name: str) -> Problem:
    if name == "hold":
        return replace(problem, high_n=2 * problem.high_n)
    if name == "most":
        return replace(problem, most_mm=np.full_like(problem.most_mm, np.inf))
    if name in ("count", "budget"):
        money = len(problem.at_most) - 1 if search.goal.budget is not None else -1
        gone = np.array([(row == money) == (name == "budget") for row in range(len(problem.at_most))])
        return replace(problem, at_most=np.where(gone, np.inf, problem.at_most))
    if name == "spacing":
        return replace(problem, cliques=())
    skin = search.skin_rows()
    gone = skin if name == "skin" else ~skin
    refused = () if name == "skin" else problem.refused
    return replace(problem, limits=np.where(gone, np.inf, problem.limits), refused=refused)
