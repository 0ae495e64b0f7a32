"""Turn the synthetic demonstration patients into scans like those of a phone scanner.

    python scripts/make_demo_scan.py

Writes ``examples/demo/scan.ply`` (mm) and ``scan_metres.ply`` (metres, z up, coarser) with the true
landmarks of each beside it. Needs ``gpytoolbox`` (remeshing, MIT) besides the project's own packages.

What makes it a scan: another triangulation than the template's, measuring noise, small individual bumps,
hair that hides the skull, eyes as part of the surface, holes under the chin and behind an ear, an arbitrary
pose, colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from threadlift.face.demo import shape_demo_face
from threadlift.face.surface import Surface, point_at, vertex_normals
from threadlift.face.template import Template, load_template

Vectors = NDArray[np.float64]
Indices = NDArray[np.int64]

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "demo"
SKIN, LIP, BROW, HAIR = (
    np.array(c, float) for c in ((214, 172, 148), (176, 96, 92), (62, 48, 42), (38, 32, 32))
)
SCLERA, IRIS, PUPIL = (np.array(c, float) for c in ((228, 222, 216), (66, 44, 34), (12, 10, 10)))
BROW_RIGHT = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
LIPS_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)


@dataclass(frozen=True)
class Scanner:
    """How one scan is taken: lengths in mm, angles in degrees."""

    patient: str
    file: str
    truth: str
    edge_mm: float
    noise_mm: float
    units_per_mm: float
    turn: Rotation
    shift: tuple[float, float, float]
    seed: int


SCANNERS = (
    Scanner("woman_47", "scan.ply", "truth.toml", 2.25, 0.12, 1.0,
            Rotation.from_euler("yxz", [21.0, -9.0, 5.0], degrees=True), (37.0, -64.0, -412.0), 47),
    Scanner("man_62", "scan_metres.ply", "truth_metres.toml", 3.4, 0.2, 0.001,
            Rotation.from_euler("xz", [90.0, 158.0], degrees=True), (0.21, 1.32, 1.58), 62),
)  # fmt: skip


def main() -> None:
    """Make both scans."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scanner in SCANNERS:
        take_scan(scanner)


