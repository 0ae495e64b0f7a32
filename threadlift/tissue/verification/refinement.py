"""Convergence on the face itself: one thread on a coarser, the usual and a finer mesh of the same tissue.

All meshes fill the same layers. The finer one halves every edge of the usual one, so both have the same
geometry to the last digit; the coarser one has a third of the triangles, laid over the usual skin. Layers,
moduli and supports are interpolated; thread, ligaments and the patch that is read stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import fast_simplification
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy import Anatomy
from threadlift.face.surface import Surface, patch_weights
from threadlift.tissue.lift import PATCH_RADIUS_MM
from threadlift.tissue.mesh import LEVELS, WEDGE_LAYERS, LayerThickness, TissueMesh
from threadlift.tissue.parameter import TissueParameters, nominal_parameters
from threadlift.tissue.part import layered_mesh, part_on_mesh
from threadlift.tissue.verification.demonstration import demonstration_anatomy, one_thread
from threadlift.tissue.verification.figure import Figure, at_most, shown
from threadlift.tissue.wedge import corner_jacobians

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
GROUP = "Whole face"
_KEPT_SHARE = 1 / 3
_PLACES = {"jowl_l": "jowl", "mar_l": "marionette", "ma_l": "malar"}


@dataclass(frozen=True, eq=False)
class Resampling:
    """Triangles (m, 3) over points that are mixtures of a surface's vertices: rows of ``mix`` (p, n)."""

    triangles: Indices
    mix: sparse.csr_array


def halve_edges(triangles: Indices, count: int) -> Resampling:
    """Every triangle cut into four; the new points halve the edges."""
    sides = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    edges, number = np.unique(sides, axis=0, return_inverse=True)
    a, b, c = triangles.T
    ab, bc, ca = (count + number.reshape(-1, 3)).T
    halves = sparse.csr_array(
        (np.full(edges.size, 0.5), (np.repeat(np.arange(len(edges)), 2), edges.ravel())),
        shape=(len(edges), count),
    )
    return Resampling(
        np.concatenate(
            [np.stack(cut, axis=1) for cut in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))]
        ),
        sparse.csr_array(sparse.vstack([sparse.eye_array(count), halves])),
    )


def coarsen(surface_mm: Floats, triangles: Indices, kept_share: float = _KEPT_SHARE) -> Resampling:
    """Fewer triangles by quadric decimation; their corners lie on the surface they came from."""
    points, fewer = fast_simplification.simplify(
        surface_mm.astype(np.float32), triangles.astype(np.int32), target_reduction=1 - kept_share
    )[:2]
    hit = Surface(surface_mm, triangles).closest(np.asarray(points, dtype=np.float64))
    mix = sparse.csr_array(
        (hit.bary.ravel(), (np.repeat(np.arange(len(points)), 3), triangles[hit.triangle].ravel())),
        shape=(len(points), len(surface_mm)),
    )
    return Resampling(np.asarray(fewer, dtype=np.int64), mix)


def resample_mesh(mesh: TissueMesh, resampling: Resampling) -> TissueMesh:
    """The same tissue under other triangles, every level mixed alike; ``source`` counts the new points."""
    mix, triangles = resampling.mix, resampling.triangles
    points, columns = mix.shape[0], len(triangles)
    nodes = np.concatenate([mix @ level for level in mesh.nodes_mm.reshape(LEVELS, -1, 3)])
    wedges = np.concatenate(
        [np.hstack([triangles + k * points, triangles + (k + 1) * points]) for k in range(LEVELS - 1)]
    )
    layers = mesh.thickness
    return TissueMesh(
        nodes_mm=nodes,
        wedges=wedges,
        layer=np.repeat(np.array(WEDGE_LAYERS, dtype=np.int64), columns),
        column=np.tile(np.arange(columns), LEVELS - 1),
        triangles=triangles,
        source=np.arange(points, dtype=np.int64),
        thickness=LayerThickness(
            mix @ layers.skin_mm, mix @ layers.fat_mm, mix @ layers.smas_mm, mix @ layers.deep_mm
        ),
        kept_thickness=mix @ mesh.kept_thickness,
        trimmed=mesh.trimmed,
        smallest_ratio=float(corner_jacobians(nodes, wedges).min()),
    )


