"""A face under large deformation: the linear answer's thread tensions on hyperelastic tissue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from threadlift.errors import ConvergenceError
from threadlift.face.template import load_template
from threadlift.tissue.cable import build_cables, cable_way
from threadlift.tissue.domain import Extent
from threadlift.tissue.lift import Lift, PatchReader, make_lift
from threadlift.tissue.model import TissueModel
from threadlift.tissue.nonlinear.body import HyperelasticBody
from threadlift.tissue.nonlinear.cable_load import CableLoad
from threadlift.tissue.nonlinear.newton import Equilibrium, NewtonSettings, NewtonStep, find_equilibrium
from threadlift.tissue.nonlinear.potential import DeadLoad, Load, Potential
from threadlift.tissue.nonlinear.stiffening import Stiffening, nominal_stiffening, wedge_stiffening
from threadlift.tissue.nonlinear.stretch import skin_stretch
from threadlift.tissue.part import TissuePart, dilatation_groups, face_elasticity, face_supports
from threadlift.tissue.thread import CableThread
from threadlift.tissue.validity import check_lift
from threadlift.tissue.wedge import Floats

Direction = Literal["dead", "following"]
PartProgress = Callable[[Extent, NewtonStep], None]
_LEAST_STEP_SHARE = 0.1  # of the way between two stations; 0.7 is left of it at 1 N, 0.5 at 2 N
_TWO_STEPS = NewtonSettings(increments=2)


@dataclass(frozen=True, eq=False)
class NonlinearLift:
    """The nonlinear ``lift`` beside the ``linear`` one of the same plan, and how each piece was solved."""

    lift: Lift
    linear: Lift
    solved: dict[Extent, Equilibrium]


@dataclass(frozen=True)
class NonlinearMode:
    """How the nonlinear answer is computed.

    ``direction`` says whether a thread's pull keeps the direction that it has in the scan (dead) or turns
    with the tissue (following).
    """

    stiffening: Stiffening
    direction: Direction = "following"
    settings: NewtonSettings = _TWO_STEPS

    @classmethod
    def nominal(cls) -> NonlinearMode:
        """With the stiffening of the data file."""
        return cls(nominal_stiffening())


def hyperelastic_body(model: TissueModel, part: TissuePart, stiffening: Stiffening) -> HyperelasticBody:
    """The wedges of one piece of face, with the linear model's moduli at rest."""
    mesh = part.mesh
    return HyperelasticBody(
        mesh.nodes_mm,
        mesh.wedges,
        face_elasticity(model.anatomy, model.parameters, mesh),
        dilatation_groups(mesh),
        wedge_stiffening(mesh, stiffening),
    )


def face_potential(
    model: TissueModel,
    part: TissuePart,
    threads: Sequence[CableThread],
    tension_n: Floats,
    mode: NonlinearMode,
) -> Potential:
    """Energy of one piece of face with the cables of ``threads`` at segment tensions (M,)."""
    load: Load
    if mode.direction == "following":
        load = CableLoad([cable_way(one, part.spreading, part.ball_radius_mm) for one in threads], tension_n)
    else:
        load = DeadLoad(-(build_cables(threads, part.spreading, part.ball_radius_mm).coupling @ tension_n))
    return Potential(
        body=hyperelastic_body(model, part, mode.stiffening),
        held=face_supports(model.anatomy, model.parameters, part.mesh),
        load=load,
        restraints=part.restraints,
    )


def lift_nonlinear(
    model: TissueModel,
    threads: Sequence[CableThread],
    mode: NonlinearMode | None = None,
    progress: PartProgress = lambda extent, step: None,
) -> NonlinearLift:
    """The lift of ``threads`` with large deformation and stiffening, beside the linear one.

    How the pull is shared among barbs, what slips and how far a thread is drawn in are those of the linear
    answer. ``progress`` is told every Newton step and may raise to cancel. Raises ``ConvergenceError``
    where no stable balance is found. No threads = no motion.
    """
    if not threads:
        still = model.lift(threads)
        return NonlinearLift(still, still, {})
    mode = mode or NonlinearMode.nominal()
    linear, response = model.lift(threads), model.response(threads)
    pull = response.pull(threads)
    moved, solved = np.zeros_like(pull.displacement_mm), {}
    for extent, group in model.groups(threads).items():
        part = model.part(extent)
        mine = np.isin(response.segment_thread, [response.thread_ids.index(thread.id) for thread in group])
        potential = face_potential(model, part, group, pull.segment_tension_n[mine], mode)
        settings = replace(mode.settings, solver=part.factorisation.solver)
        solved[extent] = find_equilibrium(potential, settings, progress=partial(progress, extent))
        _check_order(potential.load, solved[extent])
        moved[part.mesh.source] += part.skin(solved[extent].displacement_mm)[..., 0]
    face = model.anatomy.face
    reader = PatchReader(face, response.modelled)
    lift = make_lift(face, response, replace(pull, displacement_mm=moved), threads, reader)
    lift = _with_stretch(model, lift, moved)
    kept = min(float(model.part(extent).mesh.kept_thickness.min()) for extent in solved)
    return NonlinearLift(replace(lift, findings=check_lift(lift, face, kept, linear=linear)), linear, solved)


def _check_order(load: Load, solved: Equilibrium) -> None:
    """Raises ``ConvergenceError`` where a following cable's station was drawn onto the next one."""
    if isinstance(load, CableLoad):
        left = load.shortest_share(solved.displacement_mm)
        if left < _LEAST_STEP_SHARE:
            raise ConvergenceError(
                "a barb was drawn onto the tissue ahead of it: the pull is beyond what this model can follow",
                iterations=solved.iterations,
                residual=left,
                tolerance=_LEAST_STEP_SHARE,
            )


def _with_stretch(model: TissueModel, lift: Lift, moved: Floats) -> Lift:
    """The lift with principal stretches less one in place of linear strain."""
    triangles = load_template().triangles
    inside = triangles[lift.modelled[triangles].all(axis=1)]
    high, low = skin_stretch(model.anatomy.face.vertices_mm, inside, moved)
    return replace(lift, strain_max=high, strain_min=low)
