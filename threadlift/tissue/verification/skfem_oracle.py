"""scikit-fem as a second opinion (pure Python, BSD): the same wedges, and quadratic tetrahedra cut from them.

scikit-fem's own rule for wedges gives half the volume (up to 12.0.2: its weights multiply two triangle
rules), so the wedges get the six points of ours by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.tissue.verification.export import ExportedModel
from threadlift.tissue.wedge import POINTS, WEIGHTS, Wedges

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def assemble_with_skfem(model: ExportedModel) -> sparse.csr_array:
    """scikit-fem's stiffness (3n, 3n) of the wedges without supports, N/mm."""
    from skfem import Basis, ElementVector, ElementWedge1, MeshWedge1

    points = np.stack([POINTS[:, 0], POINTS[:, 1], (POINTS[:, 2] + 1) / 2])  # its t runs from 0 to 1
    mesh = MeshWedge1(np.ascontiguousarray(model.nodes_mm.T), np.ascontiguousarray(model.wedges.T))
    basis = Basis(mesh, ElementVector(ElementWedge1()), quadrature=(points, WEIGHTS / 2))
    return _in_node_order(_assemble(basis, model.first_lame_mpa, model.elasticity.shear_mpa), basis)


@dataclass(frozen=True, eq=False)
class QuadraticTetrahedra:
    """Stiffness (N, N) of quadratic tetrahedra, and the unknowns (3n,) among them at the wedges' nodes."""

    stiffness: sparse.csr_array
    at_nodes: Indices

    def hold(self, held: sparse.csr_array) -> sparse.csr_array:
        """The stiffness with supports that act on the wedges' nodes."""
        size = self.stiffness.shape[0]
        spread = sparse.csr_array(
            (np.ones(len(self.at_nodes)), (np.arange(len(self.at_nodes)), self.at_nodes)),
            shape=(len(self.at_nodes), size),
        )
        both = self.stiffness + spread.T @ held @ spread
        return sparse.csr_array((both + both.T) / 2)

    def load(self, load_n: Floats) -> Floats:
        """A load on the wedges' nodes as a load (N,)."""
        everywhere = np.zeros(self.stiffness.shape[0])
        everywhere[self.at_nodes] = load_n
        return everywhere


def quadratic_tetrahedra(model: ExportedModel) -> QuadraticTetrahedra:
    """Each wedge cut into three tetrahedra with quadratic displacements and plain integrals."""
    from skfem import Basis, ElementTetP2, ElementVector, MeshTet1

    tetrahedra = cut_wedges(model.wedges)
    mesh = MeshTet1(np.ascontiguousarray(model.nodes_mm.T), np.ascontiguousarray(tetrahedra.T))
    basis = Basis(mesh, ElementVector(ElementTetP2()), intorder=2)
    moduli = (np.tile(values, 3) for values in (model.first_lame_mpa, model.elasticity.shear_mpa))
    return QuadraticTetrahedra(sparse.csr_array(_assemble(basis, *moduli)), basis.nodal_dofs.T.ravel())


def cut_wedges(wedges: Wedges) -> Indices:
    """Three tetrahedra (3m, 4) per wedge; neighbours share the diagonals of their sides.

    With the columns of a wedge in the order of their numbers, every side is cut from the deep node of the
    earlier to the shallow node of the later column.
    """
    order = np.argsort(wedges[:, :3], axis=1)
    i, j, k = np.take_along_axis(wedges[:, :3], order, axis=1).T
    above_i, above_j, above_k = np.take_along_axis(wedges[:, 3:], order, axis=1).T
    cuts = (i, j, k, above_k), (i, j, above_j, above_k), (i, above_i, above_j, above_k)
    return np.concatenate([np.stack(cut, axis=1) for cut in cuts])


def _assemble(basis: Any, first_lame: Floats, shear: Floats) -> sparse.csr_matrix:
    from skfem import BilinearForm
    from skfem.helpers import ddot, sym_grad, trace

    @BilinearForm  # type: ignore[untyped-decorator]
    def elasticity(u: Any, v: Any, w: Any) -> Any:
        strain, tried = sym_grad(u), sym_grad(v)
        return 2 * w.shear * ddot(strain, tried) + w.first * trace(strain) * trace(tried)

    at_points = np.ones((1, basis.X.shape[1]))
    matrix = elasticity.assemble(
        basis, first=first_lame[:, None] * at_points, shear=shear[:, None] * at_points
    )
    return sparse.csr_matrix(matrix)


def _in_node_order(matrix: sparse.csr_matrix, basis: Any) -> sparse.csr_array:
    order = basis.nodal_dofs.T.ravel()
    if (order == np.arange(len(order))).all():
        return sparse.csr_array(matrix)
    return sparse.csr_array(matrix[order][:, order])
