"""Planned threads as cables."""

from __future__ import annotations

import dataclasses

import pytest

from tests.threadlift.anatomy.builders import anatomy_of
from tests.threadlift.planning.threads import technique
from threadlift.errors import InputError
from threadlift.finding import Finding
from threadlift.planning.cable import cable_of, cables_of, simulate_threads
from threadlift.planning.path import ResolvedThread, resolve_thread
from threadlift.planning.plan import PlannedThread
from threadlift.threads import load_catalogue
from threadlift.tissue import CableThread, TissueModel, nominal_parameters

ANATOMY = anatomy_of()
CATALOGUE = load_catalogue()
PLANNED = technique("jowl_temple")[0]


def resolved(**change: object) -> ResolvedThread:
    return resolve_thread(PlannedThread(**{**PLANNED.model_dump(), **change}), ANATOMY)  # type: ignore[arg-type]


def cable(**change: object) -> CableThread:
    thread = resolved(**change)
    made = cable_of(thread, CATALOGUE.kind(thread.thread.kind))
    assert isinstance(made, CableThread)
    return made


def test_front_barbs_fill_the_barbed_end_of_the_path() -> None:
    made = cable(kind="pdo_cog_cut_2_0", anchoring="fixed", tension_n=0.8)
    assert made.length_mm - made.barbs_mm[0] == pytest.approx(42.0, abs=0.1)
    assert made.barbs_mm[-1] == pytest.approx(made.length_mm - 1.0, abs=0.1)
    assert made.rear_barbs_mm == ()
    assert made.tension_n == 0.8
    assert made.holding_force_n == pytest.approx(1.87)
    assert made.axial_stiffness_n > 50


def test_a_floating_thread_loses_the_rear_barbs_that_are_cut_off_at_the_entry() -> None:
    made = cable(kind="pdo_cog_cut_2_0", anchoring="floating")
    kind = CATALOGUE.kind("pdo_cog_cut_2_0")
    length = kind.length_for(made.length_mm)
    assert length is not None
    expected = max(42.0 - (length - made.length_mm), 10.0)
    assert made.rear_barbs_mm[-1] == pytest.approx(min(expected, 0.4 * made.length_mm), abs=0.1)
    assert made.rear_barbs_mm[-1] < made.barbs_mm[0]


def test_a_path_too_short_for_its_barbs_still_has_both_rows() -> None:
    short = (
        {"landmark": "jowl", "offset_mm": {"up": 25.0}},
        {"landmark": "jowl", "offset_mm": {"up": 5.0}},
    )
    made = cable(kind="pdo_cog_cut_2_0", anchoring="floating", path=short)
    assert 0 < made.rear_barbs_mm[-1] < made.barbs_mm[0] < made.length_mm


@pytest.mark.parametrize(
    ("kind", "rule"),
    [("pdo_mono", "LIFT-SMOOTH"), ("pdo_screw", "LIFT-SMOOTH"), ("unknown", "LIFT-UNKNOWN-THREAD")],
)
def test_a_thread_that_cannot_lift_says_so(kind: str, rule: str) -> None:
    made = cable_of(resolved(kind=kind), CATALOGUE.kind(kind))
    assert isinstance(made, Finding) and made.rule == rule


def test_a_floating_thread_with_barbs_one_way_only_is_unheld() -> None:
    thread = resolved(kind="pp_cone", anchoring="floating")
    made = cable_of(thread, CATALOGUE.kind("pp_cone"))
    assert isinstance(made, Finding) and made.rule == "LIFT-UNHELD"
    assert isinstance(cable(kind="pp_cone", anchoring="fixed"), CableThread)


def test_lifting_and_other_threads_of_a_plan_are_told_apart() -> None:
    cables, findings = cables_of([resolved(), resolved(id="S1", kind="pdo_mono")])
    assert [one.id for one in cables] == [PLANNED.id]
    assert [finding.where.thread for finding in findings] == ["S1"]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="no thread kind"):
        cables_of([resolved(kind="nosuch")])


def test_a_plan_of_smooth_threads_only_moves_nothing() -> None:
    model = TissueModel(ANATOMY, nominal_parameters(), pieces="halves")
    lift = simulate_threads(model, [resolved(kind="pdo_mono")])
    assert lift.largest_mm == 0
    assert {finding.rule for finding in lift.findings} == {"LIFT-MODEL", "LIFT-SMOOTH"}


def test_every_lifting_kind_of_the_catalogue_makes_a_cable() -> None:
    for kind in CATALOGUE.find_kinds(can_lift=True):
        thread = resolved(kind=kind.id, anchoring="fixed")
        made = cable_of(thread, kind)
        assert isinstance(made, CableThread), kind.id
        assert dataclasses.replace(made, tension_n=0.0).length_mm > 0
