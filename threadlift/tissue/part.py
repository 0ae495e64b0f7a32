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
from threadlift.tissue.assembly import Elasticity, assemble_stiffness
from threadlift.tissue.cable import build_cables
from threadlift.tissue.domain import Extent, beside_openings, domain_triangles, openings
from threadlift.tissue.gravity import rest_stretch, weight_load
from threadlift.tissue.ligament import (
    UPRIGHT,
    LigamentPiece,
    cut_ligaments,
    one_way_coupling,
    two_way_springs,
)
from threadlift.tissue.material import glide_factor, wedge_elasticity, young_by_layer
from threadlift.tissue.mesh import LEVELS, SKIN_LEVEL, LayerThickness, TissueMesh, build_mesh
from threadlift.tissue.pairing import pair_triangles
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.response import Response
from threadlift.tissue.restraint import PieceAnswers, Restraints, solve_pieces
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
OPENING_REACH_MM = 9.0


@dataclass(frozen=True, eq=False)
class TissuePart:
    """A factorised model of the whole face or of one half.

    ``factorisation`` is that of K0, the stiffness without the one-way ``restraints``; ``pieces`` is what they
    do to it.
    """

    extent: Extent
    mesh: TissueMesh
    spreading: Spreading
    factorisation: Factorisation
    restraints: Restraints
    pieces: PieceAnswers
    ball_radius_mm: float
    density_g_per_cm3: float
    vertex_count: int

    def respond(self, threads: Sequence[CableThread]) -> Response:
        """Unit responses of ``threads`` and of the ligament pieces in this piece of face."""
        cables = build_cables(threads, self.spreading, self.ball_radius_mm)
        coupling = cables.coupling.toarray()
        moved = self.factorisation.solve(-coupling)
        across = -(self.restraints.coupling.T @ moved)
        compliance = np.block(
            [[-coupling.T @ moved, across.T], [across, self.pieces.compliance_mm_per_n]],
        )
        return Response(
            thread_ids=tuple(thread.id for thread in threads),
            modelled=self.modelled,
            surface_mm_per_n=self.on_face(
                np.concatenate([self.skin(moved).astype(np.float32), self.pieces.skin_mm_per_n], axis=2)
            ),
            compliance_mm_per_n=(compliance + compliance.T) / 2,
            collect=cables.collect,
            segment_mm=cables.segment_mm,
            segment_thread=cables.segment_thread,
            barb_thread=cables.barb_thread,
            row_of=cables.row_of,
            pulled_segment=cables.pulled_segment,
            barbs_outside=cables.barbs_outside,
            piece_ids=self.restraints.ids,
            piece_stiffness_n_per_mm=self.restraints.stiffness_n_per_mm,
            piece_rest_stretch_mm=self.restraints.rest_stretch_mm,
        )

    @property
    def modelled(self) -> NDArray[np.bool_]:
        """Vertices of the face (n,) that this piece moves."""
        modelled = np.zeros(self.vertex_count, dtype=bool)
        modelled[self.mesh.source] = True
        return modelled

    def skin(self, displacement_mm: Floats) -> Floats:
        """The skin's part (columns, 3, k) of displacements (unknowns, k)."""
        levels = displacement_mm.reshape(LEVELS, self.mesh.columns, 3, -1)
        return np.asarray(levels[SKIN_LEVEL])

    def on_face(self, skin_mm: NDArray[np.floating]) -> NDArray[np.float32]:
        """Motion of the skin (columns, ...) as motion of the face's vertices (n, ...), zero elsewhere."""
        surface = np.zeros((self.vertex_count, *skin_mm.shape[1:]), dtype=np.float32)
        surface[self.mesh.source] = skin_mm
        return surface


def build_part(
    anatomy: Anatomy, parameters: TissueParameters, extent: Extent, solver: SolverName | None = None
) -> TissuePart:
    """Mesh, assemble, hold, factorise and hang up. Raises ``InputError`` for a face that cannot be meshed."""
    return part_on_mesh(anatomy, parameters, layered_mesh(anatomy, parameters, extent), extent, solver)


def part_on_mesh(
    anatomy: Anatomy,
    parameters: TissueParameters,
    mesh: TissueMesh,
    extent: Extent,
    solver: SolverName | None = None,
) -> TissuePart:
    """The same on a mesh that is there already; the layers of ``anatomy`` are read at ``mesh.source``."""
    factorisation = Factorisation(face_stiffness(anatomy, parameters, mesh), solver)
    restraints, pieces = _hang_up(anatomy, parameters, mesh, factorisation)
    return TissuePart(
        extent=extent,
        mesh=mesh,
        spreading=Spreading(mesh.nodes_mm, mesh.wedges),
        factorisation=factorisation,
        restraints=restraints,
        pieces=pieces,
        ball_radius_mm=parameters.barb_ball_radius,
        density_g_per_cm3=parameters.density,
        vertex_count=len(anatomy.face.vertices_mm),
    )


