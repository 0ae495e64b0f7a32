"""Demonstration and fallback faces: the template shaped by its named morphs, without a scan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from threadlift.errors import InputError
from threadlift.face.face import Face, FaceQuality, Vectors
from threadlift.face.template import Template, load_template
from threadlift.language import Text

# Where an anatomical point lies along the skin of a face nobody has measured: spread between adults, 1 sigma.
_POSITION_SD_MM = 6.0
_LIMIT = 2.0

_NOTE = Text(
    en="Synthetic face made from the template; it shows no real person and no distance on it is measured.",
    vi="Khuôn mặt giả lập dựng từ khuôn mặt mẫu; không phải người thật, "
    "không có khoảng cách nào được đo trên người.",
)


def shape_face(morphs: Mapping[str, float], scale: float = 1.0) -> Face:
    """The template moved by ``morphs`` (name to strength, -2 to 2) and enlarged by ``scale`` (0.7 to 1.4).

    Strength 1 is the full morph. Raises ``InputError`` for an unknown morph or a value outside its range.
    """
    if not 0.7 <= scale <= 1.4:
        raise InputError("scale must lie between 0.7 and 1.4", where="shape_face")
    template = load_template()
    vertices = shape_template(template, morphs) * scale
    return Face(
        vertices_mm=vertices,
        landmarks_mm=template.place_landmarks(vertices),
        source="template",
        template_version=template.version,
        quality=FaceQuality(
            grade="usable",
            scale_source="template of an average adult head",
            scale_factor=scale,
            position_sd_mm=_POSITION_SD_MM,
            notes=(_NOTE,),
        ),
    )


def shape_template(template: Template, morphs: Mapping[str, float]) -> Vectors:
    """Vertices (n, 3) in mm of ``template`` moved by ``morphs``."""
    vertices = template.vertices_mm.copy()
    for name, strength in morphs.items():
        if name not in template.morphs:
            raise InputError(
                f"no morph {name!r}",
                where="shape_face",
                remedy=f"Known: {', '.join(sorted(template.morphs))}.",
            )
        if not (np.isfinite(strength) and abs(strength) <= _LIMIT):
            raise InputError(f"morph {name!r} must lie between -2 and 2", where="shape_face")
        vertices += strength * template.morphs[name]
    return vertices
