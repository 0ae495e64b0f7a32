"""Danger structures and ligaments on a face, both sides."""

from __future__ import annotations

import numpy as np
import pytest

from tests.threadlift.anatomy.builders import anatomy_of, symmetric_face, with_grade
from threadlift.anatomy import PlacedStructure, place_anatomy
from threadlift.anatomy.atlas import load_atlas
from threadlift.anatomy.geometry_check import GeometryCheck, check_face, check_reference_head
from threadlift.errors import InputError

ANATOMY = anatomy_of()
MIRROR = np.array([-1.0, 1.0, 1.0])
LEFT = tuple(one for one in ANATOMY.structures if one.side == "left")


@pytest.mark.parametrize("left", LEFT, ids=lambda one: one.id)
def test_left_and_right_are_mirror_images_on_a_symmetric_face(left: PlacedStructure) -> None:
    right = ANATOMY.structure(left.id, "right")
    assert left.skin_points_mm * MIRROR == pytest.approx(right.skin_points_mm, abs=1e-6)
    assert left.position_mm * MIRROR == pytest.approx(right.position_mm, abs=1e-6)
    assert left.depth_mean_mm == pytest.approx(right.depth_mean_mm)
    assert left.course.shallow_mm.min() == pytest.approx(right.course.shallow_mm.min())


def test_ligaments_mirror_each_other_too() -> None:
    for left in (one for one in ANATOMY.ligaments if one.side == "left"):
        right = next(one for one in ANATOMY.ligaments if one.id == left.id and one.side == "right")
        assert left.skin_points_mm * MIRROR == pytest.approx(right.skin_points_mm, abs=1e-6)


@pytest.mark.parametrize("one", LEFT, ids=lambda one: one.id)
def test_a_structure_lies_on_its_side_on_the_skin_and_deeper_than_it(one: PlacedStructure) -> None:
    assert one.skin_points_mm[:, 0].min() > 0.0
    assert ANATOMY.skin.closest(one.skin_points_mm).distance.max() < 1e-6
    depth = np.linalg.norm(one.position_mm - one.skin_points_mm, axis=1)
    assert depth == pytest.approx(one.depth_mean_mm)
    assert len(one.planes) == len(one.doubtful_planes) > one.segment.max()
    assert (one.course.shallow_mm <= one.course.deep_mm).all()


@pytest.mark.parametrize(
    "found", tuple(check_reference_head()), ids=lambda found: f"{found.check.id}-{found.side}"
)
def test_the_reference_head_shows_the_distances_of_the_atlas(found: GeometryCheck) -> None:
    assert found.holds, f"{found.measured_mm:.2f} mm, expected {found.expected_mm}"


@pytest.mark.parametrize(
    "found", tuple(check_face(ANATOMY)), ids=lambda found: f"{found.check.id}-{found.side}"
)
def test_the_template_shows_them_scaled_to_its_size(found: GeometryCheck) -> None:
    assert found.holds, f"{found.measured_mm:.2f} mm, expected {found.expected_mm}"


def test_anatomy_lies_where_an_anatomist_expects_it() -> None:
    def place(name: str, index: int = 0) -> np.ndarray:
        return ANATOMY.structure(name, "left").control_mm[index]

    face = ANATOMY.face
    assert place("fn_temporal_ant", 3)[1] > face.landmark("ex_l")[1]
    assert place("fn_temporal_ant", 1)[2] > place("fn_temporal_post", 1)[2]
    assert abs(place("fn_marginal", 2)[1] - face.landmark("agn_l")[1]) < 5.0
    assert place("facial_artery", 0)[2] > place("facial_vein", 0)[2], (
        "the artery crosses in front of the vein"
    )
    assert place("parotid_duct", 2)[2] > place("parotid_duct", 0)[2]
    assert face.landmark("t_l")[1] > place("parotid_duct", 0)[1] > face.landmark("go_l")[1]
    assert place("sta", 2)[1] > place("sta", 0)[1]
    assert place("smg")[1] < place("fn_marginal", 2)[1]
    assert place("iof")[1] < face.landmark("or_l")[1]


def test_thin_layers_bring_unsourced_depths_nearer_but_thick_ones_do_not_push_them_away() -> None:
    thin = place_anatomy(symmetric_face(), sex="female", age_years=69, bmi=17)
    thick = place_anatomy(symmetric_face(), sex="female", age_years=30, bmi=34)
    for name in (entry.id for entry in load_atlas().structures):
        standard = ANATOMY.structure(name, "left").course.shallow_mm
        assert (thin.structure(name, "left").course.shallow_mm <= standard + 1e-9).all()
        drawn = thin.structure(name, "left")
        depth = np.linalg.norm(drawn.position_mm - drawn.skin_points_mm, axis=1)
        assert depth == pytest.approx(drawn.depth_mean_mm)
        if ANATOMY.structure(name, "left").depth_status != "sourced":
            assert thick.structure(name, "left").course.shallow_mm == pytest.approx(standard)


@pytest.mark.control("C-05")
def test_a_refused_face_carries_no_anatomy() -> None:
    with pytest.raises(InputError, match="refused"):
        place_anatomy(with_grade(symmetric_face(), "refused"), sex="female", age_years=40, bmi=22)


def test_unknown_sex_age_and_mass_are_accepted_with_a_note() -> None:
    unknown = place_anatomy(symmetric_face(), sex="unknown", age_years=None, bmi=None)
    assert len(unknown.notes) == 2


def test_an_unknown_structure_is_named() -> None:
    with pytest.raises(KeyError, match="spleen"):
        ANATOMY.structure("spleen", "left")
