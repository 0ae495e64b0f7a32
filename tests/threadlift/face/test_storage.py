"""Storing a fitted face and refusing files that are none."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from threadlift.errors import InputError
from threadlift.face.face import Face
from threadlift.face.morph import shape_face
from threadlift.face.storage import load_face, save_face


@pytest.fixture
def face() -> Face:
    return shape_face({"female_old": 0.5, "jowl": 0.7})


def _rewrite(path: Path, **changes: Any) -> None:
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    about = json.loads(str(arrays["about"]))
    about.update({k: v for k, v in changes.items() if k in about})
    arrays["about"] = np.array(json.dumps(about))
    arrays.update({k: v for k, v in changes.items() if k in arrays})
    np.savez(path, **arrays)


def test_a_stored_face_comes_back_the_same(tmp_path: Path, face: Face) -> None:
    save_face(tmp_path / "face.npz", face)
    back = load_face(tmp_path / "face.npz")
    assert np.array_equal(back.vertices_mm, face.vertices_mm)
    assert all(np.array_equal(back.landmarks_mm[name], at) for name, at in face.landmarks_mm.items())
    assert back.quality == face.quality
    assert (back.source, back.template_version) == (face.source, face.template_version)
    assert back.fingerprint == face.fingerprint


def test_fingerprint_tells_shapes_and_templates_apart(face: Face) -> None:
    nudged = dataclasses.replace(face, vertices_mm=face.vertices_mm + 1e-3)
    other = dataclasses.replace(face, template_version="2000.1")
    assert len({face.fingerprint, nudged.fingerprint, other.fingerprint}) == 3


def test_nothing_but_the_face_is_left_in_the_folder(tmp_path: Path, face: Face) -> None:
    save_face(tmp_path / "face.npz", face)
    assert [path.name for path in tmp_path.iterdir()] == ["face.npz"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"face\.npz: no such face file"):
        load_face(tmp_path / "face.npz")


@pytest.mark.parametrize("content", [b"", b"ply\nformat ascii 1.0\n", b"PK\x03\x04 broken"])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "face.npz").write_bytes(content)
    with pytest.raises(InputError, match="not a face file"):
        load_face(tmp_path / "face.npz")


def test_a_truncated_file_is_refused(tmp_path: Path, face: Face) -> None:
    path = tmp_path / "face.npz"
    save_face(path, face)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(InputError, match="not a face file"):
        load_face(path)


def test_a_file_with_pickled_content_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "face.npz", about=np.array([{"format": 1}], dtype=object))
    with pytest.raises(InputError, match="not a face file"):
        load_face(tmp_path / "face.npz")


def test_another_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "face.npz", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(InputError, match="not a face file"):
        load_face(tmp_path / "face.npz")


def test_a_face_of_another_template_is_refused_with_both_versions(tmp_path: Path, face: Face) -> None:
    save_face(tmp_path / "face.npz", dataclasses.replace(face, template_version="2000.1"))
    with pytest.raises(InputError, match=r"template 2000\.1.*threadlift fit"):
        load_face(tmp_path / "face.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": "drawing"}, "not a face file"),
        ({"format": "threadlift-face-9"}, "not a face file"),
        ({"quality": {"grade": "splendid"}}, "damaged"),
        ({"fingerprint": "0"}, "fingerprint"),
        ({"vertices_mm": np.zeros((5, 3))}, "points are damaged"),
        ({"vertices_mm": np.full((9342, 3), np.nan)}, "points are damaged"),
        ({"vertices_mm": np.full((9342, 3), 1e7)}, "points are damaged"),
        ({"landmarks_mm": np.zeros((54, 2))}, "landmarks are damaged"),
        ({"landmarks_mm": np.zeros((3, 3))}, "not a face file"),
    ],
)
def test_damaged_content_is_refused(tmp_path: Path, face: Face, changes: dict, message: str) -> None:
    save_face(tmp_path / "face.npz", face)
    _rewrite(tmp_path / "face.npz", **changes)
    with pytest.raises(InputError, match=message):
        load_face(tmp_path / "face.npz")
