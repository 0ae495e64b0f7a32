"""Where the time of a simulation goes: python benchmarks/tissue_time.py [pardiso|superlu] [whole|halves]

Run it in a fresh process per row: peak memory is that of the process.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from threadlift.tissue import build_tissue, nominal_parameters
from threadlift.tissue.part import face_stiffness, layered_mesh
from threadlift.tissue.solver import Factorisation, default_solver
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads

Answer = TypeVar("Answer")


def timed(name: str, compute: Callable[[], Answer]) -> Answer:
    """Run and print the seconds it took."""
    start = time.perf_counter()
    answer = compute()
    print(f"{name:40s} {time.perf_counter() - start:7.2f} s")
    return answer


def main() -> None:
    """Stages of one piece, then a whole lift, then the same again from the cached response."""
    solver = "superlu" if "superlu" in sys.argv else default_solver()
    pieces = "halves" if "halves" in sys.argv or solver == "superlu" else "whole"
    extent = "full" if pieces == "whole" else "left"
    anatomy, parameters = timed("anatomy", demonstration_anatomy), nominal_parameters()
    mesh = timed(f"mesh ({extent})", lambda: layered_mesh(anatomy, parameters, extent))
    stiffness = timed("stiffness and supports", lambda: face_stiffness(anatomy, parameters, mesh))
    print(f"{stiffness.shape[0]} unknowns, {stiffness.nnz} entries")
    timed("averaging operator", lambda: Spreading(mesh.nodes_mm, mesh.wedges))
    timed(f"factor ({solver})", lambda: Factorisation(stiffness, solver))
    threads = [*four_threads(anatomy, "left"), *four_threads(anatomy, "right")]
    model = build_tissue(anatomy, parameters, solver=solver, pieces=pieces)
    timed(f"lift of 8 threads, cold ({pieces})", lambda: model.lift(threads))
    timed("lift of the same, other tension", lambda: model.lift(threads))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
