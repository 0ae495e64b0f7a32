"""Newton's method on an energy, with load steps and a line search.

Every step solves K p = -dPi/du and goes along p as long as the energy falls. Where the tangent K is not
positive definite it is mixed with the tangent at rest, (1 - c) K + c K_0, which is; p then still goes down.
A load step that does not converge is halved. A state counts as equilibrium only when it is balanced *and* its
own tangent is positive definite; whatever else happens ends in a ``ConvergenceError``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.errors import ConvergenceError, InputError
from threadlift.tissue.nonlinear.potential import Potential
from threadlift.tissue.solver import Factorisation, SolverName
from threadlift.tissue.wedge import Floats

Indices = NDArray[np.int64]
_MIXTURES = (0.0, 0.2, 1.0)  # share of the tangent at rest, tried in turn
_SUFFICIENT = 1e-4  # share of the predicted fall in energy that a step must bring
_SHORTEST = 2.0**-12
_SMALLEST_INCREMENT = 1 / 16
_NO_LOAD_N = 1e-6  # a smaller load counts as so much: rounding alone would never balance to a share of none


@dataclass(frozen=True)
class NewtonSettings:
    """When to stop.

    ``tolerance`` is the residual over the load (at least 1e-6 N), ``tolerance_on_the_way`` that before the
    whole load is on; the load comes in ``increments`` at first.
    """

    tolerance: float = 1e-7
    tolerance_on_the_way: float = 1e-2
    most_iterations: int = 30
    increments: int = 1
    solver: SolverName | None = None


@dataclass(frozen=True)
class NewtonStep:
    """One iteration, as told to the progress callback. ``share`` of the load, ``residual`` relative to it."""

    iteration: int
    share: float
    residual: float
    step: float
    mixture: float


Progress = Callable[[NewtonStep], None]


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A balanced state: displacement (3n,) mm, iterations over all load steps, last relative residual."""

    displacement_mm: Floats
    iterations: int
    residual: float
    load_steps: int
    shortened: int


class _LoadStepError(Exception):
    """This load step does not converge; a smaller one may."""

    def __init__(self, why: str, residual: float) -> None:
        self.why, self.residual = why, residual
        super().__init__(why)


def find_equilibrium(
    potential: Potential,
    settings: NewtonSettings = NewtonSettings(),
    *,
    free: Indices | None = None,
    start_mm: Floats | None = None,
    progress: Progress = lambda step: None,
) -> Equilibrium:
    """The state of least energy under the whole load, followed from ``start_mm`` (3n,), by default rest.

    Only the unknowns ``free`` move (default all). ``progress`` is told every iteration and may raise to
    cancel. Raises ``ConvergenceError`` with the number of iterations, the residual and the share of the load
    reached, and ``InputError`` when nothing holds the model.
    """
    state = np.zeros(potential.body.size) if start_mm is None else start_mm.astype(np.float64)
    solver = _Newton(potential, settings, free, progress, state)
    share, increment, steps, shortened = 0.0, 1.0 / settings.increments, 0, 0
    while share < 1:
        target = min(1.0, share + increment)
        target = 1.0 if target > 1 - 1e-9 else target
        try:
            state, residual = solver.balance(state, target)
        except _LoadStepError as failure:
            increment, shortened = increment / 2, shortened + 1
            if increment < _SMALLEST_INCREMENT:
                raise ConvergenceError(
                    f"the nonlinear tissue model found no stable balance beyond {100 * share:.0f}% of the "
                    f"load: {failure.why}",
                    iterations=solver.iterations,
                    residual=failure.residual,
                    tolerance=settings.tolerance,
                ) from failure
            continue
        share, steps = target, steps + 1
    return Equilibrium(state, solver.iterations, residual, steps, shortened)


class _Newton:
    """Balances one potential; counts the iterations over all load steps."""

    def __init__(
        self,
        potential: Potential,
        settings: NewtonSettings,
        free: Indices | None,
        progress: Progress,
        start: Floats,
    ) -> None:
        self.iterations = 0
        self._potential, self._settings, self._progress = potential, settings, progress
        self._free = np.arange(potential.body.size) if free is None else free
        rest = np.zeros(potential.body.size)
        self._rest = self._reduced(potential.tangent(rest, 0.0))
        loads = (potential.load.gradient(rest), potential.gradient(start, 0.0))  # the second: moved supports
        self._scale = max(*(float(np.linalg.norm(load[self._free])) for load in loads), _NO_LOAD_N)

    def balance(self, state: Floats, share: float) -> tuple[Floats, float]:
        """Equilibrium under ``share`` of the load from ``state``, with its relative residual."""
        energy = self._potential.energy(state, share)
        length, mixture = 1.0, 0.0
        for _ in range(self._settings.most_iterations):
            gradient = self._potential.gradient(state, share)[self._free]
            residual = float(np.linalg.norm(gradient)) / self._scale
            self._progress(NewtonStep(self.iterations, share, residual, length, mixture))
            if not np.isfinite(residual):
                raise _LoadStepError("the residual is not finite", residual)
            if share < 1 and residual <= self._settings.tolerance_on_the_way:
                return state, residual
            direction, mixture = self._direction(state, share, gradient)
            if residual <= self._settings.tolerance:
                if mixture > 0:
                    raise _LoadStepError("the balance that was found is not stable", residual)
                return state, residual
            state, energy, length = self._search(state, share, energy, direction, float(gradient @ direction))
            self.iterations += 1
        raise _LoadStepError(f"more than {self._settings.most_iterations} iterations", residual)

    def _direction(self, state: Floats, share: float, gradient: Floats) -> tuple[Floats, float]:
        """A way downhill, and the share of the tangent at rest that it took."""
        tangent = self._reduced(self._potential.tangent(state, share))
        for mixture in _MIXTURES:
            mixed = tangent if mixture == 0 else (1 - mixture) * tangent + mixture * self._rest
            try:
                factor = Factorisation(sparse.csr_array(mixed), self._settings.solver)
                direction = -factor.solve(gradient[:, None])[:, 0]
            except (InputError, ConvergenceError):  # PARDISO: not positive definite
                if mixture == _MIXTURES[-1]:
                    raise
                continue
            if factor.is_positive_definite() and gradient @ direction <= 0:
                return direction, mixture
        raise _LoadStepError("no way downhill", float(np.linalg.norm(gradient)) / self._scale)

    def _search(
        self, state: Floats, share: float, energy: float, direction: Floats, slope: float
    ) -> tuple[Floats, float, float]:
        """State, energy and step length after going down; halves the step until the energy falls enough."""
        rounding = 1e-13 * abs(energy) + self._potential.body.energy_rounding
        length = 1.0
        while length >= _SHORTEST:
            tried = state.copy()
            tried[self._free] += length * direction
            found = self._potential.energy(tried, share)
            if found <= energy + _SUFFICIENT * length * slope + rounding:
                return tried, found, length
            length /= 2
        raise _LoadStepError("the energy falls no further", -slope / self._scale)

    def _reduced(self, matrix: sparse.csr_array) -> sparse.csr_array:
        if len(self._free) == matrix.shape[0]:
            return matrix
        return sparse.csr_array(matrix[self._free][:, self._free])
