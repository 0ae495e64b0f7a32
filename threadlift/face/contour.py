"""Contours and folds read off a face's surface, independent of where along the skin a landmark slid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from threadlift.face.face import Face, Indices, Vectors
from threadlift.face.surface import Surface, vertex_normals
from threadlift.face.template import Template, load_template

BodySide = Literal["left", "right"]

_STATIONS = np.linspace(0.05, 0.9, 18)  # along the jaw border, from the antegonial notch to the chin
_BORDER_REACH = 0.3  # how far from the line the border is looked for, over the length of the line
_FOLD_WINDOWS_MM = (5.0, 8.0)
_STEP_MM = 1.0


def jowl_descent_mm(face: Face, side: BodySide) -> float:
    """How far the jaw border bulges at most below the template's smooth border; 0 or more."""
    return float(max(0.0, border_deviation(face, side).max()))


def jawline_unevenness_mm(face: Face, side: BodySide) -> float:
    """Root mean square of the jaw border about the template's smooth border."""
    deviation = border_deviation(face, side)
    return float(np.sqrt(np.mean((deviation - deviation.mean()) ** 2)))


def border_deviation(face: Face, side: BodySide) -> NDArray[np.float64]:
    """Height in mm of the jaw border over the template's at stations from the jaw angle to the chin.

    The border is where the skin reaches farthest down and out in planes across the line from antegonial
    notch to chin; its ends are taken as level, so that a wider or longer jaw alone counts nothing. Outwards
    is positive.
    """
    template = load_template()
    own, length = _border(template, face.vertices_mm, face.landmarks_mm, side)
    plain, plain_length = _border(
        template, template.vertices_mm, template.place_landmarks(template.vertices_mm), side
    )
    return _levelled(own) - _levelled(plain) * length / plain_length


def nasolabial_depth_mm(face: Face, side: BodySide) -> float:
    """Greatest depth of the fold between alar crease and mouth corner."""
    start, end = (face.landmark(f"{name}_{side[0]}") for name in ("ac", "ch"))
    return _fold_depth(face, side, start, end, (0.4, 0.6, 0.8), inwards_mm=5.0, outwards_mm=20.0)


def marionette_depth_mm(face: Face, side: BodySide) -> float:
    """Greatest depth of the groove below the mouth corner."""
    corner = face.landmark(f"ch_{side[0]}")
    below = corner + np.array([0.0, -22.0, 0.0])
    return _fold_depth(face, side, corner, below, (0.4, 0.6, 0.8), inwards_mm=8.0, outwards_mm=20.0)


def cervicomental_angle_deg(face: Face) -> float:
    """Angle in the midline between the underside of the chin and the front of the neck."""
    line = midline(face.vertices_mm, load_template().triangles)
    chin = int(np.argmin(np.linalg.norm(line - face.landmark("gn"), axis=1)))
    throat = line[chin:]
    chord = throat[-1] - throat[0]
    inwards = np.array([0.0, -chord[2], chord[1]])
    corner = throat[np.argmax((throat - throat[0]) @ inwards)]
    return angle_deg(throat[0], corner, throat[-1])


def midline(vertices: Vectors, triangles: Indices) -> Vectors:
    """The template's midline (k, 3) on this shape, from the crown over face and chin to the neck."""
    on = load_template().vertices_mm[:, 0] == 0
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    ahead: dict[int, list[int]] = {}
    for a, b in np.unique(np.sort(edges[on[edges].all(axis=1)], axis=1), axis=0).tolist():
        ahead.setdefault(a, []).append(b)
        ahead.setdefault(b, []).append(a)
    plain = load_template().vertices_mm
    ends = [vertex for vertex, near in ahead.items() if len(near) == 1]
    chain = [max(ends, key=lambda vertex: float(plain[vertex, 2]))]
    while following := [vertex for vertex in ahead[chain[-1]] if vertex not in chain[-2:]]:
        chain.append(following[0])
    crown = int(np.argmax(plain[chain, 1]))
    return vertices[chain[: crown + 1][::-1]]


def angle_deg(first: Vectors, corner: Vectors, second: Vectors) -> float:
    """Angle at ``corner`` between the lines to two points."""
    a, b = first - corner, second - corner
    cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def section(vertices: Vectors, triangles: Indices, origin: Vectors, normal: Vectors) -> Vectors:
    """Points (k, 3) where the edges of a surface cross the plane through ``origin``."""
    height = (vertices - origin) @ normal
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    a, b = edges[height[edges[:, 0]] * height[edges[:, 1]] <= 0].T
    span = height[a] - height[b]
    share = np.divide(height[a], span, out=np.zeros_like(span), where=span != 0)
    points: Vectors = vertices[a] + share[:, None] * (vertices[b] - vertices[a])
    return points


def _border(
    template: Template, vertices: Vectors, landmarks: Mapping[str, Vectors], side: BodySide
) -> tuple[NDArray[np.float64], float]:
    start, end = landmarks[f"agn_{side[0]}"], landmarks["gn"]
    along = end - start
    length = float(np.linalg.norm(along))
    along = along / length
    down = np.array([0.0, -1.0, 0.0])
    out = np.array([1.0 if side == "left" else -1.0, 0.0, 0.0])
    towards = out + down - ((out + down) @ along) * along
    towards /= np.linalg.norm(towards)
    skin = template.masks["face"] | template.masks["neck"]
    near = np.linalg.norm(vertices - (start + end) / 2, axis=1) < length * (0.5 + 2 * _BORDER_REACH)
    triangles = template.triangles[(skin & near)[template.triangles].all(axis=1)]
    reach = []
    for station in _STATIONS * length:
        origin = start + station * along
        cut = section(vertices, triangles, origin, along) - origin
        cut = cut[np.linalg.norm(cut, axis=1) < _BORDER_REACH * length]
        reach.append(float((cut @ towards).max()))
    return np.array(reach), length


def _levelled(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    ends = np.interp(_STATIONS, [_STATIONS[0], _STATIONS[-1]], [profile[0], profile[-1]])
    above: NDArray[np.float64] = profile - ends
    return above


def _fold_depth(
    face: Face,
    side: BodySide,
    start: Vectors,
    end: Vectors,
    stations: tuple[float, ...],
    *,
    inwards_mm: float,
    outwards_mm: float,
) -> float:
    triangles = load_template().triangles
    surface = Surface(face.vertices_mm, triangles)
    normals = vertex_normals(face.vertices_mm, triangles)
    lateral = np.array([1.0 if side == "left" else -1.0, 0.0, 0.0])
    along = (end - start) / np.linalg.norm(end - start)
    across = lateral - (lateral @ along) * along
    across /= np.linalg.norm(across)
    deepest = 0.0
    for station in stations:
        middle = surface.closest(start + station * (end - start))
        origin = middle.positions[0]
        outwards = middle.bary[0] @ normals[triangles[middle.triangle[0]]]
        path = surface.path([origin - inwards_mm * across, origin + outwards_mm * across], _STEP_MM)
        deepest = max(deepest, _groove(path.positions, outwards / np.linalg.norm(outwards)))
    return deepest


def _groove(line: Vectors, outwards: Vectors) -> float:
    """Greatest depth of a line on the skin below chords over its short windows."""
    deepest = 0.0
    for window in _FOLD_WINDOWS_MM:
        half = round(window / _STEP_MM)
        if len(line) > 2 * half:
            chord = 0.5 * (line[: -2 * half] + line[2 * half :])
            deepest = max(deepest, float(((chord - line[half:-half]) @ outwards).max()))
    return deepest
