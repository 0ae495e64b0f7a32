"""Strain of the skin from the motion of its surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.face.surface import triangle_normals

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def skin_strain(vertices_mm: Floats, triangles: Indices, displacement_mm: Floats) -> tuple[Floats, Floats]:
    """Largest and smallest principal strain (n,) in the skin's plane, averaged over the triangles of each
    vertex.

    Linear strain: sym(P grad u), P the projection on the triangle. Vertices without a triangle get 0.
    """
    corners = vertices_mm[triangles]
    facing = triangle_normals(vertices_mm, triangles)
    double_area = np.maximum(np.linalg.norm(facing, axis=1), 1e-12)
    normal = facing / double_area[:, None]
    opposite = corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]]
    gradient = np.cross(normal[:, None, :], opposite) / double_area[:, None, None]  # of each corner's hat
    first = corners[:, 1] - corners[:, 0]
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-12)
    frame = np.stack([first, np.cross(normal, first)], axis=1)  # (m, 2, 3)
    slope = np.einsum("mai,maj->mij", displacement_mm[triangles], gradient)
    plane = np.einsum("mpi,mij,mqj->mpq", frame, slope, frame)
    xx, yy, xy = plane[:, 0, 0], plane[:, 1, 1], (plane[:, 0, 1] + plane[:, 1, 0]) / 2
    mean, radius = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    return (
        _to_vertices(mean + radius, double_area, triangles, len(vertices_mm)),
        _to_vertices(mean - radius, double_area, triangles, len(vertices_mm)),
    )


def _to_vertices(values: Floats, weight: Floats, triangles: Indices, count: int) -> Floats:
    corner = np.repeat(weight, 3)
    total = np.bincount(triangles.ravel(), corner, minlength=count)
    summed = np.bincount(triangles.ravel(), np.repeat(values * weight, 3), minlength=count)
    return np.divide(summed, total, out=np.zeros(count), where=total > 0)
