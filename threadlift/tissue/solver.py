"""One factorisation, many right-hand sides: PARDISO when it is installed, else SciPy's SuperLU.

The matrix is symmetric positive definite. On 51,000 unknowns (half a face) PARDISO takes about 1.4 s and
SuperLU about 15 s and 1.5 GiB; on a full face SuperLU would need 46 s and 4.5 GiB (``docs/decisions``).
"""

from __future__ import annotations

import importlib.util
import os
import weakref
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from threadlift.errors import ConvergenceError, InputError
from threadlift.tissue.memory import require_memory

Floats = NDArray[np.float64]
SolverName = Literal["pardiso", "superlu"]
RESIDUAL_TOLERANCE = 1e-8
_SYMMETRIC_POSITIVE_DEFINITE = 2  # PARDISO's matrix type
_MOST_REFINEMENT_STEPS = 8  # number of PARDISO's setting (iparm)
SINGULAR = "the tissue model is singular: nothing holds it, or a stiffness is zero"


class _Factor(Protocol):
    def solve(self, right_sides: Floats) -> Floats: ...

    def is_positive(self) -> bool: ...


def default_solver() -> SolverName:
    """``pardiso`` when ``pypardiso`` is installed, unless ``THREADLIFT_SOLVER=superlu`` asks for the
    fallback."""
    if os.environ.get("THREADLIFT_SOLVER") == "superlu":
        return "superlu"
    return "pardiso" if importlib.util.find_spec("pypardiso") else "superlu"


class Factorisation:
    """A factorised stiffness matrix. ``solve`` checks the residual of every right-hand side."""

    def __init__(self, matrix: sparse.csr_array, solver: SolverName | None = None) -> None:
        """Factorise ``matrix`` (N/mm). Raises ``InputError`` when it is singular or not positive definite, or
        when memory will not suffice."""
        if not np.isfinite(matrix.data).all():
            raise InputError("the stiffness matrix holds numbers that are not finite")
        if not (matrix.diagonal() > 0).all():
            raise InputError(SINGULAR, remedy="Fix a part of the model and give every layer a stiffness.")
        self.matrix = matrix
        self.solver: SolverName = solver or default_solver()
        require_memory(matrix.nnz, matrix.shape[0], self.solver)
        self._factor: _Factor = _Pardiso(matrix) if self.solver == "pardiso" else _SuperLU(matrix)

    def is_positive_definite(self) -> bool:
        """Whether every pivot is above zero. PARDISO refuses any other matrix; SuperLU factorises it all the
        same, and only looking through its factor tells."""
        return self._factor.is_positive()

    def solve(self, right_sides: Floats) -> Floats:
        """Displacements (n, k) in mm for loads (n, k) in N.

        Raises ``ConvergenceError`` when the residual of a load stays above 1e-8 of it: the matrix is
        near-singular.
        """
        loads = np.asfortranarray(right_sides.reshape(len(right_sides), -1), dtype=np.float64)
        solution = self._factor.solve(loads)
        scale = np.maximum(np.abs(loads).max(axis=0, initial=0.0), np.finfo(float).tiny)
        off = np.abs(self.matrix @ solution - loads).max(axis=0, initial=0.0)
        residual = float((off / scale).max(initial=0.0))
        if not residual < RESIDUAL_TOLERANCE:
            raise ConvergenceError(
                f"{SINGULAR} ({self.solver})", iterations=1, residual=residual, tolerance=RESIDUAL_TOLERANCE
            )
        return np.ascontiguousarray(solution)


class _Pardiso:
    def __init__(self, matrix: sparse.csr_array) -> None:
        from pypardiso import PyPardisoSolver
        from pypardiso.pardiso_wrapper import PyPardisoError

        self._upper = sparse.csr_matrix(sparse.triu(matrix, format="csr"))
        self._upper.sort_indices()
        self._solver: Any = PyPardisoSolver(mtype=_SYMMETRIC_POSITIVE_DEFINITE)
        weakref.finalize(self, self._solver.free_memory, everything=True).atexit = False
        try:
            self._solver.factorize(self._upper)
        except PyPardisoError as error:
            raise InputError(SINGULAR, remedy="Fix a part of the model.") from error
        # Each step of refinement reads the factor twice, one load at a time: a block of 64 loads takes four
        # times as long with the two of the default. The residual is tested after every solve all the same.
        # (Set only now: before the first call it would replace all other defaults, the ordering too.)
        self._solver.set_iparm(_MOST_REFINEMENT_STEPS, 0)

    def solve(self, right_sides: Floats) -> Floats:
        # PARDISO reads raw pointers: the array must be whole and column by column, never a strided view.
        return np.asarray(self._solver.solve(self._upper, np.asfortranarray(right_sides)))

    def is_positive(self) -> bool:
        return True


class _SuperLU:
    def __init__(self, matrix: sparse.csr_array) -> None:
        try:
            self._factor = splu(
                sparse.csc_matrix(matrix),
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError as error:
            raise InputError(SINGULAR, remedy="Fix a part of the model.") from error

    def solve(self, right_sides: Floats) -> Floats:
        return np.asarray(self._factor.solve(np.ascontiguousarray(right_sides)))

    def is_positive(self) -> bool:
        return bool((self._factor.U.diagonal() > 0).all())
