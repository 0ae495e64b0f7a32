"""Lifts of a stand-in plan on the synthetic face: what is set beside lifts measured in people."""

from __future__ import annotations

from collections.abc import Mapping

from threadlift.tissue.model import TissueModel
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads, thickened

STAND_IN = "four tied threads a side at 1 N on a synthetic woman of 55 years"


def face_levels(
    parameters: TissueParameters, factors: Mapping[str, float], places: tuple[str, ...]
) -> list[float]:
    """Lift in mm at ``places`` (without side), parameters times ``factors``; threads follow the layers.

    Half a face, solved from the start: about 4 s.
    """
    anatomy = thickened(demonstration_anatomy(), factors)
    plain = {name: value for name, value in factors.items() if not name.startswith("thickness")}
    model = TissueModel(anatomy, parameters.times(**plain), pieces="halves")
    lift = model.lift(four_threads(anatomy, "left"))
    return [lift.point(f"{place}_l").total_mm for place in places]
