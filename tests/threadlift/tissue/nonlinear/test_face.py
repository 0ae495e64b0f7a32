"""The nonlinear mode on half a face."""

from __future__ import annotations

from dataclasses import replace

import pytest

from threadlift.finding import Finding
from threadlift.tissue import TissueModel, nominal_parameters
from threadlift.tissue.lift import Lift
from threadlift.tissue.nonlinear import NO_STIFFENING, NewtonSettings, NonlinearMode, lift_nonlinear
from threadlift.tissue.validity import check_lift
from threadlift.tissue.verification.demonstration import demonstration_anatomy, one_thread

ANATOMY = demonstration_anatomy()
MODEL = TissueModel(ANATOMY, nominal_parameters(), pieces="halves")


def test_a_small_lift_is_the_linear_one_and_says_which_model_it_comes_from() -> None:
    told: list[str] = []
    mode = NonlinearMode(NO_STIFFENING, settings=NewtonSettings(tolerance=1e-2))
    thread = one_thread(ANATOMY, tension_n=0.05)
    found = lift_nonlinear(MODEL, [thread], mode, lambda piece, step: told.append(piece))
    jowl = found.lift.point("jowl_l").total_mm
    assert jowl == pytest.approx(found.linear.point("jowl_l").total_mm, rel=0.03)
    assert found.lift.displacement_mm[~found.lift.modelled].any()  # fades for pictures
    assert set(told) == set(found.solved) == {"left"}
    assert found.solved["left"].residual <= 1e-2
    assert {finding.rule for finding in found.lift.findings} >= {"LIFT-NONLINEAR", "LIFT-NONLINEAR-GAP"}
    assert "LIFT-MODEL" not in {finding.rule for finding in found.lift.findings}
    large = replace(found.lift, displacement_mm=1000 * found.lift.displacement_mm)
    stretched = replace(large, strain_max=found.lift.strain_max + 0.2)
    assert "LIFT-LARGE" in rules(check_lift(large, ANATOMY.face, 1.0))
    assert not {"LIFT-LARGE", "LIFT-STRETCH"} & rules(nonlinear_findings(stretched, found.linear))
    assert "LIFT-STRETCH-STIFF" in rules(nonlinear_findings(stretched, found.linear))


def nonlinear_findings(lift: Lift, linear: Lift) -> tuple[Finding, ...]:
    return check_lift(lift, ANATOMY.face, 1.0, linear=linear)


def rules(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in findings}


def test_without_threads_nothing_moves() -> None:
    found = lift_nonlinear(MODEL, [])
    assert found.lift.largest_mm == 0 and not found.solved
