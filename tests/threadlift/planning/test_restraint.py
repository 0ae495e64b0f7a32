"""A proposal looks at its own lift: less pull first, then fewer threads, and says what remains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.threadlift.planning.builders import intake, lax, template_anatomy, verdict
from threadlift.planning.excess import find_excess, goal_lift_mm
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.proposal import Proposal, load_proposal_data
from threadlift.planning.propose import propose_plan
from threadlift.planning.restraint import restrain_proposal
from threadlift.planning.technique import find_technique
from threadlift.tissue import Lift
from threadlift.tissue.lift import PointLift

FACE = template_anatomy().face
CHEEK = np.array(FACE.landmark("nlf_l"))
Amount = Callable[[Plan], float]


def nothing(plan: Plan) -> float:
    return 0.0


def pull(plan: Plan, technique: str | None = None) -> float:
    """All pull of the left side, N."""
    return sum(
        thread.tension_n
        for thread in plan.threads
        if thread.side == "left" and technique in (None, thread.technique)
    )


def blob(place: np.ndarray, size: float) -> np.ndarray:
    """``size`` within 9 mm of a place, nothing elsewhere."""
    near = np.linalg.norm(FACE.vertices_mm - place, axis=1) < 9.0
    return np.where(near, size, 0.0)


def a_lift(
    plan: Plan,
    *,
    stretch: Amount = nothing,
    bunching: Amount = nothing,
    motion_mm: Amount = nothing,
    drag_mm: Amount = nothing,
    read_mm: float = 2.0,
) -> Lift:
    """A lift whose measures are set by hand: at the fold, and the drag at the first entry."""
    entry = np.array(plan.threads[0].path[0].at_mm)
    field = np.zeros_like(FACE.vertices_mm)
    field[:, 1] = blob(CHEEK, motion_mm(plan)) - blob(entry, drag_mm(plan))
    points = tuple(
        PointLift(
            landmark=name,
            side="left" if name.endswith("_l") else "right",
            total_mm=read_mm,
            up_mm=read_mm,
            lateral_mm=0.0,
            forward_mm=0.0,
            along_mm=None,
        )
        for name in ("jowl_l", "jowl_r", "nlf_l", "nlf_r", "bt_l", "bt_r")
    )
    return Lift(
        displacement_mm=field,
        modelled=np.ones(len(field), dtype=bool),
        points=points,
        threads=(),
        strain_max=blob(CHEEK, stretch(plan)),
        strain_min=-blob(CHEEK, bunching(plan)),
        area_above_cm2={},
        findings=(),
    )


def proposed(goal: str = "nasolabial", grade: int = 2) -> Proposal:
    person = intake(goals=[goal], laxity=lax(**{goal: grade}))
    return propose_plan(person, verdict(), template_anatomy(), check=lambda plan: ())


def restrained(proposal: Proposal, **measures: object) -> Proposal:
    return restrain_proposal(
        proposal,
        lambda plan: a_lift(plan, **measures),  # type: ignore[arg-type]
        template_anatomy(),
    )


def tensions(proposal: Proposal) -> set[float]:
    return {thread.tension_n for thread in proposal.plan.threads}


def test_a_proposal_within_the_limits_is_left_as_it_is() -> None:
    before = proposed()
    assert restrained(before, stretch=lambda plan: 0.15, motion_mm=lambda plan: 3.5) == before


def test_an_empty_proposal_asks_for_no_simulation() -> None:
    empty = propose_plan(intake(goals=[]), verdict(), template_anatomy())

    def refuse(plan: Plan) -> Lift:
        raise AssertionError("nothing to simulate")

    assert restrain_proposal(empty, refuse, template_anatomy()) == empty


@pytest.mark.parametrize(
    ("measure", "at_one_newton", "after", "rule"),
    [
        ("stretch", 0.20, 0.7, "beyond_stretch"),
        ("bunching", 0.40, 0.7, "beyond_pucker"),
        ("motion_mm", 4.6, 0.8, "beyond_large"),
    ],
)
def test_what_the_model_cannot_answer_for_lowers_the_pull(
    measure: str, at_one_newton: float, after: float, rule: str
) -> None:
    before = proposed()
    proposal = restrained(before, **{measure: lambda plan: at_one_newton * pull(plan) / 3})
    assert tensions(proposal) == {after}
    assert len(proposal.plan.threads) == len(before.plan.threads)
    (change,) = proposal.adjustments
    assert (change.rule, change.because) == ("pull_lowered", (rule,))
    assert f"from 1 to {after:g} N" in change.what.en
    assert f"từ 1 xuống {str(after).replace('.', ',')} N" in change.what.vi


def test_the_pull_first_asked_for_is_not_told_as_the_pull_that_is_set() -> None:
    before = proposed()
    proposal = restrained(before, stretch=lambda plan: 0.20 * pull(plan) / 3)
    said = [reason for reason in proposal.reasons if reason.rule.startswith("tension_")]
    assert [reason.rule for reason in said] == ["tension_below_hold", "tension_lowered"]
    assert "asked of each thread at first: 1 N" in said[0].what.en
    assert "Lực kéo ban đầu dự kiến cho mỗi sợi chỉ: 1 N" in said[0].what.vi
    name = find_technique(proposal.plan.threads[0].technique or "").name
    assert f"{name.en}: 0.7 N" in said[1].what.en and f"{name.vi}: 0,7 N" in said[1].what.vi
    assert not [reason for reason in before.reasons if reason.rule == "tension_lowered"]


def test_the_pull_has_a_floor_and_then_threads_go_down_to_the_published_number() -> None:
    before = proposed()  # three threads a side, two at least
    proposal = restrained(before, stretch=lambda plan: 0.13 * pull(plan))
    assert len(proposal.plan.threads) == 4
    assert tensions(proposal) == {0.5}
    rules = [entry.rule for entry in proposal.adjustments]
    assert rules == ["left_out_beyond", "pull_lowered"]


def test_the_thread_that_lifts_least_goes_first() -> None:
    before = proposed()

    def read(plan: Plan) -> Lift:
        on = {thread.id[-1] for thread in plan.threads if thread.tension_n > 0}
        return a_lift(plan, stretch=lambda plan: 0.13 * pull(plan), read_mm=1.0 if on == {"2"} else 2.0)

    proposal = restrain_proposal(before, read, template_anatomy())
    assert {thread.id[-1] for thread in proposal.plan.threads} == {"1", "3"}


def test_what_remains_beyond_a_limit_is_said_once() -> None:
    before = proposed(grade=1)  # two threads, the published number
    proposal = restrained(before, stretch=lambda plan: 0.40)
    assert tensions(proposal) == {0.5}
    assert len(proposal.plan.threads) == len(before.plan.threads)
    assert [entry.rule for entry in proposal.adjustments][-1] == "beyond_remains"
    assert sum(entry.rule == "beyond_remains" for entry in proposal.adjustments) == 1


def test_a_drag_at_the_entry_takes_a_thread_only_if_that_helps() -> None:
    before = proposed()
    helped = restrained(before, drag_mm=lambda plan: 3.0 if pull(plan) > 2.5 else 0.5)
    assert len(helped.plan.threads) == 4
    assert tensions(helped) == {1.0}
    assert [entry.rule for entry in helped.adjustments] == ["left_out_drag"]
    same = restrained(before, drag_mm=lambda plan: 3.0)
    assert len(same.plan.threads) == 6
    assert [entry.rule for entry in same.adjustments] == ["beyond_remains"]


def test_a_drag_below_a_millimetre_or_below_the_lift_is_no_matter() -> None:
    assert restrained(proposed(), drag_mm=lambda plan: 0.9).adjustments == ()


def test_techniques_elsewhere_on_the_face_keep_their_pull() -> None:
    person = intake(goals=["nasolabial", "brow"], laxity=lax(nasolabial=2, brow=1))
    before = propose_plan(person, verdict(), template_anatomy(), check=lambda plan: ())
    proposal = restrained(before, stretch=lambda plan: 0.20 * pull(plan, "midface_nlf") / 3)
    pulls = {thread.technique: thread.tension_n for thread in proposal.plan.threads}
    assert pulls == {"midface_nlf": 0.7, "brow": 1.0}


@pytest.mark.parametrize(("lift_mm", "said"), [(0.9, True), (1.0, False)])
def test_less_than_a_visible_change_is_said_beforehand(lift_mm: float, said: bool) -> None:
    proposal = restrained(proposed(), read_mm=lift_mm)
    assert ("goal_small" in {reason.rule for reason in proposal.reasons}) is said


def test_millimetres_are_named_for_a_scanned_face_only() -> None:
    texts = [
        entry.what.en
        for entry in (
            *restrained(proposed(), motion_mm=lambda plan: 6.0 * pull(plan) / 3).adjustments,
            *restrained(proposed(), read_mm=0.3).reasons,
        )
        if entry.rule in ("pull_lowered", "goal_small")
    ]
    assert FACE.source == "template"
    assert any("move farther, and" in text for text in texts)
    assert not any("6.0 mm" in text or "about" in text for text in texts)


def test_a_place_right_at_an_entry_does_not_count_as_overstretched() -> None:
    plan = proposed().plan
    entry = np.array(plan.threads[0].path[0].at_mm)
    lift = a_lift(plan)
    stretched = replace(lift, strain_max=blob(entry, 0.5))
    assert find_excess(plan, stretched, FACE, load_proposal_data()) == []


def test_the_lift_of_a_goal_is_the_mean_of_both_sides() -> None:
    lift = a_lift(proposed().plan, read_mm=1.0)
    assert goal_lift_mm(lift, FACE, "jowl") == pytest.approx(1.0)
    assert goal_lift_mm(lift, FACE, "hy") == 0.0


def test_threads_left_out_have_no_stop_left() -> None:
    before = proposed().model_copy(update={"threads_with_stop": ("midface_nlf-L3", "midface_nlf-L1")})

    def read(plan: Plan) -> Lift:
        on = {thread.id[-1] for thread in plan.threads if thread.tension_n > 0}
        return a_lift(plan, stretch=lambda plan: 0.13 * pull(plan), read_mm=0.1 if on == {"3"} else 2.0)

    assert restrain_proposal(before, read, template_anatomy()).threads_with_stop == ("midface_nlf-L1",)


def names(threads: tuple[PlannedThread, ...]) -> set[str]:
    return {thread.id for thread in threads}


def test_every_adjustment_names_threads_that_were_proposed() -> None:
    before = proposed()
    proposal = restrained(before, stretch=lambda plan: 0.13 * pull(plan))
    for entry in proposal.adjustments:
        assert set(entry.threads) <= names(before.plan.threads)
        assert entry.what.en != entry.what.vi and "{" not in entry.what.en + entry.what.vi
