"""From a goal to a plan: candidates, choice, exact check, the answer in words. A suggestion for a doctor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from threadlift.finding import Finding
from threadlift.planning.cable import simulate_threads
from threadlift.planning.clearance import check_plan
from threadlift.planning.optimise.answer import (
    CandidateCount,
    OptimisedPlan,
    Outcome,
    PlanFigures,
    SearchFigures,
    WishAnswer,
    count_severities,
)
from threadlift.planning.optimise.candidate import Supply, find_candidates
from threadlift.planning.optimise.check import MOUTH
from threadlift.planning.optimise.goal import Goal, optimiser_record
from threadlift.planning.optimise.option import (
    Option,
    drop_alike,
    find_conflicts,
    gather_cliques,
    keep_useful,
    make_options,
)
from threadlift.planning.optimise.price import Prices
from threadlift.planning.optimise.reading import Reading
from threadlift.planning.optimise.reason import explain_binding, explain_departures, explain_outcome
from threadlift.planning.optimise.search import (
    Found,
    Search,
    Target,
    member_matrix,
    run_nearest,
    run_search,
)
from threadlift.planning.path import ResolvedThread, resolve_thread
from threadlift.planning.plan import Plan
from threadlift.planning.technique import find_technique
from threadlift.screening.intake import Intake
from threadlift.screening.verdict import Verdict
from threadlift.threads import Catalogue, load_catalogue
from threadlift.tissue import Lift, TissueModel

Floats = NDArray[np.float64]
Tell = Callable[[str, float, float], None]
DEFAULT_SECONDS = 60.0
_DEPARTURE_MM = 20.0  # a departure that counts as a whole tie-break


@dataclass
class _Clock:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    _start: float = field(default_factory=time.perf_counter)

    def note(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._start, 2)
        self._start = now


@dataclass(frozen=True, eq=False)
class _Choice:
    """The search made ready, and how many options fell away before it."""

    search: Search
    alike: int
    thinned: int
    conflicts: int


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
    catalogue, clock = catalogue or load_catalogue(), _Clock()
    tell("model", 0.0, 0.0)
    target = Target.of(goal, model, seed)
    beside = _figure_plan(published, model, catalogue, intake, prices) if published else None
    clock.note("published")
    supply = find_candidates(
        goal, intake, verdict, model.anatomy, catalogue, tell=lambda share: tell("candidates", share, 0.0)
    )
    clock.note("candidates")
    tell("influence", 0.0, 0.0)
    choice = _prepare(goal, target, model, supply, prices)
    clock.note("influence")
    search = choice.search
    face = model.anatomy.face.fingerprint
    found = run_search(search, face, seconds=seconds, tell=tell)
    best = min((one for one in found if one.is_good), key=lambda one: one.objective, default=None)
    if best is None and not search.stopped:
        tell("nearest", 0.0, 0.0)
        found += run_nearest(search, face, seconds=seconds / 2, tell=tell)
        best = min((one for one in found if one.is_good), key=lambda one: one.objective, default=None)
    answer = best or _least_short(found, target)
    clock.note("search")
    outcome = _outcome(best, answer, search)
    reasons = list(explain_outcome(outcome, goal, target, answer, supply, stopped=search.stopped))
    if answer is not None and not answer.is_met and not search.stopped:
        reasons += explain_binding(search, supply, model)
    clock.note("reasons")
    plan = Plan(face=face, goals=intake.goals, origin="optimiser", threads=())
    if answer is not None:
        plan = answer.checked.plan.model_copy(update={"goals": intake.goals})
    return OptimisedPlan(
        outcome=outcome,
        goal=goal,
        plan=plan,
        wishes=_wishes(target, answer, beside),
        reasons=tuple(reasons),
        departures=explain_departures(answer, search) if answer else (),
        optimised=_figures(plan, answer.threads, answer.checked.lift, model, catalogue, intake, prices)
        if answer
        else None,
        published=beside[0] if beside else None,
        candidates=_counts(supply, choice),
        search=SearchFigures(
            objective=round(answer.objective, 4) if answer else None,
            bound=round(answer.solution.bound, 4) if answer else None,
            gap_percent=round(100 * answer.solution.gap, 2) if answer else None,
            rounds=len(found),
            first_plan_s=_seconds(search.first_s),
            within_5_percent_s=_seconds(search.within_s),
            seconds=clock.seconds,
        ),
    )


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


def _prepare(
    goal: Goal, target: Target, model: TissueModel, supply: Supply, prices: Prices | None
) -> _Choice:
    """Options thinned out, their conflicts, and their influence on everything that is limited or wished."""

    def price(option: Option) -> float:
        if prices is None:
            return 0.0
        return sum(prices.each(one.kind, one.resolved.length_mm) for one in option.members)

    every = make_options(supply.candidates, symmetric=goal.symmetric)
    options = drop_alike(every, price if goal.minimise == "cost" else lambda option: 0.0)
    alike = len(every) - len(options)
    reading = Reading(model, [one for option in options for one in option.members])
    search = _search(goal, target, model, options, (), price, prices, reading.taking(range(reading.count)))
    search.reading.add(
        search.reading.motion([model.anatomy.face.landmark(name) for name in (*target.landmarks, *MOUTH)])
    )
    gain = search.lift_per_n() / target.needed_mm[:, None]
    mouth = np.linalg.norm(search.mouth_per_n(), axis=1).max(axis=0)
    kept = keep_useful(options, gain, mouth, int(optimiser_record("thinning")["most"]))
    left = [options[number] for number in kept]
    pairs = find_conflicts(left)
    columns = np.flatnonzero(search.members[:, kept].any(axis=1))
    cliques = gather_cliques(len(left), pairs)
    search = _search(goal, target, model, left, cliques, price, prices, reading.taking(columns))
    search.prepare()
    return _Choice(search, alike, len(options) - len(left), len(pairs))


def _search(
    goal: Goal,
    target: Target,
    model: TissueModel,
    options: Sequence[Option],
    cliques: tuple[frozenset[int], ...],
    price: Callable[[Option], float],
    prices: Prices | None,
    reading: Reading,
) -> Search:
    count = np.array([float(len(option.members)) for option in options])
    money = np.array([price(option) for option in options])
    tie = optimiser_record("search")["tie_break"]
    depart = [_departure(option) for option in options]
    use = {"threads": count, "cost": money / max(money.mean(), 1e-9), "tension": 0.0 * count}[goal.minimise]
    pull = count if goal.minimise == "tension" else tie * count
    rows = [np.array([float(option.count(side)) for option in options]) for side in ("left", "right")]
    at_most = [float(goal.maximum_threads_per_side)] * 2
    if goal.budget is not None and prices is not None:
        sides = 2 if goal.symmetric else len({one.thread.side for o in options for one in o.members})
        scale = max(money.mean(), 1e-9)
        rows.append(money / scale)
        at_most.append((goal.budget - prices.session(sides)) / scale)
    return Search(
        goal=goal,
        target=target,
        model=model,
        options=options,
        cliques=cliques,
        use_cost=use + tie * count * np.array(depart),
        pull_cost=pull,
        count_rows=np.array(rows),
        at_most=np.array(at_most),
        reading=reading,
        members=member_matrix(options),
    )


def _departure(option: Option) -> float:
    """How far an option is from published technique and preferred material, as a tie-break: 1 is much."""
    first = option.first
    plane = float(first.thread.plane != find_technique(first.design[0]).plane)
    return first.departs_mm / _DEPARTURE_MM + plane + first.rank / 4


def _wishes(
    target: Target, answer: Found | None, beside: tuple[PlanFigures, Lift] | None
) -> tuple[WishAnswer, ...]:
    reached = target.reached(answer.checked) if answer else np.zeros(len(target.landmarks))
    estimated = answer.estimated_mm if answer else reached
    published = target.read(beside[1]) if beside else None
    return tuple(
        WishAnswer(
            landmark=name,
            direction=target.names[i],
            wished_mm=round(float(target.wish_mm[i]), 3),
            needed_mm=round(float(target.needed_mm[i]), 3),
            estimated_mm=round(float(estimated[i]), 3),
            reached_mm=round(float(reached[i]), 3),
            published_mm=None if published is None else round(float(published[i]), 3),
        )
        for i, name in enumerate(target.landmarks)
    )


def _figure_plan(
    plan: Plan, model: TissueModel, catalogue: Catalogue, intake: Intake, prices: Prices | None
) -> tuple[PlanFigures, Lift]:
    threads = tuple(resolve_thread(thread, model.anatomy) for thread in plan.threads)
    lift = simulate_threads(model, threads, catalogue)
    return _figures(plan, threads, lift, model, catalogue, intake, prices), lift


def _figures(
    plan: Plan,
    threads: Sequence[ResolvedThread],
    lift: Lift,
    model: TissueModel,
    catalogue: Catalogue,
    intake: Intake,
    prices: Prices | None,
) -> PlanFigures:
    findings: list[Finding] = [
        *check_plan(plan, model.anatomy, catalogue, market=intake.patient.market),
        *lift.findings,
    ]
    report = lift.report()
    mouth = [point.total_mm for point in lift.points if point.landmark in MOUTH]
    lengths = {one.thread.id: one.length_mm for one in threads}
    return PlanFigures(
        threads=len(plan.threads),
        total_pull_n=round(sum(thread.tension_n for thread in plan.threads), 2),
        total=prices.total(plan, lengths) if prices else None,
        currency=prices.currency if prices else None,
        mouth_mm=round(max(mouth, default=0.0), 2),
        stretch_percent=round(report.skin_stretch_percent, 1),
        bunching_percent=round(report.skin_compression_percent, 1),
        **count_severities([finding.severity for finding in findings]),
    )


def _counts(supply: Supply, choice: _Choice) -> CandidateCount:
    each = len(choice.search.options[0].members) if choice.search.options else 1
    return CandidateCount(
        generated=supply.generated,
        clear=len(supply.candidates),
        refused=dict(supply.refused),
        alike=choice.alike * each,
        thinned=choice.thinned * each,
        threads=len(choice.search.candidates()),
        conflicts=choice.conflicts,
    )
