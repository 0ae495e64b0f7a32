"""One factorisation behind one function."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from threadlift.errors import ConvergenceError, InputError
from threadlift.tissue.solver import Factorisation, SolverName, default_solver
from threadlift.tissue.verification.block import make_block

SOLVERS: tuple[SolverName, ...] = ("superlu", "pardiso")


def held_stiffness() -> sparse.csr_array:
    block = make_block((3, 3, 2))
    springs = np.where(np.repeat(block.nodes[:, 2] == 0, 3), 10.0, 0.0)
    return sparse.csr_array(block.stiffness(1.0, 0.47) + sparse.diags_array(springs))


def need(solver: SolverName) -> None:
    if solver == "pardiso":
        pytest.importorskip("pypardiso")


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_solution_satisfies_the_equations_also_for_strided_loads(solver: SolverName) -> None:
    need(solver)
    matrix = held_stiffness()
    loads = np.random.default_rng(0).normal(size=(matrix.shape[0], 6))[:, ::2]
    found = Factorisation(matrix, solver).solve(loads)
    assert np.abs(matrix @ found - loads).max() < 1e-10


class _OneIsWrong:
    """Answers of the second of two loads off by a thousandth."""

    def __init__(self, matrix: sparse.csr_array) -> None:
        self._inverse = np.linalg.inv(matrix.toarray())

    def solve(self, right_sides: np.ndarray) -> np.ndarray:
        return self._inverse @ right_sides * [1.0, 1.001]


def test_a_wrong_answer_to_a_small_load_does_not_hide_behind_a_large_one() -> None:
    factorised = Factorisation(held_stiffness(), "superlu")
    factorised._factor = _OneIsWrong(factorised.matrix)  # type: ignore[assignment]
    loads = np.zeros((factorised.matrix.shape[0], 2))
    loads[-1] = 1.0, 0.0
    assert not factorised.solve(loads)[:, 1].any()
    loads[-1, 1] = 1e-8
    with pytest.raises(ConvergenceError):
        factorised.solve(loads)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.control("C-22")
def test_nothing_fixed_is_refused(solver: SolverName) -> None:
    need(solver)
    free = make_block((3, 3, 2)).stiffness(1.0, 0.47)
    load = np.zeros((free.shape[0], 1))
    load[0] = 1
    with pytest.raises((InputError, ConvergenceError), match="nothing holds it"):
        Factorisation(free, solver).solve(load)


def test_a_zero_stiffness_is_refused() -> None:
    with pytest.raises(InputError, match="singular"):
        Factorisation(sparse.csr_array(np.diag([1.0, 0.0])))


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(InputError, match="not finite"):
        Factorisation(sparse.csr_array(np.diag([1.0, np.nan])))


def test_the_fallback_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADLIFT_SOLVER", "superlu")
    assert default_solver() == "superlu"


def test_superlu_tells_an_indefinite_matrix_from_a_positive_one() -> None:
    """Positive diagonal, eigenvalues 3 and -1: PARDISO refuses it."""
    matrix = sparse.csr_array(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert not Factorisation(matrix, "superlu").is_positive_definite()
    assert Factorisation(sparse.csr_array(np.eye(2)), "superlu").is_positive_definite()
    need("pardiso")
    assert Factorisation(sparse.csr_array(np.eye(2)), "pardiso").is_positive_definite()
    with pytest.raises(InputError):
        Factorisation(matrix, "pardiso")
