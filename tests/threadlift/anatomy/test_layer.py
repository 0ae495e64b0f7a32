"""Layer thickness over the face and how a person changes it."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.anatomy import Layers, Plane, place_layers
from threadlift.anatomy.layer import region_shares
from threadlift.errors import InputError
from threadlift.face.template import load_template

WOMAN = place_layers(sex="female", age_years=45, bmi=23)
TEMPLATE = load_template()


def at_landmark(layers: Layers, name: str) -> float:
    triangle, bary = TEMPLATE.landmarks[name]
    return float(layers.at([triangle], [bary]).smas_top_mm[0])


def test_shares_of_regions_are_a_smooth_mirror_symmetric_partition_of_one() -> None:
    shares = region_shares()
    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert shares.min() >= 0.0
    assert shares[TEMPLATE.mirror] == pytest.approx(shares)
    pairs = TEMPLATE.triangles[:, :2][TEMPLATE.triangle_mask("face")]
    length = np.linalg.norm(np.diff(TEMPLATE.vertices_mm[pairs], axis=1)[:, 0], axis=1)
    step = np.abs(shares[pairs[:, 0]] - shares[pairs[:, 1]]).max(axis=1)
    assert (step / length).max() < 0.25


def test_every_layer_is_positive_and_the_face_is_between_three_and_twenty_mm_deep() -> None:
    face = TEMPLATE.masks["face"]
    for field in ("skin_mm", "superficial_fat_mm", "smas_mm", "deep_mm", "skin_sd_mm", "deep_sd_mm"):
        assert getattr(WOMAN, field).min() > 0.0
    assert WOMAN.total_mm[face].min() > 3.0
    assert WOMAN.total_mm[face].max() < 20.0


def test_the_smas_lies_at_its_measured_depth_over_parotid_and_cheek() -> None:
    shares = region_shares()
    for name, mean in (("parotid_masseteric", 4.25), ("buccal", 4.8)):
        inside = shares[:, WOMAN.regions.index(name)] > 0.95
        assert inside.any()
        assert WOMAN.smas_top_mm[inside] == pytest.approx(mean, abs=0.15)


def test_men_have_thicker_skin_and_less_fat() -> None:
    man = place_layers(sex="male", age_years=45, bmi=23)
    assert man.skin_mm == pytest.approx(1.25 * WOMAN.skin_mm)
    assert man.superficial_fat_mm == pytest.approx(0.85 * WOMAN.superficial_fat_mm)


def test_the_smas_lies_deeper_with_body_mass_and_shallower_with_age() -> None:
    heavy = place_layers(sex="female", age_years=45, bmi=30)
    old = place_layers(sex="female", age_years=65, bmi=23)
    for name in ("jowl_l", "ma_l", "go_l"):
        assert at_landmark(heavy, name) > at_landmark(WOMAN, name) > at_landmark(old, name)


def test_doubt_grows_with_the_size_of_the_correction_and_with_what_is_unknown() -> None:
    heavy = place_layers(sex="female", age_years=45, bmi=33)
    unknown = place_layers(sex=None, age_years=None, bmi=None)
    assert (heavy.superficial_fat_sd_mm > WOMAN.superficial_fat_sd_mm).all()
    assert (unknown.skin_sd_mm > WOMAN.skin_sd_mm).all()
    assert len(unknown.notes) == 2


def test_outside_the_measured_range_the_nearest_value_holds_and_says_so() -> None:
    edge = place_layers(sex="female", age_years=69, bmi=23)
    beyond = place_layers(sex="female", age_years=85, bmi=23)
    assert beyond.skin_mm == pytest.approx(edge.skin_mm)
    assert (beyond.skin_sd_mm > edge.skin_sd_mm).all()
    assert not edge.notes
    assert "outside 20 to 69" in beyond.notes[0].en


@pytest.mark.parametrize(("age", "bmi"), [(300.0, 23.0), (45.0, 0.5), (-1.0, 23.0)])
def test_impossible_values_are_refused(age: float, bmi: float) -> None:
    with pytest.raises(InputError):
        place_layers(sex="female", age_years=age, bmi=bmi)


def test_planes_follow_each_other_without_gap_down_to_the_floor() -> None:
    here = WOMAN.at([TEMPLATE.landmarks["ma_l"][0]], [TEMPLATE.landmarks["ma_l"][1]])
    depth = 0.0
    for plane in Plane:
        top, bottom = here.plane_depth(plane)
        assert top[0] == pytest.approx(depth)
        assert top[0] <= here.nominal_depth(plane)[0] < bottom[0]
        assert here.plane_at(here.nominal_depth(plane))[0] == plane.order
        depth = float(bottom[0])
    assert depth == pytest.approx(here.total_mm[0])
    assert here.plane_at(here.total_mm + 0.1)[0] == 7


def test_exactly_on_a_border_the_deeper_plane_counts() -> None:
    here = WOMAN.at([TEMPLATE.landmarks["ma_l"][0]], [TEMPLATE.landmarks["ma_l"][1]])
    assert here.plane_at(here.smas_top_mm)[0] == Plane.SMAS.order
    assert here.plane_at(here.smas_top_mm - 1e-9)[0] == Plane.SUPRA_SMAS.order


def test_more_doubt_allows_more_planes() -> None:
    here = WOMAN.at([TEMPLATE.landmarks["ma_l"][0]], [TEMPLATE.landmarks["ma_l"][1]])
    depth = here.nominal_depth(Plane.SUPRA_SMAS)
    few, many = here.planes_possible(depth, 0.5)[:, 0], here.planes_possible(depth, 2.0)[:, 0]
    assert few[Plane.SUPRA_SMAS.order]
    assert (few <= many).all()
    assert many.sum() > few.sum()


def test_bone_muscle_and_mobile_base_share_every_place() -> None:
    assert WOMAN.base_share.sum(axis=1) == pytest.approx(1.0)
    assert WOMAN.base[TEMPLATE.triangles[TEMPLATE.landmarks["g"][0]][0]] == "bone"
