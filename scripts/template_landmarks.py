"""Places the atlas landmarks and the MediaPipe points on the template, by the rules in ``landmarks.toml``.

All lengths in mm, in the face frame before it is levelled. Left-side points are placed and then mirrored;
midline points have x = 0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from threadlift.face.orientation import Shape, View, look
from threadlift.face.raycast import cast_pixels, cast_rays
from threadlift.face.surface import Surface, vertex_normals

Vectors = NDArray[np.float64]
Indices = NDArray[np.int64]

# Read off side views of the template before levelling (left-right is z, up-down is y), then laid on the skin.
PICKED_YZ_MM = {
    "t": (-20.0, -61.5),
    "itn": (-32.0, -62.5),
    "obs": (1.5, -62.0),
    "obi": (-47.0, -57.5),
    "ms": (-55.0, -80.0),
    "go": (-80.0, -43.5),
}
ORBITALE_BELOW_PUPIL_MM = 18.0
CANONICAL_BYTES = slice(3737848, 3757224)  # the canonical face in the package's data file
FAN_DEG = ((0, 0), (-10, 0), (10, 0), (0, -8), (0, 8))
LEAST_FACING = 0.3
FROM_MEDIAPIPE_MIDLINE = {"g": 9, "n": 168, "sn": 2, "ls": 0, "li": 17}
FROM_MEDIAPIPE_LEFT = {"en": 362, "ex": 263, "ac": 358, "ch": 291, "bt": 300, "ft": 298, "ma": 346}


@dataclass(frozen=True)
class Head:
    """The whole template surface with its eyeballs."""

    vertices: Vectors
    triangles: Indices
    mirror: Indices
    eye_vertices: Vectors
    eye_triangles: Indices


def level(placed: dict[str, Vectors]) -> Vectors:
    """Rotation (3, 3) about x that brings orbitale and tragion to one height: the Frankfort horizontal."""
    orbitale, tragion = placed["or_l"], placed["t_l"]
    angle = np.arctan2(orbitale[1] - tragion[1], orbitale[2] - tragion[2])
    return np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])


def find_mediapipe_points(head: Head, data_file: Path) -> Vectors:
    """The 468 MediaPipe points on the template's skin, symmetric; NaN where none lies on it."""
    partner = _mediapipe_partners(data_file)
    shape = Shape.of(
        np.vstack([head.vertices, head.eye_vertices]),
        np.vstack([head.triangles, head.eye_triangles + len(head.vertices)]),
    )
    frontal = View(np.eye(3), np.array([0.0, -45.0, -30.0]), 140.0)
    seen = []
    for yaw, pitch in FAN_DEG:
        sight = look(shape, frontal.turned(yaw, pitch), 640)
        if sight.landmarks is None:
            raise SystemExit("the template's face was not found in its own picture")
        hits = cast_pixels(shape.vertices, shape.triangles, sight.camera, sight.landmarks.points[:, :2])
        points = hits.points(shape.vertices, shape.triangles)
        normals = hits.interpolate(shape.normals, shape.triangles)
        facing = normals @ sight.view.rotation[2] / np.maximum(np.linalg.norm(normals, axis=1), 1e-9)
        points[~hits.is_hit | (facing < LEAST_FACING)] = np.nan
        seen += [points, points[partner] * [-1.0, 1.0, 1.0]]
    stack = np.stack(seen)
    enough = np.isfinite(stack[..., 0]).sum(axis=0) >= 4
    found = np.full((468, 3), np.nan)
    found[enough] = np.nanmedian(stack[:, enough], axis=0)
    found = 0.5 * (found + found[partner] * [-1.0, 1.0, 1.0])
    good = np.isfinite(found[:, 0])
    hit = Surface(head.vertices, head.triangles).closest(found[good])
    found[good] = np.where((hit.distance < 4.0)[:, None], hit.positions, np.nan)
    return found


