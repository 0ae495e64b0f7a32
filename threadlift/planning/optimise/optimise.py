"""From a goal to a plan: candidates, choice, exact check, the answer in words. A suggestion for a doctor."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from threadlift.errors import InputError
from threadlift.planning.forecast import Form
from threadlift.planning.optimise.answer import (
    OptimisedPlan,
    Outcome,
    SearchFigures,
    WishAnswer,
)
from threadlift.planning.optimise.candidate import Candidate, Supply, find_candidates
from threadlift.planning.optimise.figure import (
    Published,
    Spans,
    compute_published,
    count_candidates,
    figures_of,
    tell_wishes,
)
from threadlift.planning.optimise.goal import Goal
from threadlift.planning.optimise.prepare import prepare_search
from threadlift.planning.optimise.price import Prices
from threadlift.planning.optimise.reason import explain_binding, explain_departures, explain_outcome
from threadlift.planning.optimise.rounds import Tell, run_nearest, run_search
from threadlift.planning.optimise.search import Found, Search
from threadlift.planning.optimise.span import span_wishes
from threadlift.planning.optimise.target import Target
from threadlift.planning.plan import Plan
from threadlift.planning.sentence import Reason
from threadlift.screening.intake import Intake
from threadlift.screening.verdict import Verdict
from threadlift.threads import Catalogue, load_catalogue
from threadlift.tissue import TissueModel

DEFAULT_SECONDS = 60.0


@dataclass
class _Clock:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    _start: float = field(default_factory=time.perf_counter)

    def note(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._start, 2)
        self._start = now


def optimise_plan(
    goal: Goal,
    intake: Intake,
    verdict: Verdict,
    model: TissueModel,
    *,
    published: Plan | None = None,
    prices: Prices | None = None,
    seconds: float = DEFAULT_SECONDS,
    seed: int = 0,
    tell: Tell = lambda stage, value, bound: None,
    catalogue: Catalogue | None = None,
) -> OptimisedPlan:
    """The plan of least expense that reaches ``goal`` on the face of ``model``, or the nearest there is.

    ``published`` is the proposer's plan for the same person, shown beside it. ``seconds`` limits the search
    itself. ``tell`` hears the stage with a share, or ``choice`` with the objective and the bound of the best
    choice so far. Raises ``InputError`` for a goal that leaves nothing to choose from or needs prices that
    are not given.
    """
    _refuse_without_prices(goal, prices)
    catalogue, clock = catalogue or load_catalogue(), _Clock()
    tell("model", 0.0, 0.0)
    target = Target.of(goal, model, seed)
    beside = compute_published(published, model, catalogue, intake, prices) if published else None
    clock.note("published")
    supply = find_candidates(
        goal, intake, verdict, model.anatomy, catalogue, tell=lambda share: tell("candidates", share, 0.0)
    )
    if prices is not None:
        supply = supply.leaving_out(partial(_is_unpriced, prices), "price_missing")
    clock.note("candidates")
    tell("influence", 0.0, 0.0)
    choice = prepare_search(goal, target, model, supply, prices)
    clock.note("influence")
    found, best = _search(choice.search, model.anatomy.face.fingerprint, seconds, tell)
    answer = best or _least_short(found, target)
    clock.note("search")
    outcome = _outcome(best, answer, choice.search)
    reasons = _reasons(outcome, goal, target, answer, choice.search, supply, model)
    clock.note("reasons")
    tell("range", 0.0, 0.0)
    form, wishes = _wishes(target, answer, beside, model, catalogue, seed)
    clock.note("range")
    plan = Plan(face=model.anatomy.face.fingerprint, goals=intake.goals, origin="optimiser", threads=())
    if answer is not None:
        plan = answer.checked.plan.model_copy(update={"goals": intake.goals})
    return OptimisedPlan(
        outcome=outcome,
        form=form,
        goal=goal,
        plan=plan,
        wishes=wishes,
        reasons=reasons,
        departures=explain_departures(answer, choice.search) if answer else (),
        optimised=figures_of(plan, answer.threads, answer.checked.lift, model, catalogue, intake, prices)
        if answer
        else None,
        published=beside.figures if beside else None,
        candidates=count_candidates(supply, choice),
        search=_search_figures(choice.search, answer, len(found), clock),
    )


def _search(search: Search, face: str, seconds: float, tell: Tell) -> tuple[list[Found], Found | None]:
    """Every choice that was computed exactly, and the best that reaches all wishes within all limits."""

    def best(found: Sequence[Found]) -> Found | None:
        return min((one for one in found if one.is_good), key=lambda one: one.objective, default=None)

    found = run_search(search, face, seconds=seconds, tell=tell)
    if best(found) is None and not search.stopped:
        tell("nearest", 0.0, 0.0)
        found += run_nearest(search, face, seconds=seconds / 2, tell=tell)
    return found, best(found)


def _reasons(
    outcome: Outcome,
    goal: Goal,
    target: Target,
    answer: Found | None,
    search: Search,
    supply: Supply,
    model: TissueModel,
) -> tuple[Reason, ...]:
    reasons = list(explain_outcome(outcome, goal, target, answer, supply, stopped=search.stopped))
    if (answer is None or not answer.is_met) and not search.stopped:
        reasons += explain_binding(search, supply, model)
    return tuple(reasons)


def _wishes(
    target: Target,
    answer: Found | None,
    beside: Published | None,
    model: TissueModel,
    catalogue: Catalogue,
    seed: int,
) -> tuple[Form, tuple[WishAnswer, ...]]:
    """The wishes with the range of both plans, and the form in which they may be told."""
    span = partial(span_wishes, target=target, model=model, catalogue=catalogue, seed=seed)
    nothing: tuple[Form, Spans] = ("refused", (None,) * len(target.landmarks))
    beside_form, beside_spans = span(beside.plan, beside.threads, beside.lift) if beside else nothing
    form, spans = beside_form, nothing[1]
    if answer is not None:
        form, spans = span(answer.checked.plan, answer.threads, answer.checked.lift)
    return form, tell_wishes(target, answer, beside, spans, beside_spans)


def _search_figures(search: Search, answer: Found | None, rounds: int, clock: _Clock) -> SearchFigures:
    return SearchFigures(
        objective=round(answer.objective, 4) if answer else None,
        bound=round(answer.solution.bound, 4) if answer else None,
        gap_percent=round(100 * answer.solution.gap, 2) if answer else None,
        rounds=rounds,
        first_plan_s=_seconds(search.first_s),
        within_5_percent_s=_seconds(search.within_s),
        seconds=clock.seconds,
    )


def _refuse_without_prices(goal: Goal, prices: Prices | None) -> None:
    if prices is None and (goal.budget is not None or goal.minimise == "cost"):
        where = "budget" if goal.budget is not None else "minimise"
        raise InputError("needs prices", where=where, remedy="Name a price list.")


def _is_unpriced(prices: Prices, one: Candidate) -> bool:
    return not np.isfinite(prices.each(one.kind, one.resolved.length_mm))


def _seconds(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(value, 2)


def _outcome(best: Found | None, answer: Found | None, search: Search) -> Outcome:
    if answer is None:
        return "nothing_found"
    if search.stopped or answer.solution.standing == "best_so_far":
        return "best_so_far"
    return "reached" if best is not None else "nearest"


def _least_short(found: Sequence[Found], target: Target) -> Found | None:
    """Of the choices that miss something the one that misses least; keeping every limit goes before."""

    def short(one: Found) -> tuple[bool, float]:
        missing = np.maximum(target.needed_mm - target.reached(one.checked), 0.0) / target.needed_mm
        return not one.keeps_limits, float((target.weight * missing).sum())

    return min(found, key=short, default=None)
