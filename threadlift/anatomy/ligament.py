"""Retaining ligaments on one face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from threadlift.anatomy.atlas import AtlasLigament
from threadlift.anatomy.control_point import place_control_point
from threadlift.anatomy.course import STEP_MM, BodySide
from threadlift.anatomy.skin import skin_of
from threadlift.face.face import Face, Vectors
from threadlift.finding import Status
from threadlift.language import Text


@dataclass(frozen=True, eq=False)
class PlacedLigament:
    """One ligament: ``skin_points_mm`` (k, 3) along it (one point for a short one), stiffness as a total in
    N/mm.

    The stiffness may be off by ``stiffness_factor`` either way; ``penetration_n`` is (mean, sd) of a cannula
    test.
    """

    id: str
    side: BodySide
    name: Text
    skin_points_mm: Vectors
    stiffness_n_per_mm: float
    stiffness_factor: float
    penetration_n: tuple[float, float] | None
    status: Status
    sources: tuple[str, ...]
    control_mm: Vectors


def place_ligament(face: Face, atlas: AtlasLigament, side: BodySide) -> PlacedLigament:
    """One ligament of the atlas on ``side`` of ``face``."""
    controls = np.array([place_control_point(face, p.weights, p.offset_mm, side) for p in atlas.point])
    line = skin_of(face).path(controls, STEP_MM).positions if len(controls) > 1 else controls
    return PlacedLigament(
        id=atlas.id,
        side=side,
        name=atlas.name,
        skin_points_mm=line,
        stiffness_n_per_mm=atlas.stiffness_n_per_mm,
        stiffness_factor=atlas.stiffness_factor,
        penetration_n=atlas.penetration_n,
        status=atlas.status,
        sources=atlas.sources,
        control_mm=controls,
    )
