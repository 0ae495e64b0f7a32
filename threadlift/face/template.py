"""The template head: one fixed topology on which every face, landmark, thread and danger zone is described.

The arrays live in ``data/template.npz`` (made by ``scripts/distil_template.py``), what the landmarks mean in
``data/landmarks.toml``. Template millimetres are those of a plain adult head, never of a patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import RuleDataError
from threadlift.face.face import Indices, Vectors
from threadlift.files import load_data

Mask = NDArray[np.bool_]
Anchor = tuple[int, tuple[float, float, float]]

MIDLINE_LANDMARKS = ("tr", "g", "n", "prn", "sn", "ls", "sto", "li", "sl", "pg", "gn", "hy")
PAIRED_LANDMARKS = (
    *("en", "ex", "or", "al", "ac", "ch", "bt", "ft", "ma", "zy", "t", "itn", "eac", "obs", "obi"),
    *("ms", "go", "agn", "jowl", "mar", "nlf"),
)
LANDMARKS = (*MIDLINE_LANDMARKS, *(f"{name}_{side}" for name in PAIRED_LANDMARKS for side in "lr"))


@dataclass(frozen=True)
class Template:
    """The template head, exactly mirror-symmetric about x = 0.

    ``vertices_mm`` (n, 3) in the face frame, ``triangles`` (m, 3) counter-clockwise seen from outside,
    ``mirror`` (n,) the vertex on the other side. ``eye_*`` is a separate pair of eyeballs. ``landmarks``
    maps the ids of the atlas to (triangle, barycentric weights); ``mediapipe_*`` does so for the 468 points
    of the MediaPipe face mesh (triangle -1 where the template has no such point). ``masks`` are named
    vertex sets, ``morphs`` named displacements (n, 3) in mm.
    """

    vertices_mm: Vectors
    triangles: Indices
    mirror: Indices
    eye_vertices_mm: Vectors
    eye_triangles: Indices
    landmarks: Mapping[str, Anchor]
    mediapipe_triangle: Indices
    mediapipe_bary: Vectors
    masks: Mapping[str, Mask]
    morphs: Mapping[str, Vectors]
    version: str

    def place_landmarks(self, vertices_mm: Vectors) -> dict[str, Vectors]:
        """Landmark positions (3,) in mm on a shape of this topology."""
        return {
            name: np.asarray(bary) @ vertices_mm[self.triangles[triangle]]
            for name, (triangle, bary) in self.landmarks.items()
        }

    def triangle_mask(self, name: str) -> Mask:
        """Triangles (m,) whose three vertices all belong to the mask ``name``."""
        inside: Mask = np.all(self.masks[name][self.triangles], axis=1)
        return inside


@cache
def load_template() -> Template:
    """The bundled template head. Raises ``RuleDataError`` when its data file is missing or damaged."""
    path = resources.files("threadlift.face").joinpath("data", "template.npz")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return _from_arrays(arrays)
    except (OSError, ValueError, KeyError) as error:
        raise RuleDataError(f"data file threadlift.face/data/template.npz cannot be used: {error}") from error


def _from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Template:
    vertices = _vectors(arrays["vertices"])
    count = len(vertices)
    bary = _vectors(arrays["landmark_bary"])
    landmarks: dict[str, Anchor] = {
        str(name): (int(triangle), (float(w[0]), float(w[1]), float(w[2])))
        for name, triangle, w in zip(arrays["landmark_names"], arrays["landmark_triangle"], bary, strict=True)
    }
    masks = {
        str(name): _frozen(np.unpackbits(bits, count=count).astype(bool))
        for name, bits in zip(arrays["mask_names"], arrays["masks"], strict=True)
    }
    morphs = {
        str(name): _vectors(offsets)
        for name, offsets in zip(arrays["morph_names"], arrays["morphs"], strict=True)
    }
    return Template(
        vertices_mm=vertices,
        triangles=_indices(arrays["triangles"]),
        mirror=_indices(arrays["mirror"]),
        eye_vertices_mm=_vectors(arrays["eye_vertices"]),
        eye_triangles=_indices(arrays["eye_triangles"]),
        landmarks=landmarks,
        mediapipe_triangle=_indices(arrays["mediapipe_triangle"]),
        mediapipe_bary=_vectors(arrays["mediapipe_bary"]),
        masks=masks,
        morphs=morphs,
        version=str(arrays["version"]),
    )


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


def _vectors(array: NDArray[Any]) -> Vectors:
    return _frozen(array.astype(np.float64))


def _indices(array: NDArray[Any]) -> Indices:
    return _frozen(array.astype(np.int64))


@cache
def load_landmark_facts() -> dict[str, dict[str, Any]]:
    """What each landmark of the atlas is (name, definition, uncertainty), by its id without the side."""
    return {entry["id"]: entry for entry in load_data("threadlift.face", "landmarks.toml")["landmark"]}
