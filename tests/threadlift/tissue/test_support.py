"""What holds the face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from threadlift.errors import InputError
from threadlift.tissue.material import glide_factor, mix, wedge_elasticity, young_by_layer
from threadlift.tissue.mesh import SKIN_LEVEL, Layer, LayerThickness, build_mesh
from threadlift.tissue.parameter import nominal_parameters, parameter_spread
from threadlift.tissue.sensitivity import lift_exponents, lift_factors, sample_factors
from threadlift.tissue.support import (
    LigamentLine,
    base_foundation,
    cut_edges,
    lid_rims,
    ligaments,
    rim_edges,
    skin_tension,
)
from threadlift.tissue.verification.block import make_block

GRID = make_block((8, 8, 1), (24.0, 24.0, 1.0))
COUNT = len(GRID.nodes) // 2
PLAIN = np.ones(COUNT)
MESH = build_mesh(
    GRID.nodes[:COUNT],
    GRID.triangles,
    LayerThickness(1.5 * PLAIN, 3.0 * PLAIN, 1.0 * PLAIN, 4.5 * PLAIN),
    np.zeros(COUNT, dtype=bool),
)
ALONG_X = np.tile([1.0, 0, 0], len(MESH.nodes_mm))
ALONG_Z = np.tile([0, 0, 1.0], len(MESH.nodes_mm))


def test_the_base_resists_by_its_area_in_each_direction() -> None:
    base = base_foundation(MESH, 0.3e-3 * PLAIN, 3e-3 * PLAIN)
    assert ALONG_X @ (base @ ALONG_X) == pytest.approx(0.3e-3 * 576)
    assert ALONG_Z @ (base @ ALONG_Z) == pytest.approx(3e-3 * 576)


def test_a_ligament_brings_its_total_stiffness_wherever_it_lies_on_the_face() -> None:
    line = LigamentLine("x", np.array([[8.0, 12, 0], [16.0, 12, 0]]), 1.5)
    springs = ligaments(MESH, [line], 5.0)
    assert ALONG_X @ (springs @ ALONG_X) == pytest.approx(1.5)


def test_a_ligament_off_the_model_holds_nothing() -> None:
    line = LigamentLine("x", np.array([[80.0, 12, 0]]), 1.5)
    assert ligaments(MESH, [line], 5.0).count_nonzero() == 0


def test_skin_tension_resists_dents_only() -> None:
    tension = skin_tension(MESH, 15e-3)
    assert np.abs(tension @ ALONG_Z).max() < 1e-12
    stretch = np.zeros((len(MESH.nodes_mm), 3))
    stretch[:, 0] = MESH.nodes_mm[:, 0]
    assert np.abs(tension @ stretch.ravel()).max() < 1e-12
    dent = np.zeros((len(MESH.nodes_mm), 3))
    dent[MESH.level(SKIN_LEVEL)[COUNT // 2], 2] = 1
    assert dent.ravel() @ (tension @ dent.ravel()) > 0


def test_cut_edges_and_lids_hold_by_their_length() -> None:
    young = dict.fromkeys(Layer, 0.06 * PLAIN)
    edges, _ = rim_edges(MESH, np.array([[500.0, 0, 0]]), np.array([[500.0, 0, 0]]), 9.0)
    cut = cut_edges(MESH, young, edges, 30.0)
    assert ALONG_X @ (cut @ ALONG_X) == pytest.approx(0.06 * 10 * 96 / 30)
    lids = lid_rims(MESH, edges, 5e-3)
    assert ALONG_X @ (lids @ ALONG_X) == pytest.approx(5e-3 * 96 * 10)


def test_a_border_beside_an_opening_is_not_cut() -> None:
    eye, far = np.array([[0.0, 12.0, 0.0]]), np.array([[500.0, 0, 0]])
    cut, lids = rim_edges(MESH, eye, far, 9.0)
    assert len(lids) > 0 and len(cut) + len(lids) == 32
    free_cut, no_lids = rim_edges(MESH, far, eye, 9.0)
    assert len(no_lids) == 0 and len(free_cut) == len(cut)


def test_stiffness_between_regions_mixes_in_the_logarithm() -> None:
    assert mix(1.0, 100.0, np.array([0.0, 0.5, 1.0])) == pytest.approx([1, 10, 100])


def test_lips_are_muscle_where_the_cheek_is_smas() -> None:
    parameters = nominal_parameters()
    young = young_by_layer(parameters, ("lip", "buccal"), np.eye(2))
    assert young[Layer.SMAS] == pytest.approx([parameters.young_muscle, parameters.young_smas])


def test_each_wedge_takes_the_stiffness_of_its_layer() -> None:
    young = {layer: (1.0 + layer) * PLAIN for layer in Layer}
    shear = wedge_elasticity(MESH, young, 0.25).shear_mpa
    assert shear[MESH.layer == Layer.SKIN] == pytest.approx(4.0 / 2.5)
    assert shear[MESH.layer == Layer.DEEP] == pytest.approx(1.0 / 2.5)


def test_parameters_multiply_and_refuse_nonsense() -> None:
    nominal = nominal_parameters()
    assert nominal.young_skin == pytest.approx(0.06)
    assert nominal.times(young_skin=2.0).young_skin == pytest.approx(0.12)
    with pytest.raises(InputError, match="unknown parameter"):
        nominal.times(young_hair=2.0)
    with pytest.raises(InputError, match="young_skin must be above zero"):
        nominal.times(young_skin=0.0)
    with pytest.raises(InputError, match="poisson"):
        nominal.times(poisson_ratio=1.1)
    assert nominal.times(skin_tension=0.0).skin_tension == 0
    with pytest.raises(InputError, match="young_fat must be above zero"):
        nominal.times(young_fat=-1.0)
    with pytest.raises(InputError, match="young_deep must be above zero"):
        nominal.times(young_deep=float("nan"))
    with pytest.raises(InputError, match="'bone' needs a stiffness above zero"):
        replace(nominal, base={**nominal.base, "bone": (0.1, -0.1)})
    with pytest.raises(InputError, match="ligament_action"):
        replace(nominal, ligament_action="sideways")  # type: ignore[arg-type]


@pytest.mark.parametrize("factor", [0.0, -0.3, 1.1, float("nan")])
def test_a_plane_that_glides_without_any_shear_or_grips_more_is_refused(factor: float) -> None:
    with pytest.raises(InputError, match="the glide of 'malar'"):
        replace(nominal_parameters(), glide={"malar": factor})


def test_a_gliding_plane_shears_more_easily_but_does_not_open() -> None:
    parameters = replace(nominal_parameters(), glide={"malar": 0.25})
    share = np.tile([0.5, 0.5], (COUNT, 1))
    factor = glide_factor(parameters, ("malar", "chin"), share)
    assert factor == pytest.approx(0.5 * PLAIN)
    young = {layer: (1.0 + layer) * PLAIN for layer in Layer}
    plain, gliding = wedge_elasticity(MESH, young, 0.25), wedge_elasticity(MESH, young, 0.25, factor)
    assert gliding.bulk_mpa == pytest.approx(plain.bulk_mpa)
    softer = gliding.shear_mpa / plain.shear_mpa
    height = MESH.nodes_mm[MESH.wedges].mean(axis=1)[:, 2]
    assert softer[(height > -7.75) & (height < -5.5)] == pytest.approx(0.5)
    assert softer[(height < -7.75) | (height > -5.5)] == pytest.approx(1.0)


def test_a_gliding_plane_in_a_region_that_no_face_has_is_refused() -> None:
    with pytest.raises(InputError, match="no region 'tail'"):
        glide_factor(replace(nominal_parameters(), glide={"tail": 0.5}), ("malar",), PLAIN[:, None])


def test_the_surrogate_is_one_at_the_nominal_set_and_falls_with_stiffer_skin() -> None:
    names = set(parameter_spread())
    assert set(lift_exponents()) <= names
    assert lift_factors({"young_skin": np.array([1.0])}) == pytest.approx([1.0])
    assert lift_factors({"young_skin": np.array([2.0])})[0] < 0.85
    with pytest.raises(InputError, match="no sensitivity"):
        lift_exponents("ear")


def test_samples_of_the_parameters_follow_the_seed() -> None:
    first, again, other = sample_factors(50, 1), sample_factors(50, 1), sample_factors(50, 2)
    assert (first["young_skin"] == again["young_skin"]).all()
    assert (first["young_skin"] != other["young_skin"]).any()
