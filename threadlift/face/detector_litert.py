"""Face landmarks in a picture: the MediaPipe detector and face mesh, run by LiteRT.

The two models come from the npm package ``@mediapipe/face_mesh`` (Apache-2.0); ``scripts/fetch_assets.py``
cuts them out of it into ``threadlift/face/models/``. The runtime is the extra ``landmarks``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from threadlift.errors import MissingExtraError
from threadlift.face.face import Vectors

ENGINE = "mediapipe face_mesh 0.4.1657299874, LiteRT"
Picture = NDArray[np.uint8]

_DETECTOR = "face_detection_short_range.tflite"
_MESH = "face_landmark.tflite"
_DETECTOR_SIDE = 128
_MESH_SIDE = 192
_CROP = 1.5  # side of the mesh crop over the side of the face box, as MediaPipe crops
_LEFT_EYE_CORNER, _RIGHT_EYE_CORNER = 263, 33


@dataclass(frozen=True)
class FaceBox:
    """A face found in a picture: centre (2,) and side in pixels, roll in radians, ``score`` 0 to 1."""

    centre: Vectors
    side: float
    roll: float
    score: float


@dataclass(frozen=True)
class PictureLandmarks:
    """``points`` (468, 3): pixel x, pixel y, relative depth; ``logit`` > 0 when the crop looks like a
    face."""

    points: Vectors
    logit: float


def is_available() -> bool:
    """Whether the runtime and both models are installed."""
    return find_spec("ai_edge_litert") is not None and all(
        _model_path(name).is_file() for name in (_DETECTOR, _MESH)
    )


def find_box(picture: Picture, *, least_score: float = 0.3) -> FaceBox | None:
    """The most likely face in ``picture`` (h, w, 3), or None. Raises ``MissingExtraError`` without the
    extra."""
    height, width = picture.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 3), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = picture
    small = Image.fromarray(square).resize((_DETECTOR_SIDE, _DETECTOR_SIDE), Image.Resampling.BILINEAR)
    boxes, logits = _run(_DETECTOR, np.asarray(small, np.float32) / 127.5 - 1.0)
    scores = 1.0 / (1.0 + np.exp(-np.clip(logits.reshape(-1), -50, 50)))
    best = int(np.argmax(scores))
    if scores[best] < least_score:
        return None
    places = boxes.reshape(-1, 8, 2) / _DETECTOR_SIDE
    places[:, [0, 2, 3, 4, 5, 6, 7]] += _anchors()[:, None]
    near = (scores >= least_score) & (
        np.linalg.norm(places[:, 0] - places[best, 0], axis=1) < places[best, 1, 0] / 2
    )
    place = np.average(places[near], axis=0, weights=scores[near]) * side
    eyes = place[3] - place[2]
    centre = place[0] - np.array([left, top])
    return FaceBox(centre, float(place[1].max()), float(np.arctan2(eyes[1], eyes[0])), float(scores[best]))


def find_landmarks(picture: Picture, box: FaceBox | None = None) -> PictureLandmarks | None:
    """The face mesh in ``picture``, started from ``box`` or a search; a second pass refines the crop."""
    start = box or find_box(picture)
    if start is None:
        return None
    first = _mesh_in_crop(picture, start)
    second = _mesh_in_crop(picture, _box_around(first.points))
    return second if second.logit >= first.logit - 3.0 else first


def _box_around(points: Vectors) -> FaceBox:
    eyes = points[_LEFT_EYE_CORNER, :2] - points[_RIGHT_EYE_CORNER, :2]
    roll = float(np.arctan2(eyes[1], eyes[0]))
    turned = points[:, :2] @ _rotation(roll)
    low, high = turned.min(axis=0), turned.max(axis=0)
    return FaceBox(_rotation(roll) @ ((low + high) / 2), float((high - low).max()), roll, 1.0)


def _mesh_in_crop(picture: Picture, box: FaceBox) -> PictureLandmarks:
    scale = box.side * _CROP / _MESH_SIDE
    turn = _rotation(box.roll) * scale
    corner = box.centre - turn @ np.full(2, _MESH_SIDE / 2)
    matrix = (turn[0, 0], turn[0, 1], corner[0], turn[1, 0], turn[1, 1], corner[1])
    side = (_MESH_SIDE, _MESH_SIDE)
    crop = Image.fromarray(picture).transform(side, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    mesh, logit = _run(_MESH, np.asarray(crop, np.float32) / 255.0)
    points = mesh.reshape(-1, 3).astype(float)
    points[:, :2] = points[:, :2] @ turn.T + corner
    points[:, 2] *= scale
    return PictureLandmarks(points, float(logit.reshape(-1)[0]))


def _rotation(angle: float) -> Vectors:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@cache
def _anchors() -> Vectors:
    """Cell centres of the detector's two grids (896, 2): 16 x 16 with two anchors, 8 x 8 with six."""
    layers = []
    for cells, repeats in ((16, 2), (8, 6)):
        middle = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(middle, middle)
        layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
    return np.concatenate(layers)


def _model_path(name: str) -> Path:
    return Path(str(resources.files("threadlift.face").joinpath("models", name)))


@cache
def _interpreter(name: str) -> Any:
    path = _model_path(name)
    if find_spec("ai_edge_litert") is None:
        raise MissingExtraError(
            "finding landmarks needs the extra `landmarks`",
            remedy="Install `threadlift[landmarks]`, or give the landmarks in a file with --landmarks.",
        )
    if not path.is_file():
        raise MissingExtraError(
            f"the landmark model {name} is not installed",
            remedy="Run `make setup` (npm ci and scripts/fetch_assets.py), or give a file with --landmarks.",
        )
    from ai_edge_litert.interpreter import Interpreter

    with _quiet():
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
    return interpreter


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the line that the runtime's C++ side writes to standard error when it starts."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _run(name: str, pixels: NDArray[np.float32]) -> tuple[Vectors, Vectors]:
    """The model's two outputs, larger one first."""
    interpreter = _interpreter(name)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None].astype(np.float32))
    interpreter.invoke()
    outputs = [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]
    large, small = sorted(outputs, key=lambda output: -output.size)
    return np.asarray(large, float), np.asarray(small, float)
