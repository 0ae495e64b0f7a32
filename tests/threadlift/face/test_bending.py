"""Bending the template: it reaches the scan, keeps to landmarks, does not fold, leaves hidden parts
smooth."""

from __future__ import annotations

import numpy as np
import pytest

from tests.threadlift.face.heads import head, true_vertices
from threadlift.face.bending import (
    WHOLE,
    Pull,
    ScanPoints,
    bend_template,
    border_mask,
    boundary_vertices,
    join_pulls,
    pull_vertices,
    smooth_normals,
)
from threadlift.face.surface import Surface, triangle_normals
from threadlift.face.template import load_template


def _landmark_pull(names: tuple[str, ...], *, is_firm: bool = True, shift: float = 0.0) -> Pull:
    template = load_template()
    places = template.place_landmarks(true_vertices())
    anchors = [template.landmarks[name] for name in names]
    return Pull(
        np.array([anchor[0] for anchor in anchors]),
        np.array([anchor[1] for anchor in anchors]),
        np.array([places[name] + [shift, 0, 0] for name in names]),
        np.ones(len(names)),
        np.full(len(names), is_firm),
    )


@pytest.fixture(scope="module")
def bent() -> np.ndarray:
    template = load_template()
    pull = _landmark_pull(("ex_l", "ex_r", "ch_l", "ch_r", "prn", "gn"), is_firm=False)
    return bend_template(template, template.vertices_mm, ScanPoints.of(*head()), pull)


def test_the_face_core_reaches_the_scan(bent: np.ndarray) -> None:
    core = load_template().masks["face_core"]
    distance = Surface(*head()).closest(bent[core]).distance
    assert np.percentile(distance, 95) < 0.2
    assert np.percentile(Surface(*head()).closest(load_template().vertices_mm[core]).distance, 95) > 2


def test_no_triangle_of_the_face_turns_over(bent: np.ndarray) -> None:
    template = load_template()
    before = triangle_normals(template.vertices_mm, template.triangles)
    after = triangle_normals(bent, template.triangles)
    assert (np.einsum("ij,ij->i", before, after) > 0)[template.triangle_mask("face_core")].all()


def test_progress_runs_to_one_and_what_it_raises_ends_the_work() -> None:
    template, told = load_template(), list[float]()

    def stop(share: float) -> None:
        told.append(share)
        if share > 0.1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bend_template(
            template, template.vertices_mm, ScanPoints.of(*head()), _landmark_pull(("prn",)), tick=stop
        )
    assert len(told) == 3
    assert told[0] == pytest.approx(1 / WHOLE.rounds)


def test_a_firm_landmark_holds_against_the_surface_and_a_soft_one_gives_way() -> None:
    template = load_template()
    reached = {}
    for is_firm in (True, False):
        pull = _landmark_pull(("ch_l",), is_firm=is_firm, shift=4.0)
        shape = bend_template(template, true_vertices(), ScanPoints.of(*head()), pull)
        reached[is_firm] = np.linalg.norm(template.place_landmarks(shape)["ch_l"] - pull.targets[0])
    assert reached[True] < 1.5 < reached[False]


def test_scan_points_lie_on_the_surface_no_farther_apart_than_asked() -> None:
    vertices = np.array([[0, 0, 0], [10, 0, 0], [0, 10, 0.0]])
    points = ScanPoints.of(vertices, np.array([[0, 1, 2]]), spacing_mm=1.2)
    assert np.allclose(points.points[:, 2], 0)
    inner = points.points[(points.points[:, :2] > 0.5).all(axis=1)]
    assert len(inner) > 20
    assert points.tree.query(inner, k=2)[0][:, 1].max() < 1.5


def test_the_border_of_an_open_surface_is_known_and_a_torn_one_has_none() -> None:
    vertices, triangles = head()
    assert 0 < border_mask(vertices, triangles).sum() < 0.1 * len(vertices)
    soup = vertices[triangles].reshape(-1, 3)
    loose = np.arange(len(soup)).reshape(-1, 3)
    assert len(boundary_vertices(loose)) == len(soup)
    assert not border_mask(soup, loose).any()


def test_smooth_normals_of_a_noisy_surface_are_close_to_those_of_the_clean_one() -> None:
    vertices, triangles = head(60_000)
    noisy = vertices + np.random.default_rng(0).normal(0, 0.5, vertices.shape)
    clean = smooth_normals(vertices, triangles)
    smooth = np.einsum("ij,ij->i", clean, smooth_normals(noisy, triangles))
    raw = np.einsum("ij,ij->i", clean, smooth_normals(noisy, triangles, radius_mm=0.0))
    assert np.median(smooth) > 0.99
    assert np.quantile(1 - smooth, 0.9) < 0.5 * np.quantile(1 - raw, 0.9)


def test_pulls_on_vertices_name_those_vertices_and_join() -> None:
    template = load_template()
    chosen = np.array([3, 700, 4000])
    pull = join_pulls(pull_vertices(template, chosen, np.zeros((3, 3))), _landmark_pull(("prn",)))
    corners = template.triangles[pull.triangle[:3]]
    assert (corners[np.arange(3), pull.bary[:3].argmax(axis=1)] == chosen).all()
    assert pull.firm_only().triangle.tolist() == [template.landmarks["prn"][0]]
