"""The full model of a whole face, from nothing to one plan: `python benchmarks/full_model.py`.

Mesh, stiffness, factor, ligaments, and the lift of eight threads. Asserts nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from machine import Answer, median_and_p95, tell, timed

from threadlift.tissue.model import TissueModel
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.part import face_stiffness, layered_mesh
from threadlift.tissue.solver import Factorisation
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads

GOAL_S = 10.0
RUNS = 3
WHOLE = "**from nothing to the lift of one plan**"
TEXT = """## The full model

The whole face of the demonstration: {unknowns:,} unknowns, {entries:,} entries. Median / 95th percentile of
{runs} runs, one thread. Goal: {goal:g} s for assembly, factorisation and one plan (eight threads): {verdict}.

| Step | Time |
|---|---|
{rows}"""


class Steps:
    """Seconds of each run of each step."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}

    def take(self, name: str, task: Callable[[], Answer]) -> Answer:
        """Run one step and note its time."""
        answer, spent = timed(task)
        self.times.setdefault(name, []).append(spent)
        return answer


def section() -> str:
    """The section of docs/performance.md."""
    steps = Steps()
    for _ in range(RUNS):
        unknowns, entries = run_once(steps)
    total, _ = median_and_p95(steps.times[WHOLE])
    return TEXT.format(
        unknowns=unknowns,
        entries=entries,
        runs=RUNS,
        goal=GOAL_S,
        verdict="reached" if total <= GOAL_S else f"**missed**, {total:.1f} s",
        rows="\n".join(f"| {name} | {tell(times)} |" for name, times in steps.times.items()),
    )


def run_once(steps: Steps) -> tuple[int, int]:
    """Step by step, then all of it as the product does; unknowns and entries of the matrix."""
    anatomy, parameters = demonstration_anatomy(), nominal_parameters()
    threads = [*four_threads(anatomy, "left"), *four_threads(anatomy, "right")]
    mesh = steps.take("mesh of the layers", lambda: layered_mesh(anatomy, parameters, "full"))
    matrix = steps.take("assembly with supports", lambda: face_stiffness(anatomy, parameters, mesh))
    steps.take("averages for barbs", lambda: Spreading(mesh.nodes_mm, mesh.wedges))
    steps.take("factorisation", lambda: Factorisation(matrix))
    model = TissueModel(anatomy, parameters, pieces="whole")
    steps.take(WHOLE, lambda: model.lift(threads))
    part = model.part("full")
    response = steps.take("of which: answers of the threads", lambda: part.respond(threads))
    steps.take("of which: slip and slack", lambda: response.pull(threads))
    return matrix.shape[0], matrix.nnz


if __name__ == "__main__":
    print(section())
