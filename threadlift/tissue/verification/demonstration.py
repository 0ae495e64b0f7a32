"""A synthetic face and threads on it, for the figures on a whole face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy, place_anatomy, place_control_point
from threadlift.face.morph import shape_face
from threadlift.face.surface import vertex_normals
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.part import TissuePart, build_part
from threadlift.tissue.thread import CableThread, spaced_barbs

Floats = NDArray[np.float64]
Side = Literal["left", "right"]
Place = tuple[Mapping[str, float], tuple[float, float, float]]

TEMPLE: Place = ({"t": 0.45, "ft": 0.55}, (6.0, 0.0, 0.0))
PREAURICULAR: Place = ({"t": 0.8, "zy": 0.2}, (0.0, -6.0, 0.0))
UPPER_TEMPLE: Place = ({"t": 0.35, "ft": 0.65}, (5.0, 0.0, 0.0))
JOWL: Place = ({"jowl": 1.0}, (0.0, 0.0, 0.0))
JOWL_FRONT: Place = ({"jowl": 0.7, "mar": 0.3}, (0.0, 0.0, 0.0))
MARIONETTE: Place = ({"mar": 1.0}, (5.0, 0.0, 0.0))
MIDFACE: Place = ({"nlf": 1.0}, (6.0, 0.0, 0.0))


@cache
def demonstration_anatomy() -> Anatomy:
    """An aged synthetic woman with jowls (55 years, body mass index 23)."""
    face = shape_face({"female_old": 1.0, "age": 0.8, "double_chin": 0.5}, 1.05)
    return place_anatomy(face, sex="female", age_years=55, bmi=23)


@cache
def demonstration_half() -> TissuePart:
    """The left half of that face, held and factorised. Kept: several checks share it."""
    return build_part(demonstration_anatomy(), nominal_parameters(), "left")


def thread_between(
    anatomy: Anatomy,
    name: str,
    start: Place,
    end: Place,
    *,
    side: Side = "left",
    tension_n: float = 1.0,
    barbed_mm: float = 42.0,
    barbs: int = 8,
) -> CableThread:
    """A tied thread just above the SMAS (skin and 90 % of the fat) with its barbs at the far end."""
    skin = anatomy.skin
    stops = np.array([place_control_point(anatomy.face, *place, side) for place in (start, end)])
    path = skin.path(stops, 1.0)
    layers = anatomy.layers.at(path.triangle, path.bary)
    depth = layers.skin_mm + 0.9 * layers.superficial_fat_mm
    normals = vertex_normals(skin.vertices, skin.triangles)[skin.triangles[path.triangle]]
    outward = np.einsum("kc,kcx->kx", path.bary, normals)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    points = path.positions - outward * depth[:, None]
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    return CableThread(
        id=f"{name}-{side}",
        side=side,
        points_mm=points,
        tension_n=tension_n,
        axial_stiffness_n=188.0,
        anchoring="fixed",
        barbs_mm=spaced_barbs(length - barbed_mm, length - 0.5, barbs),
        barb_stiffness_n_per_mm=1.0,
        holding_force_n=100.0,
    )


def one_thread(anatomy: Anatomy, *, side: Side = "left", tension_n: float = 1.0) -> CableThread:
    """Temple to jowl."""
    return thread_between(anatomy, "jowl", TEMPLE, JOWL, side=side, tension_n=tension_n)


def four_threads(anatomy: Anatomy, side: Side) -> list[CableThread]:
    """Two from the temple to the jowl, one in front of the ear, one in the midface, 1 N each."""
    ways = [
        ("jowl", TEMPLE, JOWL),
        ("jowl-front", TEMPLE, JOWL_FRONT),
        ("preauricular", PREAURICULAR, MARIONETTE),
        ("midface", UPPER_TEMPLE, MIDFACE),
    ]
    return [thread_between(anatomy, name, start, end, side=side) for name, start, end in ways]


def thickened(anatomy: Anatomy, factors: Mapping[str, float]) -> Anatomy:
    """The anatomy with its layers scaled by the ``thickness_*_factor`` entries; threads on it follow the
    layers."""
    layers = anatomy.layers
    return replace(
        anatomy,
        layers=replace(
            layers,
            skin_mm=layers.skin_mm * factors.get("thickness_skin_factor", 1.0),
            superficial_fat_mm=layers.superficial_fat_mm * factors.get("thickness_fat_factor", 1.0),
            smas_mm=layers.smas_mm * factors.get("thickness_smas_factor", 1.0),
            deep_mm=layers.deep_mm * factors.get("thickness_deep_factor", 1.0),
        ),
    )
