"""All figures together."""

from __future__ import annotations

from collections.abc import Callable

from threadlift.tissue.verification import face
from threadlift.tissue.verification.agreement import agreement_figures
from threadlift.tissue.verification.convergence import convergence_figures
from threadlift.tissue.verification.element import element_figures
from threadlift.tissue.verification.figure import Figure
from threadlift.tissue.verification.one_way import one_way_figures
from threadlift.tissue.verification.refinement import refinement_figures
from threadlift.tissue.verification.slab import slab_figures


def verification_figures(progress: Callable[[str], None] = lambda stage: None) -> list[Figure]:
    """Every figure with an expectation. A few minutes on one core, most of it in other codes."""
    figures: list[Figure] = []
    for stage, compute in (
        ("element", element_figures),
        ("convergence", convergence_figures),
        ("threads", slab_figures),
        ("whole face", face.face_figures),
        ("slip and slack", one_way_figures),
        ("whole face on three meshes", refinement_figures),
        ("against other codes", lambda: agreement_figures(progress)),
    ):
        progress(stage)
        figures += compute()
    return figures


def behaviour_figures() -> list[Figure]:
    """Figures of the model's behaviour on a synthetic face: shown, not judged."""
    return face.behaviour_figures()
