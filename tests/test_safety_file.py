"""Every hazard has a control, every control lives in code that exists and is shown by a test."""

from __future__ import annotations

from pathlib import Path

from scripts.safety_trace import find_control_tests, load, make_trace

ROOT = Path(__file__).resolve().parent.parent


def test_every_hazard_names_known_controls_and_does_not_grow() -> None:
    controls = {control["id"] for control in load("controls")}
    hazards = load("hazards")
    assert len({hazard["id"] for hazard in hazards}) == len(hazards)
    for hazard in hazards:
        assert hazard["controls"], hazard["id"]
        assert set(hazard["controls"]) <= controls, hazard["id"]
        assert hazard["probability_after"] <= hazard["probability_before"], hazard["id"]
        assert hazard["residual"], hazard["id"]


def test_every_control_lives_in_code_and_serves_a_hazard() -> None:
    used = {name for hazard in load("hazards") for name in hazard["controls"]}
    for control in load("controls"):
        assert control["id"] in used, control["id"]
        assert control["code"], control["id"]
        for place in control["code"]:
            assert (ROOT / place).exists(), (control["id"], place)


def test_every_control_is_shown_by_a_test_and_every_marker_names_a_control() -> None:
    controls = {control["id"] for control in load("controls")}
    assert set(find_control_tests()) == controls


def test_the_trace_page_is_current() -> None:
    assert (ROOT / "safety" / "trace.md").read_text(encoding="utf-8") == make_trace(), "run: make reference"
