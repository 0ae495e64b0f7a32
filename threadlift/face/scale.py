"""Millimetres: from a stated unit, a stated distance, or the width between the outer eye corners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from threadlift.errors import InputError
from threadlift.face.face import Vectors
from threadlift.face.repair import note, scan_limit
from threadlift.face.scan import Scan, ScanUnit
from threadlift.language import Text, figure
from threadlift.units import MM_PER_UNIT

_GUESSED: tuple[ScanUnit, ...] = ("mm", "cm", "m")  # inches are never guessed


@dataclass(frozen=True)
class Scale:
    """``factor`` carries file units to mm; ``source`` is the key of its uncertainty in ``quality.toml``."""

    factor: float
    source: str
    text: Text


def find_scale(scan: Scan, width: float, points: Mapping[str, Vectors]) -> Scale:
    """The scale of ``scan``; ``width`` between the outer eye corners and landmark ``points`` in file units.

    Raises ``InputError`` with the question to answer when the size is unknown or contradicts what was stated.
    """
    if scan.stated is not None:
        return _from_distance(scan, points, width)
    if scan.unit is not None:
        scale = Scale(
            MM_PER_UNIT[scan.unit],
            "unit_stated",
            note("unit_stated", unit=scan.unit, distance=f"{width * MM_PER_UNIT[scan.unit]:.0f}"),
        )
        _check_width(width * scale.factor, f"the unit {scan.unit}")
        return scale
    for unit in _GUESSED:
        if _is_plausible(width * MM_PER_UNIT[unit]):
            text = note("unit_guessed", unit=unit, distance=figure(width, ".3g"))
            return Scale(MM_PER_UNIT[unit], "unit_recognised", text)
    raise InputError(
        f"the size of the scan is unknown: its outer eye corners lie {width:.3g} file units apart, "
        "which is no face in mm, cm or m",
        where="scan",
        remedy="State the unit with --unit (mm, cm, m, in), or measure the distance between the outer eye "
        "corners on the person and state it with --scale-mm (another pair: --scale-between al_l,al_r).",
    )


def _from_distance(scan: Scan, points: Mapping[str, Vectors], width: float) -> Scale:
    stated = scan.stated
    assert stated is not None  # the caller has looked
    missing = [name for name in (stated.first, stated.second) if name not in points]
    if missing:
        raise InputError(
            f"{', '.join(missing)} is not among the landmarks found on the scan",
            where="scale-between",
            remedy=f"Use one of {', '.join(sorted(points))}, or give both points in a file with --landmarks.",
        )
    apart = float(np.linalg.norm(points[stated.first] - points[stated.second]))
    if apart <= 0:
        raise InputError("both landmarks lie in the same place", where="scale-between")
    factor = stated.distance_mm / apart
    _check_width(width * factor, f"{stated.distance_mm:g} mm between {stated.first} and {stated.second}")
    text = note("scale_stated", distance=stated.distance_mm, first=stated.first, second=stated.second)
    return Scale(factor, "distance_stated", text)


def _is_plausible(width_mm: float) -> bool:
    low, high = scan_limit("canthi_mm")
    return bool(low <= width_mm <= high)


def _check_width(width_mm: float, stated: str) -> None:
    if not _is_plausible(width_mm):
        low, high = scan_limit("canthi_mm")
        raise InputError(
            f"with {stated} the outer eye corners would lie {width_mm:.3g} mm apart; on adults it is "
            f"{low:g} to {high:g}",
            where="scale",
            remedy="Check the stated unit or distance.",
        )
