"""What weight does to a face that lies down."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.threadlift.tissue.builders import half_face_model
from threadlift.tissue.ligament import UPRIGHT
from threadlift.tissue.part import TissuePart
from threadlift.tissue.posture import PostureShift, posture_shift
from threadlift.tissue.restraint import Restraints
from threadlift.tissue.structure import TRIAL_GLIDE, measure_structure, structure_choices
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads, one_thread

ANATOMY = demonstration_anatomy()


@pytest.fixture(scope="module")
def part() -> TissuePart:
    return half_face_model().part("left")


@pytest.fixture(scope="module")
def shift(part: TissuePart) -> PostureShift:
    return posture_shift(part, ANATOMY)


def test_a_lying_face_moves_up_and_back_and_less_than_people_ever_did(shift: PostureShift) -> None:
    for name in ("jowl_l", "mar_l", "ma_l", "ch_l"):
        _, up, forward = shift.moves_mm[shift.landmarks.index(name)]
        assert up > 0.05 and forward < -0.02
        assert 0.1 < shift.size_mm(name) < 2.0
    assert shift.size_mm("mar_l") > shift.size_mm("gn")
    with pytest.raises(ValueError, match="tuple"):
        shift.size_mm("tail")


def test_a_face_that_stays_upright_does_not_move(part: TissuePart) -> None:
    still = posture_shift(part, ANATOMY, UPRIGHT)
    assert np.abs(still.displacement_mm).max() < 1e-9


def test_weight_shifts_a_face_more_when_no_ligament_holds_it(part: TissuePart, shift: PostureShift) -> None:
    free = dataclasses.replace(
        part,
        restraints=Restraints.none(part.restraints.coupling.shape[0]),
        pieces=dataclasses.replace(
            part.pieces,
            skin_mm_per_n=part.pieces.skin_mm_per_n[..., :0],
            compliance_mm_per_n=np.empty((0, 0)),
        ),
    )
    assert posture_shift(free, ANATOMY).size_mm("jowl_l") > 1.3 * shift.size_mm("jowl_l")


def test_twice_the_weight_of_a_loaded_face_lets_go_of_as_many_pieces(part: TissuePart) -> None:
    """The shift is positively homogeneous in the weight: nothing in the model has a size of its own."""
    heavy = dataclasses.replace(
        part,
        density_g_per_cm3=2 * part.density_g_per_cm3,
        restraints=dataclasses.replace(part.restraints, rest_stretch_mm=2 * part.restraints.rest_stretch_mm),
    )
    once, twice = posture_shift(part, ANATOMY), posture_shift(heavy, ANATOMY)
    assert twice.displacement_mm == pytest.approx(2 * once.displacement_mm, abs=1e-6)
    assert twice.slack_pieces == once.slack_pieces > 0


def test_most_ligaments_carry_weight_in_the_scanned_state(part: TissuePart) -> None:
    descent = np.array([name.endswith("descent") for name in part.restraints.ids])
    assert (part.restraints.rest_stretch_mm[descent] > 0).mean() > 0.9
    assert 0.2 < part.restraints.rest_force_n.sum() < 2.0
    assert np.abs(part.restraints.rest_stretch_mm).max() < 0.5


def test_the_effect_of_a_structural_choice_is_told_in_figures(part: TissuePart) -> None:
    choices = structure_choices()
    assert [parameters.ligament_action for _, parameters in choices].count("two_way") == 1
    assert dict(choices[-1][1].glide) == dict(TRIAL_GLIDE)
    effect = measure_structure(
        choices[0][0], part, ANATOMY, one_thread(ANATOMY), four_threads(ANATOMY, "left")
    )
    assert effect.four_threads_jowl_mm > 2 * effect.one_thread_jowl_mm > 1.0
    assert 0 < effect.slack_pieces < effect.pieces == len(part.restraints)
    assert effect.posture_jowl_mm == pytest.approx(posture_shift(part, ANATOMY).size_mm("jowl_l"))
