"""Danger structures on one face: their course on the skin, their depth, and the planes in which they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from threadlift.anatomy.atlas import AtlasStructure, Geometry, Kind
from threadlift.anatomy.control_point import offset_scale, place_control_point
from threadlift.anatomy.course import BodySide, Course, depths_along, fill_course, lay_ellipse, lay_line
from threadlift.anatomy.layer import Layers
from threadlift.anatomy.plane import Plane
from threadlift.anatomy.skin import inwards_at, skin_of
from threadlift.anatomy.stack import Numbers
from threadlift.face.face import Face, Indices, Vectors
from threadlift.finding import Status
from threadlift.language import Text

SIDES: tuple[BodySide, BodySide] = ("left", "right")


@dataclass(frozen=True, eq=False)
class PlacedStructure:
    """One danger structure on one side of one face.

    ``skin_points_mm`` (k, 3) draw it on the skin (a closed outline for an area), ``position_mm`` (k, 3) at
    its depth; ``depth_mean_mm`` and ``depth_sd_mm`` (k,). ``planes`` and ``doubtful_planes`` have one entry
    per ``segment``. Margins count from the corridor of ``corridor_half_width_mm`` to either side of the
    course.
    """

    id: str
    side: BodySide
    kind: Kind
    geometry: Geometry
    name: Text
    consequence: Text
    lies: Text
    skin_points_mm: Vectors
    position_mm: Vectors
    depth_mean_mm: Numbers
    depth_sd_mm: Numbers
    segment: Indices
    planes: tuple[frozenset[Plane], ...]
    doubtful_planes: tuple[frozenset[Plane], ...]
    corridor_half_width_mm: float
    stop_mm: float
    caution_mm: float
    depth_margin_mm: float
    status: Status
    depth_status: Status
    sources: tuple[str, ...]
    control_mm: Vectors
    course: Course


def place_structure(
    face: Face, atlas: AtlasStructure, side: BodySide, layers: Layers, standard: Layers
) -> PlacedStructure:
    """One structure of the atlas on ``side`` of ``face``.

    ``standard`` are the layers for which the depths of the atlas were written; thicker or thinner layers
    move the structure with them, except that an unsourced depth only widens the range of depths, never
    narrows it.
    """
    skin = skin_of(face)
    controls = np.array(
        [place_control_point(face, p.weights, p.offset_mm, side, laid=p.laid) for p in atlas.point]
    )
    if atlas.geometry == "ellipsoid":
        line = lay_line(skin, lay_ellipse(face, skin, controls[0], atlas, side))
    else:
        line = lay_line(skin, controls, closed=atlas.geometry == "polygon")
    is_line = atlas.geometry in ("polyline", "point_with_fan")
    segments = max(1, len(controls) - 1) if is_line else 1
    along = line.along if len(controls) > 1 else np.zeros(len(line.path.positions))
    mean, deviation = depths_along(atlas.point, along)
    ratio = (
        layers.at(line.path.triangle, line.path.bary).total_mm
        / standard.at(line.path.triangle, line.path.bary).total_mm
    )
    segment = np.minimum(along.astype(np.int64), segments - 1) if is_line else np.zeros(len(along), np.int64)
    inwards = inwards_at(face, line.path.triangle, line.path.bary)
    return PlacedStructure(
        id=atlas.id,
        side=side,
        kind=atlas.kind,
        geometry=atlas.geometry,
        name=atlas.name,
        consequence=atlas.consequence,
        lies=atlas.lies,
        skin_points_mm=line.path.positions,
        position_mm=line.path.positions + inwards * (mean * ratio)[:, None],
        depth_mean_mm=mean * ratio,
        depth_sd_mm=deviation,
        segment=segment,
        planes=tuple(frozenset(planes) for planes in atlas.segment_planes),
        doubtful_planes=tuple(frozenset(planes) for planes in atlas.doubtful_planes)
        or (frozenset[Plane](),) * segments,
        corridor_half_width_mm=atlas.corridor_half_width_mm,
        stop_mm=atlas.stop_mm,
        caution_mm=atlas.caution_mm,
        depth_margin_mm=atlas.depth_margin_mm,
        status=atlas.status,
        depth_status=atlas.depth_status,
        sources=atlas.sources,
        control_mm=controls,
        course=fill_course(skin, atlas, line, segment, mean, deviation, ratio, offset_scale(face)),
    )
