"""Threads on a face."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tests.threadlift.tissue.builders import half_face_model
from threadlift.errors import InputError
from threadlift.tissue import build_tissue, nominal_parameters
from threadlift.tissue import cache as response_cache
from threadlift.tissue.model import TissueModel, _by_extent
from threadlift.tissue.thread import CableThread, spaced_barbs
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads, one_thread
from threadlift.tissue.verification.face import reciprocity_error, residual_balance

ANATOMY = demonstration_anatomy()
THREAD = one_thread(ANATOMY)


@pytest.fixture(scope="module")
def model() -> TissueModel:
    """Half faces: half the work."""
    return half_face_model()


def floating(thread: CableThread) -> CableThread:
    return dataclasses.replace(thread, anchoring="floating", rear_barbs_mm=spaced_barbs(2.0, 32.0, 8))


def test_one_thread_lifts_the_jowl_by_about_a_millimetre(model: TissueModel) -> None:
    lift = model.lift([THREAD])
    jowl = lift.point("jowl_l")
    assert 0.7 < jowl.total_mm < 1.6
    assert jowl.up_mm > 0.8 * jowl.total_mm * 0.7
    assert jowl.along_mm is not None and jowl.along_mm > 0.8 * jowl.total_mm
    assert lift.point("pg").total_mm < 0.15
    assert 1.0 < lift.largest_mm < 2.5
    assert 0.02 < lift.strain_max.max() < 0.12


def test_the_skin_rests_outside_the_model_and_fades_beside_it(model: TissueModel) -> None:
    lift = model.lift([THREAD])
    outside = np.linalg.norm(lift.displacement_mm[~lift.modelled], axis=1)
    assert outside.max() < 0.1
    assert (outside == 0).mean() > 0.5
    assert not lift.strain_max[~lift.modelled].any()


def test_the_lift_is_linear_in_the_tension_below_slip_while_no_ligament_goes_slack(
    model: TissueModel,
) -> None:
    bare = model.response([THREAD]).linearise(np.zeros(len(model.part("left").restraints)))
    once, twice = (bare.pull([dataclasses.replace(THREAD, tension_n=pull)]) for pull in (0.5, 1.0))
    assert twice.displacement_mm == pytest.approx(2 * once.displacement_mm, abs=1e-9)


def test_a_millimetre_more_costs_less_pull_once_ligaments_hang_slack(model: TissueModel) -> None:
    pulls = [
        model.response([THREAD]).pull([dataclasses.replace(THREAD, tension_n=n)]) for n in (0.2, 0.4, 0.8)
    ]
    slack = [int((pull.piece_force_n <= 0).sum()) for pull in pulls]
    assert slack[0] < slack[1] <= slack[2]
    small, middle, large = (np.linalg.norm(pull.displacement_mm, axis=1).max() for pull in pulls)
    assert middle > 2.02 * small and large > 2.02 * middle


def test_barb_forces_add_up_to_the_pull(model: TissueModel) -> None:
    response = model.response([THREAD])
    pull = response.pull([THREAD])
    assert pull.barb_force_n.sum() == pytest.approx(1.0)
    assert pull.barb_force_n[[0, -1]].min() > pull.barb_force_n[3:5].max()


def test_threads_of_another_response_or_order_are_refused(model: TissueModel) -> None:
    other = dataclasses.replace(THREAD, id="other")
    with pytest.raises(InputError, match="do not belong"):
        model.response([THREAD]).pull([other])
    response = model.response([THREAD, other])
    with pytest.raises(InputError, match="do not belong"):
        response.pull([other, THREAD])


def test_a_pull_beyond_the_holding_force_is_lost(model: TissueModel) -> None:
    weak = dataclasses.replace(THREAD, tension_n=3.0, holding_force_n=1.5)
    lift = model.lift([weak])
    assert lift.threads[0].slips and lift.threads[0].carried_n == pytest.approx(1.5)
    assert "LIFT-SLIP" in {finding.rule for finding in lift.findings}
    strong = model.lift([dataclasses.replace(THREAD, tension_n=3.0)])
    assert lift.largest_mm < 0.6 * strong.largest_mm


def test_a_floating_thread_lifts_less_per_drawn_in_millimetre_than_a_tied_one(model: TissueModel) -> None:
    tied, loose = model.lift([THREAD]), model.lift([floating(THREAD)])
    assert loose.threads[0].pull_in_mm > 1.2 * tied.threads[0].pull_in_mm
    assert loose.point("jowl_l").total_mm == pytest.approx(tied.point("jowl_l").total_mm, rel=0.25)


def test_unit_responses_add_up_to_the_lift_of_a_plan(model: TissueModel) -> None:
    threads = [dataclasses.replace(one, tension_n=0.7) for one in four_threads(ANATOMY, "left")]
    together = model.lift(threads)
    unit = model.unit_responses(threads)
    summed = np.linalg.norm(0.7 * unit.point_mm_per_n.sum(axis=0), axis=1)
    for name, size in zip(unit.landmarks, summed, strict=True):
        assert size == pytest.approx(together.point(name).total_mm, rel=1e-3, abs=1e-4)
    assert unit.point_mm_per_n.shape == (4, len(unit.landmarks), 3)


def test_both_sides_answer_alike_on_a_symmetric_face(model: TissueModel) -> None:
    both = model.lift([THREAD, one_thread(ANATOMY, side="right")])
    left, right = both.point("jowl_l"), both.point("jowl_r")
    assert right.total_mm == pytest.approx(left.total_mm, rel=0.02)
    assert right.lateral_mm == pytest.approx(left.lateral_mm, abs=0.03)
    assert [pull.thread for pull in both.threads] == [THREAD.id, "jowl-right"]


def test_order_of_threads_is_kept_across_sides(model: TissueModel) -> None:
    right, left = one_thread(ANATOMY, side="right", tension_n=0.5), THREAD
    lift = model.lift([right, left])
    assert [(pull.thread, pull.asked_n) for pull in lift.threads] == [("jowl-right", 0.5), ("jowl-left", 1.0)]
    assert lift.point("jowl_l").total_mm > 1.5 * lift.point("jowl_r").total_mm


def test_no_tension_no_lift_and_no_threads_no_lift(model: TissueModel) -> None:
    assert model.lift([dataclasses.replace(THREAD, tension_n=0.0)]).largest_mm < 1e-12
    nothing = model.lift([])
    assert nothing.largest_mm == 0 and not nothing.points
    assert {finding.rule for finding in nothing.findings} == {"LIFT-MODEL"}
    with pytest.raises(InputError, match="no lifting thread"):
        model.response([])


def test_compliance_is_reciprocal_and_forces_balance(model: TissueModel) -> None:
    part = model.part("left")
    assert reciprocity_error(part, ANATOMY) < 1e-12
    assert residual_balance(part, ANATOMY) < 1e-10


def test_a_thread_over_the_midline_takes_the_whole_face() -> None:
    across = dataclasses.replace(THREAD, points_mm=THREAD.points_mm - np.array([90.0, 0, 0]))
    assert set(_by_extent([THREAD], "halves")) == {"left"}
    assert set(_by_extent([THREAD, across], "halves")) == {"full"}
    assert set(_by_extent([THREAD], "whole")) == {"full"}


def test_two_threads_of_one_name_are_refused() -> None:
    twin = dataclasses.replace(THREAD, points_mm=THREAD.points_mm + np.array([0, 2.0, 0]))
    with pytest.raises(InputError, match="same name"):
        TissueModel(ANATOMY, nominal_parameters()).lift([THREAD, twin])


class Counted(TissueModel):
    """A model that counts how often it had to compute."""

    computed = 0

    def _compute(self, groups, threads):  # type: ignore[no-untyped-def]
        self.computed += 1
        return super()._compute(groups, threads)


def counted(folder: Path, model: TissueModel, **factors: float) -> Counted:
    fresh = Counted(ANATOMY, nominal_parameters().times(**factors), pieces="halves", cache=folder)
    fresh._parts = model._parts
    return fresh


def test_a_stored_response_is_found_again_and_gives_the_same_lift(tmp_path: Path, model: TissueModel) -> None:
    first, second = counted(tmp_path, model), counted(tmp_path, model)
    before, after = first.lift([THREAD]), second.lift([THREAD])
    assert (first.computed, second.computed) == (1, 0)
    assert after.displacement_mm == pytest.approx(before.displacement_mm, abs=1e-12)
    assert after.findings == before.findings
    pulled = counted(tmp_path, model)
    pulled.lift([dataclasses.replace(THREAD, tension_n=0.3, holding_force_n=0.5)])
    assert pulled.computed == 0


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text"])
def test_a_damaged_response_is_computed_again(tmp_path: Path, model: TissueModel, damage: str) -> None:
    before = counted(tmp_path, model).lift([THREAD])
    (path,) = tmp_path.glob("response-*.npz")
    content = bytearray(path.read_bytes())
    if damage == "changed":
        content[len(content) // 2] ^= 0xFF
    path.write_bytes({"cut": content[:1000], "changed": content, "empty": b"", "text": b"hello"}[damage])
    again = counted(tmp_path, model)
    assert again.lift([THREAD]).displacement_mm == pytest.approx(before.displacement_mm, abs=1e-12)
    assert again.computed == 1


def test_other_parameters_or_another_path_are_another_response(tmp_path: Path, model: TissueModel) -> None:
    key = response_cache.response_key(ANATOMY, nominal_parameters(), ["left"], [THREAD])
    other = nominal_parameters().times(young_fat=1.1)
    both_ways = dataclasses.replace(nominal_parameters(), ligament_action="two_way")
    gliding = dataclasses.replace(nominal_parameters(), glide={"malar": 0.3})
    for changed in (both_ways, gliding, nominal_parameters().times(density=1.1)):
        assert response_cache.response_key(ANATOMY, changed, ["left"], [THREAD]) != key
    moved = dataclasses.replace(THREAD, points_mm=THREAD.points_mm + np.array([0, 0.1, 0]))
    assert response_cache.response_key(ANATOMY, other, ["left"], [THREAD]) != key
    assert response_cache.response_key(ANATOMY, nominal_parameters(), ["left"], [moved]) != key
    assert response_cache.response_key(ANATOMY, nominal_parameters(), ["full"], [THREAD]) != key
    pulled = dataclasses.replace(THREAD, tension_n=0.2)
    assert response_cache.response_key(ANATOMY, nominal_parameters(), ["left"], [pulled]) == key


def test_a_cache_folder_that_cannot_be_written_is_no_failure(tmp_path: Path, model: TissueModel) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert counted(blocked / "cache", model).lift([THREAD]).largest_mm > 0


def test_a_cache_folder_that_may_only_be_read_answers_all_the_same(
    tmp_path: Path, model: TissueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    counted(tmp_path, model).lift([THREAD])
    monkeypatch.setattr(Path, "touch", refused)
    again = counted(tmp_path, model)
    again.lift([THREAD])
    assert again.computed == 0


def test_a_face_of_another_template_is_refused() -> None:
    face = dataclasses.replace(ANATOMY.face, vertices_mm=ANATOMY.face.vertices_mm[:-1])
    other = dataclasses.replace(ANATOMY, face=face)
    with pytest.raises(InputError, match="another template"):
        build_tissue(other).part("left")
