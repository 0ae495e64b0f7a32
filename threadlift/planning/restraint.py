"""Keeping a proposal within what the tissue model can answer for: less pull first, then fewer threads.

The lift of a proposal is simulated. Where the skin would be stretched or bunched too far, a place would move
farther than the model was ever compared for, or the skin at an entry would be dragged farther than the ends
of its threads are lifted, the techniques nearby pull less, down to a floor; then the threads that lift least
go, as long as the published number remains. What still remains is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor

from threadlift.anatomy import Anatomy
from threadlift.face.face import Face
from threadlift.language import Text, figure
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.excess import Excess, find_excess, goal_lift_mm
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.proposal import Adjustment, Proposal, ProposalData, load_proposal_data
from threadlift.planning.sentence import Reason
from threadlift.planning.technique import find_technique
from threadlift.tissue import Lift

Simulate = Callable[[Plan], Lift]


@dataclass
class _Trial:
    """The proposal on its way: ``pull_n`` by technique, threads left out, what was done and why."""

    plan: Plan
    pull_n: dict[str, float]
    left_out: set[str]
    adjustments: list[Adjustment]
    given_up: set[tuple[str, str]]

    def now(self) -> Plan:
        """The plan with the present pulls; a thread left out has none, so that one response serves all."""
        threads = tuple(
            thread.model_copy(update={"tension_n": self._pull_of(thread)}) for thread in self.plan.threads
        )
        return self.plan.model_copy(update={"threads": threads})

    def result(self) -> Plan:
        """The plan without the threads left out."""
        threads = tuple(thread for thread in self.now().threads if thread.id not in self.left_out)
        return self.plan.model_copy(update={"threads": threads})

    def _pull_of(self, thread: PlannedThread) -> float:
        if thread.id in self.left_out:
            return 0.0
        return self.pull_n.get(thread.technique or "", thread.tension_n)


def restrain_proposal(proposal: Proposal, simulate: Simulate, anatomy: Anatomy) -> Proposal:
    """The proposal with pulls and threads that the model can answer for, each change as an adjustment.

    ``simulate`` gives the lift of a plan; it is asked for the same threads with other tensions, which costs
    one tissue computation in all, and for no others.
    """
    if not proposal.plan.threads:
        return proposal
    data, face = load_proposal_data(), anatomy.face
    trial = _Trial(
        plan=proposal.plan,
        pull_n={thread.technique or "": thread.tension_n for thread in proposal.plan.threads},
        left_out=set(),
        adjustments=[],
        given_up=set(),
    )
    lift = simulate(trial.now())
    for _ in range(int(data.limits["pull"]["rounds"])):
        found = find_excess(trial.result(), lift, face, data)
        excess = next((one for one in found if not _is_given_up(one, trial)), None)
        if excess is None:
            break
        if not _lower_pull(excess, trial, face, data) and not _leave_out(excess, trial, simulate, face, data):
            _give_up(excess, trial, face, data)
            continue
        lift = simulate(trial.now())
    small = _small_goals(proposal, trial.result(), lift, face, data)
    kept = {thread.id for thread in trial.result().threads}
    return proposal.model_copy(
        update={
            "plan": trial.result(),
            "adjustments": (*proposal.adjustments, *trial.adjustments),
            "reasons": (*_tell_pulls(proposal, trial.result(), data), *small),
            "threads_with_stop": tuple(name for name in proposal.threads_with_stop if name in kept),
        }
    )


def _is_given_up(excess: Excess, trial: _Trial) -> bool:
    return all((excess.what, technique) in trial.given_up for technique in excess.techniques)


def _lower_pull(excess: Excess, trial: _Trial, face: Face, data: ProposalData) -> bool:
    """Less pull for every technique that answers for the excess and is above the floor."""
    limit = data.limits["pull"]
    if not excess.falls_with_pull:
        return False
    step, lowest = limit["step_n"], limit["floor_n"]
    changed = False
    for technique in excess.techniques:
        before = trial.pull_n[technique]
        wanted = min(before / excess.ratio, before - step)
        after = max(lowest, round(floor(wanted / step + 1e-6) * step, 3))
        if after < before - 1e-9:
            changed = True
            trial.pull_n[technique] = after
            said = data.say(
                "pull_lowered",
                technique=find_technique(technique).name,
                before=figure(before),
                after=figure(after),
                why=_why(excess, face, data),
            )
            trial.adjustments.append(_adjustment(said, trial, technique, excess))
    return changed


def _leave_out(excess: Excess, trial: _Trial, simulate: Simulate, face: Face, data: ProposalData) -> bool:
    """Leave out the pair that lifts the goals least, of a technique with more than its published number."""
    pairs = [
        pair
        for technique in excess.techniques
        for pair in _pairs(trial.result().threads, technique)
        if len(_pairs(trial.result().threads, technique)) > find_technique(technique).per_side[0]
    ]
    if not pairs:
        return False
    least = min(pairs, key=lambda pair: _contribution(pair, trial, simulate, face, data))
    technique = least[0].technique or ""
    before = set(trial.left_out)
    trial.left_out |= {thread.id for thread in least}
    if not excess.falls_with_pull and not _is_eased(excess, trial, simulate, face, data):
        trial.left_out = before
        return False
    name = " / ".join(thread.id for thread in least)
    floor_n = data.limits["pull"]["floor_n"]
    sentence = "left_out_beyond" if excess.falls_with_pull else "left_out_drag"
    said = data.say(sentence, thread=name, why=_why(excess, face, data), floor=figure(floor_n))
    _restart(technique, trial)
    trial.adjustments.append(
        Adjustment(**said.model_dump(), threads=tuple(thread.id for thread in least), because=(excess.what,))
    )
    return True


def _restart(technique: str, trial: _Trial) -> None:
    """Fewer threads may pull more: the first pull again, and no word of a lower one."""
    mine = [thread for thread in trial.plan.threads if thread.technique == technique]
    trial.pull_n[technique] = mine[0].tension_n
    names = {thread.id for thread in mine}
    trial.adjustments = [
        entry for entry in trial.adjustments if entry.rule != "pull_lowered" or not names & set(entry.threads)
    ]


def _is_eased(excess: Excess, trial: _Trial, simulate: Simulate, face: Face, data: ProposalData) -> bool:
    """Whether leaving threads out makes the excess at least a tenth smaller."""
    left = find_excess(trial.result(), simulate(trial.now()), face, data)
    return not any(
        one.what == excess.what and one.techniques == excess.techniques and one.ratio > 0.9 * excess.ratio
        for one in left
    )


def _pairs(threads: Sequence[PlannedThread], technique: str) -> list[tuple[PlannedThread, ...]]:
    found: dict[str, list[PlannedThread]] = {}
    for thread in threads:
        if thread.technique == technique:
            found.setdefault(thread.id.rsplit("-", 1)[-1][1:], []).append(thread)
    return [tuple(pair) for pair in found.values()]


def _contribution(
    pair: Sequence[PlannedThread], trial: _Trial, simulate: Simulate, face: Face, data: ProposalData
) -> float:
    """What a pair by itself adds to the lift of the goals, mm."""
    mine = {thread.id for thread in pair}
    alone = replace(trial, left_out={thread.id for thread in trial.plan.threads} - mine)
    lift = simulate(alone.now())
    return sum(goal_lift_mm(lift, face, data.goals[goal].place) for goal in _goals(trial.plan, data))


def _give_up(excess: Excess, trial: _Trial, face: Face, data: ProposalData) -> None:
    trial.given_up |= {(excess.what, technique) for technique in excess.techniques}
    technique = excess.techniques[0]
    said = data.say("beyond_remains", technique=find_technique(technique).name, why=_why(excess, face, data))
    trial.adjustments.append(_adjustment(said, trial, technique, excess))


def _adjustment(said: Reason, trial: _Trial, technique: str, excess: Excess) -> Adjustment:
    named = tuple(thread.id for thread in trial.result().threads if thread.technique == technique)
    return Adjustment(**said.model_dump(), threads=named, because=(excess.what,))


def _why(excess: Excess, face: Face, data: ProposalData) -> Text:
    """Why, as part of a sentence. Millimetres are named for a scanned face only."""
    value = figure(excess.shown, ".0f")
    if excess.what == "beyond_large":
        value = Text(en="farther", vi="xa hơn")
        if face.source == "scan":
            number = figure(excess.shown, ".1f")
            value = Text(en=f"{number.en} mm", vi=f"{number.vi} mm")
    return data.say(excess.what, value=value, limit=figure(excess.limit, ".2g")).what


def _goals(plan: Plan, data: ProposalData) -> list[str]:
    """The goals of the plan that one of its techniques is published for."""
    served = {
        goal
        for thread in plan.threads
        if thread.technique is not None
        for goal in find_technique(thread.technique).goals
    }
    return [goal for goal in plan.goals if goal in data.goals and goal in served]


def _tell_pulls(proposal: Proposal, plan: Plan, data: ProposalData) -> list[Reason]:
    """The reasons of the proposal; behind the pull asked for at first the one that is set, where lowered."""
    asked = {thread.id: thread.tension_n for thread in proposal.plan.threads}
    pulls = {
        thread.technique: figure(thread.tension_n)
        for thread in plan.threads
        if thread.technique and thread.tension_n < asked[thread.id]
    }
    reasons = list(proposal.reasons)
    if not pulls:
        return reasons
    told = [(find_technique(technique).name, pull) for technique, pull in pulls.items()]
    words = Text(
        en="; ".join(f"{name.en}: {pull.en} N" for name, pull in told),
        vi="; ".join(f"{name.vi}: {pull.vi} N" for name, pull in told),
    )
    places = [place for place, reason in enumerate(reasons) if reason.rule == "tension_below_hold"]
    reasons.insert(max(places, default=len(reasons) - 1) + 1, data.say("tension_lowered", pulls=words))
    return reasons


def _small_goals(proposal: Proposal, plan: Plan, lift: Lift, face: Face, data: ProposalData) -> list[Reason]:
    """Goals of which less than a visible change is expected, so that it is said beforehand."""
    visible_mm = load_assumptions().spreads["visible_change"]["mm"][0]
    said = []
    without = {entry.goal for entry in proposal.not_planned}
    for goal in _goals(plan, data):
        middle = round(goal_lift_mm(lift, face, data.goals[goal].place), 1)
        if goal not in without and middle < visible_mm:
            number = figure(middle, ".1f")
            value: Text | str = ""
            if face.source == "scan":
                value = Text(en=f" (about {number.en} mm)", vi=f" (khoảng {number.vi} mm)")
            said.append(data.say("goal_small", goal=data.goals[goal].name, value=value))
    return said
