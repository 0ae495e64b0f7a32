"""Turns the visible source skin into the template's triangulation: lips stitched, density blended, neck cut.

Lengths in mm before levelling. Work is done on the left half or on the whole symmetric surface, as each says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import connected_components
from template_source import Indices, Vectors

from threadlift.face.surface import triangle_normals

MIDLINE_MM = 1e-6
FINE_MM = 2.5
TREATED_MM = 3.4
LEVELS_MM = (FINE_MM, TREATED_MM, 4.5, 6.0, 8.0)
NECK_POINT_MM = np.array([0.0, -152.0, -30.0])
NECK_NORMAL = np.array([0.0, 1.0, 0.35])


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
