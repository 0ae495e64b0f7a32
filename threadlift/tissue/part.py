"""One piece of face, meshed, held and factorised: the expensive object that answers threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy import Anatomy
from threadlift.errors import InputError
from threadlift.face.template import load_template
from threadlift.tissue.assembly import assemble_stiffness
from threadlift.tissue.cable import build_cables
from threadlift.tissue.domain import Extent, beside_openings, domain_triangles, openings
from threadlift.tissue.material import wedge_elasticity, young_by_layer
from threadlift.tissue.mesh import LEVELS, SKIN_LEVEL, LayerThickness, TissueMesh, build_mesh
from threadlift.tissue.pairing import pair_triangles
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.response import Response
from threadlift.tissue.solver import Factorisation, SolverName
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.support import (
    LigamentLine,
    base_foundation,
    cut_edges,
    lid_rims,
    ligaments,
    rim_edges,
    skin_tension,
)
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
_OPENING_REACH_MM = 9.0


@dataclass(frozen=True, eq=False)
class TissuePart:
    """A factorised model of the whole face or of one half."""

    extent: Extent
    mesh: TissueMesh
    spreading: Spreading
    factorisation: Factorisation
    ball_radius_mm: float
    vertex_count: int

    def respond(self, threads: Sequence[CableThread]) -> Response:
        """Unit responses of ``threads`` in this piece."""
        cables = build_cables(threads, self.spreading, self.ball_radius_mm)
        coupling = cables.coupling.toarray()
        moved = self.factorisation.solve(-coupling)
        compliance = -coupling.T @ moved
        skin = moved.reshape(LEVELS, self.mesh.columns, 3, -1)[SKIN_LEVEL]
        surface = np.zeros((self.vertex_count, *skin.shape[1:]), dtype=np.float32)
        surface[self.mesh.source] = skin
        modelled = np.zeros(self.vertex_count, dtype=bool)
        modelled[self.mesh.source] = True
        return Response(
            thread_ids=tuple(thread.id for thread in threads),
            modelled=modelled,
            surface_mm_per_n=surface,
            compliance_mm_per_n=(compliance + compliance.T) / 2,
            collect=cables.collect,
            segment_mm=cables.segment_mm,
            segment_thread=cables.segment_thread,
            barb_thread=cables.barb_thread,
            row_of=cables.row_of,
            pulled_segment=cables.pulled_segment,
            barbs_outside=cables.barbs_outside,
        )


def build_part(
    anatomy: Anatomy, parameters: TissueParameters, extent: Extent, solver: SolverName | None = None
) -> TissuePart:
    """Mesh, assemble, hold and factorise. Raises ``InputError`` for a face that cannot be meshed."""
    mesh = layered_mesh(anatomy, parameters, extent)
    stiffness = face_stiffness(anatomy, parameters, mesh)
    return TissuePart(
        extent=extent,
        mesh=mesh,
        spreading=Spreading(mesh.nodes_mm, mesh.wedges),
        factorisation=Factorisation(stiffness, solver),
        ball_radius_mm=parameters.barb_ball_radius,
        vertex_count=len(anatomy.face.vertices_mm),
    )


def layered_mesh(anatomy: Anatomy, parameters: TissueParameters, extent: Extent) -> TissueMesh:
    """The layered mesh under the face's domain."""
    template = load_template()
    vertices = anatomy.face.vertices_mm
    if vertices.shape != template.vertices_mm.shape:
        raise InputError(
            "was made on another template", where="face", remedy="Fit the scan again with this version."
        )
    layers = anatomy.layers
    thickness = LayerThickness(
        skin_mm=layers.skin_mm * parameters.thickness_skin_factor,
        fat_mm=layers.superficial_fat_mm * parameters.thickness_fat_factor,
        smas_mm=layers.smas_mm * parameters.thickness_smas_factor,
        deep_mm=layers.deep_mm * parameters.thickness_deep_factor,
    )
    return build_mesh(vertices, domain_triangles(extent), thickness, beside_openings())


def face_stiffness(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> sparse.csr_array:
    """Stiffness of the tissue with everything that holds it, N/mm."""
    layers = anatomy.layers
    young = young_by_layer(parameters, layers.regions, layers.region_share[mesh.source])
    group = pair_triangles(mesh.surface_mm, mesh.triangles)
    groups = np.concatenate([group + level * (group.max() + 1) for level in range(LEVELS - 1)])
    elasticity = wedge_elasticity(mesh, young, parameters.poisson_ratio)
    stiffness = assemble_stiffness(mesh.nodes_mm, mesh.wedges, elasticity, groups)
    tangential, normal = _base_stiffness(anatomy, parameters, mesh)
    eye, free = openings()
    cut, lids = rim_edges(
        mesh, anatomy.face.vertices_mm[eye], anatomy.face.vertices_mm[free], _OPENING_REACH_MM
    )
    lines = [
        LigamentLine(
            ligament.id, ligament.skin_points_mm, parameters.ligament_factor * ligament.stiffness_n_per_mm
        )
        for ligament in anatomy.ligaments
    ]
    held = (
        base_foundation(mesh, tangential, normal)
        + cut_edges(mesh, young, cut, parameters.rim_length)
        + lid_rims(mesh, lids, parameters.eye_rim_stiffness)
        + ligaments(mesh, lines, parameters.ligament_radius)
        + skin_tension(mesh, parameters.skin_tension)
    )
    return sparse.csr_array(stiffness + held)


def _base_stiffness(
    anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh
) -> tuple[Floats, Floats]:
    share = anatomy.layers.base_share[mesh.source]
    pairs = np.log(np.array([parameters.base[kind] for kind in anatomy.layers.BASES]))
    mixed = np.exp(share @ pairs)
    return mixed[:, 0], mixed[:, 1]
