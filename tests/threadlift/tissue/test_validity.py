"""Rules of a simulated lift: fire, do not fire, at the threshold."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.threadlift.anatomy.builders import symmetric_face, with_grade
from threadlift.tissue.lift import Lift, PointLift, ThreadPull
from threadlift.tissue.strain import skin_strain
from threadlift.tissue.validity import check_lift, rule_finding
from threadlift.tissue.verification.block import make_block
from threadlift.tissue.verification.document import render_verification
from threadlift.tissue.verification.figure import at_least, at_most, close_to, shown

FACE = symmetric_face()
ONE = np.ones(1, dtype=bool)


def lift_of(
    *, largest: float = 1.0, stretch: float = 0.0, press: float = 0.0, mouth: float = 0.0, **pull: float
) -> Lift:
    values = {"asked_n": 1.0, "carried_n": 1.0, "barbs": 8, "barbs_slipping": 0, "barbs_outside": 0} | pull
    thread = ThreadPull(
        thread="a",
        pull_in_mm=1.0,
        largest_barb_n=0.2,
        slips=values["asked_n"] > values["carried_n"],
        asked_n=values["asked_n"],
        carried_n=values["carried_n"],
        barbs=int(values["barbs"]),
        barbs_slipping=int(values["barbs_slipping"]),
        barbs_outside=int(values["barbs_outside"]),
    )
    corner = PointLift(
        landmark="ch_l", side="left", total_mm=mouth, up_mm=0, lateral_mm=0, forward_mm=0, along_mm=None
    )
    return Lift(
        displacement_mm=np.array([[largest, 0.0, 0.0]]),
        modelled=ONE,
        points=(corner,),
        threads=(thread,),
        strain_max=np.array([stretch]),
        strain_min=np.array([-press]),
        area_above_cm2={},
        findings=(),
    )


def fired(lift: Lift, kept: float = 1.0) -> set[str]:
    return {finding.rule for finding in check_lift(lift, FACE, kept)}


@pytest.mark.parametrize(
    ("rule", "below", "at", "above"),
    [
        ("LIFT-STRETCH", {"stretch": 0.149}, {"stretch": 0.15}, {"stretch": 0.151}),
        ("LIFT-PUCKER", {"press": 0.099}, {"press": 0.1}, {"press": 0.101}),
        ("LIFT-PUCKER-MILD", {"press": 0.049}, {"press": 0.05}, {"press": 0.051}),
        ("LIFT-LARGE", {"largest": 3.6}, {"largest": 3.7}, {"largest": 3.8}),
        ("LIFT-SLIP", {"asked_n": 0.9}, {"asked_n": 1.0}, {"asked_n": 1.1}),
        ("LIFT-BARB-SLIP", {"barbs_slipping": 1}, {"barbs_slipping": 2}, {"barbs_slipping": 3}),
        ("LIFT-MOUTH", {"mouth": 0.9}, {"mouth": 1.0}, {"mouth": 1.1}),
    ],
)
def test_a_rule_fires_above_its_threshold_only(
    rule: str, below: dict[str, float], at: dict[str, float], above: dict[str, float]
) -> None:
    assert rule not in fired(lift_of(**below))
    assert rule not in fired(lift_of(**at))
    assert rule in fired(lift_of(**above))


@pytest.mark.parametrize(
    ("linear", "nonlinear", "gap"), [(1.2, 1.0, "+20"), (0.9, 1.0, "-10"), (0.0, 0.0, "+0")]
)
def test_the_nonlinear_mode_tells_how_far_the_linear_answer_is_off(
    linear: float, nonlinear: float, gap: str
) -> None:
    found = check_lift(lift_of(largest=nonlinear), FACE, 1.0, linear=lift_of(largest=linear))
    assert [one.value for one in found if one.rule == "LIFT-NONLINEAR-GAP"] == [gap]


def test_barbs_outside_the_model_are_named() -> None:
    assert "LIFT-BARB-OUTSIDE" not in fired(lift_of())
    assert "LIFT-BARB-OUTSIDE" in fired(lift_of(barbs_outside=1))


def test_strong_compression_gives_the_caution_and_not_the_note_as_well() -> None:
    assert "LIFT-PUCKER-MILD" not in fired(lift_of(press=0.2))


def test_thinned_layers_are_named() -> None:
    assert "LIFT-THIN" not in fired(lift_of(), kept=0.6)
    assert "LIFT-THIN" in fired(lift_of(), kept=0.59)


def test_the_limits_of_the_model_are_always_said() -> None:
    assert "LIFT-MODEL" in fired(lift_of())


def test_a_poor_fit_is_named() -> None:
    poor = check_lift(lift_of(), with_grade(FACE, "poor"), 1.0)
    assert "LIFT-FIT" in {finding.rule for finding in poor}
    assert "LIFT-FIT" not in fired(lift_of())


def test_a_finding_speaks_both_languages_with_its_value() -> None:
    finding = rule_finding("LIFT-SLIP", value=1.25, thread="L1")
    assert "L1" in finding.what.en and "1.2" in finding.what.en and "L1" in finding.what.vi
    assert finding.where.thread == "L1" and finding.sources


def test_strain_of_a_stretched_and_a_turned_sheet() -> None:
    block = make_block((4, 4, 1))
    skin = block.nodes[:25]
    stretched = np.zeros_like(skin)
    stretched[:, 0], stretched[:, 1] = 0.1 * skin[:, 0], -0.05 * skin[:, 1]
    high, low = skin_strain(skin, block.triangles, stretched)
    assert high == pytest.approx(np.full(25, 0.1))
    assert low == pytest.approx(np.full(25, -0.05))
    turned = np.stack([-0.01 * skin[:, 1], 0.01 * skin[:, 0], 0.3 * skin[:, 0]], axis=1)
    high, low = skin_strain(skin, block.triangles, turned)
    assert np.abs(high).max() < 1e-12 and np.abs(low).max() < 1e-12


def test_a_figure_that_misses_stands_in_the_page_as_a_miss() -> None:
    figures = [at_most("A", "good", 1, 2), at_least("A", "bad", 1, 2), close_to("B", "near", 1.0, 1.1, 0.2)]
    page = render_verification(figures, [shown("C", "size", "3 mm", "4 mm")])
    assert "2 of 3 judged figures hold" in page
    assert "| bad | 1 | at least 2 | **misses** |" in page
    assert "| size | 3 mm | 4 mm |" in page


def test_a_missing_landmark_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        dataclasses.replace(lift_of(), points=()).point("jowl_l")
