"""Measures of a face: known shapes give known values; nothing judges."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from threadlift.evidence import load_sources
from threadlift.face.contour import (
    border_deviation,
    cervicomental_angle_deg,
    midline,
    section,
)
from threadlift.face.face import Face
from threadlift.face.measure import FaceMeasures, Measure, measure_face
from threadlift.face.morph import shape_face
from threadlift.face.template import load_template
from threadlift.files import load_data


def _shaped(vertices: np.ndarray) -> Face:
    return dataclasses.replace(
        shape_face({}), vertices_mm=vertices, landmarks_mm=load_template().place_landmarks(vertices)
    )


def test_template_is_smooth_and_symmetric() -> None:
    measures = measure_face(shape_face({}))
    for side in ("left", "right"):
        assert measures.measure("jowl_descent", side).value == pytest.approx(0.0, abs=1e-6)
        assert measures.measure("jawline_unevenness", side).value == pytest.approx(0.0, abs=1e-6)
    assert all(one.distance_mm < 0.01 and not one.is_clear for one in measures.landmark_asymmetry)
    assert all(one.p95_mm < 0.01 for one in measures.region_asymmetry)
    assert 105 < measures.measure("cervicomental_angle").value < 135


@pytest.mark.parametrize("strength", [0.5, 1.0, 1.5])
def test_jowl_descent_grows_with_the_jowl(strength: float) -> None:
    small, large = (
        measure_face(shape_face({"jowl": share * strength})).measure("jowl_descent", "left").value
        for share in (0.5, 1.0)
    )
    assert large > small + 0.3 * strength
    assert large < 5.0 * strength


def test_laxity_measures_rise_with_age_and_weight() -> None:
    young = measure_face(shape_face({"female_young": 1.0}))
    old = measure_face(shape_face({"female_old": 1.0, "age": 0.8, "double_chin": 0.5, "laugh_lines": 0.5}))
    for name, side in (
        ("jowl_descent", "left"),
        ("jawline_unevenness", "right"),
        ("nasolabial_depth", "left"),
        ("cervicomental_angle", "midline"),
    ):
        assert old.measure(name, side).value > young.measure(name, side).value + 0.3
    assert old.measure("mouth_corner_height", "left").unit == "mm"


def test_lengths_grow_with_the_face_and_proportions_do_not() -> None:
    plain = measure_face(shape_face({}))
    grown = measure_face(shape_face({}, 1.1))
    assert grown.measure("face_height").value == pytest.approx(1.1 * plain.measure("face_height").value)
    for name in ("lower_face_share", "jaw_to_cheek_width", "profile_convexity"):
        assert grown.measure(name).value == pytest.approx(plain.measure(name).value, abs=1e-3)
    assert grown.measure("jowl_descent", "left").value == pytest.approx(0.0, abs=0.05)


def test_distances_are_those_between_landmarks() -> None:
    face = shape_face({"male_old": 1.0})
    value = measure_face(face).measure("jaw_length", "right").value
    assert value == pytest.approx(
        float(np.linalg.norm(face.landmark("go_r") - face.landmark("gn"))), abs=1e-3
    )


def test_a_fuller_left_cheek_shows_as_fuller_and_on_the_left() -> None:
    template = load_template()
    cheek = template.place_landmarks(template.vertices_mm)["ma_l"]
    bump = np.exp(-0.5 * (np.linalg.norm(template.vertices_mm - cheek, axis=1) / 12.0) ** 2)
    measures = measure_face(_shaped(template.vertices_mm + 4.0 * bump[:, None] * np.array([0.5, 0.0, 0.87])))
    regions = {one.region: one for one in measures.region_asymmetry}
    assert regions["mid_face"].left_fuller_mm > 0.2
    assert regions["mid_face"].mean_mm > 3 * regions["upper_face"].mean_mm
    assert regions["mid_face"].p95_mm > 1.5


def test_a_hanging_left_jowl_shows_in_the_landmark_asymmetry() -> None:
    measures = measure_face(shape_face({"jowl_l": 1.0}))
    offsets = {one.landmark: one for one in measures.landmark_asymmetry}
    assert offsets["jowl"].up_mm < -2.0
    assert offsets["ex"].distance_mm < 0.4
    left, right = (measures.measure("jowl_descent", side).value for side in ("left", "right"))
    assert left > right + 1.5


def test_a_turned_head_is_not_taken_for_asymmetry() -> None:
    template = load_template()
    turn = np.radians(4.0)
    rotation = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    measures = measure_face(_shaped(template.vertices_mm @ rotation.T + [3.0, 0.0, 0.0]))
    assert all(one.distance_mm < 0.05 for one in measures.landmark_asymmetry)
    assert all(one.p95_mm < 0.05 for one in measures.region_asymmetry)


def test_asymmetry_below_its_uncertainty_is_not_called_clear() -> None:
    measures = measure_face(shape_face({"jowl_l": 0.5}))
    jowl = next(one for one in measures.landmark_asymmetry if one.landmark == "jowl")
    assert jowl.distance_mm > 1.0
    assert not jowl.is_clear


def test_norms_follow_the_sex_asked_for_and_carry_their_standing() -> None:
    both = measure_face(shape_face({})).measure("mouth_width").norms
    women = measure_face(shape_face({}), sex="female").measure("mouth_width").norms
    assert {norm.sex for norm in both} == {"female", "male"}
    assert {norm.sex for norm in women} == {"female"}
    assert {norm.record for norm in women} >= {"table9.ch_ch", "east_asian.ch_ch"}
    for norm in women:
        assert set(norm.sources) <= set(load_sources())
        assert norm.status == ("sourced" if norm.sources else "unsourced")


@pytest.mark.parametrize(("offset_sd", "usual"), [(1.99, True), (2.0, True), (2.01, False), (-2.01, False)])
def test_unusual_begins_beyond_two_standard_deviations(offset_sd: float, usual: bool) -> None:
    from threadlift.face.measure import _norm

    record = {
        "id": "x",
        "population": {"en": "a", "vi": "b"},
        "status": "unsourced",
        "sources": [],
    }
    assert _norm(record, "female", 50.0, 2.0, 50.0 + 2.0 * offset_sd).is_usual is usual


def test_a_doubtful_record_is_never_compared_with() -> None:
    doubtful = [
        r["id"]
        for r in load_data("threadlift.face", "anthropometry.toml")["distance"]
        if r.get("is_doubtful")
    ]
    assert doubtful == ["table9.n_gn"]
    norms = measure_face(shape_face({})).measure("face_height").norms
    assert norms
    assert "table9.n_gn" not in {norm.record for norm in norms}


def test_every_measure_says_what_it_means_in_both_languages_and_how_sure_it_is() -> None:
    measures = measure_face(shape_face({}))
    for one in measures.measures:
        assert one.name.vi != one.name.en
        assert one.meaning.vi != one.meaning.en
        assert one.uncertainty_sd > 0
    assert {one.id for one in measures.measures if one.is_laxity} >= {"jowl_descent", "brow_tail_height"}
    assert "no judgement" in measures.note.en


def test_measures_survive_json() -> None:
    measures = measure_face(shape_face({"age": 1.0}))
    assert FaceMeasures.model_validate_json(measures.model_dump_json()) == measures


def test_an_unknown_measure_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        measure_face(shape_face({})).measure("beauty")


def test_section_of_the_template_by_the_midline_plane_is_its_midline() -> None:
    template = load_template()
    cut = section(template.vertices_mm, template.triangles, np.zeros(3), np.array([1.0, 0.0, 0.0]))
    assert np.abs(cut[:, 0]).max() < 1e-9
    line = midline(template.vertices_mm, template.triangles)
    assert line[0][1] > 80
    assert line[-1][1] < -130
    assert (np.diff(line[:, 1]) < 2.0).all()


def test_chin_to_neck_angle_of_a_straight_line_is_flat() -> None:
    sagging = cervicomental_angle_deg(shape_face({"female_old": 1.0, "double_chin": 1.0}))
    assert 150 < sagging <= 180


def test_border_deviation_is_level_at_its_ends() -> None:
    deviation = border_deviation(shape_face({"female_old": 1.0}), "left")
    assert deviation[0] == pytest.approx(0.0)
    assert deviation[-1] == pytest.approx(0.0)


def test_a_measure_cannot_be_changed() -> None:
    one: Measure = measure_face(shape_face({})).measure("face_height")
    with pytest.raises(ValueError, match="frozen"):
        one.value = 1.0  # type: ignore[misc]
