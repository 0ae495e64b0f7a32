"""Why a goal is not reached: the limit that binds, several together, or the threads themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.threadlift.planning.builders import intake, verdict
from threadlift.errors import InputError
from threadlift.planning.optimise.candidate import Supply
from threadlift.planning.optimise.goal import Goal, Wish
from threadlift.planning.optimise.optimise import optimise_plan
from threadlift.planning.optimise.problem import Problem
from threadlift.planning.optimise.reason import explain_binding, explain_outcome

NOBODY = Supply((), 0, {}, ())


def two_threads(**changes: Any) -> Problem:
    """Two threads of 0.5 to 1 N, a millimetre a newton each; one wish, a mouth limit, two counts."""
    arrays: dict[str, Any] = {
        "low_n": [0.5, 0.5],
        "high_n": [1.0, 1.0],
        "use_cost": [1.0, 1.0],
        "pull_cost": [0.01, 0.01],
        "gain_mm_per_n": [[1.0, 1.0]],
        "wish_mm": [2.0],
        "most_mm": [np.inf],
        "limit_rows": [[1.0, 1.0]],
        "limits": [9.0],
        "count_rows": [[1.0, 1.0], [1.0, 1.0]],
        "at_most": [9.0, 9.0],
    }
    return Problem(**{name: np.array(value) for name, value in (arrays | changes).items()})


def binding(problem: Problem) -> set[str]:
    search: Any = SimpleNamespace(
        problem=lambda: problem,
        skin_rows=lambda: np.array([False]),
        goal=SimpleNamespace(budget=1, maximum_threads_per_side=1, mouth_mm=1.0),
        target=SimpleNamespace(weight=np.ones(1), needed_mm=problem.wish_mm),
        use_cost=problem.use_cost,
        pull_cost=problem.pull_cost,
        options=[SimpleNamespace(first=SimpleNamespace(high_n=1.0))],
    )
    return {reason.rule for reason in explain_binding(search, NOBODY, None)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"at_most": [1.0, 9.0]}, {"binds_count", "binds_hold"}),
        ({"at_most": [9.0, -1.0]}, {"binds_budget"}),
        ({"limits": [1.0]}, {"binds_mouth"}),
        ({"most_mm": [1.5]}, {"binds_most"}),
        ({"limits": [1.0], "at_most": [1.0, 9.0]}, {"binds_together"}),
        ({"gain_mm_per_n": [[0.0, 0.0]]}, {"binds_reach"}),
    ],
)
def test_what_binds_is_named_and_nothing_else(changes: dict[str, Any], rules: set[str]) -> None:
    assert binding(two_threads(**changes)) == rules


def missed(reached_mm: float, **target: Any) -> list[str]:
    wish: dict[str, Any] = {"wish_mm": [1.5], "needed_mm": [1.5], "most_mm": [np.inf]} | target
    told: Any = SimpleNamespace(
        landmarks=("jowl_l",),
        reached=lambda checked: np.array([reached_mm]),
        **{name: np.array(value) for name, value in wish.items()},
    )
    answer: Any = SimpleNamespace(keeps_limits=True, is_met=False, checked=None)
    goal = Goal(lift=(Wish(landmark="jowl", mm=1.5),), robust=target.get("needed_mm", [1.5]) != [1.5])
    found = explain_outcome("nearest", goal, told, answer, NOBODY, stopped=False)
    return [reason.what.en for reason in found]


def test_a_missed_wish_is_told_as_it_was_wished() -> None:
    assert "1.50 mm was wished; the nearest that can be reached is 1.20 mm" in missed(1.2)[-1]
    robust = missed(1.6, needed_mm=[2.1])[-1]
    assert "1.50 mm in 80% of tissues was wished, which takes 2.10 mm" in robust and "1.60 mm" in robust


def test_a_place_that_moves_more_than_allowed_is_told() -> None:
    assert "2.00 mm was the most allowed; this plan moves it 2.30 mm" in missed(2.3, most_mm=[2.0])[-1]


@pytest.mark.parametrize("money", [{"budget": 5_000_000}, {"minimise": "cost"}])
def test_a_goal_about_money_needs_prices(money: dict[str, Any]) -> None:
    goal = Goal(lift=(Wish(landmark="jowl", mm=1.0),), **money)
    with pytest.raises(InputError, match="needs prices"):
        optimise_plan(goal, intake(goals=["jowl"]), verdict(), None)  # type: ignore[arg-type]


def test_threads_without_a_price_are_left_out_and_counted() -> None:
    some: Any = (1, 2, 3)
    left = Supply(some, 5, {"midline_crossed": 2}, ()).leaving_out(
        lambda one: one == some[1], "price_missing"
    )
    assert left.candidates == (1, 3)
    assert left.refused == {"midline_crossed": 2, "price_missing": 1}
