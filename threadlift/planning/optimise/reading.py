"""What is read of a face per newton of each candidate: lift at wishes, mouth corners, strain of the skin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.face.face import Face, Vectors
from threadlift.face.surface import patch_weights, vertex_normals
from threadlift.face.template import load_template
from threadlift.planning.optimise.candidate import Candidate
from threadlift.planning.optimise.goal import Goal, Wish
from threadlift.planning.technique import PairedSide, load_techniques, place_point
from threadlift.tissue import TissueModel
from threadlift.tissue.domain import Extent
from threadlift.tissue.influence import Influence, ThreadLoads, patch_rows
from threadlift.tissue.lift import PATCH_RADIUS_MM
from threadlift.tissue.strain import SkinPlanes, strain_row

Floats = NDArray[np.float64]


class Reading:
    """Read-outs (r) per newton of candidates (k), with the ligaments at the secant stiffness of some pull."""

    def __init__(self, model: TissueModel, candidates: Sequence[Candidate]) -> None:
        whole = model.pieces == "whole"
        extents: list[Extent] = ["full" if whole else one.thread.side for one in candidates]
        self.count = len(candidates)
        self._columns = {
            extent: np.array([i for i, one in enumerate(extents) if one == extent])
            for extent in dict.fromkeys(extents)
        }
        self._loads = {
            extent: ThreadLoads(model.part(extent), [candidates[i].cable for i in own])
            for extent, own in self._columns.items()
        }
        self._influence: dict[Extent, Influence] = {}
        self.pieces: dict[Extent, Floats] = {
            extent: np.where(
                loads.part.restraints.rest_stretch_mm > 0, loads.part.restraints.stiffness_n_per_mm, 0.0
            )
            for extent, loads in self._loads.items()
        }
        self.planes = SkinPlanes.of(model.anatomy.face.vertices_mm, load_template().triangles)
        self._face = model.anatomy.face
        self.modelled = np.logical_or.reduce([loads.part.modelled for loads in self._loads.values()])

    def taking(self, columns: Iterable[int]) -> Reading:
        """Some of the candidates, by their numbers, without any read-out yet."""
        taken = copy(self)
        chosen = np.array(list(columns), dtype=np.int64)
        taken.count, taken._influence, taken.pieces = len(chosen), {}, dict(self.pieces)
        taken._columns, taken._loads = {}, {}
        for extent, own in self._columns.items():
            number = {int(column): place for place, column in enumerate(own)}
            places = np.array(
                [place for place, column in enumerate(chosen) if int(column) in number], dtype=np.int64
            )
            if len(places):
                taken._columns[extent] = places
                picked = np.array([number[int(chosen[place])] for place in places], dtype=np.int64)
                taken._loads[extent] = self._loads[extent].taking(picked)
        return taken

    def add(self, rows: sparse.csr_array) -> None:
        """Further read-outs ``rows`` (r, 3 n) of the face's vertices."""
        for extent, loads in self._loads.items():
            made = loads.influence(rows)
            self._influence[extent] = (
                self._influence[extent].joined(made) if extent in self._influence else made
            )

    def per_newton(self) -> Floats:
        """All read-outs so far (r, k), at the present stiffness of the ligament pieces."""
        parts = {extent: one.at(self.pieces[extent]) for extent, one in self._influence.items()}
        rows = len(next(iter(parts.values())))
        matrix = np.zeros((rows, self.count))
        for extent, values in parts.items():
            matrix[:, self._columns[extent]] = values
        return matrix

    def take_stiffness(self, secant_n_per_mm: Floats, extents: Sequence[Extent]) -> None:
        """Secant stiffness of all pieces of the ``extents`` in their order, as a pull of threads gives it."""
        start = 0
        for extent in extents:
            count = len(self.pieces[extent])
            self.pieces[extent] = secant_n_per_mm[start : start + count]
            start += count

    def patch(self, place_mm: Vectors) -> Floats:
        """Weights (n,) of the patch around a place, inside what is modelled."""
        weights = patch_weights(self._face.vertices_mm, load_template().triangles, place_mm, PATCH_RADIUS_MM)
        inside = weights * self.modelled
        return np.asarray(inside / max(float(inside.sum()), 1e-12))

    def motion(self, places_mm: Sequence[Vectors]) -> sparse.csr_array:
        """Rows (3 p, 3 n) of the mean motion around places."""
        return patch_rows(np.array([self.patch(place) for place in places_mm]))

    def strains(self, places_mm: Sequence[Vectors], directions: int) -> sparse.csr_array:
        """Rows of the skin's strain around places, along so many directions evenly spread in the skin."""
        rows = []
        for place in places_mm:
            weights = self.patch(place)
            for direction in _in_skin(self._face, weights, directions):
                rows.append(
                    strain_row(self.planes, weights, np.tile(direction, (len(self.planes.triangles), 1)))
                )
        return sparse.csr_array(np.array(rows))


def _in_skin(face: Face, weights: Floats, count: int) -> list[Vectors]:
    normal = weights @ vertex_normals(face.vertices_mm, load_template().triangles)
    normal /= np.linalg.norm(normal)
    first = np.cross(normal, [1.0, 0.0, 0.0] if abs(normal[0]) < 0.9 else [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first)
    second = np.cross(normal, first)
    angles = np.arange(count) * np.pi / count
    return [np.cos(angle) * first + np.sin(angle) * second for angle in angles]


def wish_direction(wish: Wish, landmark: str, face: Face) -> Vectors:
    """Unit direction (3,) along which the lift of a wish is read."""
    right = landmark.endswith("_r")
    if wish.direction == "up":
        return np.array([0.0, 1.0, 0.0])
    if wish.direction == "backwards":
        return np.array([0.0, 0.0, -1.0])
    if wish.direction == "outwards":
        return np.array([-1.0 if right else 1.0, 0.0, 0.0])
    place = face.landmark(landmark)
    side: PairedSide = "right" if right else "left"
    ways = [
        (place_point(face, technique.entry, side), place_point(face, technique.target, side))
        for technique in load_techniques().values()
    ]
    entry, end = min(ways, key=lambda way: float(np.linalg.norm(way[1] - place)))
    towards = entry - end
    return np.asarray(towards / np.linalg.norm(towards))


def spread_places(
    face: Face, modelled: NDArray[np.bool_], goal: Goal, count: int, reach_mm: float
) -> list[Vectors]:
    """So many places spread evenly over the modelled skin within reach of the wished landmarks."""
    wished = [face.landmark(name) for wish in goal.lift for name in wish.landmarks()]
    away = np.min([np.linalg.norm(face.vertices_mm - place, axis=1) for place in wished], axis=0)
    free = face.vertices_mm[modelled & (away < reach_mm)]
    if not len(free):
        return []
    chosen = [free[int(np.argmin(away[modelled & (away < reach_mm)]))]]
    nearest = np.linalg.norm(free - chosen[0], axis=1)
    while len(chosen) < min(count, len(free)):
        chosen.append(free[int(np.argmax(nearest))])
        nearest = np.minimum(nearest, np.linalg.norm(free - chosen[-1], axis=1))
    return chosen
