"""A plan that answers while its threads move, against a full solve of the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.threadlift.tissue.live.builders import small_part, small_thread, small_threads, solve_again
from threadlift.errors import InputError
from threadlift.tissue.live import Frame, LivePlan, LiveResponse
from threadlift.tissue.thread import spaced_barbs

PART = small_part()
TOLERANCE = {"float32": 1e-5, "float64": 1e-8}


@pytest.fixture(scope="module", params=["float32", "float64"])
def response(request: pytest.FixtureRequest) -> LiveResponse:
    return LiveResponse.of_part(PART, "key", None, precision=request.param)


def check(frame: Frame, plan: LivePlan, off: frozenset[str] = frozenset()) -> None:
    """The frame is what a full solve gives, to the precision of the response."""
    expected, pull = solve_again(PART, plan, off)
    tolerance = TOLERANCE[frame.displacement_mm.dtype.name]
    largest = np.abs(expected).max()
    assert largest > 0.1
    assert np.abs(frame.displacement_mm - expected).max() < tolerance * largest
    assert frame.barb_force_n == pytest.approx(pull.barb_force_n, abs=tolerance)
    assert frame.piece_force_n == pytest.approx(pull.piece_force_n, abs=tolerance)
    assert frame.carried_n == pytest.approx(pull.carried_n)
    assert frame.barbs_slipping.sum() == pull.barb_slips.sum()


def test_a_plan_as_it_is_agrees_with_a_full_solve(response: LiveResponse) -> None:
    plan = LivePlan(response, small_threads())
    check(plan.frame(), plan)


def test_random_moves_agree_with_a_full_solve_while_barbs_slip_and_ligaments_slacken(
    response: LiveResponse,
) -> None:
    plan = LivePlan(response, small_threads())
    random = np.random.default_rng(5)
    slipping, slack = set(), set()
    for _ in range(8):
        number = int(random.integers(0, 4))
        shift = tuple(random.uniform(-1.5, 1.5, 3))
        frame = plan.move(small_thread(number, shift, tension_n=random.uniform(0.2, 1.3)))
        check(frame, plan)
        slipping.add(int(frame.barbs_slipping.sum()))
        slack.add(frame.slack)
    assert len(slipping) > 1 and len(slack) > 1


def test_tension_and_switching_off_agree_with_a_full_solve(response: LiveResponse) -> None:
    plan = LivePlan(response, small_threads())
    plan.move(small_thread(2, (0.4, 0.3, 0.2)))
    check(plan.retension("thread-1", 0.35), plan)
    check(plan.retension("thread-2", 1.05), plan)
    check(plan.toggle("thread-3"), plan, frozenset({"thread-3"}))
    check(plan.move(small_thread(3, (1.0, 0, 0))), plan, frozenset({"thread-3"}))
    before = plan.toggle("thread-3")
    check(before, plan)
    assert before.asked_n[3] == 1.0


def test_a_moved_thread_may_change_its_barbs_and_its_hold(response: LiveResponse) -> None:
    plan = LivePlan(response, small_threads())
    check(plan.move(small_thread(1, barbs_mm=spaced_barbs(8.0, 36.0, 9))), plan)
    floating = small_thread(1, anchoring="floating", rear_barbs_mm=(1.0, 4.0), barbs_mm=(20.0, 28.0, 36.0))
    check(plan.move(floating), plan)
    check(plan.retension("thread-0", 0.5), plan)


def test_a_barb_may_change_from_one_row_to_the_other(response: LiveResponse) -> None:
    """As many barbs and segments as before, but two rows that hold other barbs."""
    plan = LivePlan(response, small_threads())
    front_heavy = {"rear_barbs_mm": (1.0, 4.0), "barbs_mm": (20.0, 24.0, 28.0, 36.0)}
    rear_heavy = {"rear_barbs_mm": (1.0, 4.0, 7.0), "barbs_mm": (20.0, 28.0, 36.0)}
    for barbs in (front_heavy, rear_heavy, front_heavy):
        check(plan.move(small_thread(1, anchoring="floating", **barbs)), plan)


def test_barbs_that_leave_the_tissue_are_counted(response: LiveResponse) -> None:
    plan = LivePlan(response, small_threads())
    assert not plan.frame().barbs_outside.any()
    frame = plan.move(small_thread(2, (13.0, 0, 0)))
    assert frame.barbs_outside[2] > 0
    assert frame.barbs_outside.tolist() == PART.respond(plan.threads).barbs_outside.tolist()


def test_a_way_back_gives_the_same_frame(response: LiveResponse) -> None:
    plan = LivePlan(response, small_threads())
    first = plan.frame().displacement_mm
    plan.move(small_thread(0, (1.0, 1.0, 0.5)))
    plan.move(small_thread(2, (1.0, 1.0, 0.5)))
    plan.move(small_thread(0))
    again = plan.move(small_thread(2)).displacement_mm
    assert np.abs(again - first).max() < TOLERANCE[first.dtype.name] * np.abs(first).max()


def test_a_thread_outside_the_tissue_is_refused_and_the_plan_stays(response: LiveResponse) -> None:
    plan = LivePlan(response, small_threads())
    before = plan.frame().displacement_mm
    with pytest.raises(InputError, match="outside the modelled face"):
        plan.move(small_thread(1, (0, 0, 30.0)))
    assert np.array_equal(plan.frame().displacement_mm, before)
    with pytest.raises(InputError, match="outside the modelled face"):
        LivePlan(response, [small_thread(1, (0, 0, 30.0))])


def test_threads_that_are_not_there_or_pull_backwards_are_refused(response: LiveResponse) -> None:
    plan = LivePlan(response, small_threads(2))
    before = plan.frame().displacement_mm
    for ask in (
        lambda: plan.move(small_thread(3)),
        lambda: plan.toggle("thread-3"),
        lambda: plan.retension("thread-3", 1.0),
    ):
        with pytest.raises(InputError, match="no thread 'thread-3'"):
            ask()
    with pytest.raises(InputError, match="only pulls"):
        plan.retension("thread-1", -1.0)
    assert np.array_equal(plan.frame().displacement_mm, before)
    with pytest.raises(InputError, match="no lifting thread"):
        LivePlan(response, [])
    with pytest.raises(InputError, match="same name"):
        LivePlan(response, [small_thread(0), small_thread(0)])


def test_its_response_is_that_of_the_model(response: LiveResponse) -> None:
    threads = small_threads(3)
    live, full = response.response(threads), PART.respond(threads)
    assert live.compliance_mm_per_n == pytest.approx(full.compliance_mm_per_n, abs=1e-5)
    assert live.surface_mm_per_n == pytest.approx(full.surface_mm_per_n, abs=1e-5)
    assert live.thread_ids == full.thread_ids and live.piece_ids == full.piece_ids
    pulled, expected = live.pull(threads), full.pull(threads)
    assert pulled.pull_in_mm == pytest.approx(expected.pull_in_mm, rel=1e-4)


def test_a_piece_without_ligaments_answers_too(tmp_path: Path) -> None:
    from threadlift.tissue.restraint import Restraints, solve_pieces

    none = Restraints.none(PART.factorisation.matrix.shape[0])
    bare = replace(
        PART,
        restraints=none,
        pieces=solve_pieces(PART.factorisation.solve, none.coupling, PART.mesh.level(6)),
    )
    response = LiveResponse.of_part(bare, "key", tmp_path)
    plan = LivePlan(response, small_threads(2))
    expected, _ = solve_again(bare, plan)
    assert np.abs(plan.frame().displacement_mm - expected).max() < 1e-5 * np.abs(expected).max()
