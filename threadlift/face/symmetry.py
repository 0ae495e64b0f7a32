"""Left against right: a face is laid on its own mirror image and what does not coincide is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from threadlift.face.face import Face, Vectors
from threadlift.face.registration import align
from threadlift.face.surface import vertex_areas, vertex_normals
from threadlift.face.template import MIDLINE_LANDMARKS, PAIRED_LANDMARKS, Mask, Template, load_template


@dataclass(frozen=True)
class MirrorComparison:
    """A face against its best aligned mirror image.

    ``image_mm`` (n, 3) is where each vertex would lie on the mirrored face, ``landmark_offset_mm`` how far
    each left landmark lies from the mirrored right one (x outwards, y up, z forwards), midline ones from
    their own image.
    """

    face: Face
    image_mm: Vectors
    landmark_offset_mm: dict[str, Vectors]

    def fullness_mm(self) -> Vectors:
        """How far each vertex (n,) stands out beyond its mirror image along the skin's normal."""
        normals = vertex_normals(self.face.vertices_mm, load_template().triangles)
        standing: Vectors = np.einsum("ij,ij->i", normals, self.face.vertices_mm - self.image_mm)
        return standing


def compare_with_mirror(face: Face) -> MirrorComparison:
    """The best alignment of a face with its mirror image over the face core, and what is left."""
    template = load_template()
    reflected = face.vertices_mm[template.mirror] * [-1.0, 1.0, 1.0]
    weights = np.where(template.masks["face_core"], vertex_areas(face.vertices_mm, template.triangles), 0.0)
    used = weights > 0
    placement, _ = align(reflected[used], face.vertices_mm[used], weights[used], scale=1.0)
    offsets = {}
    for name in (*MIDLINE_LANDMARKS, *(f"{name}_l" for name in PAIRED_LANDMARKS)):
        partner = f"{name[:-2]}_r" if name.endswith("_l") else name
        image = placement.apply(face.landmarks_mm[partner] * [-1.0, 1.0, 1.0])
        offsets[name.removesuffix("_l")] = face.landmarks_mm[name] - image
    return MirrorComparison(face, placement.apply(reflected), offsets)


def region_masks(template: Template) -> dict[str, Mask]:
    """Thirds of the face by height and the neck, as vertex masks of both sides."""
    points = template.place_landmarks(template.vertices_mm)
    height = template.vertices_mm[:, 1]
    seen = template.masks["face"] & ~(template.masks["lids"] | template.masks["nostrils"])
    upper, middle = height > points["n"][1], height > points["sn"][1]
    return {
        "upper_face": seen & upper,
        "mid_face": seen & middle & ~upper,
        "lower_face": seen & ~middle,
        "neck": template.masks["neck"],
    }
