"""A face in millimetres: the template's topology with one person's shape.

Frame: origin midway between the eyeball centres, x to the person's own left, y up (perpendicular to the
Frankfort horizontal), z forwards. Landmarks carry the ids of the anatomy atlas; paired ones end in ``_l`` or
``_r`` (the person's own left and right): ``gn``, ``t_l``, ``ch_r``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from threadlift.frozen import Frozen
from threadlift.language import Text

Vectors = NDArray[np.float64]
Indices = NDArray[np.int64]
Side = Literal["left", "right", "midline"]
FaceSource = Literal["scan", "photo", "template"]
FitGrade = Literal["good", "usable", "poor", "refused"]


class FaceQuality(Frozen):
    """How far a fitted face can be trusted. Distances in mm; coverage is a share from 0 to 1."""

    grade: FitGrade
    core_median_mm: float | None = Field(
        default=None, description="template-to-scan distance in the face core"
    )
    core_p95_mm: float | None = None
    reverse_median_mm: float | None = Field(default=None, description="scan-to-template distance, face core")
    reverse_p95_mm: float | None = None
    landmark_residual_median_mm: float | None = None
    landmark_residual_p95_mm: float | None = None
    coverage_core: float | None = Field(
        default=None, description="share of the face core backed by scan surface"
    )
    coverage_left: float | None = None
    coverage_right: float | None = None
    scale_source: str = Field(description="how millimetres were established")
    scale_factor: float = Field(default=1.0, description="file units to mm")
    position_sd_mm: float = Field(
        gt=0, description="1 sigma of where an anatomical point lies along the skin"
    )
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Face:
    """One person's face on the template's topology.

    ``vertices_mm`` (n, 3) in the face frame; triangles, mirror map, masks and regions belong to the
    template of version ``template_version`` and are read from it. ``landmarks_mm`` maps landmark ids to
    points on the skin.
    """

    vertices_mm: Vectors
    landmarks_mm: Mapping[str, Vectors]
    source: FaceSource
    template_version: str
    quality: FaceQuality

    def landmark(self, name: str) -> Vectors:
        """Position of a landmark in mm. Raises ``KeyError`` for a name that the template does not carry."""
        return self.landmarks_mm[name]

    @property
    def fingerprint(self) -> str:
        """A stable hash of shape and template version (the key of caches and of plans made on this face).

        Vertices are rounded to a tenth of a micrometre first, so that a face read back from its file agrees.
        """
        digest = sha256(self.template_version.encode())
        digest.update(np.round(self.vertices_mm * 1e4).astype("<i8").tobytes())
        return digest.hexdigest()[:24]
