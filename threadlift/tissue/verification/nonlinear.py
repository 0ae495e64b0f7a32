"""The nonlinear mode: exact derivatives, the linear tangent at rest, and how far the linear model is off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse

from threadlift.tissue.assembly import assemble_stiffness, isotropic
from threadlift.tissue.model import TissueModel
from threadlift.tissue.nonlinear.body import HyperelasticBody
from threadlift.tissue.nonlinear.comparison import LiftError, linear_errors, threshold_mm
from threadlift.tissue.nonlinear.face import NonlinearMode
from threadlift.tissue.nonlinear.newton import NewtonSettings, find_equilibrium
from threadlift.tissue.nonlinear.potential import DeadLoad, Potential
from threadlift.tissue.nonlinear.stiffening import NO_STIFFENING
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.restraint import Restraints
from threadlift.tissue.solver import Factorisation
from threadlift.tissue.validity import threshold_of
from threadlift.tissue.verification.block import Block, make_block
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads
from threadlift.tissue.verification.figure import Figure, at_most, close_to, shown

GROUP = "Nonlinear mode"
LIFTS_MM = (1.0, 2.0, 4.0, 6.0)
PLACES = {"jowl_l": "jowl", "mar_l": "marionette", "ma_l": "malar", "largest": "largest motion"}
LANDMARKS = tuple(PLACES)[:3]
STATED_SHARE = 0.1
_YOUNG, _POISSON, _STIFFENING = 1.0, 0.47, 4.0


@dataclass(frozen=True)
class _Sample:
    """An irregular block with its hyperelastic body and its linear stiffness."""

    block: Block
    body: HyperelasticBody
    linear: sparse.csr_array


def _sample(stiffening: float) -> _Sample:
    block = make_block((3, 3, 4), (1.0, 1.0, 2.0))
    block.nodes[:, :2] += np.random.default_rng(7).uniform(-0.04, 0.04, (len(block.nodes), 2))
    moduli = isotropic(np.full(len(block.wedges), _YOUNG), _POISSON)
    body = HyperelasticBody(block.nodes, block.wedges, moduli, block.groups, stiffening)
    return _Sample(block, body, assemble_stiffness(block.nodes, block.wedges, moduli, block.groups))


def tangent_error() -> float:
    """Largest difference of the tangent at rest from the linear stiffness, over its largest entry."""
    sample = _sample(_STIFFENING)
    rest = sample.body.reached(np.zeros(sample.body.size))
    return float(abs(sample.body.stiffness(rest) - sample.linear).max() / abs(sample.linear).max())


def derivative_orders() -> tuple[float, float]:
    """Observed order of what one and two terms of Taylor's row leave of the energy: 2 and 3."""
    sample = _sample(_STIFFENING)
    random = np.random.default_rng(8)
    base, way = random.normal(0, 0.02, sample.body.size), random.normal(size=sample.body.size)
    state = sample.body.reached(base)
    slope = float(sample.body.force(state) @ way)
    curve = float(way @ (sample.body.stiffness(state) @ way))
    steps = np.array([2e-3, 1e-3])
    change = np.array([sample.body.energy(sample.body.reached(base + h * way)) for h in steps])
    change -= sample.body.energy(state)
    left = np.abs(change - steps * slope), np.abs(change - steps * slope - steps**2 / 2 * curve)
    return float(np.log2(left[0][0] / left[0][1])), float(np.log2(left[1][0] / left[1][1]))


def departure_order() -> float:
    """Order in the load at which the nonlinear answer leaves the linear one: 2."""
    sample = _sample(0.0)
    block, size = sample.block, sample.body.size
    free = np.flatnonzero(np.repeat(block.nodes[:, 2] > 0, 3))
    force = np.zeros_like(block.nodes)
    force[block.nodes[:, 2] == 2.0] = [1e-4, 5e-5, 2e-4]
    inner = sparse.csr_array(sample.linear[free][:, free])
    linear = np.zeros(size)
    linear[free] = Factorisation(inner).solve(force.ravel()[free][:, None])[:, 0]

    def departure(share: float) -> float:
        load = DeadLoad(share * force.ravel())
        potential = Potential(sample.body, sparse.csr_array((size, size)), load, Restraints.none(size))
        found = find_equilibrium(potential, NewtonSettings(tolerance=1e-9), free=free)
        return float(np.linalg.norm(found.displacement_mm - share * linear))

    return float(np.log2(departure(1.0) / departure(0.5)))


@cache
def face_errors(*, stiffening: bool) -> tuple[LiftError, ...]:
    """Linear against nonlinear on half the synthetic face, four threads that follow the tissue."""
    model = TissueModel(demonstration_anatomy(), nominal_parameters(), pieces="halves")
    mode = NonlinearMode.nominal() if stiffening else NonlinearMode(NO_STIFFENING)
    threads = four_threads(model.anatomy, "left")
    return tuple(linear_errors(model, threads, mode, LIFTS_MM, tuple(PLACES)))


def error_rows(errors: tuple[LiftError, ...], kind: str) -> list[Figure]:
    """One row a lift: nonlinear against linear at each place, and by how much the linear answer is larger."""
    rows = []
    for error in errors:
        value = ", ".join(f"{word} {error.nonlinear_mm[place]:.2f}" for place, word in PLACES.items())
        reference = ", ".join(
            f"{error.linear_mm[place]:.2f} ({100 * error.excess(place):+.0f} %)" for place in PLACES
        )
        name = (
            f"{kind}, {error.wished_mm:g} mm (four threads of {error.tension_n:.2f} N a side): nonlinear mm"
        )
        rows.append(shown(GROUP, name, value, f"linear {reference}"))
    return rows


def nonlinear_figures(progress: Callable[[str], None] = lambda stage: None) -> list[Figure]:
    """Every figure of the nonlinear mode; the face takes some minutes."""
    first, second = derivative_orders()
    figures = [
        at_most(GROUP, "tangent at rest against the linear stiffness, share", tangent_error(), 1e-12),
        close_to(GROUP, "force against the energy, observed order", first, 2.0, 0.15),
        close_to(GROUP, "tangent against the energy, observed order", second, 3.0, 0.15),
        close_to(GROUP, "departure from the linear answer, order in the load", departure_order(), 2.0, 0.15),
    ]
    for stiffening, kind in ((False, "large motion alone"), (True, "with stiffening")):
        progress(f"nonlinear, {kind}")
        errors = face_errors(stiffening=stiffening)
        figures += error_rows(errors, kind)
        limit = threshold_mm(errors, LANDMARKS, STATED_SHARE)
        name = f"{kind}: lift at which a landmark of the linear model is off by {STATED_SHARE:.0%}"
        figures.append(
            shown(GROUP, name, _millimetres(limit), f"LIFT-LARGE at {threshold_of('LIFT-LARGE'):g} mm")
        )
    return figures


def _millimetres(value: float) -> str:
    return f"{value:.1f} mm" if np.isfinite(value) else f"above {LIFTS_MM[-1]:g} mm"
