"""Cameras, ray casting and visibility, with Embree and with the fallback."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from threadlift.face import raycast
from threadlift.face.raycast import Camera, cast, cast_pixels, cast_rays, project, visible


@pytest.fixture(params=["embree", "fallback"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "embree" and not raycast.HAS_EMBREE:
        pytest.skip("embreex is not installed")
    monkeypatch.setattr(raycast, "HAS_EMBREE", request.param == "embree")
    return str(request.param)


def _camera(size: int = 64) -> Camera:
    return Camera((0, 0, 400), (0, 0, 0), (0, 1, 0), 30.0, size, size)


def _ball() -> tuple[np.ndarray, np.ndarray]:
    ball = trimesh.creation.icosphere(subdivisions=3, radius=80.0)
    return np.asarray(ball.vertices, float), np.asarray(ball.faces, np.int64)


def test_a_point_projects_to_the_pixel_whose_ray_passes_through_it() -> None:
    camera = Camera((30, 50, 400), (5, -3, 2), (0, 1, 0), 25.0, 120, 90)
    points = np.array([[0, 0, 0], [40, 20, 60], [-30, 60, -90.0]])
    pixel = project(camera, points)
    rays = camera.rays(pixel[:, :2])
    wanted = points - np.asarray(camera.eye)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    assert np.allclose(rays, wanted)


def test_up_in_the_world_is_up_in_the_picture_and_the_persons_left_is_on_the_right() -> None:
    pixel = project(_camera(), [[0, 10, 0], [10, 0, 0]])
    assert pixel[0, 1] < 32
    assert pixel[1, 0] > 32


def test_cast_meets_the_near_side_of_a_ball_at_its_true_depth(engine: str) -> None:
    vertices, triangles = _ball()
    hits = cast(vertices, triangles, _camera())
    assert hits.triangle.dtype == np.int64
    assert hits.triangle[0, 0] == -1
    assert np.isinf(hits.depth_mm[0, 0])
    points = hits.points(vertices, triangles)[hits.is_hit]
    assert np.abs(np.linalg.norm(points, axis=1) - 80).max() < 1.5
    assert points[:, 2].min() > 0
    assert hits.depth_mm[32, 32] == pytest.approx(320, abs=1.0)
    assert np.allclose(hits.bary[hits.is_hit].sum(axis=1), 1)


def test_both_engines_draw_the_same_picture() -> None:
    if not raycast.HAS_EMBREE:
        pytest.skip("embreex is not installed")
    vertices, triangles = _ball()
    fast = cast(vertices, triangles, _camera())
    slow = raycast._rasterise(vertices, triangles, _camera())
    same = fast.triangle.ravel() == slow.triangle
    assert same.mean() > 0.995


def test_drawing_in_small_parts_keeps_the_nearest_triangle(monkeypatch: pytest.MonkeyPatch) -> None:
    vertices, triangles = _ball()
    whole = raycast._rasterise(vertices, triangles, _camera())
    monkeypatch.setattr(raycast, "_CANDIDATES_AT_ONCE", 300)
    for order in (triangles, triangles[::-1]):
        parts = raycast._rasterise(vertices, order, _camera())
        assert np.allclose(parts.depth_mm, whole.depth_mm)


def test_a_wall_hides_what_lies_behind_it(engine: str) -> None:
    vertices = np.array([[-10, -100, 100], [10, -100, 100], [0, 200, 100.0]])
    triangles = np.array([[0, 1, 2]])
    seen = visible(vertices, triangles, _camera(), [[0, 0, 0], [60, 0, 0], [0, 0, 150], [0, 0, 100]])
    assert seen.tolist() == [False, True, True, True]


def test_a_point_behind_the_camera_or_outside_the_picture_is_not_visible(engine: str) -> None:
    vertices, triangles = _ball()
    assert not visible(vertices, triangles, _camera(), [[0, 0, 500], [900, 0, 0]]).any()


def test_a_pixel_between_pixels_gives_the_point_behind_it(engine: str) -> None:
    vertices, triangles = _ball()
    camera = _camera()
    wanted = vertices[np.argmax(vertices @ [0.2, 0.3, 0.9])]
    hits = cast_pixels(vertices, triangles, camera, project(camera, wanted)[:, :2])
    assert np.linalg.norm(hits.points(vertices, triangles)[0] - wanted) < 0.5


def test_rays_that_miss_and_empty_meshes_give_no_hit(engine: str) -> None:
    vertices, triangles = _ball()
    assert cast_rays(vertices, triangles, [[0, 0, 400]], [[0, 1, 0]]).triangle.tolist() == [-1]
    assert cast_rays(vertices, triangles[:0], [[0, 0, 400]], [[0, 0, -1]]).triangle.tolist() == [-1]


def test_far_away_origins_do_not_blur_the_hit(engine: str) -> None:
    vertices, triangles = _ball()
    far = np.array([5000.0, -3000.0, 2000.0])
    hits = cast_rays(vertices + far, triangles, far[None] + np.array([[3, 4, 400]]), [[0, 0, -1]])
    assert np.allclose(hits.points(vertices + far, triangles)[0, :2], far[:2] + np.array([3, 4]), atol=1e-6)


def test_a_mesh_that_was_changed_in_place_is_met_where_it_now_lies(engine: str) -> None:
    vertices, triangles = _ball()
    towards, down = np.array([[0, 0, 400.0]]), np.array([[0, 0, -1.0]])

    def depth() -> float:
        return float(cast_rays(vertices, triangles, towards, down).depth_mm[0])

    first = depth()
    vertices[:, 2] += 30.0
    assert depth() == pytest.approx(first - 30.0, abs=1e-6)
    vertices[:, 2] -= 30.0
    assert depth() == pytest.approx(first, abs=1e-6)
