"""The published techniques on a face."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.threadlift.planning.builders import template_face
from threadlift.errors import InputError
from threadlift.planning.technique import find_technique, load_techniques, place_technique

FACE = template_face()
KIND = "pdo_cog_moulded_2_0"
TECHNIQUES = tuple(load_techniques())


def test_there_are_seven() -> None:
    assert len(TECHNIQUES) == 7


@pytest.mark.parametrize("name", TECHNIQUES)
def test_left_and_right_are_mirror_images_on_a_symmetric_face(name: str) -> None:
    left, right = (place_technique(name, FACE, side, kind=KIND) for side in ("left", "right"))
    assert len(left) == len(right) == find_technique(name).per_side[0]
    for mine, other in zip(left, right, strict=True):
        for a, b in zip(mine.path, other.path, strict=True):
            assert a.at_mm is not None and b.at_mm is not None
            assert np.array(a.at_mm) * [-1, 1, 1] == pytest.approx(np.array(b.at_mm), abs=0.11)


@pytest.mark.parametrize("name", TECHNIQUES)
def test_the_vector_is_within_ten_degrees_of_the_one_of_the_reference_head(name: str) -> None:
    technique = find_technique(name)
    entry, end = place_technique(name, FACE, "left", kind=KIND)[0].path
    assert entry.at_mm is not None and end.at_mm is not None
    back = np.array(entry.at_mm) - np.array(end.at_mm)
    assert np.degrees(np.arctan2(back[1], -back[2])) == pytest.approx(technique.vector_deg, abs=10)


@pytest.mark.parametrize("name", TECHNIQUES)
def test_a_side_enters_once_and_its_ends_lie_apart(name: str) -> None:
    threads = place_technique(name, FACE, "right", kind=KIND, count=find_technique(name).per_side[1])
    assert len({thread.path[0].at_mm for thread in threads}) == 1
    ends = np.array([thread.path[-1].at_mm for thread in threads])
    apart = np.linalg.norm(ends[:, None] - ends[None], axis=2)[np.triu_indices(len(ends), 1)]
    assert np.all(apart > 3)
    assert np.all(ends[:, 0] < 0), "a thread of the right side never crosses the midline"


def test_the_oral_fan_starts_ten_millimetres_lateral_to_the_mouth_corner() -> None:
    first = place_technique("temple_to_oral", FACE, "left", kind=KIND)[0].path[-1]
    assert first.at_mm is not None
    gap = np.array(first.at_mm) - FACE.landmark("ch_l")
    assert 5 < np.linalg.norm(gap) < 15


def test_threads_move_with_the_face() -> None:
    moved = FACE.vertices_mm * [1.0, 1.1, 1.0]
    taller = dataclasses.replace(
        FACE,
        vertices_mm=moved,
        landmarks_mm={name: place * [1.0, 1.1, 1.0] for name, place in FACE.landmarks_mm.items()},
    )
    short, tall = (
        place_technique("jowl_temple", face, "left", kind=KIND)[0].path[-1].at_mm for face in (FACE, taller)
    )
    assert short is not None and tall is not None
    assert tall[1] < short[1] - 5


def test_plane_anchoring_tension_and_kind_can_be_chosen() -> None:
    thread = place_technique(
        "midface_nlf", FACE, "left", kind=KIND, plane="superficial_fat", anchoring="fixed", tension_n=0.7
    )[0]
    assert (thread.plane, thread.anchoring, thread.tension_n) == ("superficial_fat", "fixed", 0.7)


@pytest.mark.parametrize(("count", "accepted"), [(1, False), (2, True), (4, True), (5, False)])
def test_only_published_numbers_of_threads_are_placed(count: int, accepted: bool) -> None:
    if accepted:
        assert len(place_technique("jowl_temple", FACE, "left", kind=KIND, count=count)) == count
    else:
        with pytest.raises(InputError, match="2 to 4 threads"):
            place_technique("jowl_temple", FACE, "left", kind=KIND, count=count)


def test_an_unknown_technique_names_near_ones() -> None:
    with pytest.raises(InputError, match="jowl_temple"):
        find_technique("jowl_temporal")


@pytest.mark.parametrize(("grade", "count"), [(0, 2), (1, 2), (2, 3), (3, 4), (4, 4)])
def test_the_number_of_threads_follows_laxity(grade: int, count: int) -> None:
    assert find_technique("jowl_temple").count_for(grade) == count
