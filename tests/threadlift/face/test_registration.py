"""Alignment of point sets: exact, robust, rigid, never mirrored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.threadlift.face.heads import turned
from threadlift.errors import InputError
from threadlift.face.registration import Similarity, align, align_exactly


def _cloud(count: int = 40) -> np.ndarray:
    return np.random.default_rng(7).normal(0, 50, (count, 3))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(0.001, 1000), shift=st.floats(-500, 500))
def test_a_known_similarity_is_found_again(seed: int, scale: float, shift: float) -> None:
    known = Similarity(turned(seed), np.array([shift, -shift, 2 * shift]), scale)
    found = align_exactly(_cloud(), known.apply(_cloud()))
    assert found.scale == pytest.approx(scale, rel=1e-9)
    assert np.allclose(found.rotation, known.rotation, atol=1e-9)
    assert np.allclose(found.apply(_cloud()), known.apply(_cloud()), atol=1e-7 * max(scale, 1) * 500)


def test_there_and_back_is_where_it_began_and_chains_compose() -> None:
    first, second = Similarity(turned(1), np.array([1.0, 2, 3]), 10.0), Similarity(turned(2), np.ones(3), 0.3)
    points = _cloud()
    assert np.allclose(first.inverse().apply(first.apply(points)), points)
    assert np.allclose(second.after(first).apply(points), second.apply(first.apply(points)))


def test_a_stated_scale_is_kept() -> None:
    known = Similarity(turned(3), np.zeros(3), 1.2)
    assert align_exactly(_cloud(), known.apply(_cloud()), scale=1.0).scale == 1.0


def test_a_mirror_image_is_never_the_answer() -> None:
    found = align_exactly(_cloud(), _cloud() * [-1, 1, 1])
    assert np.linalg.det(found.rotation) == pytest.approx(1.0)


def test_a_third_of_wild_points_does_not_move_a_robust_alignment() -> None:
    known = Similarity(turned(4), np.array([5.0, 0, 0]), 1.1)
    target = known.apply(_cloud(60))
    target[::3] += np.random.default_rng(1).normal(0, 80, (20, 3))
    found, residual = align(_cloud(60), target)
    assert np.linalg.norm(found.apply(_cloud(60)) - known.apply(_cloud(60)), axis=1).max() < 1.0
    assert np.median(residual[::3]) > 20


def test_points_without_weight_do_not_count() -> None:
    target = _cloud()
    target[0] += 1000
    weights = np.ones(len(target))
    weights[0] = 0
    assert np.allclose(align_exactly(_cloud(), target, weights).shift, 0, atol=1e-9)


def test_two_points_or_points_on_a_line_are_refused() -> None:
    with pytest.raises(InputError, match="three or more"):
        align_exactly(_cloud(2), _cloud(2))
    line = np.outer(np.arange(5.0), [1, 2, 3])
    with pytest.raises(InputError, match="one line"):
        align_exactly(line, line)
