"""The reduced model of a plan: powers, its small equations, the whole face, and its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy
from threadlift.errors import InputError
from threadlift.tissue import nominal_parameters
from threadlift.tissue.domain import beside_openings, domain_triangles
from threadlift.tissue.lift import PatchReader
from threadlift.tissue.mesh import LayerThickness, build_mesh
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.part import TissuePart, part_on_mesh
from threadlift.tissue.reduced import ReducedPlan, draw_logs, draw_people, prior_spread
from threadlift.tissue.reduced.build import Reduction, share_pull
from threadlift.tissue.reduced.part import Powered, ReducedPart
from threadlift.tissue.reduced.power import (
    THICK,
    THIN,
    Collected,
    Factor,
    linear_function,
    mixture,
    share_weights,
    thickness_functions,
)
from threadlift.tissue.reduced.store import load_reduced, store_reduced
from threadlift.tissue.verification.demonstration import demonstration_anatomy, one_thread, thickened
from threadlift.tissue.verification.learning import changed_parameters

ANATOMY = demonstration_anatomy()
NAMES = tuple(prior_spread())
PLACES = ("jowl_l", "mar_l")


def value(factor: Factor, **parameters: float) -> float:
    return sum(c * np.prod([parameters[name] ** power for name, power in p.items()]) for c, p in factor.terms)


def test_thickness_functions_are_one_where_they_belong_and_nothing_elsewhere() -> None:
    thin, thick = thickness_functions("s")
    assert [value(thin, s=s) for s in (THIN, 1.0, THICK)] == pytest.approx([1, 0, 0], abs=1e-12)
    assert [value(thick, s=s) for s in (THIN, 1.0, THICK)] == pytest.approx([0, 0, 1], abs=1e-12)
    assert [value(linear_function("s"), s=s) for s in (1.0, THICK)] == pytest.approx([0, 1], abs=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_a_mixture_of_two_stiffnesses_is_met_between_the_nodes(share: float) -> None:
    weights = share_weights(np.array([share]))[:, 0]
    found = sum(w * value(f, a=2.0, b=0.5) for w, f in zip(weights, mixture("a", "b"), strict=True))
    assert found == pytest.approx(2.0 ** (1 - share) * 0.5**share, rel=0.005)
    if share in (0.0, 1.0):
        assert found == pytest.approx(2.0 ** (1 - share) * 0.5**share, rel=1e-12)


def test_slopes_and_products_of_factors() -> None:
    both = Factor.of(a=2.0).times(linear_function("s"))
    assert both.nominal == pytest.approx(0.0)
    step = 1e-6
    by_step = (value(both, a=1.0, s=np.exp(step)) - value(both, a=1.0, s=1.0)) / step
    assert both.slope("s") == pytest.approx(by_step, rel=1e-4)


def test_a_parameter_that_nobody_samples_is_no_silent_zero() -> None:
    with pytest.raises(KeyError, match="unheard"):
        Collected(("a",)).add(Factor.of(unheard=1.0), np.ones(1))


def springs(*, pieces: int = 1) -> ReducedPart:
    """One field that is a spring of 2 N/mm times the skin's stiffness, held by a ligament of 1 N/mm."""
    skin = np.zeros((1, len(NAMES)))
    skin[0, NAMES.index("young_skin")] = 1.0
    flat = np.zeros((1, len(NAMES)))
    return ReducedPart(
        stiffness=Powered(skin, np.full((1, 1, 1), 2.0)),
        load=Powered(flat, np.ones((1, 1, 1))),
        weight=Powered(flat, np.full((1, 1), -1.0)),
        pieces=np.full((1, pieces), -1.0),
        piece_stiffness_n_per_mm=np.ones(pieces),
        reading=np.array([[[0.0], [1.0], [0.0]]]),
    )


def plan(part: ReducedPart) -> ReducedPlan:
    return ReducedPlan(("a",), ("jowl_l",), NAMES, (part,), ((0,),))


def test_a_hanging_ligament_unloads_first_and_then_goes_slack() -> None:
    """Weight 1 N on spring 2 and ligament 1: it carries 1/3 N at a stretch of 1/3 mm.

    A pull of 1 N would lift by 1/3 with the ligament, so that just then it is slack; beyond, by 1/2 mm per N.
    """
    model, logs = plan(springs()), np.zeros((4, len(NAMES)))
    lifts = model.lifts(logs, np.array([[0.0], [0.5], [1.0], [3.0]]))[:, 0, 0, 1]
    assert lifts == pytest.approx([0.0, 0.5 / 3, 1 / 3, 1 / 3 + 2.0 / 2], abs=1e-9)


