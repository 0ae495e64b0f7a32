"""What our wedges leave out: a cheek of the face beside quadratic tetrahedra cut from the same wedges.

The tissue within some distance of the jowl, with its layers and moduli, clamped at the bone and at the cut,
and pulled by a smooth force spread over a ball in the fat. Clamps and force mean the same to every
discretisation, which springs and forces on single nodes would not, so what differs is the elements alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.face.surface import patch_weights
from threadlift.tissue.assembly import Elasticity, assemble_stiffness
from threadlift.tissue.domain import boundary_edges
from threadlift.tissue.lift import PATCH_RADIUS_MM
from threadlift.tissue.mesh import BASE_LEVEL, LEVELS, SKIN_LEVEL, SKIN_UNDERSIDE_LEVEL, TissueMesh
from threadlift.tissue.pairing import pair_triangles
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.part import face_elasticity
from threadlift.tissue.verification.block import solve_fixed
from threadlift.tissue.verification.demonstration import demonstration_anatomy, demonstration_half
from threadlift.tissue.verification.figure import Figure, at_most, shown
from threadlift.tissue.verification.plain import plain_stiffness
from threadlift.tissue.verification.skfem_oracle import solve_quadratic
from threadlift.tissue.wedge import SHAPES, wedge_geometry

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
GROUP = "Against other codes"
REACH_MM, BALL_MM = 32.0, 6.0
_LARGEST_ERROR = 0.10


class Cheek:
    """Wedges (m, 6) around the jowl with their moduli, renumbered: node ``level * columns + i``."""

    def __init__(self, mesh: TissueMesh, elasticity: Elasticity, centre_mm: Floats) -> None:
        middle = mesh.surface_mm[mesh.triangles].mean(axis=1)
        near = np.linalg.norm(middle - centre_mm, axis=1) < REACH_MM
        source, triangles = np.unique(mesh.triangles[near], return_inverse=True)
        self.triangles: Indices = triangles.reshape(-1, 3)
        self.columns = len(source)
        self.levels_mm = mesh.nodes_mm.reshape(LEVELS, -1, 3)[:, source]
        self.nodes_mm = self.levels_mm.reshape(-1, 3)
        steps = range(LEVELS - 1)
        count = self.columns
        self.wedges = np.concatenate(
            [np.hstack([self.triangles + k * count, self.triangles + (k + 1) * count]) for k in steps]
        )
        kept = np.tile(near, LEVELS - 1)
        self.elasticity = Elasticity(elasticity.shear_mpa[kept], elasticity.bulk_mpa[kept])
        clamped = np.zeros((LEVELS, count), dtype=bool)
        clamped[BASE_LEVEL] = True
        clamped[:, np.unique(boundary_edges(self.triangles))] = True
        self.clamped = clamped.ravel()

    @property
    def groups(self) -> Indices:
        """Number (m,) of the pair with which each wedge shares a mean dilatation."""
        pairs = pair_triangles(self.levels_mm[SKIN_LEVEL], self.triangles)
        return np.concatenate([pairs + level * (pairs.max() + 1) for level in range(LEVELS - 1)])

    def force(self, points_mm: Floats) -> Floats:
        """Upward force, N/mm3: (1 - (d / r)^2) in a ball under the skin, 1 N if it lay wholly in tissue."""
        skin = self.levels_mm[SKIN_LEVEL]
        under = self.levels_mm[SKIN_UNDERSIDE_LEVEL]
        middle = under[np.argmin(np.linalg.norm(skin - skin.mean(axis=0), axis=1))]
        share = (1 - ((points_mm - middle) ** 2).sum(axis=1) / BALL_MM**2).clip(0.0)
        strength = np.array([0.0, 15 / (8 * np.pi * BALL_MM**3), 0.0])
        return np.asarray(share[:, None] * strength)

    def load(self) -> Floats:
        """The same as nodal forces (3n,) of the wedges."""
        geometry = wedge_geometry(self.nodes_mm, self.wedges)
        points = np.einsum("qa,mai->mqi", SHAPES, self.nodes_mm[self.wedges])
        force = self.force(points.reshape(-1, 3)).reshape(points.shape)
        nodal = np.zeros_like(self.nodes_mm)
        np.add.at(nodal, self.wedges, np.einsum("mq,qa,mqi->mai", geometry.volumes, SHAPES, force))
        return nodal.ravel()


def cheek_figures() -> list[Figure]:
    """Lift and whole skin with our pairs and with plain wedges, against quadratic tetrahedra."""
    anatomy, mesh = demonstration_anatomy(), demonstration_half().mesh
    jowl = anatomy.face.landmark("jowl_l")
    cheek = Cheek(mesh, face_elasticity(anatomy, nominal_parameters(), mesh), jowl)
    tissue = cheek.nodes_mm, cheek.wedges, cheek.elasticity
    fixed, still = np.repeat(cheek.clamped, 3), np.zeros(cheek.nodes_mm.size)
    load = cheek.load()
    quadratic = solve_quadratic(*tissue, cheek.clamped, cheek.force)
    fields = {
        "our pairs": solve_fixed(assemble_stiffness(*tissue, cheek.groups), load, fixed, still),
        "plain wedges": solve_fixed(plain_stiffness(*tissue), load, fixed, still),
        "quadratic tetrahedra": quadratic.displacement_mm,
    }
    skins = {name: field.reshape(LEVELS, -1, 3)[SKIN_LEVEL] for name, field in fields.items()}
    patch = patch_weights(cheek.levels_mm[SKIN_LEVEL], cheek.triangles, jowl, PATCH_RADIUS_MM)
    lifts = {name: float(np.linalg.norm(patch @ skin)) for name, skin in skins.items()}
    reference = skins["quadratic tetrahedra"]
    apart = {
        name: float(np.linalg.norm(skin - reference) / np.linalg.norm(reference))
        for name, skin in skins.items()
    }
    return [
        shown(
            GROUP,
            f"cheek under a smooth force, lift in mm at the jowl: {' / '.join(lifts)}",
            " / ".join(f"{lift:.3f}" for lift in lifts.values()),
            f"{cheek.nodes_mm.size:,} and {quadratic.unknowns:,} unknowns",
        ),
        at_most(
            GROUP,
            "cheek: lift of our pairs against quadratic tetrahedra",
            abs(lifts["our pairs"] / lifts["quadratic tetrahedra"] - 1),
            _LARGEST_ERROR,
        ),
        at_most(
            GROUP,
            "cheek: whole skin, our pairs against quadratic tetrahedra (root mean square)",
            apart["our pairs"],
            _LARGEST_ERROR,
        ),
        shown(
            GROUP,
            "cheek: whole skin, plain wedges against quadratic tetrahedra",
            f"{apart['plain wedges']:.3g}",
            "more than our pairs",
        ),
    ]
