"""The proposal: techniques, numbers, kinds and tension from goals, laxity and restrictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.threadlift.planning.builders import intake, lax, template_anatomy, verdict
from threadlift.finding import Finding, Severity, Status, Where
from threadlift.language import Text
from threadlift.planning.clearance import check_plan
from threadlift.planning.placement import _choose_hold, _trim, path_length_mm
from threadlift.planning.plan import Plan
from threadlift.planning.proposal import Adjustment, Proposal, load_proposal_data
from threadlift.planning.propose import propose_plan
from threadlift.planning.technique import find_technique, place_technique
from threadlift.threads import load_catalogue

GOALS = (
    *("jowl", "jawline", "nasolabial", "marionette", "midface"),
    *("brow", "double_chin", "neck", "crow_feet", "skin_quality"),
)
REGIONS = ("upper_face", "brow", "midface", "nasolabial", "marionette", "jowl", "jawline", "chin", "neck")


def propose(goals: Sequence[str], laxity: dict[str, int] | None = None, **more: object) -> Proposal:
    person = intake(goals=list(goals), laxity=lax(**(laxity or {})), **more)
    return propose_plan(person, verdict(), template_anatomy(), check=clear)


def clear(plan: Plan) -> tuple[Finding, ...]:
    """A check that finds nothing, for tests of everything but clearance."""
    return ()


def counts(proposal: Proposal) -> dict[str | None, int]:
    """Threads a side by technique."""
    return dict(Counter(thread.technique for thread in proposal.plan.threads if thread.side == "left"))


def rules(proposal: Proposal) -> set[str]:
    return {reason.rule for reason in (*proposal.reasons, *proposal.not_planned, *proposal.adjustments)}


@pytest.mark.parametrize(("grade", "count"), [(1, 2), (2, 3), (3, 4)])
def test_the_number_of_threads_for_the_jowl_follows_its_laxity(grade: int, count: int) -> None:
    assert counts(propose(["jowl"], {"jowl": grade})) == {"jowl_temple": count}


def test_a_second_technique_holds_in_other_skin_and_says_why_it_was_added() -> None:
    proposal = propose(["jowl", "nasolabial"], {"jowl": 2, "nasolabial": 2})
    zones = [find_technique(name or "").entry_zone for name in counts(proposal)]
    assert len(zones) == len(set(zones)) == 2
    (added,) = [reason for reason in proposal.reasons if reason.rule == "added_for_grade"]
    assert "only up to laxity grade 1, and the grade is 2" in added.what.en


def test_one_zone_is_shared_only_where_no_other_way_is_left() -> None:
    person = intake(goals=["jawline", "nasolabial"], laxity=lax(jawline=2, nasolabial=2))
    free = propose_plan(person, verdict(), template_anatomy(), check=clear)
    assert "entry_shared" not in rules(free)
    forced = propose_plan(person, verdict(areas=("marionette",)), template_anatomy(), check=clear)
    assert set(counts(forced)) == {"midface_nlf", "jowl_temple"}
    assert "entry_shared" in rules(forced)


def test_two_threads_are_preferred_to_three_for_mild_laxity_of_the_midface() -> None:
    assert counts(propose(["midface", "nasolabial"], {"midface": 1})) == {"midface_nlf": 2}


def test_severe_laxity_is_said_to_gain_little() -> None:
    assert "laxity_severe" in rules(propose(["jowl"], {"jowl": 3}))
    assert "laxity_severe" not in rules(propose(["jowl"], {"jowl": 2}))


def test_laxity_that_nobody_graded_gets_the_fewest_threads_and_says_so() -> None:
    proposal = propose(["jowl"])
    assert counts(proposal) == {"jowl_temple": 2}
    assert "laxity_not_graded" in rules(proposal)


@pytest.mark.parametrize(("grade", "rule"), [(0, "goal_not_lax"), (4, "goal_too_lax")])
def test_nothing_is_lifted_where_nothing_sags_or_surgery_is_needed(grade: int, rule: str) -> None:
    proposal = propose(["jowl"], {"jowl": grade})
    assert proposal.plan.threads == ()
    assert [(entry.goal, entry.rule) for entry in proposal.not_planned] == [("jowl", rule)]


def test_several_midface_goals_share_the_best_studied_fan() -> None:
    assert counts(propose(["midface", "nasolabial"], {"midface": 2})) == {"temple_to_oral": 3}


@pytest.mark.parametrize(
    ("jowl", "expected"),
    [(1, {"temple_to_oral": 3}), (2, {"temple_to_oral": 3, "jowl_preauricular": 2})],
)
def test_a_mild_jowl_needs_no_threads_beyond_the_fan(jowl: int, expected: dict[str, int]) -> None:
    assert counts(propose(["nasolabial", "jowl"], {"nasolabial": 2, "jowl": jowl})) == expected


def test_a_nasolabial_fold_alone_gets_its_own_technique() -> None:
    assert counts(propose(["nasolabial"], {"nasolabial": 1})) == {"midface_nlf": 2}


def test_a_marionette_line_goes_with_the_jowl_when_both_are_wished_for() -> None:
    assert "marionette" in counts(propose(["marionette"], {"marionette": 1}))
    assert "jowl_preauricular" in counts(propose(["marionette", "jowl"], {"marionette": 1, "jowl": 2}))


def test_crow_feet_and_skin_quality_are_not_lifting_goals() -> None:
    proposal = propose(["crow_feet", "skin_quality"])
    assert proposal.plan.threads == ()
    assert {entry.rule for entry in proposal.not_planned} == {"crow_feet_no_lift", "skin_quality_no_lift"}
    assert "no lifting technique" in proposal.not_planned[0].what.en


def test_a_double_chin_is_told_that_threads_remove_no_fat() -> None:
    proposal = propose(["double_chin"], {"chin": 1})
    assert counts(proposal) == {"neck": 1}
    assert "double_chin_fat" in rules(proposal)


def test_without_a_goal_nothing_is_proposed() -> None:
    proposal = propose([])
    assert proposal.plan.threads == ()
    assert rules(proposal) == {"no_goal"}


@settings(max_examples=12, deadline=None)
@given(
    goals=st.lists(st.sampled_from(GOALS), unique=True),
    laxity=st.dictionaries(st.sampled_from(REGIONS), st.integers(0, 4)),
    thickness=st.sampled_from(["thin", "normal", "thick", "unknown"]),
)
def test_every_proposal_holds_together(goals: list[str], laxity: dict[str, int], thickness: str) -> None:
    proposal = propose(goals, laxity, skin={"thickness": thickness})
    catalogue = load_catalogue()
    sides = Counter(thread.side for thread in proposal.plan.threads)
    assert sides["left"] == sides["right"]
    assert {entry.goal for entry in proposal.not_planned} <= set(goals)
    for thread in proposal.plan.threads:
        kind = catalogue.kind(thread.kind)
        low, high = find_technique(thread.technique or "").per_side
        assert kind.can_lift and catalogue.is_absorbable(kind.id)
        assert kind.holding_force_n is not None and kind.breaking_force_n is not None
        assert 0 < thread.tension_n < kind.holding_force_n[0] < kind.breaking_force_n
        assert low <= counts(proposal)[thread.technique] <= high
        length = kind.length_for(path_length_mm(thread, template_anatomy()))
        assert length is not None or "thread_too_short" in rules(proposal)
    served = set(goals) - {entry.goal for entry in proposal.not_planned}
    assert bool(served) == bool(proposal.plan.threads)


def test_no_side_gets_more_than_six_threads_unless_the_lowest_numbers_already_do() -> None:
    proposal = propose(GOALS, dict.fromkeys(REGIONS, 3))
    lowest = sum(find_technique(name or "").per_side[0] for name in counts(proposal))
    assert sum(counts(proposal).values()) == max(6, lowest)
    assert "fewer_than_graded" in rules(proposal)


def test_tension_leaves_one_thread_in_ten_to_slip_at_most() -> None:
    (thread, *_) = propose(["jowl"]).plan.threads
    assert thread.tension_n == 1.0


def test_an_allergy_to_pdo_takes_another_material() -> None:
    answers = {"goals": ["jowl"], "allergies": [{"to": "thread_material", "material": "PDO"}]}
    proposal = propose_plan(
        intake(**answers), verdict(left=("PLLA", "PLGA", "PLCL", "PCL")), template_anatomy(), check=clear
    )
    assert proposal.material == "plcl"
    assert {load_catalogue().kind(thread.kind).material for thread in proposal.plan.threads} == {"plcl"}
    assert "material_excluded" in rules(proposal)


@pytest.mark.parametrize(
    "answers",
    [
        {"allergies": [{"to": "thread_material"}]},
        {"allergies": [{"to": "thread_material", "material": "unknown"}]},
        {"history": [{"kind": "threads", "complication": "granuloma"}]},
    ],
)
def test_an_unexplained_reaction_to_threads_leaves_no_material(answers: dict[str, object]) -> None:
    proposal = propose_plan(intake(goals=["jowl"], **answers), verdict(), template_anatomy(), check=clear)
    assert proposal.plan.threads == () and proposal.material is None
    assert [entry.rule for entry in proposal.not_planned] == ["no_material_left"]


def test_without_a_material_left_nothing_is_planned() -> None:
    proposal = propose_plan(intake(goals=["jowl"]), verdict(left=()), template_anatomy(), check=clear)
    assert proposal.plan.threads == ()
    assert [entry.rule for entry in proposal.not_planned] == ["no_material_left"]


def test_pdo_comes_first_and_a_longer_wish_takes_a_longer_material() -> None:
    assert propose(["jowl"]).material == "pdo"
    for months, expected in ((12.0, "pdo"), (12.1, "plcl"), (24.0, "plcl"), (36.0, "pdo")):
        person = intake(goals=["jowl"], wish={"duration_months": months})
        proposal = propose_plan(person, verdict(wish_months=months), template_anatomy(), check=clear)
        assert proposal.material == expected, months
        assert ("wish_longer_than_material" in rules(proposal)) is (months > 24)


@pytest.mark.parametrize("area", ["jowl", "midface", "whole_face", "unknown"])
def test_no_thread_passes_through_an_area_that_is_ruled_out(area: str) -> None:
    proposal = propose_plan(intake(goals=["jowl"]), verdict(areas=(area,)), template_anatomy(), check=clear)
    assert proposal.plan.threads == ()
    assert [entry.rule for entry in proposal.not_planned] == ["goal_blocked"]


def test_where_the_temple_is_ruled_out_the_jowl_is_lifted_from_in_front_of_the_ear() -> None:
    proposal = propose_plan(
        intake(goals=["jowl"]), verdict(areas=("temple",)), template_anatomy(), check=clear
    )
    assert counts(proposal) == {"jowl_preauricular": 2}


def test_an_area_elsewhere_blocks_nothing() -> None:
    proposal = propose_plan(intake(goals=["jowl"]), verdict(areas=("lips",)), template_anatomy(), check=clear)
    assert proposal.plan.threads


def test_sex_counts_only_through_skin_thickness() -> None:
    person = intake(goals=["nasolabial", "midface"], patient={"sex": "male"}, laxity=lax(nasolabial=2))
    for sex, kind in (("female", "pdo_cog_moulded_2_0"), ("male", "pdo_cog_moulded_0")):
        proposal = propose_plan(person, verdict(), template_anatomy(sex), check=clear)
        assert {thread.kind for thread in proposal.plan.threads} == {kind}
    examined = person.model_copy(update={"skin": person.skin.model_copy(update={"thickness": "thin"})})
    proposal = propose_plan(examined, verdict(), template_anatomy("male"), check=clear)
    assert {thread.kind for thread in proposal.plan.threads} == {"pdo_cog_moulded_2_0"}
    assert "thin_skin_shows" in rules(proposal)


@pytest.mark.parametrize(
    ("paths_mm", "anchoring", "raise_mm"),
    [
        ((95.0, 95.0), "floating", 0.0),  # 5 mm of a 100 mm thread are cut off
        ((119.0, 119.0), "floating", 10.0),  # 150 mm: 21 of 42 mm of rear barbs stay from 129 mm on
        ((101.0, 125.0, 101.0, 125.0), "fixed", 0.0),  # no common entry leaves enough of both
    ],
)
def test_a_thread_floats_on_half_of_its_rear_barbs_at_least_or_is_tied(
    paths_mm: tuple[float, ...], anchoring: str, raise_mm: float
) -> None:
    kind = load_catalogue().kind("pdo_cog_moulded_2_0")
    hold = _choose_hold([kind], find_technique("jowl_temple"), paths_mm, load_proposal_data())
    assert hold is not None
    assert (hold.anchoring, hold.raise_mm) == (anchoring, raise_mm)


def test_no_entry_but_that_in_the_temple_is_moved_back_into_the_hair() -> None:
    kind = load_catalogue().kind("pdo_cog_moulded_2_0")
    technique = find_technique("jowl_preauricular")
    assert _choose_hold([kind], technique, (119.0, 119.0), load_proposal_data()) is None


def test_a_raised_entry_is_said_and_lies_higher_on_both_sides() -> None:
    proposal = propose(["jowl"], {"jowl": 2})
    (raised,) = [entry for entry in proposal.adjustments if entry.rule == "entry_raised"]
    assert set(raised.threads) == {thread.id for thread in proposal.plan.threads}
    published = place_technique("jowl_temple", template_anatomy().face, "left", kind="pdo_cog_moulded_2_0")
    for thread in proposal.plan.threads:
        assert thread.path[0].at_mm[1] > published[0].path[0].at_mm[1] + 5  # type: ignore[index]


def test_a_technique_that_nothing_clears_gives_way_to_another_for_the_same_goal() -> None:
    def check(plan: Plan) -> list[Finding]:
        return [stop(thread.id) for thread in plan.threads if thread.technique == "jowl_temple"]

    person = intake(goals=["jowl"], laxity=lax(jowl=2))
    proposal = propose_plan(person, verdict(), template_anatomy(), check=check)
    assert counts(proposal) == {"jowl_preauricular": 2}
    assert proposal.not_planned == () and proposal.threads_with_stop == ()
    assert "passed_over" in rules(proposal)


def test_all_threads_of_a_technique_are_of_one_kind_on_both_sides() -> None:
    for goals, grade in ((["jowl"], 3), (["nasolabial"], 2), (["marionette"], 2), (["brow"], 3)):
        proposal = propose(goals, dict.fromkeys(REGIONS, grade))
        assert len({(thread.kind, thread.anchoring) for thread in proposal.plan.threads}) == 1


@pytest.mark.parametrize(("path_mm", "trim_mm"), [(100.0, 0.0), (100.1, 1.0), (109.5, 10.0), (109.6, None)])
def test_a_path_ends_up_to_ten_millimetres_earlier_to_fit_a_shorter_thread(
    path_mm: float, trim_mm: float | None
) -> None:
    kind = load_catalogue().kind("pdo_cog_moulded_2_0")
    assert _trim(kind, "floating", path_mm, least_share=0.5, most_mm=10.0) == trim_mm


def test_filler_beside_pdo_is_mentioned() -> None:
    person = intake(goals=["jowl"], history=[{"kind": "ha_filler", "area": "midface"}])
    assert "filler_nearby" in rules(propose_plan(person, verdict(), template_anatomy(), check=clear))


def stop(thread: str) -> Finding:
    return Finding(
        rule="nerve_in_plane",
        rule_version="1",
        severity=Severity.STOP,
        what=Text(en="stop", vi="dừng"),
        where=Where(structure="fn_marginal", thread=thread),
        status=Status.ENGINEERING_CHOICE,
    )


def changes(proposal: Proposal) -> list[Adjustment]:
    """What was changed for clearance."""
    fitted = ("entry_raised", "path_fitted")
    return [entry for entry in proposal.adjustments if entry.rule not in fitted]


def relieved_by(condition: object) -> Proposal:
    def check(plan: Plan) -> list[Finding]:
        return [stop(thread.id) for thread in plan.threads if condition(thread)]  # type: ignore[operator]

    person = intake(goals=["jowl"], laxity=lax(jowl=2))
    return propose_plan(person, verdict(), template_anatomy(), check=check)


def test_a_stop_moves_the_thread_shallower_first_on_both_sides() -> None:
    proposal = relieved_by(lambda thread: thread.id == "jowl_temple-L1" and thread.plane == "supra_smas")
    planes = {thread.id: thread.plane for thread in proposal.plan.threads}
    assert planes["jowl_temple-L1"] == planes["jowl_temple-R1"] == "superficial_fat"
    assert planes["jowl_temple-L2"] == "supra_smas"
    (change,) = changes(proposal)
    assert change.rule == "moved_shallower"
    assert change.threads == ("jowl_temple-L1", "jowl_temple-R1")
    assert change.because == ("nerve_in_plane",)
    assert proposal.threads_with_stop == ()


def test_a_stop_at_the_far_end_shortens_the_thread_just_enough() -> None:
    before = propose(["jowl"], {"jowl": 2}).plan.threads[0].path[-1].at_mm
    assert before is not None
    proposal = relieved_by(
        lambda thread: (
            thread.id == "jowl_temple-L1" and np.linalg.norm(np.subtract(thread.path[-1].at_mm, before)) < 7
        )
    )
    assert changes(proposal)[0].rule == "moved_shorter"
    assert "10 mm" in changes(proposal)[0].what.en
    assert proposal.threads_with_stop == ()


def test_a_thread_that_nothing_clears_is_left_out_while_enough_remain() -> None:
    proposal = relieved_by(lambda thread: thread.id.endswith("3"))
    assert counts(proposal) == {"jowl_temple": 2}
    assert changes(proposal)[0].rule == "dropped_thread"
    assert proposal.threads_with_stop == ()


def test_a_stop_that_nothing_clears_stays_and_is_named_when_too_few_threads_would_be_left() -> None:
    proposal = relieved_by(lambda thread: thread.id in ("jowl_temple-L1", "jowl_temple-R3"))
    assert counts(proposal) == {"jowl_temple": 2}
    assert proposal.threads_with_stop == ("jowl_temple-L1",)
    assert {"dropped_thread", "stop_remains"} <= rules(proposal)


def test_a_technique_that_nothing_clears_is_not_proposed_and_says_why() -> None:
    proposal = relieved_by(lambda thread: thread.side == "left")
    assert proposal.plan.threads == ()
    assert [(entry.goal, entry.rule) for entry in proposal.not_planned] == [("jowl", "goal_meets_stop")]
    assert "marginal mandibular" in proposal.not_planned[0].what.en


def test_the_real_check_never_leaves_a_stop_unsaid() -> None:
    goals = ("jowl", "nasolabial", "marionette", "brow", "double_chin")
    person = intake(goals=list(goals), laxity=lax(jowl=2, nasolabial=2, marionette=1, brow=1, chin=1))
    anatomy = template_anatomy()
    proposal = propose_plan(person, verdict(), anatomy)
    stops = {
        finding.where.thread
        for finding in check_plan(proposal.plan, anatomy)
        if finding.severity is Severity.STOP
    }
    assert stops == set(proposal.threads_with_stop)
    assert proposal.plan.face == anatomy.face.fingerprint
    for goal in goals:
        assert goal in {entry.goal for entry in proposal.not_planned} or any(
            goal in find_technique(thread.technique or "").goals for thread in proposal.plan.threads
        )


def test_every_reason_is_said_in_both_languages_and_shows_the_weak_ones() -> None:
    proposal = propose(GOALS, dict.fromkeys(REGIONS, 2))
    assert all(reason.what.en != reason.what.vi for reason in proposal.reasons)
    assert "{" not in "".join(reason.what.en + reason.what.vi for reason in proposal.reasons)
    assert any(reason.status is Status.UNSOURCED for reason in proposal.reasons)
    assert "more_is_not_better" in rules(proposal)


def test_a_proposal_survives_its_file() -> None:
    proposal = propose(["jowl"], {"jowl": 2})
    assert Proposal.model_validate_json(proposal.model_dump_json()) == proposal
