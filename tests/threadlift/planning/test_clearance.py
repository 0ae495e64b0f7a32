"""A plan checked against the anatomy: the published techniques, single rules at their limits, properties."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.threadlift.anatomy.builders import anatomy_of, with_grade
from tests.threadlift.planning.threads import (
    KIND,
    check,
    mirrored,
    near,
    on_skin,
    rules_fired,
    severities,
    technique,
    thread,
)
from threadlift.anatomy import Plane
from threadlift.anatomy.plane import PLANES
from threadlift.finding import Finding, Severity, Status
from threadlift.planning.clearance import check_plan, widening
from threadlift.planning.clearance_structure import find_meeting
from threadlift.planning.path import resolve_thread
from threadlift.planning.plan import Plan
from threadlift.planning.technique import load_techniques

ANATOMY = anatomy_of()
FORWARDS = np.array([0.0, 0.0, 1.0])
SAFE_IN_LITERATURE = ("temple_to_oral", "jowl_temple", "jowl_preauricular", "midface_nlf", "marionette")


def stops(findings: tuple[Finding, ...]) -> set[str | None]:
    return {finding.where.structure for finding in findings if finding.severity is Severity.STOP}


@pytest.mark.control("C-06")
@pytest.mark.parametrize("name", SAFE_IN_LITERATURE)
def test_a_published_technique_in_its_plane_gives_cautions_at_most(name: str) -> None:
    count = load_techniques()[name].per_side[1]
    found = check(*technique(name, count=count), *technique(name, "right", count=count))
    assert not stops(found), sorted(map(str, stops(found)))
    assert Severity.CAUTION in {finding.severity for finding in found}


@pytest.mark.control("C-06")
@pytest.mark.parametrize("name", tuple(load_techniques()))
def test_one_plane_deeper_than_the_fat_it_is_stopped(name: str) -> None:
    found = check(*technique(name, plane=Plane.SMAS, anchoring="floating"))
    nerves = {"fn_temporal_post", "fn_temporal_ant", "fn_zygomatic", "fn_buccal", "fn_marginal"}
    assert stops(found) & nerves


def test_the_brow_floating_is_a_caution_and_fixed_through_the_temporal_artery_a_stop() -> None:
    assert not stops(check(*technique("brow", anchoring="floating")))
    assert stops(check(*technique("brow", anchoring="fixed"))) == {"sta"}


def test_the_neck_thread_that_injured_the_great_auricular_nerve_is_stopped_by_that_nerve_alone() -> None:
    found = check(*technique("neck", anchoring="floating"))
    assert stops(found) == {"gan"}
    assert not stops(check(*technique("neck", anchoring="floating", plane=Plane.SUBDERMAL)))


def test_fixing_inside_the_fan_of_the_temporal_nerve_is_a_stop() -> None:
    found = check(*technique("temple_to_oral", anchoring="fixed"))
    assert "fn_temporal_ant" in stops(found)
    assert "anchor_outside_window" not in rules_fired(check(*technique("temple_to_oral")))


def test_a_thread_meets_the_structures_of_its_own_side_only() -> None:
    for side in ("left", "right"):
        found = check(*technique("jowl_temple", side))
        assert {finding.where.side for finding in found if finding.where.structure} == {side}


def test_every_structure_finding_says_what_where_how_far_and_how_well_it_is_founded() -> None:
    for finding in check(*technique("temple_to_oral", plane=Plane.SMAS)):
        if finding.where.structure is None:
            continue
        assert finding.where.side == "left"
        assert finding.where.thread == finding.what.en.split()[0]
        assert finding.where.distance_mm is not None
        assert finding.where.at_mm is not None
        assert finding.value == finding.where.distance_mm
        assert isinstance(finding.threshold, float)
        assert finding.unit == "mm"
        assert finding.sources
        assert finding.consequence is not None
        assert finding.remedy is not None
        assert finding.what.vi != finding.what.en
        if finding.where.structure.startswith("fn_") and finding.where.structure != "fn_trunk":
            assert finding.status is Status.UNSOURCED
            assert "not measured in any source" in finding.what.en


@pytest.mark.control("C-08")
def test_nothing_is_called_safe_and_the_last_finding_says_what_was_not_checked() -> None:
    for found in (check(), check(*technique("marionette"))):
        assert found[-1].rule == "scope"
        assert "Not checked" in found[-1].what.en
        assert all("is safe" not in one.what.en for one in found[:-1])


def test_findings_come_worst_first() -> None:
    order = [list(Severity).index(one.severity) for one in check(*technique("brow", plane=Plane.SMAS))]
    assert order == sorted(order)


# Margins at their limits


def across(name: str, gap_mm: float, plane: Plane) -> str | None:
    """The rule that fires for a short upright path ``gap_mm`` in front of a point structure."""
    structure = ANATOMY.structure(name, "left")
    centre = structure.control_mm[0]
    place = ANATOMY.skin.closest(centre + gap_mm * FORWARDS).positions[0]
    one = thread(on_skin(place), on_skin(place), plane=plane)
    resolved = resolve_thread(one, ANATOMY)
    meeting = find_meeting(resolved, structure, 0.0)
    return None if meeting is None else meeting.rule


@pytest.mark.parametrize(
    ("extra", "plane", "rule"),
    [
        (-0.2, Plane.SUB_SMAS, "structure_in_plane"),
        (0.2, Plane.SUB_SMAS, "structure_in_plane_near"),
        (-0.2, Plane.SUPRA_SMAS, "structure_other_plane"),
        (0.2, Plane.SUPRA_SMAS, "structure_beside_other_plane"),
    ],
)
def test_the_stop_margin_decides_at_its_limit(extra: float, plane: Plane, rule: str) -> None:
    structure = ANATOMY.structure("fn_zuker", "left")
    limit = structure.corridor_half_width_mm + structure.stop_mm
    centre = structure.control_mm[0]
    gap = next(
        gap
        for gap in np.arange(5.0, 40.0, 0.02)
        if np.linalg.norm(ANATOMY.skin.closest(centre + gap * FORWARDS).positions[0] - centre)
        >= limit + extra
    )
    assert across("fn_zuker", float(gap), plane) == rule


def test_exactly_on_the_limit_it_still_stops() -> None:
    structure = ANATOMY.structure("fn_zuker", "left")
    place = ANATOMY.skin.closest(structure.control_mm[0] + 12.0 * FORWARDS).positions[0]
    distance = float(np.linalg.norm(place - structure.control_mm[0]))
    resolved = resolve_thread(thread(on_skin(place), on_skin(place), plane=Plane.SUB_SMAS), ANATOMY)
    at_limit = dataclasses.replace(
        structure, stop_mm=distance - structure.corridor_half_width_mm + 1e-9, caution_mm=30.0
    )
    meeting = find_meeting(resolved, at_limit, 0.0)
    assert meeting is not None
    assert meeting.rule == "structure_in_plane"


def test_far_away_nothing_is_found() -> None:
    assert across("fn_zuker", 60.0, Plane.SUB_SMAS) is None


# Uncertainty


@pytest.mark.control("C-07")
def test_a_photo_widens_every_margin_by_the_full_position_uncertainty_and_says_approximate() -> None:
    photo = anatomy_of(4.0, "photo")
    assert widening(photo) == pytest.approx(1.64 * 4.0)
    found = check(*technique("midface_nlf"), anatomy=photo)
    note = next(one for one in found if one.rule == "anatomy_approximate")
    assert note.what.en.startswith("Approximate")
    assert note.value == pytest.approx(6.6)
    on_scan = {one.where.structure: one.threshold for one in check(*technique("midface_nlf"))}
    wider = {one.where.structure: one.threshold for one in found}
    common = {name for name in on_scan if name and name in wider}
    assert common
    assert all(float(wider[name]) > float(on_scan[name]) for name in common)  # type: ignore[arg-type]


def test_a_scan_widens_only_by_what_the_atlas_does_not_cover() -> None:
    assert widening(anatomy_of(2.5)) == 0.0
    assert widening(anatomy_of(3.5)) == pytest.approx(1.64)
    assert "anatomy_approximate" not in rules_fired(check(anatomy=anatomy_of(2.5)))
    assert "anatomy_approximate" in rules_fired(check(anatomy=anatomy_of(3.5)))


@pytest.mark.control("C-07")
@pytest.mark.parametrize("plane", [Plane.SUPRA_SMAS, Plane.SMAS, Plane.SUB_SMAS])
def test_more_uncertainty_never_removes_or_softens_a_finding(plane: Plane) -> None:
    narrow = severities(check(*technique("jowl_temple", plane=plane), anatomy=anatomy_of(2.0)))
    for doubt in (4.0, 8.0):
        wide = severities(check(*technique("jowl_temple", plane=plane), anatomy=anatomy_of(doubt)))
        assert all(wide.get(key, 0) >= severity for key, severity in narrow.items())
        narrow = wide


# Properties


DEEP = (
    "fn_zygomatic",
    "fn_buccal",
    "fn_marginal",
    "fn_zuker",
    "parotid",
    "parotid_duct",
    "tfa",
    "facial_vein",
)


@pytest.mark.control("C-06")
@pytest.mark.parametrize("name", ["temple_to_oral", "jowl_temple", "jowl_preauricular"])
def test_going_deeper_never_lowers_the_severity_towards_a_deep_structure(name: str) -> None:
    before = dict.fromkeys(DEEP, 0)
    for plane in PLANES:
        found = severities(check(*technique(name, plane=plane)))
        now = {structure: found.get((structure, "left"), 0) for structure in DEEP}
        assert all(now[structure] >= before[structure] for structure in DEEP), plane
        before = now


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(shallow=st.floats(0.3, 12.0), deeper=st.floats(0.0, 8.0))
def test_a_deeper_given_depth_never_lowers_it_either(shallow: float, deeper: float) -> None:
    def found(depth: float) -> dict[tuple[str, str], int]:
        path = (near("t", depth_mm=depth), near("ch", lat=10, depth_mm=depth))
        return severities(check(thread(*path)))

    less, more = found(shallow), found(shallow + deeper)
    assert all(more.get((name, "left"), 0) >= less.get((name, "left"), 0) for name in DEEP)


@pytest.mark.control("C-09")
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(tuple(load_techniques())),
    plane=st.sampled_from(PLANES),
    fixed=st.booleans(),
)
def test_a_mirrored_plan_gives_mirrored_findings(name: str, plane: Plane, fixed: bool) -> None:
    threads = technique(name, plane=plane, anchoring="fixed" if fixed else "floating")
    left, right = check(*threads), check(*(mirrored(one) for one in threads))

    def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, float]]:
        return sorted((f.rule, str(f.where.structure), f.where.distance_mm or 0.0) for f in findings)

    assert [(rule, name) for rule, name, _ in told(left)] == [(rule, name) for rule, name, _ in told(right)]
    assert [d for *_, d in told(left)] == pytest.approx([d for *_, d in told(right)], abs=0.11)


@pytest.mark.parametrize("name", tuple(load_techniques()))
@pytest.mark.parametrize("plane", [Plane.SUPRA_SMAS, Plane.SMAS])
def test_how_finely_the_path_is_sampled_does_not_change_severities(name: str, plane: Plane) -> None:
    coarse = severities(check(*technique(name, plane=plane), step_mm=2.0))
    fine = severities(check(*technique(name, plane=plane), step_mm=0.5))
    assert coarse == fine


def test_swapped_ends_meet_the_same_structures() -> None:
    one = technique("temple_to_oral")[0]
    back = one.model_copy(update={"path": one.path[::-1]})
    assert severities(check(back)).keys() == severities(check(one)).keys()
    assert "entry_zone" in rules_fired(check(back))


# Where on the face


def test_an_entry_off_the_face_is_a_finding_that_stops() -> None:
    found = check(thread((120.0, 0.0, 40.0), "ch"))
    finding = next(one for one in found if one.rule == "entry_off_face")
    assert finding.severity is Severity.STOP
    assert float(finding.value or 0) > 40.0


def test_a_thread_entirely_off_the_face_stops_at_every_point() -> None:
    found = check(thread((200.0, 150.0, 200.0), (210.0, 100.0, 200.0)))
    assert {"entry_off_face", "path_off_face"} <= rules_fired(found)


@pytest.mark.parametrize(("off", "fires"), [(4.5, False), (5.5, True)])
def test_five_mm_off_the_skin_is_the_limit(off: float, fires: bool) -> None:
    place = ANATOMY.face.landmark("ma_l")
    outwards = ANATOMY.skin.closest(place + np.array([20.0, 0.0, 20.0]))
    direction = np.array([20.0, 0.0, 20.0]) / np.hypot(20, 20)
    start = outwards.positions[0]
    steps = np.arange(0.0, 15.0, 0.05)
    distance = ANATOMY.skin.closest(start + steps[:, None] * direction).distance
    point = start + steps[int(np.argmax(distance >= off))] * direction
    assert ("entry_off_face" in rules_fired(check(thread(on_skin(point), "ch")))) is fires


@pytest.mark.control("C-09")
def test_a_left_thread_that_lies_on_the_right_stops() -> None:
    one = technique("marionette")[0]
    wrong = one.model_copy(update={"side": "right"})
    found = check(wrong)
    assert next(f for f in found if f.rule == "wrong_side").severity is Severity.STOP
    assert {f.where.side for f in found if f.where.structure} == {"left"}


def test_a_thread_across_the_midline_is_checked_against_both_sides() -> None:
    found = check(thread(near("gn", lat=25), near("gn", lat=-25), plane=Plane.SUPRA_SMAS))
    assert "midline_crossed" in rules_fired(found)
    assert {f.where.side for f in found if f.where.structure} == {"left", "right"}
    assert "midline_crossed" not in rules_fired(check(*technique("marionette")))


def test_a_short_thread_holds_nothing() -> None:
    assert "path_too_short" in rules_fired(check(thread("ma", near("ma", up=-10))))
    assert "path_too_short" not in rules_fired(check(*technique("brow")))


@pytest.mark.parametrize(
    ("path", "rule", "severity"),
    [
        ((near("ex", lat=15), near("en", lat=8, up=-6)), "eye_socket", Severity.STOP),
        (("ma", near("ls", up=-3)), "lip", Severity.STOP),
        (("ma", near("ch", lat=3)), "mouth_corner_near", Severity.CAUTION),
        (("ma", near("prn", lat=4)), "nose", Severity.STOP),
        (("t", near("nlf", lat=-6)), "fold_crossed", Severity.STOP),
        (("t", near("nlf", lat=2)), "fold_near", Severity.CAUTION),
        (("ma", "go"), "entry_zone", Severity.CAUTION),
    ],
)
def test_eye_lip_nose_and_fold_are_kept_clear(
    path: tuple[object, ...], rule: str, severity: Severity
) -> None:
    found = check(thread(*path))  # type: ignore[arg-type]
    assert next(one for one in found if one.rule == rule).severity is severity
    for name in ("temple_to_oral", "jowl_temple", "jowl_preauricular", "marionette"):
        assert rule not in rules_fired(check(*technique(name)))


# Depth


def test_a_lifting_thread_in_the_skin_is_too_shallow() -> None:
    for plane, fires in ((Plane.INTRADERMAL, True), (Plane.SUBDERMAL, True), (Plane.SUPRA_SMAS, False)):
        assert ("too_shallow" in rules_fired(check(*technique("jowl_temple", plane=plane)))) is fires


def test_a_smooth_thread_in_the_skin_is_not() -> None:
    found = check(thread("t", "ch", kind="pdo_mono", plane=Plane.INTRADERMAL, tension_n=0.0))
    assert not {"too_shallow", "tension_on_smooth"} & rules_fired(found)
    assert "tension_on_smooth" in rules_fired(check(thread("t", "ch", kind="pdo_mono", tension_n=1.0)))


@pytest.mark.parametrize(("plane", "fires"), [(Plane.SUPRA_SMAS, False), (Plane.SMAS, True)])
def test_planning_in_the_smas_is_deeper_than_published(plane: Plane, fires: bool) -> None:
    assert ("deeper_than_published" in rules_fired(check(*technique("marionette", plane=plane)))) is fires


def test_a_depth_below_the_tissue_stops() -> None:
    found = check(thread(near("ma", depth_mm=3), near("ch", lat=10, depth_mm=30)))
    finding = next(one for one in found if one.rule == "beyond_tissue")
    assert finding.severity is Severity.STOP
    assert finding.value == 30.0


def test_a_depth_that_contradicts_the_plane_is_told_and_the_worse_counts() -> None:
    found = check(thread(near("t", depth_mm=8), near("ch", lat=10, depth_mm=8)))
    assert "depth_contradicts_plane" in rules_fired(found)
    assert "fn_buccal" in stops(found)
    other = check(thread(near("t", depth_mm=2), near("ch", lat=10, depth_mm=2), plane=Plane.SUB_SMAS))
    assert "fn_buccal" in stops(other)


def test_a_depth_just_above_the_smas_is_uncertain() -> None:
    top = resolve_thread(thread("t", "ch"), ANATOMY).layers.smas_top_mm.min()
    close = check(thread(near("t", depth_mm=top - 0.1), near("ch", lat=10, depth_mm=top - 0.1)))
    far = check(
        thread(near("t", depth_mm=1.9), near("ch", lat=10, depth_mm=1.9), plane=Plane.SUPERFICIAL_FAT)
    )
    assert "depth_uncertain" in rules_fired(close)
    assert "depth_uncertain" not in rules_fired(far)


# Thread, tension, cleared use


def test_an_unknown_kind_stops() -> None:
    found = check(thread("t", "ch", kind="mystery"))
    assert next(one for one in found if one.rule == "kind_unknown").severity is Severity.STOP


@pytest.mark.control("C-20")
def test_a_non_absorbable_kind_stops() -> None:
    assert any(one.severity is Severity.STOP for one in check(thread("t", "ch", kind="pp_cog_2_0")))


def test_tension_beyond_hold_is_a_caution_and_beyond_strength_a_stop() -> None:
    def fired(tension: float) -> set[str]:
        return rules_fired(check(thread("t", "ch", kind="pdo_cog_moulded_2_0", tension_n=tension)))

    assert not {"tension_slips", "tension_breaks"} & fired(0.5)
    assert "tension_slips" in fired(8.0)
    assert {"tension_slips", "tension_breaks"} <= fired(20.0) | {"tension_breaks"}


def test_a_path_longer_than_any_thread_of_its_kind_is_told() -> None:
    assert "length_missing" in rules_fired(check(thread("tr", "ft", "t", "go", "gn", kind="pdo_cog_cut_3_0")))


def test_cleared_use_is_judged_once_for_each_kind() -> None:
    found = check(*technique("temple_to_oral"), market="US")
    assert len([one for one in found if one.rule.startswith("thread_")]) >= 1
    assert len({one.rule for one in found if one.rule.startswith("thread_")}) == len(
        [one for one in found if one.rule.startswith("thread_")]
    )


# Threads among each other


def test_one_sided_and_uneven_plans_are_told() -> None:
    left, right = technique("marionette"), technique("marionette", "right")
    assert "plan_one_sided" in rules_fired(check(*left))
    assert not {"plan_one_sided", "plan_uneven"} & rules_fired(check(*left, *right))
    moved = right[0].model_copy(update={"path": (right[0].path[0], near("ch", lat=25))})
    assert "plan_uneven" in rules_fired(check(*left, moved))


def test_crossing_threads_are_told_and_parallel_ones_not() -> None:
    one = thread("t", near("ch", lat=12), id="A")
    across_it = thread("ft", "go", id="B")
    beside = thread(near("t", up=-12), near("ch", lat=12, up=-14), id="C")
    assert "threads_cross" in rules_fired(check(one, across_it))
    assert "threads_cross" not in rules_fired(check(one, beside))
    deep = across_it.model_copy(update={"plane": Plane.DEEP_FASCIA})
    assert "threads_cross" not in rules_fired(check(one, deep))


def test_two_threads_in_one_tunnel_are_too_close() -> None:
    one = thread("t", near("ch", lat=12), id="A")
    same = one.model_copy(update={"id": "B"})
    assert "threads_close" in rules_fired(check(one, same))


def test_a_fixed_thread_outside_the_window_is_told_and_inside_not() -> None:
    tragus, brow = ANATOMY.face.landmark("t_l"), ANATOMY.face.landmark("bt_l")
    inside = ANATOMY.skin.closest([tragus[0], brow[1] + 38.0, tragus[2] + 18.0]).positions[0]
    outside = ANATOMY.skin.closest([tragus[0], brow[1] + 40.0, tragus[2] + 45.0]).positions[0]
    for place, fires in ((inside, False), (outside, True)):
        found = check(thread(on_skin(place), "ma", anchoring="fixed"))
        assert ("anchor_outside_window" in rules_fired(found)) is fires
        assert fires or not stops(found), "the advice to anchor in the window must be one that clears"


@pytest.mark.control("C-10")
def test_a_plan_of_another_face_stops() -> None:
    threads = technique("marionette")
    own = check_plan(Plan(threads=threads, face=ANATOMY.face.fingerprint), ANATOMY)
    other = check_plan(Plan(threads=threads, face="of someone else"), ANATOMY)
    assert "plan_of_other_face" not in rules_fired(own)
    assert next(one for one in other if one.rule == "plan_of_other_face").severity is Severity.STOP


def test_a_weak_fit_is_told() -> None:
    weak = dataclasses.replace(ANATOMY, face=with_grade(ANATOMY.face, "poor"))
    assert "fit_weak" in rules_fired(check(*technique("marionette"), anatomy=weak))
    assert "fit_weak" not in rules_fired(check(*technique("marionette")))


def test_the_test_kind_is_long_enough_not_to_hide_other_findings() -> None:
    assert "length_missing" not in rules_fired(check(*technique("jowl_temple")))
    assert KIND == "plcl_cog_long"


def test_a_landmark_with_an_offset_may_hang_beside_a_curved_cheek_but_not_far_off() -> None:
    assert "path_off_face" not in rules_fired(check(thread("t", near("ch", lat=35))))
    assert "path_off_face" in rules_fired(check(thread("t", near("ch", lat=90))))
