"""``docs/verification.md``: the figures as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from threadlift.files import write_text
from threadlift.tissue.verification.figure import Figure

_VERDICT = {True: "holds", False: "**misses**", None: "shown"}

_HEAD = """# Verification of the tissue model

Made by `threadlift bench verify` (`make verify`). Verification asks whether the model solves its equations.
It says nothing about people: no measured outcome of a patient enters this page. A figure that misses stands
here as a miss.
"""

_BEHAVIOUR = """
## Behaviour on a synthetic face (not a validation)

What the model does with literature moduli, beside a prototype study on a similar synthetic face. Landmarks
and threads of the two differ by some millimetres, so the figures need not agree; they should be of the same
size. The exponents say by which power the jowl lift of one thread changes when a parameter is doubled,
beside those that a fit over 64 samples with four threads gave (`tissue/data/sensitivity.toml`).
"""

_ABOUT = {
    "Against other codes": """
One model is exported (`threadlift/tissue/verification/export.py`) and read by two independent codes: PyMFEM
reads the mesh as VTK, assembles in C++ and solves by its own conjugate gradients; scikit-fem assembles in
NumPy, and SuperLU solves. Neither can average the dilatation over pairs of wedges, so matrices and solutions
are compared on plain wedges, which ours computes from the same parts. The half face is held as in the scan,
with the ligaments that are taut there, and pulled by one thread of 1 N. What pairs and plain wedges leave out
is then set beside scikit-fem's quadratic tetrahedra, cut from the same wedges, on a cheek that is clamped at
the bone and at its cut and pulled by a smooth force: clamps and force mean the same to both there.
""",
    "Slip and slack": """
Checked from outside the solver: the conditions of the minimum on its answer, and the law of each ligament
piece in a displacement field that is solved anew.
""",
}

_LIMITS = """
## Known limits

- The tissue is linear around the scanned state. What that leaves out is measured by the nonlinear mode
  (`threadlift simulate --nonlinear`), which follows large motion and stiffens with strain.
- Ligaments pull and do not push. How taut each piece is in the scan follows from weight and stiffness alone;
  nobody has measured it in a face.
- Tension of the skin acts on its normal motion only: the measured modulus is already that of tensioned skin.
- Lips do not touch, the jaw does not move, nothing creeps.
- Tension is what is given, not how far a doctor draws the thread in; threads tensioned one after another are
  taken as tensioned together.
- Barbs or bends of a thread outside the modelled face (scalp, behind the ear) are taken as held fast.
- Near the end of a thread the skin's motion changes within millimetres. The patch that is read there depends
  on the mesh more than the field does.
- Whether parameters and predictions fit people is asked on another page: [validation](validation.md).
"""


def render_verification(figures: Sequence[Figure], behaviour: Sequence[Figure]) -> str:
    """The page as Markdown."""
    missed = sum(figure.holds is False for figure in figures)
    judged = sum(figure.holds is not None for figure in figures)
    parts = [_HEAD, f"{judged - missed} of {judged} judged figures hold."]
    for group in dict.fromkeys(figure.group for figure in figures):
        parts.append(
            f"\n## {group}\n{_ABOUT.get(group, '')}\n| Figure | Value | Expected | |\n|---|---|---|---|"
        )
        parts += [_row(figure) for figure in figures if figure.group == group]
    parts += [_BEHAVIOUR, "| Figure | Here | Prototype or fit |\n|---|---|---|"]
    parts += [f"| {figure.name} | {figure.value} | {figure.expected} |" for figure in behaviour]
    parts.append(_LIMITS)
    return "\n".join(parts)


def _row(figure: Figure) -> str:
    return f"| {figure.name} | {figure.value} | {figure.expected} | {_VERDICT[figure.holds]} |"


def write_verification(path: Path, figures: Sequence[Figure], behaviour: Sequence[Figure]) -> None:
    """Write the page at once."""
    write_text(path, render_verification(figures, behaviour))
