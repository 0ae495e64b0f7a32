"""The skin on which the atlas is placed: the face with its ears laid flat, ready for closest-point
queries.
"""

from __future__ import annotations

import weakref
from functools import cache

import numpy as np
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import splu

from threadlift.errors import InputError
from threadlift.face.face import Face, Indices, Vectors
from threadlift.face.surface import Surface, vertex_normals
from threadlift.face.template import load_template

_EAR_MASKS = ("ear_l", "ear_r")
_STANDS_OFF_MM = 2.5  # chosen on the template: skin in front of the ear stays, the auricle goes
_known: dict[int, tuple[weakref.ref[Face], Surface, Vectors]] = {}


@cache
def auricle_vertices() -> Indices:
    """Vertices (k,) of the template that stand off the head as an ear; the skin at its root is not among
    them.
    """
    template = load_template()
    ears = np.zeros(len(template.vertices_mm), dtype=bool)
    for name in _EAR_MASKS:
        ears |= template.masks[name]
    around = np.flatnonzero(ears)
    flat = _stretch_membrane(template.vertices_mm, around)
    moved_mm = np.linalg.norm(flat - template.vertices_mm, axis=1)
    return np.flatnonzero(moved_mm > _STANDS_OFF_MM)


@cache
def _edges() -> Indices:
    triangles = load_template().triangles
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def flatten_ears(vertices_mm: Vectors) -> Vectors:
    """The head (n, 3) with a taut membrane in place of each ear, so that no danger zone climbs the
    auricle.
    """
    return _stretch_membrane(vertices_mm, auricle_vertices())


def _stretch_membrane(vertices_mm: Vectors, free: Indices) -> Vectors:
    pairs = _edges()
    count = len(vertices_mm)
    rows = np.concatenate([pairs[:, 0], pairs[:, 1]])
    columns = np.concatenate([pairs[:, 1], pairs[:, 0]])
    weights = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count)).tocsr()
    laplacian = (diags_array(np.asarray(weights.sum(axis=1)).ravel()) - weights).tocsr()
    held = np.setdiff1d(np.arange(count), free)
    flat = vertices_mm.copy()
    pull = -(laplacian[free][:, held] @ vertices_mm[held])
    flat[free] = splu(laplacian[free][:, free].tocsc()).solve(pull)
    return flat


def skin_of(face: Face) -> Surface:
    """The skin of ``face`` with its ears laid flat, on the template's triangles; kept as long as the face
    lives.

    Raises ``InputError`` when the face was made on another version of the template.
    """
    return _prepare(face)[0]


def inwards_at(face: Face, triangle: Indices, bary: Vectors) -> Vectors:
    """Unit vectors (k, 3) from places on the skin straight into the tissue."""
    surface, normals = _prepare(face)
    outwards = np.einsum("kc,kcx->kx", bary, normals[surface.triangles[triangle]])
    inwards: Vectors = -outwards / np.linalg.norm(outwards, axis=1, keepdims=True)
    return inwards


def _prepare(face: Face) -> tuple[Surface, Vectors]:
    kept = _known.get(id(face))
    if kept is not None and kept[0]() is face:
        return kept[1], kept[2]
    template = load_template()
    if len(face.vertices_mm) != len(template.vertices_mm):
        raise InputError(
            "was made on another template", where="face", remedy="Fit the scan again with this version."
        )
    surface = Surface(flatten_ears(face.vertices_mm), template.triangles)
    normals = vertex_normals(surface.vertices, surface.triangles)
    key = id(face)
    _known[key] = (weakref.ref(face, lambda _: _known.pop(key, None)), surface, normals)
    return surface, normals
