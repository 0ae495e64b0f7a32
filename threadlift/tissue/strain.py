"""Strain of the skin from the motion of its surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.face.surface import triangle_normals

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SkinPlanes:
    """The plane of each triangle: ``gradient`` (m, 3, 3) of the hat of each corner, ``frame`` (m, 2, 3) of
    two unit vectors in the plane, ``double_area`` (m,)."""

    triangles: Indices
    gradient: Floats
    frame: Floats
    double_area: Floats

    @classmethod
    def of(cls, vertices_mm: Floats, triangles: Indices) -> SkinPlanes:
        """Planes of ``triangles`` (m, 3) over ``vertices_mm`` (n, 3)."""
        corners = vertices_mm[triangles]
        facing = triangle_normals(vertices_mm, triangles)
        double_area = np.maximum(np.linalg.norm(facing, axis=1), 1e-12)
        normal = facing / double_area[:, None]
        opposite = corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]]
        gradient = np.cross(normal[:, None, :], opposite) / double_area[:, None, None]
        first = corners[:, 1] - corners[:, 0]
        first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-12)
        frame = np.stack([first, np.cross(normal, first)], axis=1)
        return cls(triangles, gradient, frame, double_area)

    def strain(self, displacement_mm: Floats) -> Floats:
        """Linear strain sym(P grad u) (m, 2, 2) of each triangle in its frame, P projecting on its plane."""
        slope = np.einsum("mai,maj->mij", displacement_mm[self.triangles], self.gradient)
        plane = np.einsum("mpi,mij,mqj->mpq", self.frame, slope, self.frame)
        return np.asarray((plane + plane.transpose(0, 2, 1)) / 2)


def skin_strain(vertices_mm: Floats, triangles: Indices, displacement_mm: Floats) -> tuple[Floats, Floats]:
    """Largest and smallest principal strain (n,) in the skin's plane, averaged over the triangles of each
    vertex. Vertices without a triangle get 0.
    """
    planes = SkinPlanes.of(vertices_mm, triangles)
    plane = planes.strain(displacement_mm)
    xx, yy, xy = plane[:, 0, 0], plane[:, 1, 1], plane[:, 0, 1]
    mean, radius = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    return (
        to_vertices(mean + radius, planes.double_area, triangles, len(vertices_mm)),
        to_vertices(mean - radius, planes.double_area, triangles, len(vertices_mm)),
    )


def principal_directions(planes: SkinPlanes, displacement_mm: Floats) -> tuple[Floats, Floats]:
    """Unit directions (m, 3) of the largest and of the smallest principal strain of each triangle."""
    vectors = np.linalg.eigh(planes.strain(displacement_mm))[1]
    low, high = (np.einsum("mp,mpi->mi", vectors[:, :, k], planes.frame) for k in (0, 1))
    return np.asarray(high), np.asarray(low)


def strain_row(planes: SkinPlanes, weights: Floats, directions: Floats) -> Floats:
    """Read-out (3 n,) of the skin's strain along ``directions`` (m, 3), one to each triangle, mean over a
    patch.

    ``weights`` (n,) are those of the patch. Along the principal directions of a motion this is the patch mean
    of ``skin_strain`` for it. The largest principal value is convex in the motion, so for every other motion
    the read-out stays below that mean (above it for the smallest).
    """
    count = len(weights)
    flat = np.einsum("mpi,mpj,mj->mi", planes.frame, planes.frame, directions)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    total = np.bincount(planes.triangles.ravel(), np.repeat(planes.double_area, 3), minlength=count)
    share = (weights / np.maximum(total, 1e-12))[planes.triangles].sum(axis=1) * planes.double_area
    along = np.einsum("mai,mi->ma", planes.gradient, flat) * share[:, None]
    row = np.zeros((count, 3))
    np.add.at(row, planes.triangles, along[:, :, None] * flat[:, None, :])
    return row.ravel()


def to_vertices(values: Floats, weight: Floats, triangles: Indices, count: int) -> Floats:
    corner = np.repeat(weight, 3)
    total = np.bincount(triangles.ravel(), corner, minlength=count)
    summed = np.bincount(triangles.ravel(), np.repeat(values * weight, 3), minlength=count)
    return np.divide(summed, total, out=np.zeros(count), where=total > 0)
