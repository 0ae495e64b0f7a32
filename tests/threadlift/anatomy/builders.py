"""Faces with their anatomy for tests: the bare template, exactly symmetric, as if it had been scanned."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Literal

import numpy as np

from threadlift.anatomy import Anatomy, place_anatomy
from threadlift.face.face import Face, FaceQuality
from threadlift.face.template import MIDLINE_LANDMARKS, load_template


@cache
def symmetric_face(
    position_sd_mm: float = 2.0, source: Literal["scan", "photo", "template"] = "scan"
) -> Face:
    """The template with its midline landmarks exactly on the midline."""
    template = load_template()
    landmarks = template.place_landmarks(template.vertices_mm)
    for name in MIDLINE_LANDMARKS:
        landmarks[name] = landmarks[name] * np.array([0.0, 1.0, 1.0])
    quality = FaceQuality(grade="good", scale_source="test", position_sd_mm=position_sd_mm)
    return Face(template.vertices_mm, landmarks, source, template.version, quality)


@cache
def anatomy_of(position_sd_mm: float = 2.0, source: Literal["scan", "photo", "template"] = "scan") -> Anatomy:
    """The atlas on that face for the person for whom the atlas was written."""
    return place_anatomy(symmetric_face(position_sd_mm, source), sex="female", age_years=45.0, bmi=23.0)


def with_grade(face: Face, grade: Literal["good", "usable", "poor", "refused"]) -> Face:
    """The face as if its fit had been judged so."""
    return dataclasses.replace(face, quality=face.quality.model_copy(update={"grade": grade}))