def take_scan(scanner: Scanner) -> None:
    """Make one scan and its truth."""
    rng = np.random.default_rng(scanner.seed)
    template = load_template()
    face = shape_demo_face(scanner.patient)
    skin = face.vertices_mm + individual_bumps(face.vertices_mm, rng)
    landmarks = template.place_landmarks(skin)
    points, triangles = close_eyes(template, skin)
    points[: len(skin)] += hair(template, skin, rng)
    colours = paint(template, skin, points)
    points, triangles, colours = resample(points, triangles, colours, scanner.edge_mm)
    points = points + vertex_normals(points, triangles) * rng.normal(0, scanner.noise_mm, (len(points), 1))
    triangles = cut_holes(points, triangles, landmarks, rng)
    used, local = np.unique(triangles, return_inverse=True)
    points, triangles, colours = points[used], local.reshape(-1, 3), colours[used]
    order = rng.permutation(len(points))
    points, colours, triangles = points[order], colours[order], np.argsort(order)[triangles]
    write_ply(FOLDER / scanner.file, place(scanner, points), triangles, colours)
    write_truth(FOLDER / scanner.truth, scanner, {name: place(scanner, p) for name, p in landmarks.items()})
    print(scanner.file, len(points), "points", len(triangles), "triangles",
          (FOLDER / scanner.file).stat().st_size // 1000, "kB")  # fmt: skip


def place(scanner: Scanner, points: Vectors) -> Vectors:
    """Face frame in mm to the scanner's own frame and unit."""
    return np.asarray(scanner.turn.apply(points) * scanner.units_per_mm + scanner.shift)


def waves(
    points: Vectors, rng: np.random.Generator, length_mm: float, count: int = 24
) -> NDArray[np.float64]:
    """A smooth random field (n,) of unit spread and wave length about ``length_mm``."""
    direction = rng.normal(size=(count, 3))
    direction *= 2 * np.pi / length_mm / np.linalg.norm(direction, axis=1, keepdims=True)
    phase = rng.uniform(0, 2 * np.pi, count)
    return np.asarray(np.sin(points @ direction.T + phase).sum(axis=1) / np.sqrt(count / 2))


def individual_bumps(skin: Vectors, rng: np.random.Generator) -> Vectors:
    """What no morph knows: half a millimetre of unevenness, differing left and right."""
    return np.stack([0.45 * waves(skin, rng, 55.0) + 0.15 * waves(skin, rng, 18.0) for _ in range(3)], axis=1)


def close_eyes(template: Template, skin: Vectors) -> tuple[Vectors, Indices]:
    """The skin with its eye openings filled by the front of the eyeballs, as a scanner sees them."""
    t = template.triangles
    edges = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    _, first, uses = np.unique(np.sort(edges, 1), axis=0, return_index=True, return_counts=True)
    after = {int(b): int(a) for a, b in edges[first[uses == 1]] if template.vertices_mm[a][2] > -5}
    points, filled = [skin], []
    count = len(skin)
    while after:
        chain = [next(iter(after))]
        while chain[-1] in after:
            chain.append(after.pop(chain[-1]))
        ring = np.array(chain[:-1])
        own_side = template.eye_vertices_mm[:, 0] * template.vertices_mm[ring[0], 0] > 0
        sphere = template.eye_vertices_mm[own_side]
        middle = (sphere.min(axis=0) + sphere.max(axis=0)) / 2
        radius = float(np.linalg.norm(sphere - middle, axis=1).max())
        layers = [ring]
        for share in (0.85, 0.7, 0.55, 0.4, 0.25, 0.12, 0.0):
            flat = skin[ring].mean(axis=0) + share * (skin[ring] - skin[ring].mean(axis=0))
            if share == 0.0:
                flat = flat[:1]
            ball = middle + (flat - middle) / np.linalg.norm(flat - middle, axis=1, keepdims=True) * radius
            points.append(share * flat + (1 - share) * ball if share > 0.6 else ball)
            layers.append(count + np.arange(len(flat)) if share else np.full(len(ring), count))
            count += len(flat)
        for outer, inner in pairwise(layers):
            o2, i2 = np.roll(outer, -1), np.roll(inner, -1)
            filled.append(np.stack([outer, o2, inner], 1))
            filled.append(np.stack([o2, i2, inner], 1))
    extra = np.concatenate(filled)
    extra = extra[[len(set(one)) == 3 for one in extra.tolist()]]
    return np.vstack(points), np.vstack([t, extra])


def hair(template: Template, skin: Vectors, rng: np.random.Generator) -> Vectors:
    """A lumpy cap of hair over the scalp, thin at the hairline."""
    scalp = template.masks["scalp"]
    border = skin[~scalp]
    depth = np.where(scalp, cKDTree(border).query(skin)[0], 0.0)
    thick = np.clip(depth / 14.0, 0, 1) * (7.0 + 2.2 * waves(skin, rng, 38.0) + 1.0 * waves(skin, rng, 11.0))
    return vertex_normals(skin, template.triangles) * np.maximum(thick, 0.0)[:, None]


def paint(template: Template, skin: Vectors, points: Vectors) -> Vectors:
    """Colours (n, 3) 0 to 255: skin, lips, brows, hair, eyes."""
    known = np.maximum(template.mediapipe_triangle, 0)
    marks = point_at(skin, template.triangles, known, template.mediapipe_bary)
    colours = np.tile(SKIN, (len(points), 1))
    lips = marks[[i for i in LIPS_OUTER if template.mediapipe_triangle[i] >= 0]]
    front = points[:, 2] > lips[:, 2].min() - 4
    colours[front & inside_outline(points[:, :2], lips[:, :2])] = LIP
    brow = marks[[i for i in BROW_RIGHT if template.mediapipe_triangle[i] >= 0]]
    for outline in (brow, brow * [-1, 1, 1]):
        near = (points[:, 2] > brow[:, 2].min() - 6) & inside_outline(points[:, :2], outline[:, :2])
        colours[near] = BROW
    colours[: len(skin)][template.masks["scalp"]] = HAIR
    eyes = points[len(skin) :]
    for side in (1.0, -1.0):
        sphere = template.eye_vertices_mm[template.eye_vertices_mm[:, 0] * side > 0]
        axis = (sphere.min(axis=0) + sphere.max(axis=0))[:2] / 2
        own = np.flatnonzero(eyes[:, 0] * side > 0)
        away = np.linalg.norm(eyes[own, :2] - axis, axis=1)[:, None]
        colours[len(skin) + own] = np.where(away < 2.2, PUPIL, np.where(away < 6.0, IRIS, SCLERA))
    return colours


def inside_outline(points: Vectors, outline: Vectors) -> NDArray[np.bool_]:
    """Which points (n, 2) lie inside a closed outline (k, 2): crossings to the right are odd."""
    inside = np.zeros(len(points), dtype=bool)
    for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        between = (a[1] > points[:, 1]) != (b[1] > points[:, 1])
        slope = (b[0] - a[0]) / (b[1] - a[1] if b[1] != a[1] else 1e-9)
        inside ^= between & (points[:, 0] < a[0] + slope * (points[:, 1] - a[1]))
    return inside


def resample(
    points: Vectors, triangles: Indices, colours: Vectors, edge_mm: float
) -> tuple[Vectors, Indices, Vectors]:
    """Another triangulation of the same skin, refined first so that no old vertex needs to survive."""
    from gpytoolbox import remesh_botsch, subdivide

    fine, faces = subdivide(points, triangles.astype(np.int32), method="loop", iters=1)
    border = np.zeros(0, dtype=np.int32)
    new, new_faces = remesh_botsch(np.array(fine), faces.astype(np.int32), 8, edge_mm, True, border)
    hit = Surface(points, triangles).closest(new)
    blended = np.einsum("kc,kcx->kx", hit.bary, colours[triangles[hit.triangle]])
    return new, new_faces.astype(np.int64), blended


def cut_holes(
    points: Vectors, triangles: Indices, landmarks: dict[str, Vectors], rng: np.random.Generator
) -> Indices:
    """Shadowed places that a scanner misses, and a ragged edge at the neck."""
    middle = points[triangles].mean(axis=1)
    under_chin = 0.55 * landmarks["gn"] + 0.45 * landmarks["hy"] + [6.0, 0.0, 0.0]
    behind_ear = landmarks["ms_l"] + [0.0, 14.0, 2.0]
    missed = np.linalg.norm(middle - under_chin, axis=1) < 7.5
    missed |= np.linalg.norm(middle - behind_ear, axis=1) < 9.0
    along_neck = points @ [0.0, 1.0, 0.35]
    missed |= middle @ [0.0, 1.0, 0.35] < along_neck.min() + 6.0 + 2.5 * waves(middle, rng, 30.0)
    return triangles[~missed]


def write_ply(path: Path, points: Vectors, triangles: Indices, colours: Vectors) -> None:
    """Binary little-endian PLY with colours."""
    header = (
        "ply\nformat binary_little_endian 1.0\ncomment synthetic demonstration scan, no real person\n"
        f"element vertex {len(points)}\nproperty float x\nproperty float y\nproperty float z\n"
        "property uchar red\nproperty uchar green\nproperty uchar blue\n"
        f"element face {len(triangles)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    vertex = np.zeros(len(points), dtype=[("p", "<f4", 3), ("c", "u1", 3)])
    vertex["p"], vertex["c"] = points, np.clip(np.round(colours), 0, 255)
    face = np.zeros(len(triangles), dtype=[("n", "u1"), ("v", "<i4", 3)])
    face["n"], face["v"] = 3, triangles
    path.write_bytes(header.encode() + vertex.tobytes() + face.tobytes())


def write_truth(path: Path, scanner: Scanner, landmarks: dict[str, Vectors]) -> None:
    """The true landmarks in the scan file's own frame and unit."""
    lines = [
        f"# True landmarks of {scanner.file}, in that file's own axes and unit. Synthetic: no real person.",
        "# They are points of the skin: where the shape sags, the skin over bone (or, ma, agn) moved too.",
        f'patient = "{scanner.patient}"',
        f'scan = "{scanner.file}"',
        f"units_per_mm = {scanner.units_per_mm}",
        "",
        "[landmarks]",
        *(f"{name} = [{', '.join(f'{v:.6g}' for v in point)}]" for name, point in sorted(landmarks.items())),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
