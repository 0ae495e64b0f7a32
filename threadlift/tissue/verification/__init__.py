"""Does the tissue model solve its equations? Figures with expectations, as tests and as a page."""

from threadlift.tissue.verification.document import render_verification, write_verification
from threadlift.tissue.verification.figure import Figure
from threadlift.tissue.verification.suite import behaviour_figures, verification_figures

__all__ = [
    "Figure",
    "behaviour_figures",
    "render_verification",
    "verification_figures",
    "write_verification",
]
