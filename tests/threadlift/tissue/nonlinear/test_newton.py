"""Newton's method: closed forms, order against the linear answer, instability, cancelling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_bvp
from scipy.optimize import brentq

from threadlift.errors import ConvergenceError, InputError
from threadlift.tissue.assembly import Elasticity, isotropic
from threadlift.tissue.nonlinear.body import HyperelasticBody
from threadlift.tissue.nonlinear.newton import NewtonSettings, NewtonStep, find_equilibrium
from threadlift.tissue.nonlinear.potential import DeadLoad, Potential
from threadlift.tissue.restraint import Restraints
from threadlift.tissue.solver import SolverName
from threadlift.tissue.verification.block import Block, Floats, make_block, on_border, solve_fixed

SHEAR, BULK = 2.0, 30.0
QUICK = NewtonSettings(solver="superlu")  # on so few unknowns faster than PARDISO
TIGHT = replace(QUICK, tolerance=1e-10)


def potential(
    block: Block, force: Floats, *, stiffening: float = 0.0, restraints: Restraints | None = None
) -> Potential:
    moduli = Elasticity(np.full(len(block.wedges), SHEAR), np.full(len(block.wedges), BULK))
    tissue = HyperelasticBody(block.nodes, block.wedges, moduli, block.groups, stiffening)
    size = block.nodes.size
    return Potential(
        tissue, sparse.csr_array((size, size)), DeadLoad(force.ravel()), restraints or Restraints.none(size)
    )


def pull_on(block: Block, axis: int, force: Floats) -> Floats:
    """``force`` (3,) spread over the end of a box as a uniform stress would be."""
    end = block.nodes[:, axis].max()
    corners = np.concatenate([block.wedges[:, :3], block.wedges[:, 3:]])
    corners = corners[(block.nodes[corners][:, :, axis] == end).all(axis=1)]
    sides = np.diff(block.nodes[corners], axis=1)
    area = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
    share = np.bincount(corners.ravel(), np.repeat(area / 3, 3), minlength=len(block.nodes))
    return np.asarray(share[:, None] / share.sum() * force)


def clamped(block: Block) -> np.ndarray:
    return np.flatnonzero(np.repeat(block.nodes[:, 2] > 0, 3))


@pytest.mark.parametrize("stiffening", [0.0, 3.0])
@pytest.mark.parametrize("stress", [-0.8, 0.5, 3.0])
def test_a_bar_in_tension_follows_the_closed_form(stress: float, stiffening: float) -> None:
    """Stretches a, b, b: P = dW/da at the b with dW/db = 0."""
    block = make_block((2, 2, 2), (1.0, 1.0, 2.0))
    free = np.flatnonzero((block.nodes > 0).ravel())
    found = find_equilibrium(
        potential(block, pull_on(block, 2, np.array([0, 0, stress])), stiffening=stiffening), TIGHT, free=free
    )
    stretch = 1 + found.displacement_mm.reshape(-1, 3)[-1] / [1.0, 1.0, 2.0]

    def slopes(a: float, b: float) -> tuple[float, float]:
        ratio, first = a * b * b, a * a + 2 * b * b
        psi = SHEAR / 2 * np.exp(stiffening * (ratio ** (-2 / 3) * first - 3))
        along = psi * ratio ** (-2 / 3) * (2 * a - 2 / 3 * first / a) + BULK * (ratio - 1) * b * b
        across = psi * ratio ** (-2 / 3) * (4 * b - 4 / 3 * first / b) + BULK * (ratio - 1) * 2 * a * b
        return along, across

    def thickness(a: float) -> float:
        return float(brentq(lambda b: slopes(a, b)[1], 0.4, 2.0, xtol=1e-14))

    exact = float(brentq(lambda a: slopes(a, thickness(a))[0] - stress, 0.4, 3.0, xtol=1e-14))
    assert stretch[2] == pytest.approx(exact, rel=1e-8)
    assert stretch[:2] == pytest.approx(thickness(exact), rel=1e-8)
    assert found.residual < 1e-10


def test_the_patch_test_holds_for_a_finite_stretch() -> None:
    block = make_block((3, 3, 3))
    inner = ~on_border(block)
    block.nodes[inner] += np.random.default_rng(4).uniform(-0.05, 0.05, (inner.sum(), 3))
    change = np.array([[0.3, 0.2, 0.0], [0.0, -0.2, 0.1], [0.1, 0.0, 0.1]])
    wanted = block.nodes @ change.T
    start = wanted + np.random.default_rng(5).uniform(-0.04, 0.04, wanted.shape) * inner[:, None]
    found = find_equilibrium(
        potential(block, np.zeros_like(wanted)),
        TIGHT,
        free=np.flatnonzero(np.repeat(inner, 3)),
        start_mm=start.ravel(),
    )
    assert found.displacement_mm.reshape(-1, 3) == pytest.approx(wanted, abs=1e-9)


def test_the_linear_answer_is_left_quadratically() -> None:
    block = make_block((2, 2, 6), (1.0, 1.0, 3.0))
    force = pull_on(block, 2, np.array([0.02, 0.01, 0.03]))
    free, size = clamped(block), block.nodes.size
    moduli = SHEAR * 9 * BULK / (3 * BULK + SHEAR), (3 * BULK - 2 * SHEAR) / (2 * (3 * BULK + SHEAR))
    fixed = np.ones(size, dtype=bool)
    fixed[free] = False
    linear = solve_fixed(block.stiffness(*moduli), force.ravel(), fixed, np.zeros(size))
    off = []
    for share in (1.0, 0.5, 0.25):
        found = find_equilibrium(potential(block, share * force), TIGHT, free=free)
        off.append(np.linalg.norm(found.displacement_mm - share * linear))
    assert np.log2(off[0] / off[1]) == pytest.approx(2, abs=0.15)
    assert np.log2(off[1] / off[2]) == pytest.approx(2, abs=0.15)


def elastica(load: float) -> tuple[float, float]:
    """Sinking and coming back of the end, over L, of an inextensible beam under P L^2 / EI = ``load``.

    th'' = -load cos th with th(0) = 0, th'(1) = 0. For load 1: 0.3017 and 0.0564.
    """
    along = np.linspace(0, 1, 200)
    found = solve_bvp(
        lambda s, y: np.stack([y[1], -load * np.cos(y[0])]),
        lambda a, b: np.array([a[0], b[1]]),
        along,
        np.zeros((2, 200)),
        tol=1e-8,
    )
    angle = found.sol(along)[0]
    return float(np.trapezoid(np.sin(angle), along)), float(1 - np.trapezoid(np.cos(angle), along))


def test_a_soft_cantilever_bends_as_the_elastica() -> None:
    """With the bending stiffness that this mesh shows in the linear answer."""
    assert elastica(1.0) == pytest.approx((0.3017, 0.0564), abs=1e-4)
    block = make_block((1, 1, 12), (0.5, 0.5, 10.0))
    force, free = pull_on(block, 2, np.array([1e-3, 0, 0])), clamped(block)
    soft = find_equilibrium(potential(block, force / 100), QUICK, free=free)
    end = block.nodes[:, 2] == 10.0
    linear = 100 * soft.displacement_mm.reshape(-1, 3)[end, 0].mean() / 10.0
    bent = potential(block, force / (3 * linear))
    tip = find_equilibrium(bent, QUICK, free=free).displacement_mm.reshape(-1, 3)[end].mean(axis=0) / 10.0
    sinks, back = elastica(1.0)
    assert tip[0] == pytest.approx(sinks, abs=0.005)
    assert -tip[2] == pytest.approx(back, abs=0.003)


def one_way(block: Block, rest: float) -> Restraints:
    """One spring of 5 N/mm against upward motion of the top of a box."""
    direction = pull_on(block, 2, np.array([0.0, 0.0, 1.0]))
    return Restraints(("top",), sparse.csc_array(direction.reshape(-1, 1)), np.array([5.0]), np.array([rest]))


@pytest.mark.parametrize(
    ("pull", "rest", "holds"), [(0.2, 0.0, True), (-0.2, 0.0, False), (0.2, -1.0, False)]
)
def test_a_ligament_piece_pulls_and_never_pushes(pull: float, rest: float, holds: bool) -> None:
    block = make_block((1, 1, 1))
    force, free = pull_on(block, 2, np.array([0, 0, pull])), clamped(block)
    alone = find_equilibrium(potential(block, force), TIGHT, free=free).displacement_mm
    pieces = one_way(block, rest)
    held = find_equilibrium(potential(block, force, restraints=pieces), TIGHT, free=free).displacement_mm
    if holds:
        assert 0 < held.reshape(-1, 3)[-1, 2] < 0.8 * alone.reshape(-1, 3)[-1, 2]
    else:
        assert held == pytest.approx(alone, abs=1e-9)


def test_a_taut_piece_is_in_balance_in_the_scan_and_goes_slack_under_a_lift() -> None:
    block = make_block((1, 1, 1))
    free = clamped(block)
    pieces = one_way(block, 0.01)
    still = find_equilibrium(potential(block, np.zeros((8, 3)), restraints=pieces), TIGHT, free=free)
    assert np.abs(still.displacement_mm).max() == 0
    lifted = find_equilibrium(
        potential(block, pull_on(block, 2, np.array([0, 0, -0.5])), restraints=pieces), TIGHT, free=free
    )
    unloaded = find_equilibrium(
        potential(block, pull_on(block, 2, np.array([0, 0, -0.45]))), TIGHT, free=free
    )  # its 0.05 N downwards are gone
    assert lifted.displacement_mm == pytest.approx(unloaded.displacement_mm, abs=1e-9)


def column() -> tuple[Block, Floats, np.ndarray]:
    """A symmetric column pressed at 1.5 times the load at which it buckles, pi^2 E I / 4 L^2."""
    block = make_block((2, 2, 5), (1.0, 1.0, 5.0))
    young = 9 * BULK * SHEAR / (3 * BULK + SHEAR)
    buckling = np.pi**2 * young / 12 / (4 * 5.0**2)
    return block, pull_on(block, 2, np.array([0, 0, -1.5 * buckling])), clamped(block)


@pytest.mark.parametrize("solver", ["pardiso", "superlu"])
def test_a_straight_column_beyond_its_buckling_load_is_no_answer(solver: SolverName) -> None:
    if solver == "pardiso":
        pytest.importorskip("pypardiso")
    block, force, free = column()
    settings = NewtonSettings(most_iterations=3, solver=solver)
    try:
        found = find_equilibrium(potential(block, force), settings, free=free)
    except ConvergenceError as error:
        assert "beyond" in str(error)
    else:
        assert np.abs(found.displacement_mm.reshape(-1, 3)[-1, :2]).max() > 1.0


def test_a_column_that_leans_finds_its_bent_shape() -> None:
    block, force, free = column()
    force[:, 0] -= 0.05 * force[:, 2]
    seen: list[NewtonStep] = []
    settings = replace(QUICK, increments=4)
    found = find_equilibrium(potential(block, force), settings, free=free, progress=seen.append)
    assert found.displacement_mm.reshape(-1, 3)[-1, 0] > 1.0
    assert found.residual <= 1e-7
    assert seen[-1].share == 1.0
    assert found.iterations == seen[-1].iteration


def test_what_does_not_converge_says_how_far_it_came() -> None:
    block = make_block((1, 1, 1))
    settings = replace(QUICK, most_iterations=2)
    with pytest.raises(ConvergenceError, match=r"no stable balance beyond \d+% of the load") as caught:
        find_equilibrium(
            potential(block, pull_on(block, 2, np.array([0, 0, -200.0]))), settings, free=clamped(block)
        )
    assert caught.value.iterations > 0 and caught.value.residual > 0


def test_a_body_that_nothing_holds_is_refused() -> None:
    block = make_block((1, 1, 1))
    with pytest.raises((InputError, ConvergenceError)):
        find_equilibrium(potential(block, pull_on(block, 2, np.array([0, 0, 1.0]))))


def test_the_callback_can_cancel() -> None:
    class CancelledError(Exception):
        pass

    def stop(step: NewtonStep) -> None:
        if step.iteration == 1:
            raise CancelledError

    block = make_block((1, 1, 1))
    load = pull_on(block, 2, np.array([0, 0, 1.0]))
    with pytest.raises(CancelledError):
        find_equilibrium(potential(block, load), free=clamped(block), progress=stop)


def test_without_a_load_nothing_moves_although_rounding_leaves_a_force() -> None:
    """A side of the face whose threads are slack."""
    block = make_block((3, 2, 2), (3.0, 2.0, 2.0))
    block.nodes[:] += np.random.default_rng(1).uniform(-0.05, 0.05, block.nodes.shape)
    free = np.flatnonzero(np.repeat(block.nodes[:, 2] > 0.2, 3))
    slack = potential(block, np.zeros_like(block.nodes))
    assert slack.gradient(np.zeros(block.nodes.size), 1.0).any()
    found = find_equilibrium(slack, replace(QUICK, increments=2), free=free)
    assert found.iterations == 0 and not found.displacement_mm.any()


def test_load_steps_do_not_change_the_answer() -> None:
    block = make_block((1, 1, 2), (1.0, 1.0, 2.0))
    sample = potential(block, pull_on(block, 2, np.array([0.3, 0.1, 0.5])), stiffening=2.0)
    one, four = (
        find_equilibrium(sample, replace(TIGHT, increments=count), free=clamped(block)) for count in (1, 4)
    )
    assert four.displacement_mm == pytest.approx(one.displacement_mm, abs=1e-8)
    assert (one.load_steps, four.load_steps) == (1, 4)


def test_isotropic_moduli_are_those_of_the_tests() -> None:
    young, poisson = 9 * BULK * SHEAR / (3 * BULK + SHEAR), (3 * BULK - 2 * SHEAR) / (2 * (3 * BULK + SHEAR))
    moduli = isotropic(np.array([young]), poisson)
    assert (moduli.shear_mpa[0], moduli.bulk_mpa[0]) == pytest.approx((SHEAR, BULK))
