from io import BytesIO

import numpy as np
from PIL import Image

from tests.threadlift.report.builders import a_scene, small_view
from threadlift.report.picture import as_jpeg, data_address, develop, lift_colour, take_shot
from threadlift.report.scene import move_skin


def test_the_front_picture_is_about_symmetric_and_shows_the_backdrop_in_its_corners() -> None:
    shot = take_shot(a_scene(), small_view("front"))
    covered = shot.hits.is_hit
    assert (covered == covered[:, ::-1]).mean() > 0.98
    assert not covered[0, 0]
    assert covered.mean() > 0.3


def test_the_left_picture_shows_the_nose_on_the_left() -> None:
    """The person's own left side is seen from their left: the face looks to the left of the picture."""
    shot = take_shot(a_scene(), small_view("left"))
    depth_x = shot.hits.points(a_scene().vertices, a_scene().triangles)[..., 2]
    row = depth_x[60]
    seen = np.flatnonzero(~np.isnan(row))
    assert row[seen[0]] > row[seen[-1]]


def test_lift_changes_colour_only_where_there_is_lift() -> None:
    scene = a_scene()
    lift = np.where(scene.vertices[: scene.skin_count, 0] > 10, 3.0, 0.0)
    shot = take_shot(scene, small_view("front"))
    plain, coloured = develop(shot, scene), develop(shot, scene, lift, 4.0)
    changed = (plain != coloured).any(axis=2)
    assert changed[:, 55:].sum() > 300
    assert not changed[:, :40].any()


def test_the_ramp_gets_darker_all_the_way() -> None:
    brightness = lift_colour(np.linspace(0, 1, 20)) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) < 0).all()


def test_moving_the_skin_leaves_the_eyes_in_place() -> None:
    scene = a_scene()
    moved = move_skin(scene, np.ones((scene.skin_count, 3)))
    assert np.allclose(moved.vertices[scene.skin_count :], scene.vertices[scene.skin_count :])
    assert np.allclose(moved.vertices[: scene.skin_count], scene.vertices[: scene.skin_count] + 1)


def test_a_jpeg_keeps_its_size_and_holds_no_metadata() -> None:
    shot = take_shot(a_scene(), small_view("front"))
    jpeg = as_jpeg(develop(shot, a_scene()))
    with Image.open(BytesIO(jpeg)) as image:
        assert image.size == (96, 114)
        assert not image.getexif()
    assert data_address(jpeg).startswith("data:image/jpeg;base64,")
