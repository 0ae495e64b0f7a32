"""Which part of the head is modelled, and what its edges are.

The domain is a fixed set of template vertices: the face from just above the hairline to the upper neck,
forward of the ears, without the auricles. It is the same set on every face, so that results of two people can
be compared.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from threadlift.face.template import load_template

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Extent = Literal["full", "left", "right"]

_ABOVE_HAIRLINE_MM = 9.0
_BEFORE_TRAGUS_MM = 4.0
_BELOW_HYOID_MM = 18.0
_EYE_REACH_MM = 30.0
STRIP_MM = 38.0  # how far a half model reaches over the midline


@cache
def face_domain(extent: Extent = "full") -> Mask:
    """Template vertices (n,) of the model; a half reaches ``STRIP_MM`` over the midline."""
    template = load_template()
    place = template.place_landmarks(template.vertices_mm)
    x, y, z = template.vertices_mm.T
    inside = (y < place["tr"][1] + _ABOVE_HAIRLINE_MM) & (y > place["hy"][1] - _BELOW_HYOID_MM)
    inside &= z > place["t_l"][2] + _BEFORE_TRAGUS_MM
    inside &= ~(template.masks["ear_l"] | template.masks["ear_r"])
    if extent == "left":
        inside &= x > -STRIP_MM
    elif extent == "right":
        inside &= x < STRIP_MM
    return np.asarray(inside)


def boundary_edges(triangles: Indices) -> Indices:
    """Edges (e, 2) that belong to one triangle only."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    return np.asarray(unique[count == 1])


@cache
def domain_triangles(extent: Extent = "full") -> Indices:
    """Template triangles (m, 3) under which tissue is laid.

    The template closes mouth and nostrils with skin; here they are open, because lips slide on each other.
    """
    template = load_template()
    inside = face_domain(extent)[template.triangles].all(axis=1)
    closed = template.triangle_mask("lip_seam") | template.triangle_mask("nostrils")
    return np.asarray(template.triangles[inside & ~closed])


@cache
def openings() -> tuple[Indices, Indices]:
    """Template vertices on the rims of the eyes, and those in mouth slit and nostrils."""
    template = load_template()
    rim = np.unique(boundary_edges(template.triangles))
    place = template.place_landmarks(template.vertices_mm)
    centres = [(place[f"en_{side}"] + place[f"ex_{side}"]) / 2 for side in "lr"]
    apart = np.linalg.norm(template.vertices_mm[rim][:, None] - np.array(centres), axis=2).min(axis=1)
    free = np.flatnonzero(template.masks["lip_seam"] | template.masks["nostrils"])
    return rim[apart < _EYE_REACH_MM], free


@cache
def beside_openings(rings: int = 3) -> Mask:
    """Template vertices (n,) within ``rings`` edges of an eye, the mouth or a nostril."""
    template = load_template()
    near = np.zeros(len(template.vertices_mm), dtype=bool)
    near[np.concatenate(openings())] = True
    for _ in range(rings):
        near[template.triangles[near[template.triangles].any(axis=1)]] = True
    return near
