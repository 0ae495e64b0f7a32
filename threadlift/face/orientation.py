"""Which way a scan faces: views from all sides are shown to the face detector, the best one is kept.

A scan may stand in any orientation and unit. Axis-aligned views come first (most exports are), then a sphere
of directions; a landmark pass on the best views decides, since its logit tells a face from an upside-down
face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.face import detector_litert as detector
from threadlift.face.detector_litert import Picture, PictureLandmarks
from threadlift.face.face import Indices, Vectors
from threadlift.face.raycast import Camera, Hits, cast
from threadlift.face.surface import vertex_normals

CLEAR_LOGIT = 12.0  # landmark logit of a clear frontal face (15 to 25 on scans); stop searching
LEAST_LOGIT = 4.0  # below it, no face: spheres, boxes and upside-down faces stay under 0
_SEARCH_SIDE_PX = 192
_FIELD_OF_VIEW_DEG = 12.0
_SPHERE_VIEWS = 48
_ROLLS = 4
_FINALISTS = 8


@dataclass(frozen=True)
class Shape:
    """A surface to look at: ``vertices`` (n, 3) in any unit, ``triangles`` (m, 3), ``colours`` (n, 3) 0-255
    or None."""

    vertices: Vectors
    triangles: Indices
    normals: Vectors
    colours: NDArray[np.uint8] | None = None

    @classmethod
    def of(cls, vertices: Vectors, triangles: Indices, colours: NDArray[np.uint8] | None = None) -> Shape:
        """A shape with its vertex normals."""
        return cls(vertices, triangles, vertex_normals(vertices, triangles), colours)


@dataclass(frozen=True)
class View:
    """A look at a scan: ``rotation`` rows are picture right, picture up and towards the viewer, in scan
    axes."""

    rotation: Vectors
    centre: Vectors
    radius: float

    def camera(self, side_px: int, field_of_view_deg: float = _FIELD_OF_VIEW_DEG) -> Camera:
        """A camera that just holds the ball of ``radius`` around ``centre``."""
        distance = self.radius / np.sin(np.radians(field_of_view_deg / 2))
        eye = self.centre + self.rotation[2] * distance
        return Camera(
            _triple(eye), _triple(self.centre), _triple(self.rotation[1]), field_of_view_deg, side_px, side_px
        )

    def turned(self, yaw_deg: float, pitch_deg: float) -> View:
        """The viewer moved to the picture's right by ``yaw_deg`` and up by ``pitch_deg``."""
        yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
        about_up = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
        about_right = np.array(
            [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
        )
        return View(about_right @ about_up @ self.rotation, self.centre, self.radius)


@dataclass(frozen=True)
class Sight:
    """What one view shows: its camera, ray hits, picture, and the landmarks found in it, if any."""

    view: View
    camera: Camera
    hits: Hits
    landmarks: PictureLandmarks | None

    @property
    def logit(self) -> float:
        """Landmark logit; very low when no face was found."""
        return self.landmarks.logit if self.landmarks else -99.0


def look(shape: Shape, view: View, side_px: int, *, in_colour: bool = False) -> Sight:
    """Render ``view`` and search landmarks in it."""
    camera = view.camera(side_px)
    hits = cast(shape.vertices, shape.triangles, camera)
    picture = shade(shape, hits, camera, in_colour=in_colour)
    return Sight(view, camera, hits, detector.find_landmarks(picture))


def shade(shape: Shape, hits: Hits, camera: Camera, *, in_colour: bool = False) -> Picture:
    """A picture (h, w, 3): clay under a lamp above the camera, or the scan's colours. Winding does not
    matter."""
    normals = hits.interpolate(shape.normals, shape.triangles)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    right, up, forwards = camera.axes
    facing = normals @ -forwards
    turned = np.sign(facing)
    lamp = np.clip(np.abs(facing) * 0.85 + turned * (normals @ (0.35 * up + 0.1 * right)), 0, 1.1)
    if in_colour and shape.colours is not None:
        picture = hits.interpolate(shape.colours.astype(float), shape.triangles)
    else:
        picture = (25.0 + 195.0 * lamp)[..., None] * np.array([1.0, 0.93, 0.87])
    return np.where(hits.is_hit[..., None], np.clip(picture, 0, 255), 30.0).astype(np.uint8)


def find_face_view(shape: Shape) -> Sight | None:
    """The view in which a face is seen best, or None when no view shows one."""
    centre, radius = enclosing_ball(shape.vertices, shape.triangles)
    best = _best_of(shape, [View(rotation, centre, radius) for rotation in _axis_rotations()])
    if best is None or best.logit < CLEAR_LOGIT:
        others = _best_of(shape, [View(rotation, centre, radius) for rotation in _sphere_rotations()])
        candidates = [sight for sight in (best, others) if sight]
        best = max(candidates, key=lambda sight: sight.logit, default=None)
    return best if best is not None and best.logit >= LEAST_LOGIT else None


def enclosing_ball(vertices: Vectors, triangles: Indices) -> tuple[Vectors, float]:
    """Centre and radius of a ball that holds all but the outermost half per cent of the surface."""
    points = vertices[np.unique(triangles)]
    low, high = np.quantile(points, [0.002, 0.998], axis=0)
    centre = (low + high) / 2
    radius = float(np.quantile(np.linalg.norm(points - centre, axis=1), 0.995))
    return centre, max(radius, 1e-12)


def _best_of(shape: Shape, views: list[View]) -> Sight | None:
    """Score views by the face detector and look closer at the best; a clear face ends the search."""
    scored: list[tuple[float, View]] = []
    for view in views:
        camera = view.camera(_SEARCH_SIDE_PX)
        hits = cast(shape.vertices, shape.triangles, camera)
        box = detector.find_box(shade(shape, hits, camera))
        if box is None:
            continue
        scored.append((box.score, view))
        if box.score > 0.8:
            sight = look(shape, view, 2 * _SEARCH_SIDE_PX)
            if sight.logit >= CLEAR_LOGIT:
                return sight
    scored.sort(key=lambda entry: -entry[0])
    sights = [look(shape, view, 2 * _SEARCH_SIDE_PX) for _, view in scored[:_FINALISTS]]
    return max(sights, key=lambda sight: sight.logit, default=None)


def _axis_rotations() -> list[Vectors]:
    """The 24 axis-aligned views; y up and z forwards first, then z up, as scanners export."""
    axes = [
        np.array(axis, float)
        for axis in ((0, 1, 0), (0, 0, 1), (0, -1, 0), (0, 0, -1), (1, 0, 0), (-1, 0, 0))
    ]
    found = []
    for up in axes:
        for towards in (axes[1], axes[3], axes[0], axes[2], axes[4], axes[5]):
            if abs(up @ towards) < 0.5:
                found.append(np.stack([np.cross(up, towards), up, towards]))
    return found


def _sphere_rotations() -> list[Vectors]:
    """Directions spread evenly over the sphere, each with rolls in even steps."""
    index = np.arange(_SPHERE_VIEWS) + 0.5
    height = 1 - 2 * index / _SPHERE_VIEWS
    angle = np.pi * (1 + np.sqrt(5)) * index
    ring = np.sqrt(1 - height**2)
    found = []
    for towards in np.stack([ring * np.cos(angle), height, ring * np.sin(angle)], axis=1):
        side = np.cross([0.0, 1.0, 0.0], towards)
        side /= np.linalg.norm(side)
        above = np.cross(towards, side)
        for roll in np.arange(_ROLLS) * 2 * np.pi / _ROLLS:
            right = np.cos(roll) * side + np.sin(roll) * above
            found.append(np.stack([right, np.cross(towards, right), towards]))
    return found


def _triple(point: Vectors) -> tuple[float, float, float]:
    return float(point[0]), float(point[1]), float(point[2])
