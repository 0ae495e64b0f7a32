"""An optimised plan for a person: goal, prices and tissue model together, the published plan beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from math import inf
from pathlib import Path

from threadlift.anatomy import Anatomy
from threadlift.errors import InputError
from threadlift.planning.cable import simulate_plan
from threadlift.planning.choice import serve_goals
from threadlift.planning.clearance import check_plan
from threadlift.planning.optimise.answer import OptimisedPlan
from threadlift.planning.optimise.goal import Goal, derive_goal, read_goal
from threadlift.planning.optimise.optimise import DEFAULT_SECONDS, optimise_plan
from threadlift.planning.optimise.price import Prices
from threadlift.planning.plan import Plan
from threadlift.planning.proposal import Proposal, load_proposal_data
from threadlift.planning.propose import propose_plan
from threadlift.planning.restraint import restrain_proposal
from threadlift.pricing import PriceList, quote
from threadlift.screening import Intake, Verdict
from threadlift.threads import ThreadKind, load_catalogue
from threadlift.tissue import TissueModel

Tell = Callable[[str, float, float], None]


def find_goal(path: Path | None, intake: Intake, verdict: Verdict) -> Goal:
    """The goal of a file, else one from what the intake asks for.

    Raises ``InputError`` when the intake names nothing that threads may lift, and when the file wishes for
    a place at which a proposal would plan nothing for this person.
    """
    if path is not None:
        goal = read_goal(path)
        _refuse_unplanned(goal, intake, verdict)
        return goal
    wanted, _ = serve_goals(intake, verdict, load_proposal_data())
    if not wanted:
        raise InputError(
            "names no goal that threads may lift",
            where="intake",
            remedy="Add goals to the intake, or name a goal file.",
        )
    return derive_goal(intake, wanted)


def _refuse_unplanned(goal: Goal, intake: Intake, verdict: Verdict) -> None:
    """Nobody may wish for a place too lax for threads, or blocked for every goal that is read there."""
    data = load_proposal_data()
    for wish in goal.lift:
        base = wish.landmark.removesuffix("_l").removesuffix("_r")
        there = [name for name, record in data.goals.items() if record.place == base]
        _, left_out = serve_goals(intake.model_copy(update={"goals": there}), verdict, data)
        too_lax = [entry for entry in left_out if entry.rule == "goal_too_lax"]
        blocked = [entry for entry in left_out if entry.rule == "goal_blocked"]
        if too_lax or (there and len(blocked) == len(there)):
            raise InputError(
                f"{wish.landmark}: {(too_lax or blocked)[0].what.en.rstrip('.')}",
                where="lift",
                remedy="Leave this wish out.",
            )


def propose_published(intake: Intake, verdict: Verdict, model: TissueModel) -> Proposal:
    """The plan of published techniques for the same person, within what the tissue model can answer for."""
    anatomy, market = model.anatomy, intake.patient.market
    proposal = propose_plan(
        intake, verdict, anatomy, check=lambda plan: check_plan(plan, anatomy, market=market)
    )
    return restrain_proposal(proposal, partial(simulate_plan, model), anatomy)


def optimise_for(
    goal: Goal,
    intake: Intake,
    verdict: Verdict,
    model: TissueModel,
    prices: PriceList,
    *,
    on: date,
    published: Proposal,
    seconds: float = DEFAULT_SECONDS,
    seed: int = 0,
    tell: Tell = lambda stage, value, bound: None,
) -> OptimisedPlan:
    """The optimised plan for ``goal``, with the published one beside it."""
    return optimise_plan(
        goal,
        intake,
        verdict,
        model,
        published=published.plan if published.plan.threads else None,
        prices=prices_of(prices, on=on),
        seconds=seconds,
        seed=seed,
        tell=tell,
    )


def optimised_proposal(optimised: OptimisedPlan, published: Proposal, anatomy: Anatomy) -> Proposal:
    """The optimised plan as a proposal: its departures stand where a proposal tells of its adjustments."""
    catalogue = load_catalogue()
    materials = {catalogue.kind(thread.kind).material for thread in optimised.plan.threads}
    plan = optimised.plan.model_copy(update={"face": anatomy.face.fingerprint})
    return Proposal(
        plan=plan,
        material=next(iter(materials)) if len(materials) == 1 else None,
        reasons=optimised.reasons,
        not_planned=published.not_planned,
        adjustments=optimised.departures,
    )


def prices_of(price_list: PriceList, *, on: date) -> Prices:
    """Prices of a list as the optimiser needs them. A kind without a price is never chosen."""
    factor = 1.0 if price_list.tax.included else 1.0 + float(price_list.tax.rate_pct) / 100
    each_thread = sum((fee.price * fee.count for fee in price_list.fee if fee.per == "thread"), Decimal(0))

    def each(kind: ThreadKind, path_mm: float) -> float:
        try:
            entry = price_list.price_of(kind, path_mm)
        except InputError:
            return inf
        highest = max([entry.price, *(tier.price for tier in entry.tiers)])
        return factor * float(highest + each_thread)

    def session(sides: int) -> float:
        fees = sum(
            (fee.price * fee.count * (sides if fee.per == "side" else 1))
            for fee in price_list.fee
            if fee.per != "thread"
        )
        return factor * float(fees + price_list.doctor[0].price)

    def total(plan: Plan, lengths_mm: dict[str, float]) -> str:
        return str(quote(plan, price_list, on=on, lengths_mm=lengths_mm).total)

    return Prices(currency=price_list.info.currency, each=each, session=session, total=total)
