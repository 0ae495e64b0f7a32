"""The prediction: bands, odds, months, refusals and the studies beside it."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.threadlift.planning.builders import LinearModel, template_face
from threadlift.errors import InputError
from threadlift.face.face import Face
from threadlift.finding import Status
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.comparison import grade_of_share, power_of_trial, wilson_interval
from threadlift.planning.forecast import Prediction
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.prediction import predict_with_model
from threadlift.planning.technique import place_technique
from threadlift.tissue import Lift

COG = "pdo_cog_moulded_2_0"
LANDMARKS = ("jowl_l", "jowl_r", "mar_l", "nlf_l", "ma_l", "gn")


def scanned(**quality: Any) -> Face:
    face = dataclasses.replace(template_face(), source="scan")
    return dataclasses.replace(face, quality=face.quality.model_copy(update=quality))


def plan_of(
    *kinds: str, tension_n: float = 1.0, anchoring: str = "floating", goals: tuple[str, ...] = ()
) -> Plan:
    (thread, *_) = place_technique("jowl_temple", scanned(), "left", kind=COG)
    threads = [
        PlannedThread.model_validate(
            thread.model_dump()
            | {"id": f"jowl_temple-L{i + 1}", "kind": kind, "tension_n": tension_n, "anchoring": anchoring}
        )
        for i, kind in enumerate(kinds)
    ]
    return Plan(goals=goals, threads=tuple(threads))


def responses(*threads: str, mm_per_n: float = 1.0) -> LinearModel:
    """Every thread lifts the jowl by ``mm_per_n``, other places less, and only its own side."""
    shares = np.array([1.0, 0.0, 0.7, 0.6, 0.4, 0.1]) * mm_per_n
    point = np.zeros((len(threads), len(LANDMARKS), 3))
    point[:, :, 1] = shares
    return LinearModel(threads, LANDMARKS, point)


def lift_of(face: Face, *, stretch: float = 0.05, at: str = "zy_l") -> Lift:
    count = len(face.vertices_mm)
    strain = np.zeros(count)
    strain[np.linalg.norm(face.vertices_mm - face.landmark(at), axis=1) < 12] = stretch
    return Lift(
        displacement_mm=np.zeros((count, 3)),
        modelled=np.ones(count, dtype=bool),
        points=(),
        threads=(),
        strain_max=strain,
        strain_min=np.zeros(count),
        area_above_cm2={},
        findings=(),
    )


def prediction(
    plan: Plan | None = None,
    *,
    face: Face | None = None,
    mm_per_n: float = 1.0,
    stretch: float = 0.05,
    at: str = "zy_l",
    samples: int = 200,
    seed: int = 7,
    months: tuple[float, ...] | None = None,
) -> Prediction:
    plan = plan or plan_of(COG, COG)
    face = face or scanned()
    units = responses(*(thread.id for thread in plan.threads if "cog" in thread.kind), mm_per_n=mm_per_n)
    return predict_with_model(
        plan,
        face,
        lift_of(face, stretch=stretch, at=at),
        units if units.thread_ids else None,
        samples=samples,
        seed=seed,
        months=months,
    )


def medians(found: Prediction, landmark: str = "jowl_l") -> list[float]:
    return [month.held_mm.median for month in found.landmark(landmark).months if month.held_mm]


@settings(max_examples=6, deadline=None)
@given(
    kind=st.sampled_from([COG, "plcl_cog_cut_2_0", "plla_cog_moulded_2_0", "pcl_cog_moulded_2_0"]),
    tension_n=st.floats(0.1, 1.0),  # stronger pulls lift beyond what is told in mm
    anchoring=st.sampled_from(["fixed", "floating"]),
    seed=st.integers(0, 2**31),
)
@pytest.mark.control("C-11")
def test_bands_are_ordered_odds_are_odds_and_nothing_grows_with_time(
    kind: str, tension_n: float, anchoring: str, seed: int
) -> None:
    found = prediction(plan_of(kind, kind, tension_n=tension_n, anchoring=anchoring), samples=60, seed=seed)
    assert found.form == "mm" and found.validated_in_people is False
    for landmark in found.landmarks:
        assert [month.month for month in landmark.months] == [0, 1, 3, 6, 12, 18, 24]
        for month in landmark.months:
            assert month.held_mm is not None and month.change_mm is not None
            assert 0 <= month.held_mm.low10 <= month.held_mm.median <= month.held_mm.high90
            assert month.change_mm.median <= month.held_mm.median
            assert sum((month.grade.none, month.grade.slight, month.grade.clear)) == pytest.approx(
                1, abs=0.002
            )
            assert month.odds_visible == pytest.approx(1 - month.grade.none, abs=0.002)
        for earlier, later in pairwise(landmark.months):
            assert later.held_mm is not None and earlier.held_mm is not None
            assert later.held_mm.high90 <= earlier.held_mm.high90 + 0.011
            assert later.odds_visible <= earlier.odds_visible
    assert all(0 <= thread.odds_slip <= 1 for thread in found.threads)


@settings(max_examples=6, deadline=None)
@given(low=st.floats(0.05, 1.5), more=st.floats(1.01, 2.0))
def test_more_pull_never_lifts_less(low: float, more: float) -> None:
    weak, strong = (
        medians(prediction(plan_of(COG, tension_n=pull), samples=60)) for pull in (low, low * more)
    )
    assert all(a <= b + 0.011 for a, b in zip(weak, strong, strict=True))


def test_pull_beyond_the_hold_adds_nothing_and_slips() -> None:
    held, beyond = (prediction(plan_of(COG, tension_n=pull)) for pull in (6.0, 12.0))
    assert medians(beyond) == pytest.approx(medians(held), abs=0.02)
    assert beyond.threads[0].odds_slip > 0.99
    assert beyond.threads[0].carried_n.median == pytest.approx(1.87, abs=0.15)
    assert prediction(plan_of(COG, tension_n=0.5)).threads[0].odds_slip < 0.1


def test_the_middle_now_lies_near_the_nominal_lift() -> None:
    (now, *_) = medians(prediction(plan_of(COG), samples=2000))
    assert 0.9 < now < 1.05, "threads that slip take a little off"


def test_the_same_seed_repeats_and_another_does_not() -> None:
    assert prediction(seed=3) == prediction(seed=3)
    assert prediction(seed=3).landmarks != prediction(seed=4).landmarks


def test_lasting_material_holds_longer_but_its_months_are_hatched_too() -> None:
    pdo, pcl = prediction(plan_of(COG)), prediction(plan_of("pcl_cog_moulded_2_0"))
    assert medians(pcl)[4] > medians(pdo)[4]
    assert not any(month.measured for month in pcl.landmark("jowl_l").months)
    assert any(note.rule == "hatched_months" for note in pcl.notes)


def test_a_mixed_plan_lies_between_its_materials() -> None:
    pdo, mixed, pcl = (
        medians(prediction(plan_of(*kinds)))[4]
        for kinds in ((COG, COG), (COG, "pcl_cog_moulded_2_0"), ("pcl_cog_moulded_2_0",) * 2)
    )
    assert pdo < mixed < pcl


def test_bands_hold_more_than_the_tissue_alone() -> None:
    month = prediction(samples=2000).landmark("jowl_l").months[2]
    assert month.held_mm is not None
    assert month.held_mm.high90 / month.held_mm.low10 > 3


@pytest.mark.parametrize(("sure_mm", "unsure_mm"), [(0.5, 8.0)])
def test_an_unsure_position_widens_the_band(sure_mm: float, unsure_mm: float) -> None:
    widths = []
    for position in (sure_mm, unsure_mm):
        band = prediction(face=scanned(position_sd_mm=position), samples=2000).landmarks[0].months[0].held_mm
        assert band is not None
        widths.append(band.high90 / band.low10)
    assert widths[1] > 1.1 * widths[0]


@pytest.mark.parametrize("months", [(25.0,), (0.0, 24.5), (-1.0,), (), (3.0, 1.0)])
def test_months_beyond_two_years_or_out_of_order_are_refused(months: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="months"):
        prediction(months=months)


def test_month_twenty_four_is_the_last() -> None:
    assert [month.month for month in prediction(months=(0.0, 24.0)).landmarks[0].months] == [0, 24]


@pytest.mark.parametrize(
    ("face", "rule"),
    [
        (template_face(), "words_photo"),
        (dataclasses.replace(template_face(), source="photo"), "words_photo"),
        (scanned(grade="poor"), "words_fit"),
    ],
)
@pytest.mark.control("C-12")
def test_without_a_good_scan_the_change_is_told_in_words(face: Face, rule: str) -> None:
    found = prediction(face=face)
    assert found.form == "words"
    assert rule in [reason.rule for reason in found.why]
    for landmark in found.landmarks:
        assert landmark.nominal_mm is None
        assert all(month.held_mm is None and month.change_mm is None for month in landmark.months)
        assert all(0 <= month.odds_visible <= 1 for month in landmark.months)
    assert "mm " not in " ".join(row.model.en for row in found.comparisons if row.model)


@pytest.mark.parametrize(
    ("stretch", "at", "form"),
    [(0.1499, "jowl_l", "mm"), (0.15, "jowl_l", "mm"), (0.1501, "jowl_l", "words"), (0.3, "zy_l", "mm")],
)
@pytest.mark.control("C-12")
def test_places_of_overstretched_skin_are_told_in_words(stretch: float, at: str, form: str) -> None:
    found = prediction(stretch=stretch, at=at)
    assert found.landmark("jowl_l").form == form
    assert (found.landmark("jowl_l").months[0].held_mm is None) is (form == "words")
    assert ("words_strain" in [reason.rule for reason in found.why]) is (stretch > 0.15)
    assert found.landmark("gn").form == "mm"


@pytest.mark.parametrize(("mm_per_n", "form"), [(3.0, "mm"), (5.0, "words")])
def test_a_lift_beyond_what_the_model_was_compared_for_is_told_in_words(mm_per_n: float, form: str) -> None:
    found = prediction(plan_of(COG), mm_per_n=mm_per_n, samples=1000)
    assert found.landmark("jowl_l").form == form
    assert found.landmark("gn").form == "mm"
    assert ("words_large" in [reason.rule for reason in found.why]) is (form == "words")


def test_overstretched_skin_anywhere_widens_every_band() -> None:
    near, far = (prediction(stretch=value, samples=1500).landmark("gn").months[0] for value in (0.1, 0.3))
    assert near.held_mm is not None and far.held_mm is not None
    assert far.held_mm.high90 > near.held_mm.high90


@pytest.mark.parametrize(
    ("plan", "face", "rule"),
    [
        (plan_of("pdo_mono"), scanned(), "refused_no_lift"),
        (plan_of(), scanned(), "refused_no_lift"),
        (plan_of("pp_cog_2_0"), scanned(), "refused_material"),
        (plan_of(COG, "gold_mono"), scanned(), "refused_material"),
        (plan_of(COG, "pdo_mono_gold"), scanned(), "refused_material"),
        (plan_of(COG, "unknown"), scanned(), "refused_material"),
        (plan_of(COG, tension_n=19.0), scanned(), None),
        (plan_of("pdo_cog_moulded_3_0", tension_n=19.0), scanned(), "refused_tension"),
        (plan_of(COG), scanned(grade="refused"), "refused_fit"),
    ],
)
def test_what_cannot_be_predicted_is_refused_with_its_reason(
    plan: Plan, face: Face, rule: str | None
) -> None:
    found = prediction(plan, face=face)
    assert (found.form == "refused") is (rule is not None)
    assert [reason.rule for reason in found.why] == ([rule] if rule else [])
    if rule:
        assert found.landmarks == found.threads == found.retention == found.comparisons == ()
        assert found.notes[0].rule == "not_validated"


def test_smooth_threads_get_graded_evidence_and_never_millimetres() -> None:
    found = prediction(plan_of("pdo_mono", goals=("skin_quality",)))
    assert {entry.evidence.rule for entry in found.skin_quality} == {"skin_mono", "skin_firmness"}
    assert all(entry.grade in ("weak", "indirect", "conflicting") for entry in found.skin_quality)
    assert all(entry.evidence.sources for entry in found.skin_quality)


def test_a_smooth_thread_beside_a_cog_changes_no_millimetre() -> None:
    assert medians(prediction(plan_of(COG, "pdo_mono"))) == medians(prediction(plan_of(COG)))


def test_responses_of_another_plan_are_refused() -> None:
    face = scanned()
    with pytest.raises(InputError, match="do not belong"):
        predict_with_model(plan_of(COG), face, lift_of(face), responses("other"), seed=1)


def test_an_unknown_thread_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="pdo_cog"):
        prediction(plan_of("pdo_cog"))


def test_the_studies_stand_beside_the_prediction_with_what_they_measured() -> None:
    rows = {row.id: row for row in prediction(samples=2000).comparisons}
    assert set(rows) == {entry["id"] for entry in load_assumptions().comparisons}
    assert "15 to 52%" in rows["compare_nestor"].measured.en
    assert rows["compare_germani"].caution is not None
    assert rows["compare_cont_later"].agreement == "does_not_agree", "a known misfit is shown as one"
    assert all(row.status is Status.SOURCED and row.sources for row in rows.values())
    assert "{" not in "".join(row.model.en + row.model.vi for row in rows.values() if row.model)


def test_studies_of_pdo_say_nothing_about_other_materials() -> None:
    ids = {row.id for row in prediction(plan_of("plcl_cog_cut_2_0")).comparisons}
    assert not ids & {"compare_bertossi", "compare_myung"}


def test_six_threads_lift_twice_as_much_as_three_which_the_trial_did_not_find() -> None:
    strong = {row.id: row for row in prediction(plan_of(*[COG] * 3), mm_per_n=3.0, samples=1000).comparisons}
    row = strong["compare_germani"]
    assert row.agreement in ("does_not_agree", "cannot_be_said")
    assert row.model is not None
    weak = {row.id: row for row in prediction(plan_of(*[COG] * 3), mm_per_n=0.02, samples=1000).comparisons}
    assert weak["compare_germani"].agreement == "cannot_be_said", "too small a lift for any trial to see"


def test_a_prediction_survives_its_file() -> None:
    found = prediction(samples=50)
    assert Prediction.model_validate_json(found.model_dump_json()) == found


def test_wilson_interval_is_that_of_the_textbook() -> None:
    assert wilson_interval(6, 20) == pytest.approx((0.1455, 0.5190), abs=5e-4)


@pytest.mark.parametrize(("effect", "expected"), [(0.0, 0.05), (0.5, 0.18), (0.8, 0.39), (1.2, 0.71)])
def test_power_of_a_trial_is_that_of_the_tables(effect: float, expected: float) -> None:
    assert power_of_trial(effect, 1.0, 10, 0.05) == pytest.approx(expected, abs=0.012)


def test_a_rater_follows_the_retained_share_late() -> None:
    shares = grade_of_share(np.array([0.0, 0.5, 1.0]), np.array(4.0))
    assert shares == pytest.approx([0, 0.881, 1], abs=1e-3)
