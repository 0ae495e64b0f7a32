"""Repair: each fault of a surface is taken away and named, what is sound stays."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from threadlift.errors import InputError
from threadlift.face import repair as module
from threadlift.face.raycast import HAS_EMBREE
from threadlift.face.repair import compact, keep_outside, repair


def _ball(radius: float = 100.0, subdivisions: int = 3) -> tuple[np.ndarray, np.ndarray]:
    mesh = trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius)
    return np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.int64)


def _said(notes: tuple[object, ...], *words: str) -> bool:
    text = " ".join(note.en for note in notes)  # type: ignore[attr-defined]
    return all(word in text for word in words)


def test_a_sound_surface_stays_as_it_is_and_nothing_is_noted() -> None:
    vertices, triangles = _ball()
    fixed = repair(vertices, triangles, None, where="x")
    assert len(fixed.triangles) == len(triangles)
    assert fixed.notes == ()


def test_points_that_are_no_numbers_are_left_out_with_their_triangles() -> None:
    vertices, triangles = _ball()
    vertices[5] = np.nan
    vertices[9] = [np.inf, 0, 0]
    fixed = repair(vertices, triangles, None, where="x")
    assert np.isfinite(fixed.vertices).all()
    assert len(fixed.triangles) == len(triangles) - np.isin(triangles, [5, 9]).any(axis=1).sum()
    assert _said(fixed.notes, "2 points without a usable position", "border")


def test_all_points_unusable_is_refused() -> None:
    vertices, triangles = _ball()
    with pytest.raises(InputError, match="no usable triangles"):
        repair(np.full_like(vertices, np.nan), triangles, None, where="x")


def test_triangles_that_name_missing_points_are_left_out() -> None:
    vertices, triangles = _ball()
    fixed = repair(vertices, np.vstack([triangles, [[0, 1, 99_999], [-1, 0, 1]]]), None, where="x")
    assert len(fixed.triangles) == len(triangles)
    assert _said(fixed.notes, "2 triangles named points that do not exist")


def test_unconnected_triangles_in_the_same_place_are_joined_and_keep_their_colours() -> None:
    vertices, triangles = _ball()
    colours = np.arange(len(vertices) * 3, dtype=np.int64).reshape(-1, 3).astype(np.uint8)
    soup = vertices[triangles].reshape(-1, 3)
    fixed = repair(soup, np.arange(len(soup)).reshape(-1, 3), colours[triangles].reshape(-1, 3), where="x")
    assert len(fixed.vertices) == len(vertices)
    assert fixed.colours is not None
    nearest = np.array([np.argmin(np.linalg.norm(vertices - point, axis=1)) for point in fixed.vertices[:20]])
    assert (fixed.colours[:20] == colours[nearest]).all()


def test_degenerate_and_double_triangles_are_left_out() -> None:
    vertices, triangles = _ball()
    more = np.vstack([triangles, [[0, 0, 1], [2, 3, 2]], triangles[:4, [1, 2, 0]], triangles[4:6, ::-1]])
    fixed = repair(vertices, more, None, where="x")
    assert len(fixed.triangles) == len(triangles)
    assert _said(fixed.notes, "2 triangles without area", "6 triangles that stood there twice")


def test_small_loose_pieces_are_left_out_but_a_second_large_one_stays() -> None:
    vertices, triangles = _ball()
    speck, speck_triangles = _ball(2.0, 0)
    second, second_triangles = _ball(60.0, 2)
    everything = np.vstack([vertices, speck + np.array([150, 0, 0]), second + np.array([0, 200, 0])])
    joined = np.vstack(
        [triangles, speck_triangles + len(vertices), second_triangles + len(vertices) + len(speck)]
    )
    fixed = repair(everything, joined, None, where="x")
    assert len(fixed.triangles) == len(triangles) + len(second_triangles)
    assert _said(fixed.notes, "1 small loose pieces")


def test_a_surface_of_loose_triangles_is_not_taken_for_dust() -> None:
    vertices, triangles = _ball()
    soup = vertices[triangles].reshape(-1, 3) + np.random.default_rng(0).normal(0, 0.05, (triangles.size, 3))
    fixed = repair(soup, np.arange(len(soup)).reshape(-1, 3), None, where="x")
    assert len(fixed.triangles) == len(triangles)


def test_an_edge_with_three_triangles_is_noted() -> None:
    vertices, triangles = _ball()
    fin = np.vstack([vertices, vertices[triangles[0, 0]] * 1.3])
    a, b = triangles[0, :2]
    fixed = repair(fin, np.vstack([triangles, [[a, b, len(vertices)]]]), None, where="x")
    assert _said(fixed.notes, "1 edges belong to more than two")


def test_a_coarse_mesh_is_refused_at_499_triangles_and_read_at_500() -> None:
    vertices, triangles = _ball()
    with pytest.raises(InputError, match="only 499 triangles"):
        repair(*compact(vertices, triangles[:499])[:2], None, where="x")
    assert len(repair(*compact(vertices, triangles[:500])[:2], None, where="x").triangles) == 500


def test_a_huge_mesh_is_reduced_with_a_note_and_keeps_its_shape_and_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = {"triangles_kept": 4000}
    known = module.scan_limit
    monkeypatch.setattr(module, "scan_limit", lambda name: limits.get(name) or known(name))
    vertices, triangles = _ball(subdivisions=5)
    colours = np.where(vertices[:, :1] > 0, 200, 20).astype(np.uint8) * np.ones((1, 3), np.uint8)
    fixed = repair(vertices, triangles, colours, where="x")
    assert 3000 < len(fixed.triangles) <= 4000
    assert np.linalg.norm(fixed.vertices, axis=1) == pytest.approx(100.0, abs=0.5)
    assert _said(fixed.notes, "20480 triangles", "reduced")
    assert fixed.colours is not None
    aside = np.abs(fixed.vertices[:, 0]) > 10
    assert ((fixed.colours[aside, 0] > 100) == (fixed.vertices[aside, 0] > 0)).all()


def _outward(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return np.einsum("ij,ij->i", np.cross(b - a, c - a), a + b + c) > 0


def test_an_inside_out_surface_is_turned_round() -> None:
    vertices, triangles = _ball()
    kept, notes = keep_outside(vertices, triangles[:, ::-1])
    assert _outward(vertices, kept).all()
    assert _said(notes, "inside out")


def test_single_triangles_that_face_the_wrong_way_are_turned_round() -> None:
    vertices, triangles = _ball()
    mixed = triangles.copy()
    wrong = np.arange(0, len(mixed), 7)
    mixed[wrong] = mixed[wrong, ::-1]
    kept, notes = keep_outside(vertices, mixed)
    front = vertices[kept].mean(axis=1)[:, 2] > 0
    assert _outward(vertices, kept)[front].mean() > 0.99
    assert _said(notes, "faced the wrong way")


def test_what_lies_inside_is_left_out_and_an_outward_surface_is_not_touched() -> None:
    vertices, triangles = _ball()
    inner, inner_triangles = _ball(60.0, 2)
    kept, notes = keep_outside(
        np.vstack([vertices, inner]), np.vstack([triangles, inner_triangles + len(vertices)])
    )
    assert (kept < len(vertices)).all()
    assert _said(notes, "cannot be seen from outside")
    assert not _said(notes, "inside out")


@pytest.mark.skipif(not HAS_EMBREE, reason="slow without Embree")
def test_the_inner_side_seen_through_a_hole_is_not_turned_outwards() -> None:
    vertices, triangles = _ball(subdivisions=4)
    hole = np.linalg.norm(vertices[triangles].mean(axis=1) - [0, 0, 100], axis=1) < 30
    kept, notes = keep_outside(vertices, triangles[~hole])
    assert _outward(vertices, kept).all()
    assert not _said(notes, "wrong way")
