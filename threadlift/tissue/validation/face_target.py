"""The model on a whole face beside figures of people: posture, order of ligaments, tension of the skin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from threadlift.anatomy import Anatomy
from threadlift.tissue.ligament import UPRIGHT
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.part import build_part
from threadlift.tissue.posture import posture_shift
from threadlift.tissue.structure import StructureEffect, structure_effects
from threadlift.tissue.validation.prior import evidence
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads, one_thread

AXES = ("across", "vertical", "front_back")


@dataclass(frozen=True)
class PostureAnswer:
    """Largest motion of a landmark by axis, mm, beside the largest measured; and the jowl's whole motion."""

    parameters: str
    largest_mm: Mapping[str, float]
    measured_mm: Mapping[str, float]
    where: Mapping[str, str]
    jowl_mm: float
    jowl_up_mm: float

    @property
    def within_bound(self) -> bool:
        """No axis moves farther than the largest motion that was measured."""
        return all(self.largest_mm[axis] <= self.measured_mm[axis] for axis in AXES)


def posture_answer(name: str, parameters: TissueParameters) -> PostureAnswer:
    """Upright to supine on the left half of the synthetic face. Some seconds."""
    anatomy = demonstration_anatomy()
    shift = posture_shift(build_part(anatomy, parameters, "left"), anatomy)
    size = np.abs(shift.moves_mm)
    at = size.argmax(axis=0)
    jowl = shift.moves_mm[shift.landmarks.index("jowl_l")]
    measured = evidence("cal_posture_max").values
    return PostureAnswer(
        parameters=name,
        largest_mm={axis: float(size[at[i], i]) for i, axis in enumerate(AXES)},
        measured_mm={axis: float(measured[axis]) for axis in AXES},
        where={axis: shift.landmarks[at[i]] for i, axis in enumerate(AXES)},
        jowl_mm=float(np.linalg.norm(jowl)),
        jowl_up_mm=float(-jowl @ UPRIGHT),
    )


def structure_table() -> list[StructureEffect]:
    """Every structural choice on the synthetic face, with nominal parameters."""
    anatomy = demonstration_anatomy()
    return structure_effects(anatomy, one_thread(anatomy), four_threads(anatomy, "left"))


def ligament_stiffness(anatomy: Anatomy, ids: tuple[str, ...]) -> dict[str, float]:
    """Stiffness of ligaments of the left side as the model has it, N/mm, in the order asked for."""
    found = {one.id: one.stiffness_n_per_mm for one in anatomy.ligaments if one.side == "left"}
    return {name: found[name] for name in ids}
