"""scikit-fem as a second opinion (pure Python, BSD): the same wedges, and quadratic tetrahedra cut from them.

scikit-fem's own rule for wedges gives half the volume (up to 12.0.2: its weights multiply two triangle
rules), so the wedges get the six points of ours by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.tissue.assembly import Elasticity
from threadlift.tissue.verification.block import solve_fixed
from threadlift.tissue.verification.export import ExportedModel
from threadlift.tissue.wedge import POINTS, WEIGHTS, Wedges

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
BodyForce = Callable[[Floats], Floats]


def assemble_with_skfem(model: ExportedModel) -> sparse.csr_array:
    """scikit-fem's stiffness (3n, 3n) of the wedges without supports, N/mm."""
    from skfem import Basis, ElementVector, ElementWedge1, MeshWedge1

    points = np.stack([POINTS[:, 0], POINTS[:, 1], (POINTS[:, 2] + 1) / 2])  # its t runs from 0 to 1
    mesh = MeshWedge1(np.ascontiguousarray(model.nodes_mm.T), np.ascontiguousarray(model.wedges.T))
    basis = Basis(mesh, ElementVector(ElementWedge1()), quadrature=(points, WEIGHTS / 2))
    return _in_node_order(_assemble(basis, model.first_lame_mpa, model.elasticity.shear_mpa), basis)


@dataclass(frozen=True, eq=False)
class QuadraticAnswer:
    """Displacement (3n,) at the wedges' nodes, from so many unknowns."""

    displacement_mm: Floats
    unknowns: int


def solve_quadratic(
    nodes_mm: Floats, wedges: Wedges, elasticity: Elasticity, clamped: Mask, force: BodyForce
) -> QuadraticAnswer:
    """Each wedge cut into three tetrahedra with quadratic displacements and plain integrals.

    ``clamped`` (n,) nodes do not move, nor does the surface between them; ``force`` gives N/mm3 at points.
    """
    from skfem import Basis, ElementTetP2, ElementVector, LinearForm, MeshTet1

    mesh = MeshTet1(np.ascontiguousarray(nodes_mm.T), np.ascontiguousarray(cut_wedges(wedges).T))
    basis = Basis(mesh, ElementVector(ElementTetP2()), intorder=2)
    shear = elasticity.shear_mpa
    first = elasticity.bulk_mpa - 2 / 3 * shear
    stiffness = sparse.csr_array(_assemble(basis, np.tile(first, 3), np.tile(shear, 3)))

    @LinearForm  # type: ignore[untyped-decorator]
    def pull(v: Any, w: Any) -> Any:
        given = force(w.x.reshape(3, -1).T).T.reshape(w.x.shape)
        return (given * v).sum(axis=0)

    load = pull.assemble(Basis(mesh, basis.elem, intorder=5))
    outside = mesh.boundary_facets()
    fixed = np.zeros(basis.N, dtype=bool)
    fixed[basis.get_dofs(facets=outside[clamped[mesh.facets[:, outside]].all(axis=0)]).flatten()] = True
    at_nodes = basis.nodal_dofs.T.ravel()
    fixed[at_nodes] |= np.repeat(clamped, 3)
    return QuadraticAnswer(solve_fixed(stiffness, load, fixed, np.zeros(basis.N))[at_nodes], basis.N)


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
