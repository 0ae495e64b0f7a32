"""Synthetic head scans with known landmarks: the template's morphs on another topology. No real person."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import fast_simplification
import numpy as np
import trimesh

from threadlift.face.detector_litert import is_available
from threadlift.face.template import load_template

HAS_DETECTOR = is_available()
if os.environ.get("CI") and not HAS_DETECTOR:
    raise RuntimeError("the landmark models are missing: CI skips no test that needs them")
NEEDS_DETECTOR = "needs the extra `landmarks` and its models (make setup)"


@cache
def head(count: int = 16_000) -> tuple[np.ndarray, np.ndarray]:
    """Vertices in mm and triangles of an aged woman, remeshed to about ``count`` triangles, with eyeballs."""
    template = load_template()
    vertices = true_vertices()
    moved = (vertices - template.vertices_mm)[template.triangles[template.landmarks["ex_l"][0]]].mean(axis=0)
    whole = np.vstack([vertices, template.eye_vertices_mm + moved * [0, 1, 1]])
    triangles = np.vstack([template.triangles, template.eye_triangles + len(vertices)])
    fine, pieces = trimesh.remesh.subdivide(whole, triangles)
    points, fewer = fast_simplification.simplify(
        fine.astype(np.float32), pieces.astype(np.int32), target_count=count
    )[:2]
    return np.asarray(points, float), np.asarray(fewer, np.int64)


def true_vertices() -> np.ndarray:
    """The same head on the template's topology."""
    template = load_template()
    return template.vertices_mm + template.morphs["female_old"] + 0.5 * template.morphs["double_chin"]


def true_landmarks() -> Mapping[str, np.ndarray]:
    """Its landmarks in mm."""
    return load_template().place_landmarks(true_vertices())


def write(path: Path, vertices: np.ndarray, triangles: np.ndarray) -> Path:
    """Write a mesh in the format of the ending of ``path``."""
    trimesh.Trimesh(vertices, triangles, process=False).export(path)
    return path


def turned(seed: int) -> np.ndarray:
    """A random rotation (3, 3)."""
    axes = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return axes * np.sign(np.linalg.det(axes))
