"""What the main job is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from threadlift.case.case import Override
from threadlift.face.scan import ScanUnit
from threadlift.pricing import Currency


@dataclass(frozen=True)
class CaseRequest:
    """Input of one case.

    ``on`` is the day of the consultation, ``procedure_on`` the planned day of the procedure (None: a day is
    assumed and marked as such). ``optimise`` takes the optimised plan, for ``goal`` or, without one, for what
    the intake asks for. ``unit`` or ``scale_mm`` say how large the scan is. ``cache`` is a folder
    with results of an earlier run of the same case, used where they still fit.
    """

    scan: Path
    intake: Path
    on: date
    procedure_on: date | None = None
    unit: ScanUnit | None = None
    scale_mm: float | None = None
    scale_between: tuple[str, str] = ("ex_l", "ex_r")
    landmarks: Path | None = None
    prices: Path | None = None
    currency: Currency | None = None
    override: Override | None = None
    samples: int = 400
    seed: int = 20261123
    optimise: bool = False
    goal: Path | None = None
    cache: Path | None = field(default=None, compare=False)