def _hang_up(
    anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh, factorisation: Factorisation
) -> tuple[Restraints, PieceAnswers]:
    """One-way restraints as the weight of the upright face leaves them, and their unit answers."""
    names, coupling, stiffness = one_way_coupling(mesh, _ligament_pieces(anatomy, parameters, mesh))
    pieces = solve_pieces(factorisation.solve, coupling, mesh.level(SKIN_LEVEL))
    if not names:
        return Restraints.none(3 * len(mesh.nodes_mm)), pieces
    sag = factorisation.solve(weight_load(mesh, parameters.density, UPRIGHT)[:, None])[:, 0]
    stretch = rest_stretch(pieces.compliance_mm_per_n, stiffness, coupling.T @ sag)
    return Restraints(names, coupling, stiffness, stretch), pieces


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
    """K0, N/mm: stiffness of the tissue with everything that holds it both ways."""
    elasticity = face_elasticity(anatomy, parameters, mesh)
    tissue = assemble_stiffness(mesh.nodes_mm, mesh.wedges, elasticity, dilatation_groups(mesh))
    return sparse.csr_array(tissue + face_supports(anatomy, parameters, mesh))


def dilatation_groups(mesh: TissueMesh) -> NDArray[np.int64]:
    """Number (m,) of the pair with which each wedge shares a mean dilatation."""
    group = pair_triangles(mesh.surface_mm, mesh.triangles)
    return np.concatenate([group + level * (group.max() + 1) for level in range(LEVELS - 1)])


def face_elasticity(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> Elasticity:
    """Moduli of every wedge of a face."""
    layers = anatomy.layers
    share = layers.region_share[mesh.source]
    young = young_by_layer(parameters, layers.regions, share)
    glide = glide_factor(parameters, layers.regions, share)
    return wedge_elasticity(mesh, young, parameters.poisson_ratio, glide)


def face_supports(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> sparse.csr_array:
    """Everything that holds the tissue both ways, N/mm."""
    layers = anatomy.layers
    young = young_by_layer(parameters, layers.regions, layers.region_share[mesh.source])
    tangential, normal = base_stiffness(anatomy, parameters, mesh)
    eye, free = openings()
    cut, lids = rim_edges(
        mesh, anatomy.face.vertices_mm[eye], anatomy.face.vertices_mm[free], OPENING_REACH_MM
    )
    return sparse.csr_array(
        base_foundation(mesh, tangential, normal)
        + cut_edges(mesh, young, cut, parameters.rim_length)
        + lid_rims(mesh, lids, parameters.eye_rim_stiffness)
        + ligament_springs(anatomy, parameters, mesh)
        + skin_tension(mesh, parameters.skin_tension)
    )


def _ligament_lines(anatomy: Anatomy, parameters: TissueParameters) -> list[LigamentLine]:
    return [
        LigamentLine(
            f"{ligament.id}-{ligament.side}",
            ligament.skin_points_mm,
            parameters.ligament_factor * ligament.stiffness_n_per_mm,
        )
        for ligament in anatomy.ligaments
    ]


def _ligament_pieces(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> list[LigamentPiece]:
    """Pieces of the ligaments that pull one way; none when they hold both ways."""
    if parameters.ligament_action == "two_way":
        return []
    lines = _ligament_lines(anatomy, parameters)
    return cut_ligaments(
        mesh, lines, radius_mm=parameters.ligament_radius, piece_mm=parameters.ligament_piece
    )


def ligament_springs(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> sparse.csr_array:
    """What ligaments hold both ways: everything, or only the sideways part of one-way pieces."""
    if parameters.ligament_action == "two_way":
        return ligaments(mesh, _ligament_lines(anatomy, parameters), parameters.ligament_radius)
    return two_way_springs(mesh, _ligament_pieces(anatomy, parameters, mesh))


def base_stiffness(anatomy: Anatomy, parameters: TissueParameters, mesh: TissueMesh) -> tuple[Floats, Floats]:
    """Tangential and normal springs of the base at each column (n,), MPa/mm."""
    share = anatomy.layers.base_share[mesh.source]
    pairs = np.log(np.array([parameters.base[kind] for kind in anatomy.layers.BASES]))
    mixed = np.exp(share @ pairs)
    return mixed[:, 0], mixed[:, 1]