def test_softer_skin_lifts_more_and_without_ligaments_twice_the_stiffness_halves() -> None:
    free = plan(springs(pieces=0))
    logs = np.zeros((2, len(NAMES)))
    logs[1, NAMES.index("young_skin")] = np.log(2.0)
    assert free.lifts(logs, np.ones((2, 1)))[:, 0, 0, 1] == pytest.approx([0.5, 0.25])


def test_samples_of_another_plan_are_refused() -> None:
    with pytest.raises(InputError, match="do not belong"):
        plan(springs()).lifts(np.zeros((1, 3)), np.ones((1, 1)))


def test_tissue_for_which_the_model_does_not_hold_is_refused() -> None:
    logs = np.full((1, len(NAMES)), np.nan)
    with pytest.raises(InputError, match="does not hold"):
        plan(springs()).lifts(logs, np.ones((1, 1)))


def test_draws_follow_the_seed_and_people_share_half() -> None:
    assert (draw_logs(20, 1) == draw_logs(20, 1)).all()
    assert (draw_logs(20, 1) != draw_logs(20, 2)).any()
    common, (first, second) = draw_people(4000, 2, 3)
    assert np.corrcoef(first[:, 0], second[:, 0])[0, 1] == pytest.approx(0.5, abs=0.05)
    _, (alone,) = draw_people(50, 1, 3)
    assert alone / np.array(list(prior_spread().values())) == pytest.approx(
        draw_people(50, 1, 3)[0].clip(-2.5, 2.5)
    )
    assert common.shape == (4000, len(NAMES))


def cheek(anatomy: Anatomy, parameters: TissueParameters) -> TissuePart:
    """The left cheek alone: a quarter of the work."""
    vertices, layers = anatomy.face.vertices_mm, anatomy.layers
    triangles = domain_triangles("left")
    near = np.linalg.norm(vertices - anatomy.face.landmark("jowl_l"), axis=1) < 48.0
    thickness = LayerThickness(layers.skin_mm, layers.superficial_fat_mm, layers.smas_mm, layers.deep_mm)
    mesh = build_mesh(vertices, triangles[near[triangles].all(axis=1)], thickness, beside_openings())
    return part_on_mesh(anatomy, parameters, mesh, "left")


def rows_of(anatomy: Anatomy, part: TissuePart) -> NDArray[np.float64]:
    return PatchReader(anatomy.face, part.modelled).rows(PLACES)


@pytest.fixture(scope="module")
def reduced() -> ReducedPlan:
    thread, part = one_thread(ANATOMY), cheek(ANATOMY, nominal_parameters())
    reduction = Reduction(part, ANATOMY, nominal_parameters(), share_pull(part.respond([thread]), [thread]))
    found = reduction.reduce(rows_of(ANATOMY, part)[:, part.mesh.source])
    return ReducedPlan((thread.id,), PLACES, NAMES, (found,), ((0,),))


def test_the_full_model_is_met_for_changed_tissue(reduced: ReducedPlan) -> None:
    factors = {
        "young_skin": 1.5,
        "young_smas": 0.7,
        "young_deep": 1.4,
        "ligament_factor": 1.5,
        "thickness_fat_factor": 1.2,
        "thickness_skin_factor": 1.15,
    }
    logs = np.array([[np.log(factors.get(name, 1.0)) for name in NAMES]])
    moved = np.linalg.norm(reduced.lifts(logs, np.ones((1, 1)))[0, 0], axis=1)
    thick = thickened(ANATOMY, factors)
    thread, part = one_thread(thick), cheek(thick, changed_parameters(factors))
    field = part.respond([thread]).pull([thread]).displacement_mm
    full = np.linalg.norm(rows_of(thick, part) @ field, axis=1)
    assert moved == pytest.approx(full, rel=0.06)
    unchanged = np.linalg.norm(reduced.nominal_mm(np.ones(1)), axis=1)
    assert np.abs(unchanged / full - 1).max() > 0.15, "the change is worth seeing"


def test_a_reduced_model_survives_its_file_and_a_damaged_one_is_computed_again(
    reduced: ReducedPlan, tmp_path: Path
) -> None:
    store_reduced(tmp_path, "key", reduced.parts, reduced.members)
    kept = load_reduced(tmp_path, "key")
    assert kept is not None
    again = ReducedPlan(reduced.thread_ids, reduced.landmarks, NAMES, *kept)
    logs = draw_logs(3, 1)
    assert again.lifts(logs, np.ones((3, 1))) == pytest.approx(reduced.lifts(logs, np.ones((3, 1))))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-10])
    assert load_reduced(tmp_path, "key") is None
    assert load_reduced(tmp_path, "other") is None
