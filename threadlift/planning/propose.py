"""A first plan for a patient: techniques from the goals, threads from laxity, material from what is allowed.

The doctor decides. Everything chosen carries its reason, everything left out says why. The proposal respects
the restrictions of the verdict (materials, areas, goals); whether there may be a plan is for the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor

from scipy.special import ndtr, ndtri

from threadlift.anatomy import Anatomy
from threadlift.language import Text
from threadlift.planning.choice import (
    Chosen,
    Wanted,
    choose_techniques,
    explain_choice,
    keep_within_limit,
    serve_goals,
)
from threadlift.planning.clearance import check_plan
from threadlift.planning.placement import place_chosen
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.proposal import (
    Adjustment,
    MaterialChoice,
    NotPlanned,
    Proposal,
    ProposalData,
    load_proposal_data,
)
from threadlift.planning.rationale import compare_sides, explain_material, explain_skin, explain_techniques
from threadlift.planning.relief import Check, find_relief
from threadlift.planning.sentence import Reason
from threadlift.screening.intake import Intake
from threadlift.screening.verdict import Verdict
from threadlift.threads import Catalogue, ThreadKind, load_catalogue


def propose_plan(
    intake: Intake,
    verdict: Verdict,
    anatomy: Anatomy,
    *,
    check: Check | None = None,
    catalogue: Catalogue | None = None,
) -> Proposal:
    """Propose threads for the goals of ``intake`` on the face of ``anatomy``, both sides alike.

    Threads that meet a stop are moved within the allowed range or left out; a technique of which none can be
    cleared gives way to another for the same goals. What remains is named in ``threads_with_stop``. The plan
    may be empty: then ``not_planned`` says why. ``check`` gives the findings of a plan (default:
    ``check_plan`` for the market of the intake). What the plan lifts is looked at by ``restrain_proposal``.
    """
    catalogue = catalogue or load_catalogue()
    market = intake.patient.market
    check = check or (lambda plan: check_plan(plan, anatomy, catalogue, market=market))
    data, face = load_proposal_data(), anatomy.face.fingerprint
    wanted, not_planned = serve_goals(intake, verdict, data)
    material = _choose_material(intake, verdict, data)
    if wanted and material is None:
        reason = data.say("no_material_left")
        not_planned += [NotPlanned(goal=goal, **reason.model_dump()) for goal in wanted]
        wanted = {}
    passed_over: dict[str, _PassedOver] = {}
    while True:
        chosen, blocked = choose_techniques(wanted, verdict, data, without=tuple(passed_over))
        draft = _draft(chosen, wanted, material, intake, anatomy, catalogue, data)
        plan = Plan(face=face, goals=intake.goals, origin="technique", threads=draft.threads)
        relief = find_relief(plan, check, anatomy, data)
        if not relief.abandoned:
            break
        passed_over |= {
            entry.technique.id: _PassedOver(entry, relief.abandoned[entry.technique.id])
            for entry in draft.chosen
            if entry.technique.id in relief.abandoned
        }
    served = {goal for entry in chosen for goal in entry.goals} | {entry.goal for entry in blocked}
    stopped = _tell_stopped([goal for goal in wanted if goal not in served], passed_over.values(), data)
    reasons = [] if intake.goals else [data.say("no_goal")]
    if chosen and material is not None:
        reasons += explain_material(intake, verdict, material, catalogue, data)
        reasons += _explain_passed_over(passed_over.values(), chosen, data)
    return Proposal(
        plan=relief.plan,
        material=material.material if material is not None and draft.threads else None,
        reasons=_unique([*reasons, *draft.reasons]),
        not_planned=(*not_planned, *blocked, *stopped),
        adjustments=(*_still_there(draft.adjustments, relief.plan), *relief.adjustments),
        threads_with_stop=relief.threads_with_stop,
    )


@dataclass(frozen=True)
class _PassedOver:
    """A technique that would have been chosen, but no allowed change gets it clear of a structure."""

    entry: Chosen
    structure: Text


@dataclass(frozen=True)
class _Draft:
    """The threads of the chosen techniques before they are checked, and why they are so."""

    chosen: tuple[Chosen, ...]
    threads: tuple[PlannedThread, ...] = ()
    reasons: tuple[Reason, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


def _draft(
    chosen: list[Chosen],
    wanted: Wanted,
    material: MaterialChoice | None,
    intake: Intake,
    anatomy: Anatomy,
    catalogue: Catalogue,
    data: ProposalData,
) -> _Draft:
    if not chosen or material is None:
        return _Draft(())
    kept, cut = keep_within_limit(chosen, data)
    tension_n, why = choose_tension(catalogue.kind(material.kinds["standard"]), data)
    placed = [place_chosen(entry, material, tension_n, intake, anatomy, catalogue, data) for entry in kept]
    reasons = [
        *explain_choice(kept, wanted, data),
        *cut,
        *explain_techniques(kept, data),
        *explain_skin(intake, data),
        compare_sides(anatomy, data),
        why,
        *(reason for one in placed for reason in one.reasons),
    ]
    return _Draft(
        chosen=tuple(kept),
        threads=tuple(thread for one in placed for thread in one.threads),
        reasons=tuple(reasons),
        adjustments=tuple(change for one in placed for change in one.adjustments),
    )


def _explain_passed_over(
    passed_over: Iterable[_PassedOver], chosen: Sequence[Chosen], data: ProposalData
) -> list[Reason]:
    """Which technique stands in for one that meets a stop."""
    said = []
    for one in passed_over:
        for entry in chosen:
            if set(entry.goals) & set(one.entry.goals):
                said.append(
                    data.say(
                        "passed_over",
                        technique=one.entry.technique.name,
                        structure=one.structure,
                        other=entry.technique.name,
                    )
                )
    return said


def _tell_stopped(
    goals: Sequence[str], passed_over: Iterable[_PassedOver], data: ProposalData
) -> list[NotPlanned]:
    """Goals that no technique is left for, because nothing allowed gets it clear of a structure."""
    told = []
    for goal in goals:
        one = next(one for one in passed_over if goal in one.entry.technique.goals)
        reason = data.say(
            "goal_meets_stop",
            goal=data.goals[goal].name,
            technique=one.entry.technique.name,
            structure=one.structure,
        )
        told.append(NotPlanned(goal=goal, **reason.model_dump()))
    return told


def _choose_material(intake: Intake, verdict: Verdict, data: ProposalData) -> MaterialChoice | None:
    """The first of the materials that may be proposed."""
    return next(iter(allowed_materials(intake, verdict, data)), None)


def allowed_materials(intake: Intake, verdict: Verdict, data: ProposalData) -> list[MaterialChoice]:
    """Materials in order of preference that are allowed and, if any is, that last as wished."""
    if _has_unexplained_reaction(intake):
        return []
    allowed = [choice for choice in data.materials if choice.polymer in verdict.restrictions.materials_left]
    meets = {remark.material: remark.meets_wish for remark in verdict.durations}
    lasting = [choice for choice in allowed if meets.get(choice.polymer) is not False]
    return lasting or allowed


def _has_unexplained_reaction(intake: Intake) -> bool:
    """A reaction to a thread material that nobody has named: no material is known to be fine."""
    return any(
        allergy.to == "thread_material" and allergy.material in (None, "unknown")
        for allergy in intake.allergies
    ) or any(
        entry.kind == "threads"
        and entry.complication in ("granuloma", "rejection")
        and entry.material in (None, "unknown")
        for entry in intake.history
    )


def choose_tension(kind: ThreadKind, data: ProposalData) -> tuple[float, Reason]:
    """Pull below the hold with the margin of the data file, rounded down to its step."""
    limit = data.limits["slip_margin"]
    hold, sd = kind.holding_force_n or (0.0, 0.0)
    step = limit["tension_step_n"]
    pull = floor((hold + ndtri(limit["max_slip_probability"]) * sd) / step + 1e-9) * step
    tension_n = round(float(pull), 3)
    slips = float(ndtr((tension_n - hold) / sd))
    return tension_n, data.say(
        "tension_below_hold", tension=tension_n, hold=hold, sd=sd, odds=round(1 / slips)
    )


def _still_there(adjustments: Sequence[Adjustment], plan: Plan) -> list[Adjustment]:
    """The adjustments that concern a thread of the plan."""
    named = {thread.id for thread in plan.threads}
    return [entry for entry in adjustments if named & set(entry.threads)]


def _unique(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple({(reason.rule, reason.what.en): reason for reason in reasons}.values())
