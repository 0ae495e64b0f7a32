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

_LIMITS = """
## Known limits

- Linear around the scanned state. A corotational reference moved 5 % more at 1 N, 8 % more at 2 N, and 10 to
11 % more
  for four threads at 1 N; the linear answer is always the smaller one. Stiffening of skin and fat is left
  out.
- Ligaments act both ways. In life they are slack where a thread lifts the skin; without them the jowl lift
would be
  1.7 times as large. This is the largest structural doubt.
- Gravity in the scan is part of the reference state; its stress changes the lift by 0.2 % and is left out. -
Skin tension acts on normal motion only: the measured modulus is already that of tensioned skin. - Lips do not
touch, the jaw does not move, nothing creeps. The shift from upright to supine comes out near the lower
  end of what is expected, and the thread compliance was not tuned to it.
- Tension is what is given, not how far a doctor draws the thread in; threads tensioned one after another are
taken as
  tensioned together.
- Barbs or bends of a thread outside the modelled face (scalp, behind the ear) are taken as held fast.
"""


def render_verification(figures: Sequence[Figure], behaviour: Sequence[Figure]) -> str:
    """The page as Markdown."""
    missed = sum(figure.holds is False for figure in figures)
    judged = sum(figure.holds is not None for figure in figures)
    parts = [_HEAD, f"{judged - missed} of {judged} judged figures hold.\n"]
    for group in dict.fromkeys(figure.group for figure in figures):
        parts.append(f"\n## {group}\n\n| Figure | Value | Expected | |\n|---|---|---|---|")
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
