"""Wedges share one pressure in pairs, or nearly incompressible tissue locks.

A single wedge with its own dilatation puts two volume constraints on each column of nodes per layer;
averaging over two wedges that share a side leaves one, as a hexahedron has. Pairs are matched greedily on the
triangles.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def shared_edges(triangles: Indices) -> tuple[Indices, Indices]:
    """Pairs of triangles that share an edge, and the edges' vertices: (e, 2) and (e, 2)."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    owner = np.repeat(np.arange(len(triangles)), 3)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    same = np.flatnonzero((edges[order][1:] == edges[order][:-1]).all(axis=1))
    return np.stack([owner[order[same]], owner[order[same + 1]]], axis=1), edges[order[same]]


def pair_triangles(vertices_mm: Floats, triangles: Indices) -> Indices:
    """Group number of each triangle, 0 to g - 1.

    The triangle with the fewest free neighbours chooses first, across its longest shared edge; a triangle
    left alone joins a neighbour's pair. A triangle without any neighbour keeps a group of its own.
    """
    sharing, edges = shared_edges(triangles)
    length = np.linalg.norm(vertices_mm[edges[:, 0]] - vertices_mm[edges[:, 1]], axis=1)
    neighbours: list[list[tuple[float, int]]] = [[] for _ in range(len(triangles))]
    for (a, b), size in zip(sharing.tolist(), length.tolist(), strict=True):
        neighbours[a].append((-size, b))
        neighbours[b].append((-size, a))
    group = [-1] * len(triangles)
    free = [len(near) for near in neighbours]
    queue = [(count, triangle) for triangle, count in enumerate(free)]
    heapq.heapify(queue)
    groups = 0
    while queue:
        count, triangle = heapq.heappop(queue)
        if group[triangle] >= 0 or count != free[triangle]:
            continue
        open_neighbours = [entry for entry in neighbours[triangle] if group[entry[1]] < 0]
        taken = [triangle]
        if open_neighbours:
            taken.append(min(open_neighbours)[1])
            mark = groups
            groups += 1
        elif neighbours[triangle]:
            mark = group[min(neighbours[triangle])[1]]
        else:
            mark = groups
            groups += 1
        for member in taken:
            group[member] = mark
        for member in taken:
            for _, near in neighbours[member]:
                if group[near] < 0:
                    free[near] -= 1
                    heapq.heappush(queue, (free[near], near))
    return np.array(group, dtype=np.int64)
