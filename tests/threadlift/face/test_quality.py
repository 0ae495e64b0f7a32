"""Grades of a fit: at, below and above every threshold; what a missing half and a bad scale do."""

from __future__ import annotations

import numpy as np
import pytest

from tests.threadlift.face.heads import head, true_vertices
from threadlift.face.quality import GRADES, _records, grade_fit, judge_fit, position_sd
from threadlift.face.scale import Scale
from threadlift.face.surface import Surface
from threadlift.face.template import load_template
from threadlift.language import Text

SCALE = Scale(1.0, "unit_stated", Text(en="stated", vi="đã nêu"))
GOOD = {
    "core_p95_mm": 0.4,
    "reverse_p95_mm": 0.8,
    "landmark_residual_median_mm": 1.5,
    "coverage_core": 1.0,
    "coverage_half": 1.0,
    "sampling_mm": 3.0,
}
Record = dict[str, object]
THRESHOLDS = [record for record in _records().values() if "field" in record]


def test_a_fit_that_is_good_everywhere_is_good_and_says_nothing() -> None:
    assert grade_fit(GOOD) == ("good", ())


@pytest.mark.parametrize("record", THRESHOLDS, ids=lambda record: record["id"])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_every_threshold_counts_exactly_at_its_value_and_just_beyond(
    record: dict[str, object], step: int
) -> None:
    is_upper = "at_most" in record
    limit = record["at_most" if is_upper else "at_least"][GRADES[step]]  # type: ignore[index]
    beyond = limit + (1e-6 if is_upper else -1e-6)
    assert grade_fit({**GOOD, record["field"]: limit})[0] == GRADES[step]  # type: ignore[dict-item]
    grade, notes = grade_fit({**GOOD, record["field"]: beyond})  # type: ignore[dict-item]
    assert grade == GRADES[step + 1]
    assert len(notes) == 1


def test_the_worst_value_decides() -> None:
    assert grade_fit({**GOOD, "core_p95_mm": 1.5, "coverage_half": 0.5})[0] == "refused"


def _judge(vertices: np.ndarray, scan: Surface, residual: np.ndarray | None = None) -> object:
    found = np.full(100, 1.0) if residual is None else residual
    return judge_fit(
        load_template(), vertices, scan, landmark_residual_mm=found, scale=SCALE, is_hand_set=False
    )


def test_a_true_fit_of_a_whole_scan_is_good() -> None:
    quality = _judge(true_vertices(), Surface(*head()))
    assert quality.grade == "good"
    assert quality.core_p95_mm < 0.3
    assert quality.coverage_core > 0.99
    assert quality.scale_source == "unit_stated"


def test_a_missing_left_half_is_refused_and_the_right_one_is_seen() -> None:
    vertices, triangles = head()
    right = triangles[vertices[triangles].mean(axis=1)[:, 0] < 0]
    quality = _judge(true_vertices(), Surface(vertices, right))
    assert quality.grade == "refused"
    assert quality.coverage_left < 0.1
    assert quality.coverage_right > 0.9


def test_a_surface_some_millimetres_off_is_not_called_covered() -> None:
    quality = _judge(true_vertices() * 1.08, Surface(*head()))
    assert quality.grade == "refused"
    assert quality.core_p95_mm > 4


def test_landmarks_far_from_the_detected_ones_are_refused() -> None:
    assert _judge(true_vertices(), Surface(*head()), np.full(50, 12.0)).grade == "refused"


def test_a_point_is_never_surer_than_its_landmarks_and_scale() -> None:
    exact = {"core_median_mm": 0.0, "landmark_residual_median_mm": 0.0}
    assert position_sd(exact, "unit_stated", is_hand_set=False) > 2.0
    assert position_sd(exact, "unit_stated", is_hand_set=True) < 2.0
    assert position_sd(exact, "distance_stated", is_hand_set=False) > position_sd(
        exact, "unit_stated", is_hand_set=False
    )
    worse = {"core_median_mm": 0.5, "landmark_residual_median_mm": 4.0}
    assert position_sd(worse, "unit_stated", is_hand_set=True) > 4.0
