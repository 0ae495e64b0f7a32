"""Control points of the atlas on a face."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.threadlift.anatomy.builders import symmetric_face
from threadlift.anatomy import place_control_point
from threadlift.anatomy.control_point import offset_scale
from threadlift.anatomy.skin import skin_of
from threadlift.errors import InputError

FACE = symmetric_face()


def test_a_landmark_by_itself_is_laid_on_the_skin_near_it() -> None:
    place = place_control_point(FACE, {"ma": 1.0})
    assert np.linalg.norm(place - FACE.landmark("ma_l")) < 0.5
    assert skin_of(FACE).closest(place).distance[0] < 1e-6


def test_a_chord_through_the_head_ends_on_the_skin() -> None:
    place = place_control_point(FACE, {"t": 0.5, "ch": 0.5})
    chord = (FACE.landmark("t_l") + FACE.landmark("ch_l")) / 2
    assert np.linalg.norm(place - chord) > 4.0
    assert skin_of(FACE).closest(place).distance[0] < 1e-6


@pytest.mark.parametrize("offset", [(0.0, 0.0, 0.0), (7.0, -10.0, 3.0)])
def test_left_and_right_mirror_each_other(offset: tuple[float, float, float]) -> None:
    left = place_control_point(FACE, {"go": 0.6, "gn": 0.4}, offset, "left")
    right = place_control_point(FACE, {"go": 0.6, "gn": 0.4}, offset, "right")
    assert left * [-1, 1, 1] == pytest.approx(right, abs=1e-9)


def test_offsets_scale_with_the_height_of_the_face_but_not_without_end() -> None:
    small = dataclasses.replace(FACE, landmarks_mm={k: 0.5 * v for k, v in FACE.landmarks_mm.items()})
    large = dataclasses.replace(FACE, landmarks_mm={k: 1.1 * v for k, v in FACE.landmarks_mm.items()})
    assert offset_scale(small) == 0.85
    assert offset_scale(large) == pytest.approx(1.1 * offset_scale(FACE), rel=1e-9)


def test_an_unknown_landmark_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="no landmark 'elbow'"):
        place_control_point(FACE, {"elbow": 1.0})


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InputError, match=r"add up to 0\.9"):
        place_control_point(FACE, {"t": 0.5, "ch": 0.4})


def test_points_at_the_ear_lie_on_the_head_and_not_on_the_auricle() -> None:
    place = place_control_point(FACE, {"eac": 1.0})
    assert abs(place[0]) < abs(FACE.landmark("eac_l")[0])


def test_a_face_of_another_template_is_refused() -> None:
    with pytest.raises(InputError, match="another template"):
        skin_of(dataclasses.replace(FACE, vertices_mm=FACE.vertices_mm[:100]))
