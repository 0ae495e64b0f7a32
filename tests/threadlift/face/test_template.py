"""The template head."""

from __future__ import annotations

import numpy as np
import pytest

from threadlift.errors import RuleDataError
from threadlift.face import template as module
from threadlift.face.surface import closest_on_surface, triangle_normals, vertex_normals
from threadlift.face.template import LANDMARKS, PAIRED_LANDMARKS, Template, load_landmark_facts, load_template


def _edges(template: Template) -> np.ndarray:
    t = template.triangles
    return np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1)


def test_template_is_exactly_mirror_symmetric() -> None:
    template = load_template()
    mirrored = template.vertices_mm[template.mirror] * [-1.0, 1.0, 1.0]
    assert np.array_equal(mirrored, template.vertices_mm)
    assert np.array_equal(template.mirror[template.mirror], np.arange(len(template.mirror)))
    own = {frozenset(t) for t in template.triangles.tolist()}
    assert own == {frozenset(t) for t in template.mirror[template.triangles].tolist()}


def test_template_is_one_manifold_sheet_open_only_at_neck_and_eyes() -> None:
    template = load_template()
    edges, uses = np.unique(_edges(template), axis=0, return_counts=True)
    assert uses.max() == 2
    after: dict[int, set[int]] = {}
    for a, b in edges[uses == 1].tolist():
        after.setdefault(a, set()).add(b)
        after.setdefault(b, set()).add(a)
    assert all(len(near) == 2 for near in after.values())
    loops = 0
    while after:
        loops += 1
        waiting = [next(iter(after))]
        while waiting:
            waiting += after.pop(waiting.pop(), ())
            waiting = [vertex for vertex in waiting if vertex in after]
    assert loops == 3
    assert set(np.unique(template.triangles)) == set(range(len(template.vertices_mm)))


def test_triangles_are_well_shaped_and_dense_where_threads_go() -> None:
    template = load_template()
    corners = template.vertices_mm[template.triangles]
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
    doubled = np.linalg.norm(triangle_normals(template.vertices_mm, template.triangles), axis=1)
    quality = 2 * np.sqrt(3) * doubled / (sides**2).sum(axis=1)
    assert quality.min() > 0.3
    assert np.percentile(quality, 1) > 0.7
    face = template.triangle_mask("face")
    assert np.percentile(sides[face], 95) < 4.5
    assert sides.min() > 0.8


def test_triangles_face_outwards() -> None:
    template = load_template()
    normals = vertex_normals(template.vertices_mm, template.triangles)
    tip = int(np.argmax(template.vertices_mm[:, 2]))
    assert normals[tip, 2] > 0.9


def test_template_carries_every_landmark_of_the_atlas_with_its_definition() -> None:
    assert set(load_template().landmarks) == set(LANDMARKS)
    assert set(load_landmark_facts()) == {name.removesuffix("_l").removesuffix("_r") for name in LANDMARKS}


def test_paired_landmarks_mirror_each_other_and_midline_ones_lie_on_the_midline() -> None:
    template = load_template()
    points = template.place_landmarks(template.vertices_mm)
    for name in PAIRED_LANDMARKS:
        assert points[f"{name}_l"][0] > 5
        assert np.allclose(points[f"{name}_l"] * [-1, 1, 1], points[f"{name}_r"], atol=1e-4)
    for name in set(points) - {f"{n}_{side}" for n in PAIRED_LANDMARKS for side in "lr"}:
        assert abs(points[name][0]) < 1e-4


def test_frankfort_horizontal_is_level_and_origin_lies_between_the_eyes() -> None:
    template = load_template()
    points = template.place_landmarks(template.vertices_mm)
    assert abs(points["or_l"][1] - points["t_l"][1]) < 0.2
    eyes = template.eye_vertices_mm
    centres = [
        (eye.min(axis=0) + eye.max(axis=0)) / 2 for eye in (eyes[eyes[:, 0] > 0], eyes[eyes[:, 0] < 0])
    ]
    assert np.linalg.norm(np.mean(centres, axis=0)) < 0.3


@pytest.mark.parametrize(
    ("start", "end", "low", "high"),
    [  # two standard deviations about the female and male adult means of anthropometry.toml
        ("n", "sn", 41.4, 54.8),
        ("sn", "gn", 56.0, 83.6),
        ("en_l", "en_r", 28.0, 43.0),
        ("ex_l", "ex_r", 80.0, 105.2),
        ("zy_l", "zy_r", 120.0, 157.0),
        ("go_l", "go_r", 84.0, 128.0),
        ("ch_l", "ch_r", 39.0, 62.5),
        ("t_l", "n", 106.0, 132.0),
        ("t_l", "go_l", 52.0, 82.0),
        ("go_l", "gn", 72.0, 102.0),
    ],
)
def test_template_has_the_size_of_an_adult(start: str, end: str, low: float, high: float) -> None:
    template = load_template()
    points = template.place_landmarks(template.vertices_mm)
    assert low <= float(np.linalg.norm(points[start] - points[end])) <= high


def test_landmarks_stand_in_anatomical_order() -> None:
    template = load_template()
    points = template.place_landmarks(template.vertices_mm)
    down = ["tr", "g", "n", "prn", "sn", "ls", "sto", "li", "sl", "pg", "gn", "hy"]
    heights = [points[name][1] for name in down]
    assert heights == sorted(heights, reverse=True)
    forwards = ["t_l", "zy_l", "ma_l", "al_l", "prn"]
    assert [points[name][2] for name in forwards] == sorted(points[name][2] for name in forwards)
    border = ["gn", "jowl_l", "agn_l", "go_l", "obi_l"]
    assert [points[name][1] for name in border] == sorted(points[name][1] for name in border)


def test_masks_share_out_the_skin() -> None:
    template = load_template()
    shares = np.sum([template.masks[name] for name in ("face", "neck", "scalp", "ear_l", "ear_r")], axis=0)
    assert (shares == 1).all()
    core = template.masks["face_core"]
    assert not (core & ~template.masks["face"]).any()
    assert not any((core & template.masks[name]).any() for name in ("lids", "nostrils", "lip_seam"))
    assert np.array_equal(template.masks["left"][template.mirror], template.masks["right"])
    assert np.array_equal(core[template.mirror], core)


def test_lips_are_closed() -> None:
    template = load_template()
    stomion = template.place_landmarks(template.vertices_mm)["sto"]
    edges, uses = np.unique(_edges(template), axis=0, return_counts=True)
    rim = template.vertices_mm[np.unique(edges[uses == 1])]
    assert np.linalg.norm(rim - stomion, axis=1).min() > 30
    hit = closest_on_surface(template.vertices_mm, template.triangles, stomion)
    assert hit.distance[0] < 0.01


def test_most_mediapipe_points_lie_on_the_template() -> None:
    template = load_template()
    known = template.mediapipe_triangle >= 0
    assert known.sum() >= 430
    assert known[[33, 133, 263, 362, 61, 291, 4, 152, 9, 145, 374]].all()
    assert np.allclose(template.mediapipe_bary[known].sum(axis=1), 1.0, atol=1e-3)


def test_template_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load_template().vertices_mm[0] = 0.0


def test_damaged_template_is_a_fault_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.np, "load", lambda *_, **__: (_ for _ in ()).throw(ValueError("broken")))
    with pytest.raises(RuleDataError, match=r"template\.npz"):
        load_template.__wrapped__()
