"""The same mesh in other codes: matrices, solutions, and what the discretisation leaves.

Two independent codes read one exported model. Where they discretise alike (plain wedges), matrices must agree
to rounding and solutions to solver tolerance. Where they do not (quadratic tetrahedra), what differs is our
error of discretisation, and its size is stated.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy import Anatomy
from threadlift.tissue.assembly import isotropic
from threadlift.tissue.cable import build_cables
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.part import (
    TissuePart,
    face_elasticity,
    face_supports,
)
from threadlift.tissue.solver import Factorisation
from threadlift.tissue.verification.cheek import cheek_figures
from threadlift.tissue.verification.demonstration import (
    demonstration_anatomy,
    demonstration_half,
    one_thread,
)
from threadlift.tissue.verification.element import distorted_block
from threadlift.tissue.verification.export import ExportedModel, read_model, write_model
from threadlift.tissue.verification.figure import Figure, at_most, missing
from threadlift.tissue.verification.mfem_oracle import assemble_with_mfem, solve_with_mfem
from threadlift.tissue.verification.plain import plain_stiffness
from threadlift.tissue.verification.skfem_oracle import assemble_with_skfem

Floats = NDArray[np.float64]
GROUP = "Against other codes"
SAME_MATRIX, SAME_SOLUTION = 1e-12, 1e-8
_PACKAGES = {"mfem": "PyMFEM", "skfem": "scikit-fem"}
_DISTRIBUTIONS = {"mfem": "mfem", "skfem": "scikit-fem"}


@dataclass(frozen=True)
class Agreement:
    """Largest difference of matrix and of displacements, each over the largest entry of ours."""

    matrix: float
    solution: float


def missing_oracles() -> tuple[str, ...]:
    """Modules of the other codes that are not installed."""
    return tuple(name for name in _PACKAGES if importlib.util.find_spec(name) is None)


def compare_with(name: str, folder: Path) -> Agreement:
    """Ours against ``mfem`` or ``skfem`` on the model exported to ``folder``; both read it back."""
    model = read_model(folder)
    ours = plain_stiffness(model.nodes_mm, model.wedges, model.elasticity)
    theirs = assemble_with_mfem(folder, model) if name == "mfem" else assemble_with_skfem(model)
    found = Factorisation(sparse.csr_array(ours + model.held)).solve(model.load_n[:, None])[:, 0]
    held = sparse.csr_array(theirs + model.held)
    other = (
        solve_with_mfem(held, model.load_n)
        if name == "mfem"
        else Factorisation(held, "superlu").solve(model.load_n[:, None])[:, 0]
    )
    return Agreement(
        matrix=float(abs(theirs - ours).max() / abs(ours).max()),
        solution=float(np.abs(other - found).max() / np.abs(found).max()),
    )


def block_model(cells: int = 6, poisson: float = 0.47) -> ExportedModel:
    """A distorted cube of mixed moduli on springs, with a random load."""
    block, random = distorted_block(cells, seed=11), np.random.default_rng(12)
    elasticity = isotropic(random.uniform(0.5, 2.0, len(block.wedges)), poisson)
    on_springs = np.repeat(block.nodes[:, 2] == 0, 3)
    return ExportedModel(
        nodes_mm=block.nodes,
        wedges=block.wedges,
        elasticity=elasticity,
        held=sparse.csr_array(sparse.diags_array(np.where(on_springs, 10.0, 0.0))),
        load_n=random.normal(size=block.nodes.size),
    )


def face_model(anatomy: Anatomy, part: TissuePart) -> ExportedModel:
    """Half a face with all that holds it, ligaments taut as in the scan, and one thread of 1 N."""
    parameters, mesh = nominal_parameters(), part.mesh
    taut = part.restraints.rest_stretch_mm > 0
    fibres = sparse.csr_array(part.restraints.coupling[:, taut])
    stiffness = sparse.diags_array(part.restraints.stiffness_n_per_mm[taut])
    cables = build_cables([one_thread(anatomy)], part.spreading, part.ball_radius_mm)
    barbs = cables.collect.shape[1]
    return ExportedModel(
        nodes_mm=mesh.nodes_mm,
        wedges=mesh.wedges,
        elasticity=face_elasticity(anatomy, parameters, mesh),
        held=sparse.csr_array(face_supports(anatomy, parameters, mesh) + fibres @ stiffness @ fibres.T),
        load_n=-(cables.coupling @ (cables.collect @ np.full(barbs, 1 / barbs))),
    )


def agreement_figures(progress: Callable[[str], None] = lambda stage: None) -> list[Figure]:
    """Every figure against other codes; a missing code is a figure that misses."""
    absent = missing_oracles()
    figures = [
        missing(GROUP, f"NOT RUN: {_PACKAGES[name]} is not installed", "`make verify` installs it")
        for name in absent
    ]
    anatomy, part = demonstration_anatomy(), demonstration_half()
    face = face_model(anatomy, part)
    for where, model in (("distorted block", block_model()), ("half face", face)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_model(folder, model)
            for code in (code for code in _PACKAGES if code not in absent):
                progress(f"{where}: {_PACKAGES[code]}")
                found = compare_with(code, folder)
                title = f"{where}, plain wedges, {_PACKAGES[code]} {version(_DISTRIBUTIONS[code])}"
                figures += [
                    at_most(GROUP, f"{title}: stiffness", found.matrix, SAME_MATRIX),
                    at_most(GROUP, f"{title}: solution", found.solution, SAME_SOLUTION),
                ]
    if "skfem" not in absent:
        progress("cheek: quadratic tetrahedra")
        figures += cheek_figures()
    return figures
