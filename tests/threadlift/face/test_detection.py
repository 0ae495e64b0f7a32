"""Finding a face on a surface: in any orientation, and not where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from tests.threadlift.face.heads import HAS_DETECTOR, NEEDS_DETECTOR, head, turned
from threadlift.errors import InputError, MissingExtraError
from threadlift.face import detector_litert, orientation
from threadlift.face.detection import detect_landmarks, template_points
from threadlift.face.orientation import Shape, View, find_face_view
from threadlift.face.template import load_template

needs_detector = pytest.mark.skipif(not HAS_DETECTOR, reason=NEEDS_DETECTOR)


@needs_detector
@pytest.mark.parametrize("seed", [1, 2])
def test_landmarks_are_found_in_any_orientation_size_and_place(seed: int) -> None:
    vertices, triangles = head()
    rotation, shift = turned(seed), np.array([40.0, -3.0, 7.0])
    found = detect_landmarks(Shape.of(0.01 * vertices @ rotation.T + shift, triangles), load_template())
    back = (found.points - shift) @ rotation * 100
    assert found.is_seen.sum() > 300
    truth = template_points(load_template())  # the head is a morph of it: near, not equal
    apart = np.linalg.norm(back - truth, axis=1)[found.is_seen]
    assert np.median(apart) < 6
    assert found.placement.scale == pytest.approx(0.01, rel=0.12)


@needs_detector
def test_detection_repeats_within_half_a_millimetre_when_the_scan_is_turned() -> None:
    vertices, triangles = head()
    first = detect_landmarks(Shape.of(vertices, triangles), load_template())
    rotation = turned(5)
    second = detect_landmarks(Shape.of(vertices @ rotation.T, triangles), load_template())
    both = first.is_seen & second.is_seen
    apart = np.linalg.norm(first.points - second.points @ rotation, axis=1)[both]
    assert np.median(apart) < 0.6


@needs_detector
def test_winding_does_not_matter_for_finding_a_face() -> None:
    vertices, triangles = head()
    assert find_face_view(Shape.of(vertices, triangles[:, ::-1])) is not None


@needs_detector
@pytest.mark.parametrize("what", ["ball", "box", "hand"])
def test_what_is_no_face_is_refused(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orientation, "_SPHERE_VIEWS", 12)
    if what == "ball":
        mesh = trimesh.creation.icosphere(subdivisions=4, radius=100.0)
    elif what == "box":
        mesh = trimesh.creation.box([150, 200, 180])
    else:
        fingers = [
            trimesh.creation.capsule(height=70, radius=9).apply_translation([x, 0, 40])
            for x in (-40, -20, 0, 20)
        ]
        palm = (
            trimesh.creation.icosphere(3, radius=45).apply_scale([1, 0.4, 1]).apply_translation([-10, 0, 0])
        )
        mesh = trimesh.util.concatenate([*fingers, palm])
    with pytest.raises(InputError, match="no face"):
        detect_landmarks(
            Shape.of(np.asarray(mesh.vertices), np.asarray(mesh.faces, np.int64)), load_template()
        )


def test_without_the_runtime_the_error_names_the_extra_and_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector_litert, "find_spec", lambda name: None)
    detector_litert._interpreter.cache_clear()
    assert not detector_litert.is_available()
    with pytest.raises(MissingExtraError, match="landmarks") as caught:
        detector_litert.find_box(np.zeros((64, 64, 3), np.uint8))
    assert "--landmarks" in caught.value.remedy


def test_without_the_models_the_error_says_how_to_fetch_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(detector_litert, "find_spec", lambda name: True)
    monkeypatch.setattr(detector_litert, "_model_path", lambda name: tmp_path / name)  # type: ignore[operator]
    detector_litert._interpreter.cache_clear()
    with pytest.raises(MissingExtraError, match="not installed") as caught:
        detector_litert.find_box(np.zeros((64, 64, 3), np.uint8))
    assert "make setup" in caught.value.remedy


def test_a_view_turned_by_yaw_looks_from_the_pictures_right() -> None:
    view = View(np.eye(3), np.zeros(3), 100.0)
    assert view.turned(90, 0).rotation[2] == pytest.approx([1, 0, 0], abs=1e-12)
    assert view.turned(0, 90).rotation[2] == pytest.approx([0, 1, 0], abs=1e-12)
    assert np.linalg.det(view.turned(20, -30).rotation) == pytest.approx(1.0)
