"""Faces and intakes for the planning tests."""

from __future__ import annotations

from functools import cache

from threadlift.face.face import Face, FaceQuality
from threadlift.face.template import load_template


@cache
def template_face() -> Face:
    """The bare template as a face, exactly symmetric."""
    template = load_template()
    return Face(
        vertices_mm=template.vertices_mm,
        landmarks_mm=template.place_landmarks(template.vertices_mm),
        source="template",
        template_version=template.version,
        quality=FaceQuality(grade="good", scale_source="template", position_sd_mm=1.0),
    )
