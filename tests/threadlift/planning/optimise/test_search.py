"""The whole way on half of the demonstration face: one wish on one side, few techniques."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.threadlift.planning.builders import intake, lax, verdict
from threadlift.errors import InputError
from threadlift.finding import Severity
from threadlift.planning.cable import simulate_threads
from threadlift.planning.clearance import check_plan
from threadlift.planning.optimise.answer import OptimisedPlan
from threadlift.planning.optimise.goal import Goal, Wish
from threadlift.planning.optimise.optimise import optimise_plan
from threadlift.planning.optimise.span import span_wishes
from threadlift.planning.optimise.target import Target
from threadlift.planning.path import resolve_thread
from threadlift.threads import load_catalogue
from threadlift.tissue import TissueModel, nominal_parameters
from threadlift.tissue.verification.demonstration import demonstration_anatomy

SHAPED = demonstration_anatomy()
ANATOMY = replace(SHAPED, face=replace(SHAPED.face, source="scan"))  # as if it had been scanned
AREAS = ("midface", "jowl", "marionette")
PERSON = intake(goals=["jowl"], laxity=lax(jowl=2))


@cache
def model() -> TissueModel:
    """Half faces: half the work."""
    return TissueModel(ANATOMY, nominal_parameters(), pieces="halves")


@cache
def optimised(mm: float, threads: int = 3) -> OptimisedPlan:
    goal = Goal(
        lift=(Wish(landmark="jowl_l", mm=mm, direction="along"),),
        areas=AREAS,
        symmetric=False,
        maximum_threads_per_side=threads,
        mouth_mm=2.0,
    )
    return optimise_plan(goal, PERSON, verdict(), model(), seconds=20.0)


@pytest.mark.slow
def test_the_exact_model_confirms_what_the_choice_promised() -> None:
    made = optimised(0.6)
    assert made.outcome == "reached"
    assert made.plan.origin == "optimiser"
    threads = [resolve_thread(thread, ANATOMY) for thread in made.plan.threads]
    lift = simulate_threads(model(), threads)
    moved = lift.point("jowl_l")
    assert np.hypot(moved.total_mm, 0.0) >= made.wishes[0].reached_mm - 1e-3
    assert made.wishes[0].reached_mm >= 0.6 * 0.99
    assert made.optimised is not None and made.optimised.threads == len(made.plan.threads)
    span = made.wishes[0].reached_range
    assert made.form == "mm" and span is not None
    assert 0 < span.low10 < made.wishes[0].reached_mm < span.high90
    assert made.wishes[0].published_range is None, "no published plan was given"


def test_a_face_that_was_not_scanned_is_told_nothing_in_millimetres() -> None:
    plan = optimised(0.6).plan
    threads = [resolve_thread(thread, ANATOMY) for thread in plan.threads]
    lift, target = simulate_threads(model(), threads), Target.of(optimised(0.6).goal, model(), seed=0)
    shaped = TissueModel(SHAPED, nominal_parameters(), pieces="halves")
    form, spans = span_wishes(plan, threads, lift, target, shaped, load_catalogue(), seed=0)
    assert (form, spans) == ("words", (None,))


def test_no_chosen_thread_meets_a_stop_crosses_or_slips() -> None:
    made = optimised(0.6)
    findings = check_plan(made.plan, ANATOMY)
    assert made.plan.threads
    assert not [finding for finding in findings if finding.severity is Severity.STOP]
    assert not {finding.rule for finding in findings} & {"threads_cross", "threads_close", "length_missing"}
    assert all(0.5 <= thread.tension_n <= 1.0 for thread in made.plan.threads)
    assert {thread.side for thread in made.plan.threads} == {"left"}


def test_refused_candidates_are_counted_by_their_rule() -> None:
    count = optimised(0.6).candidates
    assert count.generated == count.clear + sum(count.refused.values())
    assert count.clear >= count.threads > 0


def test_the_answer_says_that_it_departs_from_published_technique() -> None:
    made = optimised(0.6)
    named = {name for change in made.departures for name in change.threads}
    assert named == {thread.id for thread in made.plan.threads}
    assert any("suggestion" in reason.what.en for reason in made.reasons)
    assert all(reason.what.vi for reason in (*made.reasons, *made.departures))


@pytest.mark.slow
def test_what_one_thread_cannot_lift_is_answered_with_the_nearest_and_the_reason() -> None:
    made = optimised(3.5, threads=1)
    assert made.outcome == "nearest"
    assert len(made.plan.threads) == 1
    assert 0 < made.wishes[0].reached_mm < 3.4
    rules = {reason.rule for reason in made.reasons}
    assert "wish_missed" in rules
    assert {"binds_count", "binds_hold"} & rules


def test_areas_that_leave_no_technique_are_refused() -> None:
    goal = Goal(lift=(Wish(landmark="jowl", mm=1.0),), areas=("nose",))
    with pytest.raises(InputError, match="areas"):
        optimise_plan(goal, PERSON, verdict(), model())


def test_areas_and_materials_that_screening_rules_out_are_not_used() -> None:
    goal = Goal(lift=(Wish(landmark="jowl", mm=1.0),))
    with pytest.raises(InputError, match="areas"):
        optimise_plan(goal, PERSON, verdict(areas=("midface", "neck")), model())
    with pytest.raises(InputError, match="kinds"):
        optimise_plan(goal, PERSON, verdict(left=()), model())


def test_when_every_candidate_is_refused_the_answer_names_the_rules() -> None:
    goal = Goal(
        lift=(Wish(landmark="jowl", mm=1.0),),
        kinds=("pdo_cog_moulded_3_0",),
        areas=("neck", "jawline", "chin"),
    )
    with pytest.raises(InputError, match="refused by"):
        optimise_plan(goal, PERSON, verdict(), model())
