"""Landmarks of a scan: found in rendered views and laid back onto its surface.

The face is first looked for from all sides (``threadlift.face.orientation``), the view is then turned frontal
by aligning what was found with the template, and the landmarks are the median over a small fan of
near-frontal views: detection is unbiased only there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.face import detector_litert as detector
from threadlift.face.face import Vectors
from threadlift.face.orientation import LEAST_LOGIT, Shape, Sight, View, find_face_view, look
from threadlift.face.raycast import cast_pixels
from threadlift.face.registration import Similarity, align
from threadlift.face.template import Template

POINTS = 468
_FAN_DEG = ((0, 0), (-10, 0), (10, 0), (0, -8), (0, 8))
_SIDE_PX = 640
_FACE_CENTRE_MM = np.array([0.0, -45.0, -30.0])
_FACE_RADIUS_MM = 140.0
_LEAST_FACING = 0.35  # cosine between surface and view; flatter points lie on a silhouette
_LEAST_POINTS = 120
_FAR_MM = 22.0  # farther from where the template expects it, a point fell through a hole or onto hair

# MediaPipe points with an edge or a corner to hold on to; the rest are guesses on smooth skin.
_EYES: tuple[int, ...] = (
    *(33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    *(263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
_LIPS: tuple[int, ...] = (
    *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
)
_NOSE = (1, 2, 4, 5, 6, 19, 94, 98, 327, 168, 197, 195, 129, 358, 64, 294, 48, 278, 97, 326, 122, 351)
_SMOOTH_WEIGHT = 0.3


@dataclass(frozen=True)
class DetectedLandmarks:
    """MediaPipe landmarks on the scan.

    ``points`` (468, 3) in scan units, NaN where a point was not seen; ``weights`` (468,) from 0 to 1;
    ``logit`` of the frontal view; ``placement`` carries template mm to scan units.
    """

    points: Vectors
    weights: Vectors
    logit: float
    placement: Similarity
    engine: str

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """Which points were found."""
        return np.asarray(self.weights > 0)


def detect_landmarks(shape: Shape, template: Template) -> DetectedLandmarks:
    """Find the face and its landmarks. Raises ``InputError`` when the scan shows no face."""
    sight = find_face_view(shape)
    if sight is None:
        raise _no_face("no face was found from any side")
    placement = _place(shape, sight, template)
    for _ in range(2):
        sight = look(shape, frontal_view(placement), _SIDE_PX)
        if sight.logit < LEAST_LOGIT:
            raise _no_face("what looked like a face from one side is none from the front")
        placement = _place(shape, sight, template)
    return _measure_fan(shape, frontal_view(placement), template)


def frontal_view(placement: Similarity) -> View:
    """The frontal close-up of a face that ``placement`` carries from the template to the scan."""
    return View(placement.rotation.T, placement.apply(_FACE_CENTRE_MM), placement.scale * _FACE_RADIUS_MM)


def template_points(template: Template) -> Vectors:
    """The MediaPipe points (468, 3) on the template in mm; NaN where the template has none."""
    corners = template.vertices_mm[template.triangles[np.maximum(template.mediapipe_triangle, 0)]]
    points = np.einsum("ij,ijk->ik", template.mediapipe_bary, corners)
    points[template.mediapipe_triangle < 0] = np.nan
    return np.asarray(points)


def point_weights() -> Vectors:
    """How well each MediaPipe point (468,) is defined on a face: 1 at edges and corners, less on smooth
    skin."""
    weights = np.full(POINTS, _SMOOTH_WEIGHT)
    weights[list(_EYES + _LIPS + _NOSE)] = 1.0
    return weights


def _no_face(what: str) -> InputError:
    return InputError(
        what,
        where="scan",
        remedy="Check that the file shows a whole face, or give the landmarks in a file with --landmarks.",
    )


def _place(shape: Shape, sight: Sight, template: Template) -> Similarity:
    points, facing = _lay_back(shape, sight)
    wanted = template_points(template)
    usable = (facing > _LEAST_FACING) & np.isfinite(wanted).all(axis=1)
    if usable.sum() < _LEAST_POINTS:
        raise _no_face("only part of a face was found")
    return align(wanted[usable], points[usable], point_weights()[usable])[0]


def _lay_back(shape: Shape, sight: Sight) -> tuple[Vectors, Vectors]:
    """Where the picture's landmarks lie on the scan (468, 3) and how squarely (468,) they face the viewer."""
    assert sight.landmarks is not None  # callers have checked the logit
    hits = cast_pixels(shape.vertices, shape.triangles, sight.camera, sight.landmarks.points[:, :2])
    points = hits.points(shape.vertices, shape.triangles)
    normals = hits.interpolate(shape.normals, shape.triangles)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    facing = np.abs(normals @ sight.view.rotation[2])
    return points, np.where(hits.is_hit, facing, 0.0)


def _measure_fan(shape: Shape, frontal: View, template: Template) -> DetectedLandmarks:
    in_colour = False
    found: list[Vectors] = []
    logit = -99.0
    for yaw, pitch in _FAN_DEG:
        view = frontal.turned(yaw, pitch)
        sight = look(shape, view, _SIDE_PX, in_colour=in_colour)
        if not found:
            sight, in_colour = _better_paint(shape, sight)
            logit = sight.logit
        if sight.logit < LEAST_LOGIT:
            continue
        points, facing = _lay_back(shape, sight)
        points[facing < _LEAST_FACING] = np.nan
        found.append(points)
    if not found:
        raise _no_face("what looked like a face from one side is none from the front")
    stack = np.stack(found)
    seen = np.isfinite(stack[..., 0]).sum(axis=0) * 2 > len(found)
    points = np.full((POINTS, 3), np.nan)
    points[seen] = np.nanmedian(stack[:, seen], axis=0)
    wanted = template_points(template)
    seen &= np.isfinite(wanted).all(axis=1)
    if seen.sum() < _LEAST_POINTS:
        raise _no_face("only part of a face was found")
    placement, residual = align(wanted[seen], points[seen], point_weights()[seen])
    weights = np.zeros(POINTS)
    apart = residual / placement.scale
    weights[seen] = np.where(apart < _FAR_MM, point_weights()[seen] / (1.0 + (apart / 8.0) ** 2), 0.0)
    return DetectedLandmarks(points, weights, logit, placement, detector.ENGINE)


def _better_paint(shape: Shape, clay: Sight) -> tuple[Sight, bool]:
    """The scan's colours instead of clay where they show a face as clearly."""
    if shape.colours is None:
        return clay, False
    painted = look(shape, clay.view, clay.camera.width, in_colour=True)
    return (painted, True) if painted.logit >= clay.logit - 2.0 else (clay, False)
