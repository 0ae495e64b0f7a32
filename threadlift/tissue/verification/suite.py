"""All figures together, stage by stage, on one process or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

from threadlift.tissue.verification import face
from threadlift.tissue.verification.agreement import agreement_figures
from threadlift.tissue.verification.convergence import convergence_figures
from threadlift.tissue.verification.element import element_figures
from threadlift.tissue.verification.figure import Figure
from threadlift.tissue.verification.learning import learning_figures, reduction_figures
from threadlift.tissue.verification.nonlinear import nonlinear_figures
from threadlift.tissue.verification.one_way import one_way_figures
from threadlift.tissue.verification.refinement import refinement_figures
from threadlift.tissue.verification.slab import slab_figures

Progress = Callable[[str], None]
Answer = TypeVar("Answer")
STAGES: dict[str, Callable[[], list[Figure]]] = {
    "element": element_figures,
    "convergence": convergence_figures,
    "threads": slab_figures,
    "slip and slack": one_way_figures,
    "whole face": face.face_figures,
    "whole face on three meshes": refinement_figures,
    "against other codes": agreement_figures,
    "nonlinear mode": nonlinear_figures,
    "reduced model": reduction_figures,
    "learning from outcomes": learning_figures,
}


def verification_figures(progress: Progress = lambda stage: None, processes: int = 1) -> list[Figure]:
    """Every figure with an expectation, in the order of the page. Some minutes."""
    return [figure for found in run_stages(STAGES, progress, processes).values() for figure in found]


def behaviour_figures() -> list[Figure]:
    """Figures of the model's behaviour on a synthetic face: shown, not judged."""
    return face.behaviour_figures()


def run_stages(
    stages: Mapping[str, Callable[[], Answer]], progress: Progress, processes: int
) -> dict[str, Answer]:
    """What each stage gives, in the order of ``stages``; the last ones, which take longest, start first.

    With more than one process every stage is computed in a fresh one, so it must be a function of a module.
    """
    if processes == 1:
        found = {}
        for name, compute in stages.items():
            progress(name)
            found[name] = compute()
        return found
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        names = {pool.submit(compute): name for name, compute in reversed(list(stages.items()))}
        for done in as_completed(names):
            done.result()
            progress(f"{names[done]}: done")
        results = {name: future.result() for future, name in names.items()}
    return {name: results[name] for name in stages}
