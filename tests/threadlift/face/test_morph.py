"""Shaping the template: demonstration patients and faces without a scan."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.errors import InputError
from threadlift.face.contour import jowl_descent_mm
from threadlift.face.demo import load_demo_patients, shape_demo_face
from threadlift.face.morph import shape_face
from threadlift.face.surface import triangle_normals
from threadlift.face.template import load_template


def test_without_morphs_the_face_is_the_template() -> None:
    face = shape_face({})
    assert np.array_equal(face.vertices_mm, load_template().vertices_mm)
    assert face.source == "template"
    assert "Synthetic" in face.quality.notes[0].en


def test_scale_enlarges_everything() -> None:
    width = [float(np.ptp(shape_face({}, scale).vertices_mm[:, 0])) for scale in (1.0, 1.1)]
    assert width[1] == pytest.approx(1.1 * width[0])


def test_morphs_add_up() -> None:
    template = load_template()
    face = shape_face({"age": 0.5, "jowl": 1.0})
    wanted = template.vertices_mm + 0.5 * template.morphs["age"] + template.morphs["jowl"]
    assert np.allclose(face.vertices_mm, wanted)


def test_landmarks_follow_the_shape() -> None:
    plain, sagging = shape_face({}), shape_face({"jowl": 1.0})
    assert sagging.landmark("jowl_l")[1] < plain.landmark("jowl_l")[1] - 2.0
    assert np.allclose(sagging.landmark("ex_l"), plain.landmark("ex_l"), atol=0.05)


def test_a_jowl_on_one_side_stays_on_that_side() -> None:
    face = shape_face({"jowl_l": 1.0})
    assert jowl_descent_mm(face, "left") > 1.5
    assert jowl_descent_mm(face, "right") < 0.3


@pytest.mark.parametrize("name", sorted(load_template().morphs))
def test_no_morph_turns_the_face_inside_out(name: str) -> None:
    template = load_template()
    core = template.triangle_mask("face_core")
    plain = triangle_normals(template.vertices_mm, template.triangles)[core]
    moved = triangle_normals(shape_face({name: 1.0}).vertices_mm, template.triangles)[core]
    assert (np.einsum("ij,ij->i", plain, moved) > 0).mean() > 0.995
    assert np.linalg.norm(template.morphs[name], axis=1).max() < 40.0


@pytest.mark.parametrize("name", ["age", "double_chin", "jowl", "cheek_down", "female_old"])
def test_symmetric_morphs_are_exactly_symmetric(name: str) -> None:
    template = load_template()
    moved = template.morphs[name]
    assert np.allclose(moved[template.mirror] * [-1.0, 1.0, 1.0], moved, atol=0.02)


@pytest.mark.parametrize(
    ("morphs", "scale", "message"),
    [
        ({"beauty": 1.0}, 1.0, "no morph 'beauty'"),
        ({"age": 5.0}, 1.0, "between -2 and 2"),
        ({"age": float("nan")}, 1.0, "between -2 and 2"),
        ({}, 3.0, "scale"),
    ],
)
def test_unknown_or_excessive_morphs_are_refused(morphs: dict, scale: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        shape_face(morphs, scale)


def test_demonstration_patients_are_marked_as_synthetic() -> None:
    patients = load_demo_patients()
    assert {"woman_47", "man_62"} <= set(patients)
    for patient in patients.values():
        assert "synthetic" in patient.name.en
        assert "giả lập" in patient.name.vi
        assert np.isfinite(shape_demo_face(patient.id).vertices_mm).all()


def test_an_unknown_demonstration_patient_is_refused() -> None:
    with pytest.raises(InputError, match=r"'child'.*woman_47"):
        shape_demo_face("child")
