"""A suture with four cones pulled through a block of cheek: the published pull on a geometry of its own.

Known of the published model (its abstract): three hyperelastic layers, two-dimensional and axisymmetric, one
suture with four cones, the motion of tissue at two loads. Not known: size, thickness of the layers, moduli,
what held the outside, and where on the tissue the motion was read. So this block is ours: the layers of a
region of the face laid flat, a straight suture just above the SMAS, pulled along itself through a fixed exit.
What we had to assume is varied (``GEOMETRIES``), and the spread of the answers is the doubt of geometry with
which calibration treats the published figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy.layer import region_data
from threadlift.errors import RuleDataError
from threadlift.threads import load_catalogue
from threadlift.tissue.assembly import Elasticity, assemble_stiffness
from threadlift.tissue.cable import CableGeometry, build_cables
from threadlift.tissue.domain import boundary_edges
from threadlift.tissue.grip import balance
from threadlift.tissue.material import wedge_elasticity, young_by_layer
from threadlift.tissue.mesh import LEVELS, Layer, LayerThickness, TissueMesh, build_mesh
from threadlift.tissue.pairing import pair_triangles
from threadlift.tissue.parameter import TissueParameters, thread_defaults
from threadlift.tissue.solver import Factorisation
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.support import base_foundation, cut_edges, skin_tension
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

KIND = "plga_cone_8"  # the catalogue's suture with four cones on each half; gives their distance
SIZE_MM = (100.0, 64.0)
_FINE_MM, _COARSE_MM = 2.0, 4.0
_FINE_HALF_MM = (22.0, 12.0)  # finer cells so far from the middle of the cones
_EXIT_MM = 5.0  # where the suture leaves the block
_FAT_SHARE = 0.9  # just above the SMAS, as the plane in which such sutures lie
_UNBREAKABLE_N = 1e3


@dataclass(frozen=True)
class Geometry:
    """What had to be assumed about the block.

    ``scale`` multiplies its length and width, ``rim_factor`` the length of tissue beyond its edges,
    ``ball_factor`` the radius over which tissue at a cone is averaged, ``cell_factor`` the size of the cells.
    """

    name: str
    region: str = "buccal"
    base: str = "mobile"
    scale: float = 1.0
    rim_factor: float = 1.0
    ball_factor: float = 1.0
    cell_factor: float = 1.0


REFERENCE = Geometry("cheek (buccal), mobile base")
GEOMETRIES = (
    REFERENCE,
    Geometry("nasolabial layers", region="nasolabial"),
    Geometry("malar layers", region="malar"),
    Geometry("jowl layers", region="jowl"),
    Geometry("bound to bone", base="bone"),
    Geometry("malar layers, bound to bone", region="malar", base="bone"),
    Geometry("block 0.7 times as large", scale=0.7),
    Geometry("block 1.4 times as large", scale=1.4),
    Geometry("edges held fast", rim_factor=0.05),
    Geometry("edges held by tissue three times as long", rim_factor=3.0),
    Geometry("tissue averaged over 2.0 mm around a cone", ball_factor=0.8),
    Geometry("tissue averaged over 3.0 mm around a cone", ball_factor=1.2),
    Geometry("cells 0.7 times as large", cell_factor=0.7),
)


@dataclass(frozen=True)
class ConePull:
    """``travel_mm``: mean motion of tissue at the cones along the suture; ``drawn_mm``: suture drawn out."""

    force_n: float
    travel_mm: float
    drawn_mm: float


@dataclass(frozen=True, eq=False)
class ConeBlock:
    """A block that was factorised, with its suture: linear, so one solve answers every force."""

    mesh: TissueMesh
    thread: CableThread
    cables: CableGeometry
    moved: Floats
    at_cones: Floats

    def pull(self, force_n: float) -> ConePull:
        """Pull the suture with ``force_n``; the cones share the force as they do in a face."""
        flexibility = self._flexibility()
        share = self._share(flexibility, force_n)
        field = self.moved @ (self.cables.collect @ share)
        return ConePull(force_n, self.travel_mm(field), float((flexibility @ share).max()))

    def load_n(self, force_n: float) -> Floats:
        """Force (3n,) of the pulled suture on the tissue, N."""
        share = self._share(self._flexibility(), force_n)
        return np.asarray(-(self.cables.coupling @ (self.cables.collect @ share)))

    def travel_mm(self, displacement_mm: Floats) -> float:
        """Mean motion of the tissue at the cones towards the exit under a displacement (3n,)."""
        return float(-(self.at_cones @ displacement_mm.reshape(-1, 3))[:, 0].mean())

    def _flexibility(self) -> Floats:
        inner = -self.cables.coupling.T @ self.moved
        inner = inner + np.diag(self.cables.segment_mm / self.thread.axial_stiffness_n)
        collect = self.cables.collect
        give = np.eye(collect.shape[1]) / self.thread.barb_stiffness_n_per_mm
        return np.asarray(collect.T @ inner @ collect + give)

    def _share(self, flexibility: Floats, force_n: float) -> Floats:
        capacity = np.full(len(flexibility), _UNBREAKABLE_N)
        return balance(flexibility, self.cables.row_of, np.array([force_n]), capacity)[0]


def cone_block(parameters: TissueParameters, geometry: Geometry = REFERENCE) -> ConeBlock:
    """Mesh, hold and factorise the block, and lay the suture into it. About half a second."""
    region = _region(geometry.region)
    mesh = _block_mesh(region, parameters, geometry)
    elasticity, groups = block_tissue(mesh, parameters, geometry)
    stiffness = assemble_stiffness(mesh.nodes_mm, mesh.wedges, elasticity, groups)
    factor = Factorisation(stiffness + block_supports(mesh, parameters, geometry))
    thread = cone_suture(mesh)
    spreading = Spreading(mesh.nodes_mm, mesh.wedges)
    radius = geometry.ball_factor * parameters.barb_ball_radius
    cables = build_cables([thread], spreading, radius)
    return ConeBlock(
        mesh=mesh,
        thread=thread,
        cables=cables,
        moved=factor.solve(-cables.coupling.toarray()),
        at_cones=spreading.weights(thread.points_at(np.array(thread.barbs_mm)), radius).toarray(),
    )


def cone_suture(mesh: TissueMesh) -> CableThread:
    """Four cones in the middle of the block, at the distance of the catalogue, pulled towards low x."""
    kind = load_catalogue().kind(KIND)
    defaults = thread_defaults()
    cones = kind.barb_count // 2
    surface = mesh.surface_mm
    middle, top = surface.mean(axis=0), float(surface[:, 2].max())
    depth = float(mesh.thickness.skin_mm[0] + _FAT_SHARE * mesh.thickness.fat_mm[0])
    first = (surface[:, 0].min() + surface[:, 0].max() - kind.barbed_front_mm) / 2 - _EXIT_MM
    along = first + np.linspace(0.0, kind.barbed_front_mm, cones)
    ends = np.array([_EXIT_MM, _EXIT_MM + along[-1] + 1.0])
    return CableThread(
        id="cones",
        side="left",
        points_mm=np.column_stack([ends, np.full(2, middle[1]), np.full(2, top - depth)]),
        tension_n=1.0,
        axial_stiffness_n=kind.axial_stiffness_n or defaults["thread_axial_stiffness"],
        anchoring="fixed",
        barbs_mm=tuple(float(place) for place in along),
        barb_stiffness_n_per_mm=defaults["thread_barb_stiffness"],
        holding_force_n=_UNBREAKABLE_N,
    )


@cache
def _region(name: str) -> dict[str, float]:
    for region in region_data():
        if region["region"] == name:
            return {layer: region[f"{layer}_mm"][0] for layer in ("skin", "superficial_fat", "smas", "deep")}
    raise RuleDataError(f"anatomy/data/layers.toml has no region {name!r}")


def _block_mesh(region: dict[str, float], parameters: TissueParameters, geometry: Geometry) -> TissueMesh:
    x, y = (
        _graded(geometry.scale * length, half, geometry.cell_factor)
        for length, half in zip(SIZE_MM, _FINE_HALF_MM, strict=True)
    )
    grid = np.stack([axis.ravel() for axis in np.meshgrid(x, y, indexing="ij")], axis=1)
    vertices = np.column_stack([grid, np.zeros(len(grid))])
    count = len(vertices)
    thickness = LayerThickness(
        np.full(count, region["skin"] * parameters.thickness_skin_factor),
        np.full(count, region["superficial_fat"] * parameters.thickness_fat_factor),
        np.full(count, region["smas"] * parameters.thickness_smas_factor),
        np.full(count, region["deep"] * parameters.thickness_deep_factor),
    )
    return build_mesh(vertices, _grid_triangles(len(x), len(y)), thickness, np.zeros(count, dtype=bool))


def _graded(length_mm: float, half_fine_mm: float, cell_factor: float) -> Floats:
    """Grid lines from 0 to ``length_mm``, finer around the middle."""
    middle = length_mm / 2
    rest = middle - half_fine_mm
    outer = np.linspace(0.0, rest, max(2, round(rest / (cell_factor * _COARSE_MM)) + 1))
    fine = round(2 * half_fine_mm / (cell_factor * _FINE_MM))
    inner = np.linspace(-half_fine_mm, half_fine_mm, fine + 1) + middle
    return np.concatenate([outer[:-1], inner, (length_mm - outer[:-1])[::-1]])


def _grid_triangles(columns: int, rows: int) -> Indices:
    number = np.arange(columns * rows).reshape(columns, rows)
    a, b, c, d = (
        part.ravel() for part in (number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:])
    )
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


def block_tissue(
    mesh: TissueMesh, parameters: TissueParameters, geometry: Geometry
) -> tuple[Elasticity, Indices]:
    """Moduli and dilatation groups of the wedges of the block."""
    young = _young(mesh, parameters, geometry)
    glide = np.full(mesh.columns, parameters.glide.get(geometry.region, 1.0))
    group = pair_triangles(mesh.surface_mm, mesh.triangles)
    groups = np.concatenate([group + level * (group.max() + 1) for level in range(LEVELS - 1)])
    return wedge_elasticity(mesh, young, parameters.poisson_ratio, glide), groups


def block_supports(mesh: TissueMesh, parameters: TissueParameters, geometry: Geometry) -> sparse.csr_array:
    """Base, edges and tension of the skin, N/mm."""
    young = _young(mesh, parameters, geometry)
    tangential, normal = (np.full(mesh.columns, value) for value in parameters.base[geometry.base])
    beyond = geometry.rim_factor * parameters.rim_length
    return sparse.csr_array(
        base_foundation(mesh, tangential, normal)
        + skin_tension(mesh, parameters.skin_tension)
        + cut_edges(mesh, young, boundary_edges(mesh.triangles), beyond)
    )


def _young(mesh: TissueMesh, parameters: TissueParameters, geometry: Geometry) -> dict[Layer, Floats]:
    return young_by_layer(parameters, (geometry.region,), np.ones((mesh.columns, 1)))
