"""The mixed-integer problem against trying every set of options."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import highspy
import numpy as np
import pytest
from scipy.optimize import linprog

from threadlift.planning.optimise import milp
from threadlift.planning.optimise.milp import solve_problem
from threadlift.planning.optimise.problem import Problem


def make_problem(seed: int, options: int = 9, **changes: object) -> Problem:
    random = np.random.default_rng(seed)
    gain = random.uniform(-0.2, 1.0, (3, options))
    problem = Problem(
        low_n=np.full(options, 0.5),
        high_n=np.full(options, 1.0),
        use_cost=random.integers(1, 4, options).astype(float),
        pull_cost=np.full(options, 0.01),
        gain_mm_per_n=gain,
        wish_mm=np.array([0.9, 0.7, 0.5]),
        most_mm=np.array([np.inf, 2.0, np.inf]),
        limit_rows=random.uniform(0.0, 1.0, (2, options)),
        limits=np.array([2.5, 2.5]),
        count_rows=np.ones((1, options)),
        at_most=np.array([5.0]),
        cliques=(frozenset({0, 1, 2}), frozenset({3, 4})),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def best_by_trying(problem: Problem) -> float:
    """Every set of options, each with its best pulls by linear programming."""
    n, best = problem.size, np.inf
    for size in range(n + 1):
        for chosen in combinations(range(n), size):
            use = np.zeros(n)
            use[list(chosen)] = 1.0
            if (problem.count_rows @ use > problem.at_most + 1e-9).any():
                continue
            if any(len(members & set(chosen)) > 1 for members in problem.cliques):
                continue
            if any(members <= set(chosen) for members in problem.refused):
                continue
            capped = np.isfinite(problem.most_mm)
            gain = problem.gain_mm_per_n
            answer = linprog(
                problem.pull_cost,
                A_ub=np.vstack([-gain, gain[capped], problem.limit_rows]),
                b_ub=np.concatenate([-problem.wish_mm, problem.most_mm[capped], problem.limits]),
                bounds=[(problem.low_n[j] * use[j], problem.high_n[j] * use[j]) for j in range(n)],
            )
            if answer.status == 0:
                best = min(best, float(problem.use_cost @ use + answer.fun))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_chosen_set_is_the_best_of_all_sets(seed: int) -> None:
    problem = make_problem(seed)
    solution, stopped = solve_problem(problem, seconds=20.0, gap=1e-9)
    assert not stopped
    assert solution.standing == "optimal"
    assert solution.objective == pytest.approx(best_by_trying(problem), abs=1e-6)
    assert solution.gap < 1e-6


def test_pulls_keep_their_limits_and_the_wishes_are_met() -> None:
    problem = make_problem(1)
    solution, _ = solve_problem(problem, seconds=20.0)
    assert (problem.gain_mm_per_n @ solution.pull_n >= problem.wish_mm - 1e-6).all()
    assert (problem.limit_rows @ solution.pull_n <= problem.limits + 1e-6).all()
    pulls = solution.pull_n[list(solution.used)]
    assert (pulls >= 0.5 - 1e-9).all() and (pulls <= 1.0 + 1e-9).all()
    assert np.count_nonzero(solution.pull_n) == len(solution.used)


def test_a_conflict_changes_the_choice_and_costs_no_less() -> None:
    free = make_problem(2, cliques=())
    first, _ = solve_problem(free, seconds=20.0, gap=1e-9)
    forbidden = replace(free, cliques=(frozenset(first.used),))
    second, _ = solve_problem(forbidden, seconds=20.0, gap=1e-9)
    assert len(first.used) > 1
    assert len(set(first.used) & set(second.used)) <= 1
    assert second.objective >= first.objective - 1e-9
    assert second.objective == pytest.approx(best_by_trying(forbidden), abs=1e-6)


def test_a_refused_set_is_not_chosen_again() -> None:
    problem = make_problem(3)
    first, _ = solve_problem(problem, seconds=20.0, gap=1e-9)
    again = replace(problem, refused=(frozenset(first.used),))
    second, _ = solve_problem(again, seconds=20.0, gap=1e-9)
    assert set(second.used) != set(first.used)
    assert second.objective == pytest.approx(best_by_trying(again), abs=1e-6)


def test_the_limit_on_threads_or_money_is_kept() -> None:
    price = np.array([3.0, 1.0, 2.0, 5.0, 1.0, 4.0, 2.0, 1.0, 3.0])
    free = make_problem(4, cliques=())
    first, _ = solve_problem(free, seconds=20.0, gap=1e-9)
    spent = price[list(first.used)].sum()
    tight = replace(free, count_rows=price[None, :], at_most=np.array([spent - 0.5]))
    second, _ = solve_problem(tight, seconds=20.0, gap=1e-9)
    if second.is_found:
        assert price[list(second.used)].sum() <= spent - 0.5
    assert second.objective == pytest.approx(best_by_trying(tight), abs=1e-6)


def test_what_cannot_be_reached_is_called_infeasible_and_missed_by_as_little_as_can_be() -> None:
    problem = make_problem(5, wish_mm=np.array([9.0, 0.1, 0.1]))
    refused, _ = solve_problem(problem, seconds=20.0)
    assert refused.standing == "infeasible"
    assert not refused.is_found
    nearest, _ = solve_problem(problem.allowing_misses(np.full(3, 100.0)), seconds=20.0, gap=1e-9)
    assert nearest.standing == "optimal"
    reached = problem.gain_mm_per_n @ nearest.pull_n
    assert nearest.missing_mm == pytest.approx(np.maximum(problem.wish_mm - reached, 0.0), abs=1e-6)
    most = max(
        -answer.fun
        for chosen in combinations(range(problem.size), 5)
        if not any(len(members & set(chosen)) > 1 for members in problem.cliques)
        for answer in [_most_lift(problem, chosen)]
        if answer.status == 0
    )
    assert 9.0 - nearest.missing_mm[0] == pytest.approx(most, abs=0.02)


def _most_lift(problem: Problem, chosen: tuple[int, ...]) -> object:
    allowed = np.isin(np.arange(problem.size), chosen)
    gain = problem.gain_mm_per_n
    return linprog(
        -gain[0],
        A_ub=np.vstack([-gain[1:], gain[1:2], problem.limit_rows]),
        b_ub=np.concatenate([-problem.wish_mm[1:], problem.most_mm[1:2], problem.limits]),
        bounds=[(0.0, 1.0 if ok else 0.0) for ok in allowed],
    )


def test_every_better_choice_is_told_with_its_bound() -> None:
    told: list[tuple[float, float, float]] = []
    solution, _ = solve_problem(make_problem(0, 12), seconds=20.0, report=lambda *entry: told.append(entry))
    objectives = [entry[0] for entry in told]
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[-1] == pytest.approx(solution.objective, abs=1e-4)
    assert all(bound <= found + 1e-6 for found, bound, _ in told)


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solve_problem(make_problem(0), seconds=5.0)
    captured = capfd.readouterr()
    assert captured.out == "" and captured.err == ""


def test_a_plan_is_of_one_material() -> None:
    mixed = make_problem(6, cliques=())
    first, _ = solve_problem(mixed, seconds=20.0, gap=1e-9)
    material = np.zeros(mixed.size, dtype=np.int64)
    material[first.used[0]] = 1
    single = replace(mixed, material=material)
    second, _ = solve_problem(single, seconds=20.0, gap=1e-9)
    assert len(first.used) > 1
    assert len({int(material[j]) for j in second.used}) == 1
    apart = [
        best_by_trying(replace(mixed, use_cost=np.where(material == m, mixed.use_cost, 1e6))) for m in (0, 1)
    ]
    assert second.objective == pytest.approx(min(apart), abs=1e-6)


def test_a_search_that_is_stopped_gives_the_best_so_far_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def wait(solver: milp._Highs, timeout: float = -1.0) -> tuple[bool, object]:
        waits.append(timeout)
        if len(waits) == 2:
            raise KeyboardInterrupt
        return highspy.Highs.wait(solver, timeout)

    monkeypatch.setattr(milp._Highs, "wait", wait)
    hard = make_problem(7, 150, wish_mm=np.array([20.0, 18.0, 19.0]), limits=np.array([35.0, 36.0]))
    hard = replace(hard, at_most=np.array([60.0]), cliques=(), most_mm=np.full(3, np.inf))
    solution, stopped = solve_problem(hard, seconds=60.0, gap=0.0)
    assert stopped
    assert solution.seconds < 30.0
    if solution.is_found:
        assert (hard.gain_mm_per_n @ solution.pull_n >= hard.wish_mm - 1e-6).all()


def test_time_that_is_up_ends_the_search() -> None:
    hard = make_problem(8, 150, wish_mm=np.array([20.0, 18.0, 19.0]), limits=np.array([35.0, 36.0]))
    hard = replace(hard, at_most=np.array([60.0]), cliques=(), most_mm=np.full(3, np.inf))
    solution, stopped = solve_problem(hard, seconds=0.2, gap=0.0)
    assert not stopped
    assert solution.standing in ("best_so_far", "none_found", "optimal")
    assert solution.bound <= solution.objective