def _mediapipe_partners(data_file: Path) -> Indices:
    """The point on the other side of each MediaPipe point, from the exactly symmetric canonical face."""
    data = data_file.read_bytes()[CANONICAL_BYTES]
    floats = []
    at = data.index(b"\x1d")
    while at + 5 <= len(data) and data[at] == 0x1D:
        floats.append(struct.unpack("<f", data[at + 1 : at + 5])[0])
        at += 5
    points = np.array(floats).reshape(-1, 5)[:, :3]
    if len(points) != 468:
        raise SystemExit(f"the canonical face has {len(points)} points, 468 were expected")
    distance = np.linalg.norm(points[:, None] * [-1.0, 1.0, 1.0] - points[None], axis=2)
    return np.asarray(distance.argmin(axis=1))


def place_landmarks(head: Head, mediapipe: Vectors) -> dict[str, Vectors]:
    """All atlas landmarks (3,) on the skin; left and right ones exactly mirrored."""
    surface = Surface(head.vertices, head.triangles)
    middle = _place_midline(_midline(head), mediapipe, surface)
    left = {name: mediapipe[index] for name, index in FROM_MEDIAPIPE_LEFT.items()}
    left |= {name: _from_side(head, *place) for name, place in PICKED_YZ_MM.items()}
    left["or"] = _orbitale(head)
    left["al"] = _alare(head, mediapipe[294])
    left["eac"] = left["t"] + [-2.0, -7.0, -4.0]
    left["zy"] = _from_side(head, left["t"][1], 0.5 * (left["t"][2] + left["ex"][2]))
    left["agn"] = left["go"] * 0.67 + middle["gn"] * 0.33 + [7.0, 0.0, 0.0]
    left["jowl"] = left["go"] * 0.35 + middle["gn"] * 0.65 + [9.0, 3.0, 4.0]
    corner, fold = left["ch"], 0.5 * (left["ac"] + left["ch"])
    left["mar"] = _from_front(head, corner[0] + 5.0, corner[1] - 10.0)
    left["nlf"] = _from_front(head, fold[0] + 4.0, fold[1])
    placed = dict(middle)
    for name, point in left.items():
        on_skin = surface.closest(point).positions[0]
        placed[f"{name}_l"] = on_skin
        placed[f"{name}_r"] = on_skin * [-1.0, 1.0, 1.0]
    return placed


def anchor(head: Head, points: Vectors) -> tuple[Indices, Vectors]:
    """Triangle and barycentric weights of points on the skin; mirrored points get mirrored places."""
    surface = Surface(head.vertices, head.triangles)
    twin = _mirror_triangles(head)
    triangle = np.zeros(len(points), dtype=np.int64)
    bary = np.zeros((len(points), 3))
    for i, point in enumerate(points):
        on_left = np.abs(point) * [1, 0, 0] + point * [0, 1, 1]
        hit = surface.closest(on_left)
        triangle[i], bary[i] = hit.triangle[0], hit.bary[0]
        if point[0] < 0:
            corners = head.mirror[head.triangles[triangle[i]]].tolist()
            triangle[i] = twin[triangle[i]]
            bary[i] = [bary[i][corners.index(corner)] for corner in head.triangles[triangle[i]]]
    return triangle, bary


def _mirror_triangles(head: Head) -> Indices:
    key = {tuple(sorted(t)): i for i, t in enumerate(head.triangles.tolist())}
    return np.array([key[tuple(sorted(t))] for t in head.mirror[head.triangles].tolist()])


def _midline(head: Head) -> Vectors:
    """The midline (k, 3) from the crown over face and chin to the neck's edge, sampled every 0.25 mm."""
    on = head.vertices[:, 0] == 0
    edges = np.concatenate([head.triangles[:, [0, 1]], head.triangles[:, [1, 2]], head.triangles[:, [2, 0]]])
    links: dict[int, set[int]] = {}
    for a, b in edges[on[edges].all(axis=1)]:
        links.setdefault(int(a), set()).add(int(b))
        links.setdefault(int(b), set()).add(int(a))
    ends = [vertex for vertex, near in links.items() if len(near) == 1]
    chain = [max(ends, key=lambda vertex: head.vertices[vertex][2])]  # the front edge of the neck
    while True:
        ahead = [v for v in links[chain[-1]] if len(chain) < 2 or v != chain[-2]]
        if not ahead:
            break
        chain.append(ahead[0])
    line = head.vertices[chain]
    line = line[: int(np.argmax(line[:, 1])) + 1][::-1]
    arc = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.arange(0, arc[-1], 0.25)
    return np.stack([np.interp(at, arc, line[:, axis]) for axis in range(3)], axis=1)


