"""Does the placed atlas show the distances it was drawn through? On the reference head, and scaled on a
face.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from threadlift.anatomy.atlas import AtlasCheck, AtlasLigament, AtlasStructure, load_atlas
from threadlift.anatomy.control_point import raw_control_point, side_landmark
from threadlift.anatomy.course import BodySide
from threadlift.anatomy.placement import Anatomy
from threadlift.anatomy.structure import SIDES
from threadlift.face.face import Face, FaceQuality, Vectors


@dataclass(frozen=True)
class GeometryCheck:
    """One distance: measured, and the range expected on a face of this size; mm."""

    check: AtlasCheck
    side: BodySide
    measured_mm: float
    expected_mm: tuple[float, float]

    @property
    def holds(self) -> bool:
        """Whether the distance lies in the range."""
        return self.expected_mm[0] <= self.measured_mm <= self.expected_mm[1]


def reference_head() -> Face:
    """The head on which the atlas was written: landmarks only, no skin."""
    landmarks: dict[str, Vectors] = {}
    for name, (lat, up, ant) in load_atlas().reference_head.items():
        if lat == 0.0:
            landmarks[name] = np.array([0.0, up, ant])
        else:
            landmarks[f"{name}_l"] = np.array([lat, up, ant])
            landmarks[f"{name}_r"] = np.array([-lat, up, ant])
    quality = FaceQuality(grade="good", scale_source="reference head", position_sd_mm=1.0)
    return Face(np.zeros((0, 3)), landmarks, "template", "reference", quality)


def check_reference_head() -> Iterator[GeometryCheck]:
    """Each check on the reference head, before points are laid on the skin; the range is the printed
    distance.
    """
    head = reference_head()
    for check in load_atlas().checks:
        point = _entry(check).point[check.point]
        for side in SIDES:
            place = raw_control_point(head, point.weights, point.offset_mm, side)
            expected = (check.reference_mm - 0.25, check.reference_mm + 0.25)
            yield GeometryCheck(check, side, _distance(head, place, check, side), expected)


def check_face(anatomy: Anatomy) -> Iterator[GeometryCheck]:
    """Each check on a face, its range scaled by the face's length or height against the reference head."""
    placed = {(structure.id, structure.side): structure.control_mm for structure in anatomy.structures}
    placed |= {(ligament.id, ligament.side): ligament.control_mm for ligament in anatomy.ligaments}
    for check in load_atlas().checks:
        for side in SIDES:
            scale = _size(anatomy.face, check, side) / _size(reference_head(), check, side)
            low, high = check.expected_mm
            place = placed[check.structure, side][check.point]
            yield GeometryCheck(
                check, side, _distance(anatomy.face, place, check, side), (low * scale, high * scale)
            )


def _entry(check: AtlasCheck) -> AtlasStructure | AtlasLigament:
    atlas = load_atlas()
    entries: list[AtlasStructure | AtlasLigament] = [*atlas.structures, *atlas.ligaments]
    return next(entry for entry in entries if entry.id == check.structure)


def _distance(face: Face, place: Vectors, check: AtlasCheck, side: BodySide) -> float:
    if check.landmark == "midline":
        return float(abs(place[0] - face.landmark("sn")[0]))
    return float(np.linalg.norm(place - side_landmark(face, check.landmark, side)))


def _size(face: Face, check: AtlasCheck, side: BodySide) -> float:
    ends = ("ex", "t") if check.scale == "length" else ("n", "gn")
    first, second = (side_landmark(face, end, side) for end in ends)
    return float(np.linalg.norm(first - second))
