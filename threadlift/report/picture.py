"""Pictures of this face: ray-cast in calm clay, with the lift as colour where asked."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from threadlift.face.raycast import Camera, Hits, cast, cast_pixels
from threadlift.report.scene import Scene

Pixels = NDArray[np.uint8]

# Appearance: directions towards the lights (right, up, towards the camera), and their strengths.
_LIGHTS = (((-0.60, 0.62, 0.60), 0.74), ((0.80, 0.10, 0.55), 0.17), ((0.1, -0.8, 0.45), 0.05))
_AMBIENT = 0.30
_CLAY = (0.815, 0.665, 0.575)  # linear light
_EYE = (0.74, 0.70, 0.67)
_BACKDROP = (232, 237, 240)
# Sequential ramp, light to dark blue: even in lightness, also in grey and for colour-blind eyes. sRGB.
LIFT_RAMP = ("#e4cebf", "#ccd0c8", "#78b2be", "#348eac", "#1a628c", "#123f63")
_SUBPIXELS = np.array([[-0.25, -0.375], [0.375, -0.25], [0.25, 0.375], [-0.375, 0.25]])


@dataclass(frozen=True)
class View:
    """Where a picture is taken from: turned to the person's left by ``turn_deg``, looking at ``target``."""

    id: str
    turn_deg: float
    target: tuple[float, float, float]
    height_mm: float
    width_px: int = 640
    height_px: int = 760

    def scaled(self, detail: float) -> View:
        """The same view with ``detail`` times as many pixels each way."""
        return replace(self, width_px=round(self.width_px * detail), height_px=round(self.height_px * detail))

    def camera(self) -> Camera:
        """The camera of this view: a long lens, so that true sizes stay true."""
        field = 14.0
        distance = self.height_mm / 2 / np.tan(np.radians(field) / 2)
        turn = np.radians(self.turn_deg)
        x, y, z = self.target
        eye = (x + distance * float(np.sin(turn)), y, z + distance * float(np.cos(turn)))
        return Camera(eye, self.target, (0.0, 1.0, 0.0), field, self.width_px, self.height_px)


_WHOLE = (0.0, -22.0, -42.0)
VIEWS: Mapping[str, View] = {
    view.id: view
    for view in (
        View("right", -90.0, (0.0, -22.0, -50.0), 250.0),
        View("oblique_right", -45.0, _WHOLE, 250.0),
        View("front", 0.0, _WHOLE, 250.0),
        View("oblique_left", 45.0, _WHOLE, 250.0),
        View("left", 90.0, (0.0, -22.0, -50.0), 250.0),
        View("close_front", 0.0, (0.0, -44.0, 0.0), 150.0, 640, 580),
        View("close_left", 45.0, (6.0, -44.0, -12.0), 150.0, 640, 580),
        View("close_right", -45.0, (-6.0, -44.0, -12.0), 150.0, 640, 580),
    )
}


@dataclass(frozen=True)
class Shot:
    """What a camera sees of a scene; colours are laid on later, so one shot serves several pictures."""

    view: View
    camera: Camera
    hits: Hits
    edge: NDArray[np.bool_]
    edge_hits: Hits

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.camera.height, self.camera.width


def take_shot(scene: Scene, view: View) -> Shot:
    """Cast every pixel once, and those on an outline or a step in depth four times more."""
    camera = view.camera()
    hits = cast(scene.vertices, scene.triangles, camera)
    depth = np.where(hits.is_hit, hits.depth_mm, 1e4)
    edge = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        step = np.abs(np.diff(depth, axis=axis)) > 1.5
        pad = [(0, 0), (0, 0)]
        pad[axis] = (0, 1)
        edge |= np.pad(step, pad)
        pad[axis] = (1, 0)
        edge |= np.pad(step, pad)
    row, column = np.nonzero(edge)
    centre = np.stack([column + 0.5, row + 0.5], axis=1)
    fine = (centre[:, None, :] + _SUBPIXELS).reshape(-1, 2)
    return Shot(view, camera, hits, edge, cast_pixels(scene.vertices, scene.triangles, camera, fine))


def develop(
    shot: Shot, scene: Scene, lift_mm: NDArray[np.float64] | None = None, scale_mm: float = 1.0
) -> Pixels:
    """The picture (h, w, 3) of a shot. ``lift_mm`` (n,) per skin vertex colours it, up to ``scale_mm``."""
    backdrop = _linear(np.array(_BACKDROP) / 255.0)
    picture = np.broadcast_to(backdrop, (*shot.shape, 3)).copy()
    picture[shot.hits.is_hit] = _shade(shot, shot.hits, scene, lift_mm, scale_mm)
    fine = np.broadcast_to(backdrop, (len(shot.edge_hits.triangle), 3)).copy()
    fine[shot.edge_hits.is_hit] = _shade(shot, shot.edge_hits, scene, lift_mm, scale_mm)
    picture[shot.edge] = fine.reshape(-1, len(_SUBPIXELS), 3).mean(axis=1)
    return np.asarray(np.round(_encoded(picture) * 255), np.uint8)


def as_jpeg(pixels: Pixels, quality: int = 88) -> bytes:
    """The picture as a JPEG without any metadata."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality, subsampling=0, optimize=True)
    return stream.getvalue()


def data_address(jpeg: bytes) -> str:
    """A ``data:`` address that holds the whole picture."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")


def _shade(
    shot: Shot, hits: Hits, scene: Scene, lift_mm: NDArray[np.float64] | None, scale_mm: float
) -> NDArray[np.float64]:
    """Linear colours (k, 3) of the hits."""
    found = hits.is_hit
    corners = scene.triangles[hits.triangle[found]]
    weights = hits.bary[found]

    def carry(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(np.einsum("ki,ki...->k...", weights, values[corners]))

    normal = carry(scene.normals)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    axes = shot.camera.axes * np.array([[1.0], [1.0], [-1.0]])  # right, up, towards the camera
    facing = normal @ axes.T
    facing[facing[:, 2] < 0] *= [1.0, 1.0, -1.0]
    openness = carry(scene.openness)
    light = _AMBIENT * (0.75 + 0.25 * facing[:, 1]) * openness
    for direction, strength in _LIGHTS:
        unit = np.array(direction) / np.linalg.norm(direction)
        # Light wraps a little round the form, as in skin or clay.
        light = light + strength * np.clip((facing @ unit + 0.15) / 1.15, 0, None) * (0.35 + 0.65 * openness)
    skin = carry(scene.is_skin.astype(float))[:, None]
    colour = skin * _skin_colour(lift_mm, scale_mm, carry, len(scene.vertices)) + (1 - skin) * np.array(_EYE)
    return np.asarray(colour * light[:, None])


def _skin_colour(
    lift_mm: NDArray[np.float64] | None, scale_mm: float, carry: Any, count: int
) -> NDArray[np.float64]:
    if lift_mm is None:
        return np.array(_CLAY)
    share = carry(np.concatenate([lift_mm, np.zeros(count - len(lift_mm))])) / scale_mm
    return lift_colour(share)


def lift_colour(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear colours (k, 3) of the ramp at ``share`` of its length, clipped to 0 to 1."""
    stops = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in LIFT_RAMP]) / 255.0
    stops = np.concatenate([[_encoded(np.array(_CLAY))], stops[1:]])
    at = np.linspace(0, 1, len(stops))
    mixed = np.stack([np.interp(np.clip(share, 0, 1), at, stops[:, i]) for i in range(3)], axis=-1)
    return _linear(mixed)


def _linear(encoded: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _encoded(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    value = np.clip(linear, 0, 1)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