def resample_layers(anatomy: Anatomy, mesh: TissueMesh, resampling: Resampling) -> Anatomy:
    """The anatomy with its layers read at the points of a resampled mesh."""
    layers, mix = anatomy.layers, resampling.mix
    fields = ("skin_mm", "superficial_fat_mm", "smas_mm", "deep_mm", "region_share", "base_share")
    mixed = {name: mix @ getattr(layers, name)[mesh.source] for name in fields}
    return replace(anatomy, layers=replace(layers, **mixed))


@dataclass(frozen=True, eq=False)
class Patch:
    """Points (k, 3) that fill a patch of skin closely, with weights (k,) that sum to 1."""

    points_mm: Floats
    weights: Floats

    def read(self, mesh: TissueMesh, skin_mm: Floats) -> float:
        """Length of the mean motion over the patch of a field (n, 3) on the skin of ``mesh``."""
        hit = Surface(mesh.surface_mm, mesh.triangles).closest(self.points_mm)
        moved = np.einsum("kc,kcx->kx", hit.bary, skin_mm[mesh.triangles[hit.triangle]])
        return float(np.linalg.norm(self.weights @ moved))


def fill_patch(surface_mm: Floats, triangles: Indices, centre_mm: Floats) -> Patch:
    """The skin within 5 mm of a landmark on a surface whose edges are halved twice."""
    for _ in range(2):
        finer = halve_edges(triangles, len(surface_mm))
        surface_mm, triangles = finer.mix @ surface_mm, finer.triangles
    weights = patch_weights(surface_mm, triangles, centre_mm, PATCH_RADIUS_MM)
    used = np.flatnonzero(weights)
    return Patch(surface_mm[used], weights[used])


def move_skin(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> Floats:
    """Motion (n, 3) of the skin of the left half under one thread of 1 N, with the ligaments as they are.

    ``anatomy`` has its layers at the mesh's points.
    """
    points = int(mesh.source.max()) + 1
    part = replace(part_on_mesh(anatomy, parameters, mesh, "left"), vertex_count=points)
    thread = one_thread(demonstration_anatomy())
    return np.asarray(part.respond([thread]).pull([thread]).displacement_mm[mesh.source])


def refinement_figures() -> list[Figure]:
    """Lifts on three meshes of half a face, read over the same patches."""
    anatomy, parameters = demonstration_anatomy(), nominal_parameters()
    usual = layered_mesh(anatomy, parameters, "left")
    same = Resampling(usual.triangles, sparse.csr_array(sparse.eye_array(usual.columns)))
    resamplings = {
        "coarse": coarsen(usual.surface_mm, usual.triangles),
        "usual": same,
        "fine": halve_edges(usual.triangles, usual.columns),
    }
    patches = [fill_patch(usual.surface_mm, usual.triangles, anatomy.face.landmark(name)) for name in _PLACES]
    lifts, unknowns = {}, []
    for name, resampling in resamplings.items():
        mesh = resample_mesh(usual, resampling)
        moved = move_skin(resample_layers(anatomy, usual, resampling), parameters, mesh)
        lifts[name] = np.array([patch.read(mesh, moved) for patch in patches])
        unknowns.append(f"{3 * len(mesh.nodes_mm):,}")
        if name == "usual":
            vertices = patch_weights(
                mesh.surface_mm, mesh.triangles, anatomy.face.landmark("jowl_l"), PATCH_RADIUS_MM
            )
            by_vertices = float(np.linalg.norm(vertices @ moved))
    coarse, plain, fine = (lifts[name] for name in resamplings)
    return [
        *(
            shown(
                GROUP,
                f"half a face on three meshes: lift of one thread in mm, {place}",
                " / ".join(f"{lift[number]:.3f}" for lift in lifts.values()),
                f"{' / '.join(unknowns)} unknowns",
            )
            for number, place in enumerate(_PLACES.values())
        ),
        at_most(
            GROUP,
            "usual against fine mesh: change of the jowl lift",
            abs(float(plain[0] / fine[0]) - 1),
            0.05,
        ),
        shown(
            GROUP,
            "coarse against fine mesh: change of the jowl lift",
            f"{abs(float(coarse[0] / fine[0]) - 1):.3g}",
            "a third of the triangles",
        ),
        at_most(
            GROUP,
            "jowl patch read at the usual mesh's vertices against the whole patch",
            abs(by_vertices / float(plain[0]) - 1),
            0.05,
        ),
    ]