def _place_midline(line: Vectors, mediapipe: Vectors, surface: Surface) -> dict[str, Vectors]:
    found = {
        name: line[np.argmin(np.linalg.norm(line - mediapipe[index] * [0, 1, 1], axis=1))]
        for name, index in FROM_MEDIAPIPE_MIDLINE.items()
    }
    y, z = line[:, 1], line[:, 2]
    nose = (y < found["n"][1]) & (y > found["sn"][1])
    found["prn"] = line[nose][np.argmax(z[nose])]
    mouth = (y < found["ls"][1]) & (y > found["li"][1])
    found["sto"] = line[mouth][np.argmin(z[mouth])]
    below = int(np.argmin(np.linalg.norm(line - found["li"], axis=1)))
    step = np.gradient(line, axis=0)
    step = np.stack([np.convolve(step[:, i], np.ones(17) / 17, mode="same") for i in range(3)], axis=1)
    down_deg = np.degrees(np.arctan2(-step[:, 2], -step[:, 1]))  # how far the skin faces downwards
    turned = below + 40 + int(np.argmax(down_deg[below + 40 :] > 55))
    found["gn"] = line[turned]
    chin = line[below:turned]
    found["sl"] = chin[np.argmax(_bulge(chin[: len(chin) * 2 // 3], inwards=True))]
    lower = chin[np.argmin(np.linalg.norm(chin - found["sl"], axis=1)) :]
    found["pg"] = lower[np.argmax(_bulge(lower, inwards=False))]
    throat = line[turned:]
    found["hy"] = throat[np.argmax(_bulge(throat, inwards=True))]
    brow = int(np.argmin(np.linalg.norm(line - found["g"], axis=1)))
    found["tr"] = line[brow - round(0.85 * np.linalg.norm(found["g"] - found["sn"]) / 0.25)]
    return {name: surface.closest(point).positions[0] * [0, 1, 1] for name, point in found.items()}


def _bulge(line: Vectors, *, inwards: bool) -> Vectors:
    """Distance of each point of a midline piece from its chord, towards the inside of the head or away."""
    chord = line[-1] - line[0]
    outwards = np.array([0.0, chord[2], -chord[1]]) / np.linalg.norm(chord)
    height = (line - line[0]) @ outwards
    return -height if inwards else height


def _orbitale(head: Head) -> Vectors:
    pupil = head.eye_vertices[head.eye_vertices[:, 0] > 0].mean(axis=0)
    return _from_front(head, pupil[0], pupil[1] - ORBITALE_BELOW_PUPIL_MM)


def _alare(head: Head, near: Vectors) -> Vectors:
    normals = vertex_normals(head.vertices, head.triangles)
    close = (np.linalg.norm(head.vertices - near, axis=1) < 8.0) & (normals[:, 0] > 0.75)
    close &= head.vertices[:, 0] > 10
    return head.vertices[close][np.argmax(head.vertices[close][:, 0])]


def _from_side(head: Head, y: float, z: float) -> Vectors:
    return _first_hit(head, [300.0, y, z], [-1.0, 0.0, 0.0])


def _from_front(head: Head, x: float, y: float) -> Vectors:
    return _first_hit(head, [x, y, 300.0], [0.0, 0.0, -1.0])


def _first_hit(head: Head, origin: list[float], direction: list[float]) -> Vectors:
    hits = cast_rays(head.vertices, head.triangles, np.array([origin]), np.array([direction]))
    return np.asarray(hits.points(head.vertices, head.triangles)[0])
