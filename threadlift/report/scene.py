"""A face made ready for pictures: skin and eyeballs as one mesh, normals and soft shadow at every vertex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.face.face import Face, Indices, Vectors
from threadlift.face.raycast import HAS_EMBREE, cast_rays
from threadlift.face.surface import vertex_normals
from threadlift.face.template import Template, load_template

# Appearance, not anatomy: how far a shadow reaches, and how many directions are looked into.
_SHADOW_REACH_MM = 22.0
_DIRECTIONS = 40
_EYE_OPENNESS = 0.6


@dataclass(frozen=True)
class Scene:
    """Skin first, eyeballs after it: ``vertices`` (n, 3) mm, ``normals`` (n, 3), ``openness`` (n,) 0 to 1.

    ``openness`` is the share of sky that a point sees within a short reach: it darkens folds and sockets.
    ``skin_count`` is the number of vertices of the face; the rest are the eyes.
    """

    vertices: Vectors
    triangles: Indices
    normals: Vectors
    openness: NDArray[np.float64]
    skin_count: int

    @property
    def is_skin(self) -> NDArray[np.bool_]:
        """Which vertices (n,) belong to the skin."""
        return np.arange(len(self.vertices)) < self.skin_count


def make_scene(face: Face, *, seed: int = 0) -> Scene:
    """The scene of ``face``; ``seed`` chooses the directions in which shadow is looked for."""
    template = load_template()
    eyes = place_eyes(face, template)
    count = len(face.vertices_mm)
    vertices = np.concatenate([face.vertices_mm, eyes])
    triangles = np.concatenate([template.triangles, template.eye_triangles + count])
    normals = np.concatenate(
        [vertex_normals(face.vertices_mm, template.triangles), vertex_normals(eyes, template.eye_triangles)]
    )
    openness = _openness(vertices, triangles, normals, seed)
    openness[count:] = _EYE_OPENNESS  # inside the lids the eyeballs would look blotched
    return Scene(vertices, triangles, normals, openness, count)


def move_skin(scene: Scene, displacement_mm: Vectors) -> Scene:
    """The scene after the skin (k, 3) moved by so many mm; the shadows stay those of the face at rest."""
    vertices = scene.vertices.copy()
    vertices[: scene.skin_count] += displacement_mm
    skin = np.all(scene.triangles < scene.skin_count, axis=1)
    normals = scene.normals.copy()
    normals[: scene.skin_count] = vertex_normals(vertices[: scene.skin_count], scene.triangles[skin])
    return Scene(vertices, scene.triangles, normals, scene.openness, scene.skin_count)


def place_eyes(face: Face, template: Template) -> Vectors:
    """The template's eyeballs (k, 3), moved and scaled to this face's eye openings."""
    at_rest = template.place_landmarks(template.vertices_mm)
    placed = template.eye_vertices_mm.copy()
    for side, sign in (("l", 1.0), ("r", -1.0)):
        own = placed[:, 0] * sign > 0
        inner, outer = f"en_{side}", f"ex_{side}"
        before = (at_rest[inner] + at_rest[outer]) / 2
        after = (face.landmarks_mm[inner] + face.landmarks_mm[outer]) / 2
        ratio = float(
            np.linalg.norm(face.landmarks_mm[outer] - face.landmarks_mm[inner])
            / np.linalg.norm(at_rest[outer] - at_rest[inner])
        )
        placed[own] = after + (template.eye_vertices_mm[own] - before) * np.clip(ratio, 0.8, 1.25)
    return placed


def _openness(vertices: Vectors, triangles: Indices, normals: Vectors, seed: int) -> NDArray[np.float64]:
    directions = _half_sphere(_DIRECTIONS if HAS_EMBREE else 8, seed)
    around = np.where(np.abs(normals[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(normals, around)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    second = np.cross(normals, first)
    seen = np.zeros(len(vertices))
    for direction in directions:
        along = direction[0] * first + direction[1] * second + direction[2] * normals
        met = cast_rays(vertices, triangles, vertices + 0.3 * normals, along)
        seen += np.where(met.is_hit, 1 - np.exp(-met.depth_mm / _SHADOW_REACH_MM), 1.0)
    return np.asarray(seen / len(directions))


def _half_sphere(count: int, seed: int) -> Vectors:
    """Directions (count, 3) over the half sphere z > 0, denser towards its pole where light counts."""
    turn = 2 * np.pi * ((np.arange(count) * 0.6180339887 + np.random.default_rng(seed).random()) % 1.0)
    share = (np.arange(count) + 0.5) / count
    return np.stack(
        [np.sqrt(share) * np.cos(turn), np.sqrt(share) * np.sin(turn), np.sqrt(1 - share)], axis=1
    )
