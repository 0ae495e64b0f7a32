"""The layered mesh: every skin triangle becomes a column of wedges down to the base.

Straight columns run along smoothed inward normals. Levels, from the base up: deep layer 0-1-2, SMAS 2-3,
superficial fat 3-4-5, skin 5-6; node ``level * n + i`` lies under surface vertex i. Where columns of a sharp
fold would cross, their offsets are smoothed and shortened; triangles that face into an opening and can never
be offset are trimmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from threadlift.errors import InputError
from threadlift.face.surface import triangle_normals, vertex_normals
from threadlift.tissue.pairing import shared_edges
from threadlift.tissue.wedge import corner_jacobians

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

SMALLEST_RATIO = 0.15  # corner Jacobian over that of an upright prism; below it a wedge counts as folding
_NORMAL_SMOOTHING = 40  # about 20 mm on the face
_SWEEPS = 60
_SHRINK = 0.95
_CRUMPLED = 0.3  # cosine between a triangle and the smoothed skin under which its corners are ironed
_IRONING_SWEEPS = 60
_TRIM_ROUNDS = 8
_LARGEST_TRIMMED_SHARE = 0.05
_LARGEST_HOLE_SHARE = 0.002  # single slivers elsewhere may go too; more means that the skin is not a face


class Layer(IntEnum):
    """Tissue of a wedge."""

    DEEP = 0
    SMAS = 1
    FAT = 2
    SKIN = 3


WEDGE_LAYERS = (Layer.DEEP, Layer.DEEP, Layer.SMAS, Layer.FAT, Layer.FAT, Layer.SKIN)
LEVELS = len(WEDGE_LAYERS) + 1
BASE_LEVEL, SMAS_TOP_LEVEL, SKIN_UNDERSIDE_LEVEL, SKIN_LEVEL = 0, 3, 5, 6


@dataclass(frozen=True)
class LayerThickness:
    """Thickness of each layer at surface vertices (n,), mm, all above zero."""

    skin_mm: Floats
    fat_mm: Floats
    smas_mm: Floats
    deep_mm: Floats

    def __post_init__(self) -> None:
        for name in ("skin_mm", "fat_mm", "smas_mm", "deep_mm"):
            values = getattr(self, name)
            if not (np.isfinite(values).all() and (values > 0).all()):
                raise InputError(f"{name} must be above zero everywhere", where="layer thickness")

    @property
    def total_mm(self) -> Floats:
        """From the skin surface to the base."""
        return self.skin_mm + self.fat_mm + self.smas_mm + self.deep_mm

    def heights(self) -> Floats:
        """Height of each level above the base as a share of the total: (7, n), 0 to 1."""
        steps = np.stack(
            [self.deep_mm / 2, self.deep_mm / 2, self.smas_mm, self.fat_mm / 2, self.fat_mm / 2, self.skin_mm]
        )
        return np.concatenate([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)]) / self.total_mm

    def at(self, vertices: Indices) -> LayerThickness:
        """The same at a selection of vertices."""
        return LayerThickness(
            self.skin_mm[vertices], self.fat_mm[vertices], self.smas_mm[vertices], self.deep_mm[vertices]
        )


@dataclass(frozen=True)
class TissueMesh:
    """Nodes (7n, 3) mm and wedges of one connected piece of face.

    ``source`` (n,) numbers the surface vertices in the face they came from; ``triangles`` is the kept surface
    in local numbers; ``layer`` and ``column`` tell each wedge's tissue and triangle. ``kept_thickness`` (n,)
    is the share of the wished thickness that folding left; ``trimmed`` counts triangles removed beside
    openings.
    """

    nodes_mm: Floats
    wedges: Indices
    layer: NDArray[np.int64]
    column: Indices
    triangles: Indices
    source: Indices
    thickness: LayerThickness
    kept_thickness: Floats
    trimmed: int
    smallest_ratio: float

    @property
    def columns(self) -> int:
        """Number of surface vertices, each with its column of nodes."""
        return len(self.source)

    def level(self, level: int) -> Indices:
        """Node numbers of one level, in the order of the surface vertices."""
        return np.arange(self.columns, dtype=np.int64) + level * self.columns

    @property
    def surface_mm(self) -> Floats:
        """Skin surface vertices (n, 3)."""
        return self.nodes_mm[self.level(SKIN_LEVEL)]


def build_mesh(
    vertices_mm: Floats, triangles: Indices, thickness: LayerThickness, trimmable: Mask
) -> TissueMesh:
    """Layered mesh under ``triangles`` of a surface with ``vertices_mm`` (n, 3).

    Triangles with a vertex in ``trimmable`` (beside an opening) may be trimmed, and elsewhere a few slivers.
    Raises ``InputError`` when nothing is left, or when folding would take more than 5 % of the triangles
    (elsewhere 0.2 %).
    """
    if not np.isfinite(vertices_mm).all():
        raise InputError("the face holds coordinates that are not finite", where="tissue mesh")
    kept = triangles[np.linalg.norm(triangle_normals(vertices_mm, triangles), axis=1) > 1e-9]
    wished = len(kept)
    most_trimmed = max(3, _LARGEST_TRIMMED_SHARE * wished)
    apart = wished - len(_main_piece(kept))
    if apart > most_trimmed:
        raise InputError(
            f"the skin lies in pieces: {apart} of {wished} triangles do not hang together with the others",
            where="tissue mesh",
            remedy="Close the gaps of the scan, or scan again.",
        )
    for _ in range(_TRIM_ROUNDS):
        kept = _main_piece(kept)
        if wished - len(kept) > most_trimmed:
            break
        source, local = np.unique(kept, return_inverse=True)
        local = local.reshape(-1, 3).astype(np.int64)
        layers = thickness.at(source)
        beside: Mask = np.any(trimmable[kept], axis=1)
        skin = _iron(vertices_mm[source], local, beside)
        offset = -_smooth_normals(skin, local) * layers.total_mm[:, None]
        ratio = _straighten(skin, local, offset, layers, beside)
        folding = ratio < SMALLEST_RATIO
        if not folding.any():
            return _extrude(skin, local, offset, layers, source, wished - len(kept), ratio)
        if (folding & ~beside).sum() > _LARGEST_HOLE_SHARE * wished:
            break
        kept = kept[~folding]
    raise InputError(
        f"the skin folds too sharply to lay {thickness.total_mm[kept].mean():.1f} mm of tissue under it",
        where="tissue mesh",
        remedy="Check the fit of the face (hair, hands or noise in the scan), or smooth the scan.",
    )


def _main_piece(triangles: Indices) -> Indices:
    """The largest set of triangles that hang together by edges."""
    if not len(triangles):
        raise InputError("no skin is left to model", where="tissue mesh")
    sharing, _ = shared_edges(triangles)
    graph = sparse.coo_array(
        (np.ones(len(sharing)), (sharing[:, 0], sharing[:, 1])), shape=(len(triangles), len(triangles))
    )
    piece = connected_components(graph, directed=False)[1]
    return np.asarray(triangles[piece == np.bincount(piece).argmax()])


def _averaging(triangles: Indices, count: int, vertices_mm: Floats | None = None) -> sparse.csr_array:
    """Mean over the neighbours of each vertex; with ``vertices_mm`` near neighbours count for more (1 /
    distance)."""
    a, b = np.unique(np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1), axis=0).T
    weight = np.ones(len(a))
    if vertices_mm is not None:
        weight = 1 / np.maximum(np.linalg.norm(vertices_mm[a] - vertices_mm[b], axis=1), 1e-3)
    near = sparse.csr_array((np.r_[weight, weight], (np.r_[a, b], np.r_[b, a])), shape=(count, count))
    total = np.asarray(near.sum(axis=1)).ravel()
    return sparse.csr_array(sparse.diags_array(1 / np.maximum(total, 1e-12)) @ near)


def _smooth_normals(vertices_mm: Floats, triangles: Indices) -> Floats:
    """Outward unit directions, averaged over the neighbourhood again and again."""
    mean = _averaging(triangles, len(vertices_mm))
    normals = vertex_normals(vertices_mm, triangles)
    for _ in range(_NORMAL_SMOOTHING):
        normals = normals + mean @ normals
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return np.asarray(normals)


def _iron(vertices_mm: Floats, triangles: Indices, left_alone: Mask) -> Floats:
    """The skin with crumpled triangles (noise of a scan) drawn flat; those ``left_alone`` lie beside an
    opening."""
    mean = _averaging(triangles, len(vertices_mm))
    skin = vertices_mm.copy()
    outward = _smooth_normals(vertices_mm, triangles)[triangles].mean(axis=1)
    for _ in range(_IRONING_SWEEPS):
        facing = triangle_normals(skin, triangles)
        cosine = (facing * outward).sum(axis=1) / np.maximum(np.linalg.norm(facing, axis=1), 1e-12)
        crumpled = (cosine < _CRUMPLED) & ~left_alone
        if not crumpled.any():
            break
        moved = np.unique(triangles[crumpled])
        skin[moved] = (skin[moved] + mean[moved] @ skin) / 2
    return skin


def _straighten(
    vertices_mm: Floats, triangles: Indices, offset: Floats, layers: LayerThickness, trimmable: Mask
) -> Floats:
    """Smooth and shorten ``offset`` in place until no column folds; the ratio left for each triangle (m,).

    Triangles that may be trimmed get ``_SWEEPS`` tries, the others three times as many.
    """
    mean = _averaging(triangles, len(vertices_mm), vertices_mm)
    touching = sparse.csr_array(
        (np.ones(triangles.size), (triangles.ravel(), np.repeat(np.arange(len(triangles)), 3))),
        shape=(len(vertices_mm), len(triangles)),
    )
    heights = layers.heights()
    ratio = np.empty(len(triangles))
    active = np.arange(len(triangles))
    for sweep in range(3 * _SWEEPS):
        ratio[active] = _column_ratio(vertices_mm, triangles[active], offset, heights)
        folding = np.flatnonzero((ratio < SMALLEST_RATIO) & ((sweep < _SWEEPS) | ~trimmable))
        if not len(folding):
            break
        moved = np.unique(triangles[folding])
        for _ in range(sweep // _SWEEPS):  # what does not yield needs more room
            moved = np.unique(triangles[np.unique(touching[moved].indices)])
        offset[moved] = _SHRINK * (offset[moved] + mean[moved] @ offset) / 2
        active = np.unique(touching[moved].indices)
    return ratio


def _column_ratio(vertices_mm: Floats, triangles: Indices, offset: Floats, heights: Floats) -> Floats:
    """Smallest corner Jacobian in each column over that of an upright prism on the same triangle."""
    points = vertices_mm[None] + (1 - heights)[:, :, None] * offset[None]  # (7, n, 3)
    corners = points[:, triangles]  # (7, m, 3, 3)
    area = np.linalg.norm(triangle_normals(vertices_mm, triangles), axis=1) / 2
    wedges = np.concatenate([corners[:-1], corners[1:]], axis=2)  # (6, m, 6, 3)
    flat = wedges.reshape(-1, 3)
    numbers = np.arange(len(flat)).reshape(-1, 6)
    determinant = corner_jacobians(flat, numbers).min(axis=1).reshape(len(WEDGE_LAYERS), -1)
    length = np.linalg.norm(offset, axis=1)
    height = (np.diff(heights, axis=0) * length)[:, triangles].mean(axis=2)
    return np.asarray((determinant / np.maximum(area * height, 1e-12)).min(axis=0))


def _extrude(
    vertices_mm: Floats,
    triangles: Indices,
    offset: Floats,
    layers: LayerThickness,
    source: Indices,
    trimmed: int,
    ratio: Floats,
) -> TissueMesh:
    count, columns = len(vertices_mm), len(triangles)
    levels = vertices_mm[None] + (1 - layers.heights())[:, :, None] * offset[None]
    kept = np.linalg.norm(offset, axis=1) / layers.total_mm
    return TissueMesh(
        nodes_mm=levels.reshape(-1, 3),
        wedges=np.concatenate(
            [np.hstack([triangles + k * count, triangles + (k + 1) * count]) for k in range(LEVELS - 1)]
        ),
        layer=np.repeat(np.array(WEDGE_LAYERS, dtype=np.int64), columns),
        column=np.tile(np.arange(columns), LEVELS - 1),
        triangles=triangles,
        source=source.astype(np.int64),
        thickness=LayerThickness(
            layers.skin_mm * kept, layers.fat_mm * kept, layers.smas_mm * kept, layers.deep_mm * kept
        ),
        kept_thickness=kept,
        trimmed=trimmed,
        smallest_ratio=float(ratio.min()),
    )
