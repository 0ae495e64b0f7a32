"""Geometry on a triangle surface, against shapes with a closed form and a brute-force answer."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from threadlift.errors import InputError
from threadlift.face.surface import (
    Surface,
    closest_on_surface,
    closest_on_triangles,
    patch_weights,
    point_at,
    skin_path,
    vertex_areas,
    vertex_normals,
)
from threadlift.face.template import load_template

_BALL = trimesh.creation.icosphere(subdivisions=4, radius=50.0)
BALL, BALL_TRIANGLES = np.array(_BALL.vertices), np.array(_BALL.faces)
SQUARE = np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]])
SQUARE_TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]])


def test_normals_of_a_ball_point_away_from_its_centre() -> None:
    normals = vertex_normals(BALL, BALL_TRIANGLES)
    assert np.allclose(normals, BALL / 50.0, atol=2e-2)


def test_normal_of_a_lone_vertex_is_zero() -> None:
    with_lone = np.vstack([SQUARE, [[5.0, 5.0, 5.0]]])
    assert np.array_equal(vertex_normals(with_lone, SQUARE_TRIANGLES)[4], [0.0, 0.0, 0.0])


def test_vertex_areas_add_up_to_the_area_of_the_ball() -> None:
    assert vertex_areas(BALL, BALL_TRIANGLES).sum() == pytest.approx(_BALL.area)


@settings(max_examples=20, deadline=None)
@given(
    point=st.tuples(*[st.floats(-40, 40)] * 3),
    corners=st.lists(st.tuples(*[st.floats(-20, 20)] * 3), min_size=3, max_size=3),
)
def test_no_place_on_a_triangle_is_closer_than_the_closest(point: tuple, corners: list) -> None:
    triangle = np.array(corners)
    bary, distance = closest_on_triangles(np.array([point]), triangle[None])
    assert bary.min() >= -1e-9
    assert bary.sum() == pytest.approx(1.0)
    assert np.linalg.norm(bary[0] @ triangle - point) == pytest.approx(distance[0], abs=1e-6)
    shares = np.array([(i, j, 20 - i - j) for i in range(21) for j in range(21 - i)]) / 20.0
    assert np.linalg.norm(shares @ triangle - point, axis=1).min() >= distance[0] - 1e-6


def test_closest_points_agree_with_trying_every_triangle() -> None:
    rng = np.random.default_rng(1)
    vertices = rng.normal(size=(60, 3)) * [30.0, 10.0, 1.0]
    triangles = rng.integers(0, 60, size=(80, 3))
    triangles = triangles[[len(set(t)) == 3 for t in triangles.tolist()]]
    points = rng.normal(size=(200, 3)) * 40.0
    hit = closest_on_surface(vertices, triangles, points)
    every = np.stack(
        [
            closest_on_triangles(points, np.broadcast_to(vertices[t], (len(points), 3, 3)))[1]
            for t in triangles
        ]
    )
    assert np.allclose(hit.distance, every.min(axis=0), atol=1e-9)
    assert np.allclose(point_at(vertices, triangles, hit.triangle, hit.bary), hit.positions)


def test_points_of_the_template_are_found_again() -> None:
    template = load_template()
    places = np.arange(0, len(template.triangles), 7)
    bary = np.tile([0.2, 0.3, 0.5], (len(places), 1))
    points = point_at(template.vertices_mm, template.triangles, places, bary)
    hit = closest_on_surface(template.vertices_mm, template.triangles, points)
    assert hit.distance.max() < 1e-9
    assert np.array_equal(hit.triangle, places)
    assert np.allclose(hit.bary, bary, atol=1e-6)


def test_one_place_gives_one_position() -> None:
    assert np.array_equal(point_at(SQUARE, SQUARE_TRIANGLES, 0, [0.0, 1.0, 0.0]), [10.0, 0.0, 0.0])


def test_points_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        closest_on_surface(SQUARE, SQUARE_TRIANGLES, [[np.nan, 0.0, 0.0]])


def test_a_surface_without_triangles_is_refused() -> None:
    with pytest.raises(InputError, match="without triangles"):
        Surface(SQUARE, np.zeros((0, 3), dtype=np.int64))


def test_a_path_over_a_ball_is_the_great_circle() -> None:
    path = skin_path(BALL, BALL_TRIANGLES, [[50.0, 0, 0], [0, 50.0, 0]], step_mm=1.0)
    assert path.length_mm == pytest.approx(50.0 * np.pi / 2, rel=0.01)
    assert np.abs(path.positions[:, 2]).max() < 1.0
    assert np.allclose(path.positions[0], [50.0, 0, 0], atol=0.2)
    assert np.allclose(path.positions[-1], [0, 50.0, 0], atol=0.2)
    assert np.diff(path.arc_mm).max() < 1.2
    assert np.diff(path.arc_mm).min() > 0.7


def test_a_path_passes_every_waypoint() -> None:
    stops = np.array([[1.0, 1, 0], [9, 1, 0], [9, 9, 0]])
    path = skin_path(SQUARE, SQUARE_TRIANGLES, stops, step_mm=0.5)
    assert path.length_mm == pytest.approx(16.0)
    for stop in stops:
        assert np.linalg.norm(path.positions - stop, axis=1).min() < 1e-9


@pytest.mark.parametrize(("stops", "step"), [([[1.0, 1, 0]], 1.0), ([[1.0, 1, 0], [2, 2, 0]], 0.0)])
def test_a_path_needs_two_stops_and_a_step(stops: list, step: float) -> None:
    with pytest.raises(InputError, match="waypoints"):
        skin_path(SQUARE, SQUARE_TRIANGLES, stops, step_mm=step)


def test_a_patch_averages_by_area_about_its_centre() -> None:
    weights = patch_weights(BALL, BALL_TRIANGLES, [50.0, 0, 0], 10.0)
    assert weights.sum() == pytest.approx(1.0)
    assert np.linalg.norm(BALL[weights > 0] - [50.0, 0, 0], axis=1).max() <= 10.0
    assert (weights > 0).sum() > 20
    assert np.allclose((weights @ BALL)[1:], 0.0, atol=0.2)


def test_a_patch_leaves_out_a_sheet_that_only_lies_near() -> None:
    two = np.vstack([SQUARE, SQUARE + np.array([0.0, 0.0, 1.0])])
    triangles = np.vstack([SQUARE_TRIANGLES, SQUARE_TRIANGLES + 4])
    weights = patch_weights(two, triangles, [0.0, 0.0, 1.0], 30.0)
    assert np.array_equal(weights > 0, [False] * 4 + [True] * 4)


def test_a_tiny_patch_is_its_nearest_vertex() -> None:
    weights = patch_weights(BALL, BALL_TRIANGLES, BALL[17], 1e-3)
    assert weights[17] == pytest.approx(1.0)
