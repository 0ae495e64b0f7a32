"""PyMFEM as a second opinion: MFEM (C++, BSD) reads the exported mesh, assembles and solves by itself.

MFEM has linear wedges on the same reference element; with the rule of order 2 its six integration points are
ours. Its wheel brings no direct solver, so it solves by conjugate gradients, which shares nothing with ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.errors import ConvergenceError
from threadlift.tissue.verification.export import MESH, ExportedModel

Floats = NDArray[np.float64]
RELATIVE_TOLERANCE = 1e-13
_MOST_ITERATIONS = 20_000


def assemble_with_mfem(folder: Path, model: ExportedModel) -> sparse.csr_array:
    """MFEM's stiffness (3n, 3n) of the mesh in ``folder`` without supports, N/mm."""
    import mfem.ser as mfem

    return assemble_mesh(mfem.Mesh(str(folder / MESH), 1, 0, False), model)


def assemble_mesh(mesh: Any, model: ExportedModel) -> sparse.csr_array:
    """The same from a mesh that MFEM holds already; wedge i has attribute i + 1."""
    import mfem.ser as mfem

    collection = mfem.H1_FECollection(1, 3)
    space = mfem.FiniteElementSpace(mesh, collection, 3, mfem.Ordering.byVDIM)
    first, shear = mfem.Vector(model.first_lame_mpa), mfem.Vector(model.elasticity.shear_mpa.copy())
    moduli = mfem.PWConstCoefficient(first), mfem.PWConstCoefficient(shear)
    rules = mfem.IntegrationRules(0, mfem.Quadrature1D.GaussLegendre)  # owns the rule: must outlive it
    integrator = mfem.ElasticityIntegrator(*moduli)
    integrator.SetIntRule(rules.Get(mfem.Geometry.PRISM, 2))
    form = mfem.BilinearForm(space)
    form.AddDomainIntegrator(integrator)
    form.Assemble()
    form.Finalize()
    matrix = form.SpMat()
    arrays = (matrix.GetDataArray(), matrix.GetJArray(), matrix.GetIArray())
    return sparse.csr_array(tuple(array.copy() for array in arrays), shape=(matrix.Height(), matrix.Width()))


def solve_with_mfem(matrix: sparse.csr_array, load_n: Floats) -> Floats:
    """MFEM's conjugate gradients with Gauss-Seidel. Raises ``ConvergenceError`` when they do not converge."""
    import mfem.ser as mfem

    own = sparse.csr_matrix(matrix)
    own.sort_indices()
    own.indices, own.indptr = own.indices.astype(np.int32), own.indptr.astype(np.int32)
    operator = mfem.SparseMatrix(own)
    smoother = mfem.GSSmoother(operator)
    solution, right = mfem.Vector(np.zeros(len(load_n))), mfem.Vector(np.ascontiguousarray(load_n))
    solver = mfem.CGSolver()
    solver.SetRelTol(RELATIVE_TOLERANCE)
    solver.SetMaxIter(_MOST_ITERATIONS)
    solver.SetPrintLevel(-1)
    solver.SetOperator(operator)
    solver.SetPreconditioner(smoother)
    solver.Mult(right, solution)
    if not solver.GetConverged():
        raise ConvergenceError(
            "MFEM's conjugate gradients did not converge",
            iterations=solver.GetNumIterations(),
            residual=solver.GetFinalNorm(),
            tolerance=RELATIVE_TOLERANCE,
        )
    return np.array(solution.GetDataArray())
