"""Adjoint read-outs against direct solves on half a face."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from scipy import sparse

from threadlift.face.surface import patch_weights
from threadlift.face.template import load_template
from threadlift.tissue import nominal_parameters
from threadlift.tissue.cable import build_cables
from threadlift.tissue.influence import ThreadLoads, patch_rows, usual_shares
from threadlift.tissue.mesh import SKIN_LEVEL
from threadlift.tissue.part import TissuePart, build_part
from threadlift.tissue.solver import Factorisation
from threadlift.tissue.strain import SkinPlanes, principal_directions, skin_strain, strain_row
from threadlift.tissue.thread import CableThread, spaced_barbs
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads

ANATOMY = demonstration_anatomy()


@cache
def half() -> TissuePart:
    return build_part(ANATOMY, nominal_parameters(), "left")


def threads() -> list[CableThread]:
    first, second, *_ = four_threads(ANATOMY, "left")
    floating = dataclasses.replace(second, anchoring="floating", rear_barbs_mm=spaced_barbs(2.0, 30.0, 6))
    return [first, floating]


def patches() -> np.ndarray:
    face, triangles = ANATOMY.face, load_template().triangles
    inside = half().modelled
    weights = [
        patch_weights(face.vertices_mm, triangles, face.landmark(name), 5.0) * inside
        for name in ("jowl_l", "ch_l")
    ]
    return np.array([one / one.sum() for one in weights])


def direct(thread: CableThread, stiffness: np.ndarray) -> np.ndarray:
    """Motion (n, 3) of the skin under 1 N shared as usual, with the pieces in the matrix itself."""
    part = half()
    cable = build_cables([thread], part.spreading, part.ball_radius_mm)
    load = -(cable.coupling @ (cable.collect @ usual_shares(thread)))
    moved = part.factorisation.solve(load[:, None])[:, 0]
    pieces = part.restraints.coupling
    if stiffness.any():
        added = pieces @ sparse.diags_array(stiffness) @ pieces.T
        matrix = sparse.csr_array(part.factorisation.matrix + added)
        moved = Factorisation(matrix).solve(load[:, None])[:, 0]
    surface = np.zeros((part.vertex_count, 3))
    surface[part.mesh.source] = moved.reshape(-1, 3)[part.mesh.level(SKIN_LEVEL)]
    return surface


def test_adjoint_read_outs_equal_direct_solves() -> None:
    rows = patch_rows(patches())
    found = ThreadLoads(half(), threads()).influence(rows)
    none = np.zeros(len(half().restraints))
    for column, thread in enumerate(threads()):
        expected = (patches() @ direct(thread, none)).ravel()
        assert found.at(none)[:, column] == pytest.approx(expected, rel=1e-8, abs=1e-10)


def test_pieces_act_as_springs_in_the_matrix_would() -> None:
    taut = half().restraints.stiffness_n_per_mm * (np.arange(len(half().restraints)) % 3 > 0)
    found = ThreadLoads(half(), threads()[:1]).influence(patch_rows(patches()))
    expected = (patches() @ direct(threads()[0], taut)).ravel()
    free = found.at(np.zeros(len(taut)))[:, 0]
    assert found.at(taut)[:, 0] == pytest.approx(expected, rel=1e-8, abs=1e-9)
    assert np.linalg.norm(found.at(taut)[:, 0]) < np.linalg.norm(free)


def test_usual_shares_put_most_on_the_barb_beside_the_smooth_part() -> None:
    fixed, floating = threads()
    assert usual_shares(fixed).sum() == pytest.approx(1.0)
    assert usual_shares(fixed)[0] == pytest.approx(0.24)
    rear, front = np.split(usual_shares(floating), [6])
    assert rear.sum() == pytest.approx(1.0) and front.sum() == pytest.approx(1.0)
    assert rear.argmax() == 5 and front.argmax() == 0


def test_usual_sharing_is_near_the_computed_one() -> None:
    """Good enough to choose by: read-outs within a quarter of the exact ones."""
    found = ThreadLoads(half(), threads()).influence(patch_rows(patches()))
    for column, thread in enumerate(threads()):
        strong = dataclasses.replace(thread, tension_n=1.0, holding_force_n=1e6)
        pull = half().respond([strong]).pull([strong])
        exact = (patches() @ pull.displacement_mm)[0]
        usual = found.at(pull.secant_stiffness_n_per_mm)[:3, column]
        assert np.linalg.norm(usual - exact) < 0.25 * np.linalg.norm(exact)


def test_a_strain_row_touches_the_patch_mean_of_the_largest_stretch_from_below() -> None:
    face = ANATOMY.face
    planes = SkinPlanes.of(face.vertices_mm, load_template().triangles)
    weights = patch_weights(face.vertices_mm, load_template().triangles, face.landmark("ma_l"), 5.0)
    random = np.random.default_rng(7)
    here, other = (0.05 * random.standard_normal(face.vertices_mm.shape) for _ in range(2))
    high, low = principal_directions(planes, here)
    for motion, touches in ((here, True), (other, False)):
        largest, smallest = (
            weights @ field for field in skin_strain(face.vertices_mm, load_template().triangles, motion)
        )
        along_high = strain_row(planes, weights, high) @ motion.ravel()
        along_low = strain_row(planes, weights, low) @ motion.ravel()
        if touches:
            assert along_high == pytest.approx(largest, rel=1e-9)
            assert along_low == pytest.approx(smallest, rel=1e-9)
        else:
            assert along_high < largest and along_low > smallest
