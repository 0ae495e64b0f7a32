"""Nested dissection of the layered mesh: which columns of unknowns are eliminated after which.

The surface is cut in two along a line of vertices, each half again, and so on; with every vertex goes its
column of unknowns. A *front* is one cut (or one leaf) with its own columns and the *boundary*: the columns
above it in the tree that anything below or in it touches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import maximum_bipartite_matching

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
LEAF_COLUMNS = 20
_DIRECTIONS = 8
_SHARES = (0.44, 0.47, 0.5, 0.53, 0.56)
_WORTH_A_SEARCH = 300  # columns from which on a better cut saves more time than it takes to find


@dataclass(eq=False)
class Front:
    """One cut or leaf: its own mesh columns, those of its boundary, its place in the tree (-1: the root) and
    the number of columns in and below it."""

    columns: Indices
    boundary: Indices
    parent: int
    children: tuple[int, ...]
    size: int


def column_graph(matrix: sparse.csr_array, column_of: Indices) -> sparse.csr_array:
    """Which columns share an entry of ``matrix``, when unknown i belongs to column ``column_of[i]``."""
    count = int(column_of.max()) + 1
    entries = matrix.tocoo()
    pairs = np.unique(column_of[entries.coords[0]] * count + column_of[entries.coords[1]])
    graph = sparse.csr_array((np.ones(len(pairs)), (pairs // count, pairs % count)), shape=(count, count))
    return sparse.csr_array(graph + graph.T)


def dissect(graph: sparse.csr_array, places_mm: Floats) -> list[Front]:
    """Fronts of the columns at ``places_mm`` (n, 3), in the order of elimination: children before parents,
    the root last."""
    fronts: list[Front] = []

    def cut(columns: Indices) -> int:
        halves = _halve(graph, places_mm, columns) if len(columns) > LEAF_COLUMNS else None
        children = tuple(cut(half) for half in halves[1:] if len(half)) if halves else ()
        own = np.sort(halves[0] if halves else columns)
        beside: list[Indices] = [
            graph[own].indices.astype(np.int64),
            *(fronts[child].boundary for child in children),
        ]
        around = np.setdiff1d(np.unique(np.concatenate(beside)), columns).astype(np.int64)
        for child in children:
            fronts[child].parent = len(fronts)
        fronts.append(Front(own, around, -1, children, len(columns)))
        return len(fronts) - 1

    cut(np.arange(len(places_mm)))
    return fronts


def _halve(graph: sparse.csr_array, places_mm: Floats, columns: Indices) -> tuple[Indices, Indices, Indices]:
    """Separator and the two halves: of straight cuts in several directions the one that needs the fewest
    columns for its size."""
    places = places_mm[columns] - places_mm[columns].mean(axis=0)
    first, second = np.linalg.svd(places, full_matrices=False)[2][:2]
    inner = sparse.csr_array(graph[columns][:, columns])
    best, least = None, np.inf
    directions, shares = (_DIRECTIONS, _SHARES) if len(columns) > _WORTH_A_SEARCH else (2, (0.5,))
    for angle in np.arange(directions) * np.pi / directions:
        along = places @ (np.cos(angle) * first + np.sin(angle) * second)
        for share in shares:
            side = along < np.quantile(along, share)
            border = _fewest_between(inner, side)
            price = border.sum() * (1 + 2 * abs(share - 0.5))
            if price < least:
                best, least = (border, side), price
    assert best is not None
    border, side = best
    return columns[border], columns[side & ~border], columns[~side & ~border]


def _fewest_between(graph: sparse.csr_array, side: Mask) -> Mask:
    """Fewest columns that touch every edge between ``side`` and the rest.

    A least cover of a two-sided graph is as large as a largest matching (Koenig): what is left of the columns
    on this side after walking alternating paths from the unmatched ones, and what these reach on the other.
    """
    here, there = np.flatnonzero(side), np.flatnonzero(~side)
    crossing = sparse.csr_array(graph[here][:, there])
    used = np.diff(crossing.indptr) > 0
    here, crossing = here[used], sparse.csr_array(crossing[used])
    partner = maximum_bipartite_matching(crossing, perm_type="column")
    holder = np.full(len(there), -1)
    holder[partner[partner >= 0]] = np.flatnonzero(partner >= 0)
    reached_here, reached_there = partner < 0, np.zeros(len(there), dtype=bool)
    fresh = np.flatnonzero(reached_here)
    while len(fresh):
        found = np.unique(crossing[fresh].indices)
        found = found[~reached_there[found]]
        reached_there[found] = True
        fresh = holder[found]
        fresh = fresh[(fresh >= 0) & ~reached_here[fresh]]
        reached_here[fresh] = True
    cover = np.zeros(len(side), dtype=bool)
    cover[here[~reached_here]] = True
    cover[there[reached_there]] = True
    return cover
