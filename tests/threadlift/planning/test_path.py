"""A planned thread laid on a face."""

from __future__ import annotations

import numpy as np
import pytest

from tests.threadlift.anatomy.builders import anatomy_of
from tests.threadlift.planning.threads import mirrored, near, on_skin, technique, thread
from threadlift.anatomy import Plane
from threadlift.errors import InputError
from threadlift.planning.path import resolve_thread

ANATOMY = anatomy_of()


def test_it_follows_the_skin_in_steps_of_two_mm() -> None:
    found = resolve_thread(thread("t", "ch"), ANATOMY)
    steps = np.linalg.norm(np.diff(found.skin_mm, axis=0), axis=1)
    assert steps.max() <= 2.0 + 1e-9
    assert ANATOMY.skin.closest(found.skin_mm).distance.max() < 1e-6
    chord = np.linalg.norm(found.entry_mm - found.end_mm)
    assert chord < found.length_mm < 1.25 * chord


def test_waypoints_lie_on_the_path() -> None:
    found = resolve_thread(thread("t", "ma", "ch"), ANATOMY)
    middle = ANATOMY.skin.closest(ANATOMY.face.landmark("ma_l")).positions[0]
    assert np.linalg.norm(found.skin_mm - middle, axis=1).min() < 1e-6


@pytest.mark.parametrize("plane", list(Plane))
def test_without_a_depth_it_runs_in_the_middle_of_its_plane(plane: Plane) -> None:
    found = resolve_thread(thread("t", "ch", plane=plane), ANATOMY)
    assert found.depth_mm == pytest.approx(found.layers.nominal_depth(plane))
    assert (found.order == plane.order).all()
    depth = np.linalg.norm(found.tissue_mm - found.skin_mm, axis=1)
    assert depth == pytest.approx(found.depth_mm)
    assert not found.given.any()


def test_a_given_depth_decides_the_plane_and_changes_evenly_between_waypoints() -> None:
    found = resolve_thread(thread(near("t", depth_mm=2.0), near("ch", depth_mm=6.0)), ANATOMY)
    assert found.depth_mm[0] == pytest.approx(2.0)
    assert found.depth_mm[-1] == pytest.approx(6.0)
    assert (np.diff(found.depth_mm) > 0).all()
    assert found.given.all()
    assert (found.order == found.layers.plane_at(found.depth_mm)).all()


def test_a_depth_at_one_waypoint_only_blends_into_the_plane() -> None:
    found = resolve_thread(thread(near("t", depth_mm=6.0), "ma", "ch"), ANATOMY)
    assert found.depth_mm[0] == pytest.approx(6.0)
    assert found.depth_mm[-1] == pytest.approx(found.layers.nominal_depth(Plane.SUPRA_SMAS)[-1])
    assert found.given[1]
    assert not found.given[-1]


def test_on_its_way_in_the_needle_passes_every_plane_above_its_own() -> None:
    found = resolve_thread(thread("t", "ch"), ANATOMY)
    assert found.occupied[0, : Plane.SUPRA_SMAS.order + 1].all()
    assert not found.occupied[0, Plane.SMAS.order :].any()
    later = found.arc_mm[:-1] > 6.0
    assert not found.occupied[later][:, Plane.INTRADERMAL.order].any()
    assert found.occupied[later][:, Plane.SUPERFICIAL_FAT.order].all()


def test_a_fixed_thread_goes_through_every_plane_at_its_anchor_only() -> None:
    found = resolve_thread(thread("t", "ch", anchoring="fixed"), ANATOMY)
    assert found.occupied[found.anchored].all()
    assert found.anchored[0]
    assert not found.anchored[-1]
    assert not found.occupied[~found.anchored][:, Plane.SMAS.order :].any()


def test_a_thread_in_the_smas_may_pass_under_it_and_one_above_may_not() -> None:
    above = resolve_thread(thread("t", "ch"), ANATOMY)
    within = resolve_thread(thread("t", "ch", plane=Plane.SMAS), ANATOMY)
    assert not above.occupied[:, Plane.SMAS.order :].any()
    assert within.occupied[:, Plane.SUB_SMAS.order].all()


def test_what_the_plan_says_of_its_plane_counts_beside_the_depth() -> None:
    found = resolve_thread(
        thread(near("t", depth_mm=2.0), near("ch", depth_mm=2.0), plane=Plane.SUB_SMAS), ANATOMY
    )
    assert found.occupied[:, Plane.SUB_SMAS.order].all()


def test_how_far_a_point_lies_off_the_skin_is_reported() -> None:
    place = ANATOMY.face.landmark("ma_l")
    out = on_skin(place + np.array([0.0, 0.0, 30.0]))
    found = resolve_thread(thread(out, "ch"), ANATOMY)
    assert found.off_skin_mm[0] > 15.0
    assert found.off_skin_mm[1] < 1.0
    assert ANATOMY.skin.closest(found.entry_mm).distance[0] < 1e-6


def test_a_thread_of_no_length_is_laid_all_the_same() -> None:
    place = on_skin(ANATOMY.face.landmark("ma_l"))
    found = resolve_thread(thread(place, place), ANATOMY)
    assert found.length_mm == pytest.approx(0.0, abs=1e-9)
    assert np.isfinite(found.tissue_mm).all()


def test_an_unknown_landmark_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="no landmark 'knee'"):
        resolve_thread(thread("knee", "ch"), ANATOMY)


def test_a_mirrored_thread_has_a_mirrored_path() -> None:
    one = technique("temple_to_oral")[0]
    left, right = resolve_thread(one, ANATOMY), resolve_thread(mirrored(one), ANATOMY)
    assert left.skin_mm * [-1, 1, 1] == pytest.approx(right.skin_mm, abs=1e-6)
    assert left.depth_mm == pytest.approx(right.depth_mm)
