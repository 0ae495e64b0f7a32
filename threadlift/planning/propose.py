"""A first plan for a patient: techniques from the goals, threads from laxity, material from what is allowed.

The doctor decides. Everything chosen carries its reason, everything left out says why. The proposal respects
the restrictions of the verdict (materials, areas, goals); whether there may be a plan is for the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, hypot

from scipy.special import ndtr, ndtri

from threadlift.anatomy import Anatomy
from threadlift.face.measure import measure_face
from threadlift.language import figure
from threadlift.planning.choice import (
    Chosen,
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
from threadlift.planning.relief import Check, Relief, find_relief
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

    Threads that meet a stop are moved within the allowed range or left out; what remains is named in
    ``threads_with_stop``. The plan may be empty: then ``not_planned`` says why. ``check`` gives the findings
    of a plan (default: ``check_plan`` for the market of the intake).
    """
    catalogue = catalogue or load_catalogue()
    market = intake.patient.market
    check = check or (lambda plan: check_plan(plan, anatomy, catalogue, market=market))
    data = load_proposal_data()
    wanted, not_planned = serve_goals(intake, verdict, data)
    material = _choose_material(intake, verdict, data)
    if wanted and material is None:
        reason = data.say("no_material_left")
        not_planned += [NotPlanned(goal=goal, **reason.model_dump()) for goal in wanted]
        wanted = {}
    chosen, blocked = choose_techniques(wanted, verdict, data)
    not_planned += blocked
    reasons = [] if intake.goals else [data.say("no_goal")]
    threads: list[PlannedThread] = []
    fitted: list[Adjustment] = []
    if chosen and material is not None:
        reasons += _material_reasons(intake, verdict, material, catalogue, data)
        kept, cut = keep_within_limit(chosen, data)
        reasons += explain_choice(kept, wanted, data) + cut + _technique_reasons(kept, data)
        reasons += [*_skin_reasons(intake, data), _compare_sides(anatomy, data)]
        tension_n, why = _choose_tension(catalogue.kind(material.kinds["standard"]), data)
        reasons.append(why)
        for entry in kept:
            placed = place_chosen(entry, material, tension_n, intake, anatomy, catalogue, data)
            threads += placed.threads
            reasons += placed.reasons
            fitted += placed.adjustments
    plan = Plan(face=anatomy.face.fingerprint, goals=intake.goals, origin="technique", threads=tuple(threads))
    relief = find_relief(plan, check, anatomy, data)
    not_planned += _abandoned_goals(chosen, relief, data)
    return Proposal(
        plan=relief.plan,
        material=material.material if material is not None and threads else None,
        reasons=_unique(reasons),
        not_planned=tuple(not_planned),
        adjustments=(*_still_there(fitted, relief.plan), *relief.adjustments),
        threads_with_stop=relief.threads_with_stop,
    )


def _abandoned_goals(chosen: Sequence[Chosen], relief: Relief, data: ProposalData) -> list[NotPlanned]:
    """Goals whose technique was left out because nothing allowed gets it clear of a structure."""
    left_out = []
    for entry in chosen:
        structure = relief.abandoned.get(entry.technique.id)
        if structure is None:
            continue
        for goal in entry.goals:
            reason = data.say(
                "goal_meets_stop",
                goal=data.goals[goal].name,
                technique=entry.technique.name,
                structure=structure,
            )
            left_out.append(NotPlanned(goal=goal, **reason.model_dump()))
    return left_out


def _choose_material(intake: Intake, verdict: Verdict, data: ProposalData) -> MaterialChoice | None:
    """The first material in order of preference that is allowed and, if one is, that lasts as wished."""
    if _has_unexplained_reaction(intake):
        return None
    allowed = [choice for choice in data.materials if choice.polymer in verdict.restrictions.materials_left]
    meets = {remark.material: remark.meets_wish for remark in verdict.durations}
    lasting = [choice for choice in allowed if meets.get(choice.polymer) is not False]
    return next(iter(lasting or allowed), None)


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


