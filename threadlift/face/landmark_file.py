"""Landmarks set by hand: a small TOML or JSON file, in the coordinates and unit of the scan file.

[landmarks]
ex_l = [0.81, 1.52, 1.33]
ex_r = [-0.82, 1.50, 1.34]
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import Field, field_validator

from threadlift.errors import InputError
from threadlift.face.face import Vectors
from threadlift.face.template import LANDMARKS
from threadlift.files import read_model
from threadlift.frozen import Frozen

Point = tuple[float, float, float]


class LandmarkFile(Frozen):
    """Landmark ids of the atlas with their positions in the scan file."""

    landmarks: dict[str, Point] = Field(min_length=1)

    @field_validator("landmarks")
    @classmethod
    def _known_and_finite(cls, landmarks: dict[str, Point]) -> dict[str, Point]:
        unknown = sorted(set(landmarks) - set(LANDMARKS))
        if unknown:
            raise ValueError(f"unknown landmark {', '.join(unknown)}; known are {', '.join(LANDMARKS)}")
        broken = sorted(name for name, point in landmarks.items() if not all(map(math.isfinite, point)))
        if broken:
            raise ValueError(f"{', '.join(broken)} is no position of three numbers")
        return landmarks


def read_landmarks(path: Path) -> dict[str, Vectors]:
    """Positions (3,) by landmark id. Raises ``InputError`` naming what is wrong in the file."""
    return {name: np.array(point) for name, point in read_model(path, LandmarkFile).landmarks.items()}


def check_near(landmarks: Mapping[str, Vectors], distances: Mapping[str, float], limit: float) -> None:
    """Raise ``InputError`` when a landmark set by hand lies farther than ``limit`` from the scan's
    surface."""
    off = sorted(name for name in landmarks if distances[name] > limit)
    if off:
        raise InputError(
            f"{', '.join(off)}: not on the scan",
            where="landmarks",
            remedy="Give positions on the surface, in the coordinates and unit of the scan file.",
        )
