"""Figures on a whole face: checks that must hold, and behaviour set beside the prototype study."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy
from threadlift.tissue.cable import build_cables
from threadlift.tissue.lift import Lift
from threadlift.tissue.model import TissueModel
from threadlift.tissue.parameter import TissueParameters, nominal_parameters
from threadlift.tissue.part import TissuePart
from threadlift.tissue.sensitivity import lift_exponents
from threadlift.tissue.verification.demonstration import (
    demonstration_anatomy,
    four_threads,
    one_thread,
    thickened,
)
from threadlift.tissue.verification.figure import Figure, at_least, at_most, shown

Floats = NDArray[np.float64]
GROUP = "Whole face"
BEHAVIOUR = "Behaviour"
RE_MEASURED = ("young_skin", "young_smas", "thickness_skin_factor", "ligament_factor", "young_fat")


def reciprocity_error(part: TissuePart, anatomy: Anatomy) -> float:
    """Largest difference between compliance and its transpose, over its largest entry."""
    cables = build_cables([one_thread(anatomy)], part.spreading, part.ball_radius_mm)
    coupling = cables.coupling.toarray()
    compliance = coupling.T @ part.factorisation.solve(coupling)
    return float(np.abs(compliance - compliance.T).max() / np.abs(compliance).max())


def residual_balance(part: TissuePart, anatomy: Anatomy) -> float:
    """Force of a thread on the tissue plus the reaction of all supports, as a share of the former."""
    thread = one_thread(anatomy)
    cables = build_cables([thread], part.spreading, part.ball_radius_mm)
    tension = cables.collect @ np.full(cables.collect.shape[1], 1 / cables.collect.shape[1])
    load = -(cables.coupling @ tension)
    moved = part.factorisation.solve(load[:, None])[:, 0]
    reaction = (part.factorisation.matrix @ moved).reshape(-1, 3).sum(axis=0)
    applied = load.reshape(-1, 3).sum(axis=0)
    return float(np.linalg.norm(reaction - applied) / np.linalg.norm(applied))


def half_against_full(anatomy: Anatomy, parameters: TissueParameters) -> float:
    """Largest difference on the face between half and whole model over the largest motion, four threads a
    side."""
    model = TissueModel(anatomy, parameters, pieces="halves")
    threads = [*four_threads(anatomy, "left"), *four_threads(anatomy, "right")]
    halves = model.lift(threads)
    whole = model.part("full").respond(threads).pull(threads).displacement_mm
    both = halves.modelled
    difference = np.linalg.norm(halves.displacement_mm[both] - whole[both], axis=1).max()
    return float(difference / np.linalg.norm(whole[both], axis=1).max())


def face_figures() -> list[Figure]:
    """Checks on the synthetic face."""
    anatomy = demonstration_anatomy()
    parameters = nominal_parameters()
    model = TissueModel(anatomy, parameters, pieces="halves")
    part = model.part("left")
    taut = part.respond([one_thread(anatomy)]).linearise(part.restraints.stiffness_n_per_mm)
    single, triple = (taut.pull([one_thread(anatomy, tension_n=pull)]).displacement_mm for pull in (0.5, 1.5))
    linear = np.abs(3 * single - triple).max() / np.abs(triple).max()
    return [
        at_least(GROUP, "smallest Jacobian over that of an upright prism", part.mesh.smallest_ratio, 0.15),
        at_most(
            GROUP,
            "triangles trimmed beside openings, share",
            part.mesh.trimmed / len(part.mesh.triangles),
            0.05,
        ),
        at_most(GROUP, "reciprocity: asymmetry of the compliance", reciprocity_error(part, anatomy), 1e-10),
        at_most(GROUP, "force balance: threads against supports", residual_balance(part, anatomy), 1e-8),
        at_most(
            GROUP,
            "linear in the tension while no barb slips and all ligaments stay taut",
            float(linear),
            1e-6,
        ),
        at_most(
            GROUP,
            "half faces against the whole face, largest difference",
            half_against_full(anatomy, parameters),
            0.02,
        ),
    ]


def behaviour_figures() -> list[Figure]:
    """What the model does on the synthetic face, beside the prototype study on a similar one."""
    anatomy = demonstration_anatomy()
    model = TissueModel(anatomy, nominal_parameters(), pieces="halves")
    one = model.lift([one_thread(anatomy)])
    four = model.lift([*four_threads(anatomy, "left"), *four_threads(anatomy, "right")])
    part = model.part("left")
    travel = _barb_travel(part, anatomy)
    inside = one.modelled

    def at(lift: Lift, name: str) -> str:
        return f"{lift.point(name).total_mm:.2f} mm"

    figures = [
        shown(BEHAVIOUR, "one thread, 1 N: jowl", at(one, "jowl_l"), "0.92 mm"),
        shown(BEHAVIOUR, "one thread, 1 N: largest skin motion", f"{one.largest_mm:.2f} mm", "1.40 mm"),
        shown(BEHAVIOUR, "one thread, 1 N: mean travel of the barbs", f"{travel:.2f} mm", "2.36 mm"),
        shown(
            BEHAVIOUR,
            "one thread, 1 N: skin moving more than 0.5 mm",
            f"{one.area_above_cm2['0.5']:.0f} cm2",
            "18 cm2",
        ),
        shown(
            BEHAVIOUR,
            "one thread, 1 N: skin strain",
            f"{100 * one.strain_max[inside].max():+.1f} / {100 * one.strain_min[inside].min():+.1f} %",
            "+5.5 / -6.3 %",
        ),
        *(
            shown(BEHAVIOUR, f"four threads a side, 1 N: {name}", at(four, key), reference)
            for name, key, reference in (
                ("jowl", "jowl_l", "2.18 mm"),
                ("marionette", "mar_l", "1.71 mm"),
                ("malar", "ma_l", "1.81 mm"),
                ("nasolabial", "nlf_l", "1.23 mm"),
                ("mouth corner", "ch_l", "1.22 mm"),
                ("gnathion", "gn", "0.24 mm"),
            )
        ),
        shown(
            BEHAVIOUR,
            "four threads a side, 1 N: skin strain",
            f"{100 * four.strain_max[inside].max():+.1f} / {100 * four.strain_min[inside].min():+.1f} %",
            "+13 / -15 %",
        ),
    ]
    return figures + sensitivity_figures(anatomy)


def sensitivity_figures(anatomy: Anatomy) -> list[Figure]:
    """Exponents of the jowl lift re-measured by doubling a parameter, beside those of the data file."""
    published = lift_exponents("jowl")
    base = _jowl_lift(anatomy, {})
    figures = []
    for name in RE_MEASURED:
        doubled = _jowl_lift(anatomy, {name: 2.0})
        figures.append(
            shown(
                BEHAVIOUR,
                f"exponent of the jowl lift by {name}",
                f"{np.log2(doubled / base):+.2f}",
                f"{published[name]:+.2f}",
            )
        )
    return figures


def _jowl_lift(anatomy: Anatomy, factors: dict[str, float]) -> float:
    thick = thickened(anatomy, factors)
    others = {name: factor for name, factor in factors.items() if not name.startswith("thickness")}
    model = TissueModel(thick, nominal_parameters().times(**others), pieces="halves")
    return model.lift([one_thread(thick)]).point("jowl_l").total_mm


def _barb_travel(part: TissuePart, anatomy: Anatomy) -> float:
    thread = one_thread(anatomy)
    response = part.respond([thread])
    pull = response.pull([thread])
    cables = build_cables([thread], part.spreading, part.ball_radius_mm)
    held = part.restraints.coupling @ (pull.piece_force_n - part.restraints.rest_force_n)
    load = -(cables.coupling @ pull.segment_tension_n + held)
    moved = part.factorisation.solve(load[:, None]).reshape(-1, 3)
    weights = part.spreading.weights(thread.points_at(np.array(thread.barbs_mm)), part.ball_radius_mm)
    return float(np.linalg.norm(weights @ moved, axis=1).mean())