def _technique_reasons(chosen: list[Chosen], data: ProposalData) -> list[Reason]:
    reasons = []
    for entry in chosen:
        technique = entry.technique
        name = technique.name
        goals = {language: ", ".join(_goal_names(entry.goals, data, language)) for language in ("en", "vi")}
        reasons.append(
            data.say(
                "technique_chosen",
                status=technique.status,
                sources=technique.sources,
                technique=name,
                goals=name.model_copy(update=goals),
                facts=technique.facts,
            )
        )
        reasons.append(
            data.say("technique_weak", status=technique.status, technique=name, weakness=technique.weakness)
        )
        if entry.grade is None:
            reasons.append(data.say("laxity_not_graded", technique=name, count=entry.count))
        else:
            known = data.goals.get(entry.region or "")
            region = known.name if known else name
            reasons.append(
                data.say(
                    "count_from_laxity", technique=name, count=entry.count, grade=entry.grade, region=region
                )
            )
            if entry.grade >= 3:
                reasons.append(data.say("laxity_severe", technique=name))
        if "double_chin" in entry.goals:
            reasons.append(data.say("double_chin_fat"))
    return [*reasons, data.say("more_is_not_better")]


def _goal_names(goals: Sequence[str], data: ProposalData, language: str) -> list[str]:
    return [getattr(data.goals[goal].name, language) for goal in goals]


def _material_reasons(
    intake: Intake, verdict: Verdict, material: MaterialChoice, catalogue: Catalogue, data: ProposalData
) -> list[Reason]:
    reasons = [
        data.say("material_chosen", status=material.status, sources=material.sources, why=material.why)
    ]
    by_polymer = {choice.polymer: choice.material for choice in data.materials}
    for entry in verdict.restrictions.materials:
        name = catalogue.material(by_polymer[entry.what]).name if entry.what in by_polymer else entry.what
        reasons.append(data.say("material_excluded", material=name))
    wish = intake.wish.duration_months
    if wish is not None and verdict.durations and all(r.meets_wish is False for r in verdict.durations):
        reasons.append(data.say("wish_longer_than_material", wish=wish))
    if material.polymer == "PDO":
        for past in intake.history:
            if past.kind == "ha_filler" and past.area != "body":
                reasons.append(data.say("filler_nearby", area=data.areas[past.area]))
    return reasons


def _skin_reasons(intake: Intake, data: ProposalData) -> list[Reason]:
    return [data.say("thin_skin_shows")] if intake.skin.thickness == "thin" else []


def _choose_tension(kind: ThreadKind, data: ProposalData) -> tuple[float, Reason]:
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


def _compare_sides(anatomy: Anatomy, data: ProposalData) -> Reason:
    """That both sides get the same threads, or that the scan shows them to differ beyond its uncertainty."""
    face = anatomy.face
    if face.source == "scan":
        measures = measure_face(face)
        for left in (one for one in measures.measures if one.is_laxity and one.side == "left"):
            right = measures.measure(left.id, "right")
            doubt = 1.96 * hypot(left.uncertainty_sd, right.uncertainty_sd)
            if left.unit == "mm" and abs(left.value - right.value) > doubt:
                return data.say(
                    "sides_differ",
                    measure=left.name,
                    left=figure(left.value, ".1f"),
                    right=figure(right.value, ".1f"),
                    doubt=figure(doubt, ".1f"),
                )
    return data.say("sides_alike")


def _still_there(adjustments: Sequence[Adjustment], plan: Plan) -> list[Adjustment]:
    """The adjustments that concern a thread of the plan."""
    named = {thread.id for thread in plan.threads}
    return [entry for entry in adjustments if named & set(entry.threads)]


def _unique(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple({(reason.rule, reason.what.en): reason for reason in reasons}.values())
