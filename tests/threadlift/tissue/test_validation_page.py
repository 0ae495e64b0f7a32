"""The page on validation: two parts kept apart, misses shown, nothing claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from threadlift.errors import ConvergenceError
from threadlift.evidence import load_sources
from threadlift.language import Text
from threadlift.tissue.structure import StructureEffect
from threadlift.tissue.validation import cone_nonlinear, document
from threadlift.tissue.validation.comparison import SuturePull
from threadlift.tissue.validation.cone import REFERENCE
from threadlift.tissue.validation.face_section import both_section, posture_section
from threadlift.tissue.validation.face_target import AXES, PostureAnswer
from threadlift.tissue.validation.prior import entries, prior_parameters, used_sources

PULLS = [SuturePull(2.0, 4.35, 8.6, 7.6, 6.4, 5.6), SuturePull(4.0, 7.6, 17.1, 15.2, 10.3, None)]
EFFECT = StructureEffect(Text(en="as used", vi="như đang dùng"), 1.1, 3.1, 2.6, 2.4, 0.2, 13.0, 13.0, 25, 42)


def posture(largest_mm: float) -> PostureAnswer:
    return PostureAnswer(
        parameters="made up",
        largest_mm=dict.fromkeys(AXES, largest_mm),
        measured_mm=dict.fromkeys(AXES, 5.0),
        where=dict.fromkeys(AXES, "mar_l"),
        jowl_mm=0.2,
        jowl_up_mm=0.1,
    )


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The page with made-up runs of the model in place of the long ones."""
    monkeypatch.setattr(document, "suture_pulls", lambda found: PULLS)
    monkeypatch.setattr(document, "posture_answer", lambda name, parameters: posture(0.3))
    monkeypatch.setattr(document, "structure_table", lambda: [EFFECT])
    document.write_validation(tmp_path)
    return (tmp_path / "validation.md").read_text(encoding="utf-8")


def test_calibration_and_validation_stand_apart_and_nothing_is_claimed(page: str) -> None:
    calibration, validation = page.split("# Part 2. Validation in people")
    assert "# Part 1. Calibration" in calibration
    assert "not validated in people" in calibration
    assert "nothing is validated" in validation
    assert "4.35 mm" in calibration and "4.35" not in validation


def test_misses_and_what_cannot_be_computed_are_shown(page: str) -> None:
    assert "8.60 mm (+98 %)" in page
    assert "no balance found" in page
    assert page.count("cannot be computed") == 2


def test_every_study_that_was_not_used_says_why_it_does_not_validate(page: str) -> None:
    for study in entries("people"):
        assert study["why"] in page
        assert study["used"] == bool(set(study["sources"]) & used_sources())
        assert set(study["sources"]) <= set(load_sources())


def test_a_model_that_moves_more_than_was_ever_measured_says_so() -> None:
    assert "which the model stays below" in posture_section([posture(0.3)])
    assert "**exceeds**" in posture_section([posture(5.1)])


def test_a_suture_that_fits_is_not_said_to_need_more() -> None:
    fits = [SuturePull(2.0, 4.35, 8.6, 4.5, 6.4, 4.0)]
    assert "divide it further" in both_section(PULLS, [posture(0.3), posture(0.3)])
    assert "divide it further" not in both_section(fits, [posture(0.3), posture(0.3)])


def test_a_pull_without_balance_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ConvergenceError("no balance", iterations=1, residual=1.0, tolerance=0.1)

    monkeypatch.setattr(cone_nonlinear, "find_equilibrium", fail)
    assert cone_nonlinear.stiffening_travel_mm(prior_parameters(), 1.0, REFERENCE) is None
