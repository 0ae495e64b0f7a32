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
_PLACES = ("jowl_l", "mar_l", "ma_l")


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


def place_lifts(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> Floats:
    """Motion of ``_PLACES``, each over a patch of 5 mm, by one thread of 1 N on a mesh of the left half.

    ``anatomy`` has its layers at the mesh's points and the landmarks where they always are.
    """
    part = replace(part_on_mesh(anatomy, parameters, mesh, "left"), vertex_count=int(mesh.source.max()) + 1)
    thread = one_thread(demonstration_anatomy())
    moved = part.respond([thread]).pull([thread]).displacement_mm[mesh.source]
    lifts = []
    for name in _PLACES:
        weight = patch_weights(mesh.surface_mm, mesh.triangles, anatomy.face.landmark(name), PATCH_RADIUS_MM)
        lifts.append(np.linalg.norm(weight @ moved) / weight.sum())
    return np.array(lifts)


def refinement_figures() -> list[Figure]:
    """Lifts on three meshes of half a face."""
    anatomy, parameters = demonstration_anatomy(), nominal_parameters()
    usual = layered_mesh(anatomy, parameters, "left")
    meshes = {"usual": usual}
    lifts = {"usual": place_lifts(anatomy, parameters, usual)}
    for name, resampling in (
        ("coarse", coarsen(usual.surface_mm, usual.triangles)),
        ("fine", halve_edges(usual.triangles, usual.columns)),
    ):
        meshes[name] = resample_mesh(usual, resampling)
        lifts[name] = place_lifts(resample_layers(anatomy, usual, resampling), parameters, meshes[name])
    sizes = " / ".join(f"{3 * len(meshes[name].nodes_mm):,}" for name in ("coarse", "usual", "fine"))
    jowl = " / ".join(f"{lifts[name][0]:.3f}" for name in ("coarse", "usual", "fine"))
    change = np.abs(lifts["usual"] / lifts["fine"] - 1)
    before = np.abs(lifts["coarse"] / lifts["fine"] - 1)
    return [
        shown(GROUP, "three meshes of half a face: jowl lift of one thread in mm", jowl, f"unknowns {sizes}"),
        at_most(GROUP, "usual against fine mesh: change of the jowl lift", float(change[0]), 0.05),
        at_most(
            GROUP,
            "usual against fine mesh: largest change at jowl, marionette, malar",
            float(change.max()),
            0.05,
        ),
        at_most(
            GROUP,
            "change at the jowl from usual to fine over that from coarse to fine (converges)",
            float(change[0] / before[0]),
            1.0,
        ),
    ]
