"""One mesh with moduli, supports and a load, written so that other codes can read it.

``model.npz`` holds everything; ``model.vtk`` holds the wedges as legacy VTK text, with the number of each
wedge as its material, for codes that read meshes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.files import write_text
from threadlift.tissue.assembly import Elasticity
from threadlift.tissue.wedge import Wedges

Floats = NDArray[np.float64]
MODEL, MESH = "model.npz", "model.vtk"
_VTK_WEDGE = 13
_VTK_ORDER = [0, 2, 1, 3, 5, 4]  # VTK's first triangle faces out of the wedge, ours into it


@dataclass(frozen=True, eq=False)
class ExportedModel:
    """Nodes (n, 3) in mm, wedges (m, 6), moduli (m,) in MPa, the matrix of everything that holds the tissue
    (3n, 3n) in N/mm and a load (3n,) in N."""

    nodes_mm: Floats
    wedges: Wedges
    elasticity: Elasticity
    held: sparse.csr_array
    load_n: Floats

    @property
    def first_lame_mpa(self) -> Floats:
        """lambda = kappa - 2/3 mu of each wedge."""
        return self.elasticity.bulk_mpa - 2 / 3 * self.elasticity.shear_mpa


def write_model(folder: Path, model: ExportedModel) -> None:
    """Write both files."""
    held = model.held.tocoo()
    np.savez(
        folder / MODEL,
        nodes_mm=model.nodes_mm,
        wedges=model.wedges,
        shear_mpa=model.elasticity.shear_mpa,
        bulk_mpa=model.elasticity.bulk_mpa,
        held_rows=held.coords[0],
        held_columns=held.coords[1],
        held_n_per_mm=held.data,
        load_n=model.load_n,
    )
    write_text(folder / MESH, _as_vtk(model.nodes_mm, model.wedges))


def read_model(folder: Path) -> ExportedModel:
    """What ``write_model`` wrote."""
    with np.load(folder / MODEL, allow_pickle=False) as stored:
        size = len(stored["load_n"])
        held = sparse.coo_array(
            (stored["held_n_per_mm"], (stored["held_rows"], stored["held_columns"])), shape=(size, size)
        )
        return ExportedModel(
            nodes_mm=stored["nodes_mm"],
            wedges=stored["wedges"],
            elasticity=Elasticity(stored["shear_mpa"], stored["bulk_mpa"]),
            held=sparse.csr_array(held),
            load_n=stored["load_n"],
        )


def _as_vtk(nodes_mm: Floats, wedges: Wedges) -> str:
    count = len(wedges)
    lines = [
        *("# vtk DataFile Version 3.0", "threadlift", "ASCII", "DATASET UNSTRUCTURED_GRID"),
        f"POINTS {len(nodes_mm)} double",
        *(f"{x!r} {y!r} {z!r}" for x, y, z in nodes_mm.tolist()),
        f"CELLS {count} {7 * count}",
        *("6 " + " ".join(map(str, wedge)) for wedge in wedges[:, _VTK_ORDER].tolist()),
        f"CELL_TYPES {count}",
        *[str(_VTK_WEDGE)] * count,
        *(f"CELL_DATA {count}", "SCALARS material int", "LOOKUP_TABLE default"),
        *map(str, range(1, count + 1)),
    ]
    return "\n".join(lines) + "\n"
