"""What each structural choice of the model does: to the lift of a thread, and to the shift of a lying face.

Structure comes before tuning: a modulus that is fitted to make up for a ligament that pushes would be wrong
everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from threadlift.anatomy import Anatomy
from threadlift.language import Text
from threadlift.tissue.lift import Lift, PatchReader, make_lift
from threadlift.tissue.parameter import TissueParameters, nominal_parameters
from threadlift.tissue.part import TissuePart, build_part
from threadlift.tissue.posture import posture_shift
from threadlift.tissue.thread import CableThread

TRIAL_GLIDE: Mapping[str, float] = {
    "parotid_masseteric": 0.3,
    "malar": 0.3,
    "buccal": 0.3,
    "temple": 0.3,
}
"""Factor on the shear modulus of the plane under the spaces that surgeons open: tried, not measured."""
_UNLOADED = Text(
    en="ligaments pull one way, none carries weight yet",
    vi="dây chằng chỉ kéo một chiều, chưa chịu trọng lượng",
)


@dataclass(frozen=True)
class StructureEffect:
    """One choice of structure with its figures; lifts at 1 N a thread, in mm, strain in per cent."""

    choice: Text
    one_thread_jowl_mm: float
    four_threads_jowl_mm: float
    four_threads_marionette_mm: float
    four_threads_malar_mm: float
    posture_jowl_mm: float
    largest_stretch_percent: float
    largest_compression_percent: float
    slack_pieces: int
    pieces: int


def structure_choices(nominal: TissueParameters | None = None) -> tuple[tuple[Text, TissueParameters], ...]:
    """The nominal model, and others that differ from it in one choice each."""
    base = nominal or nominal_parameters()
    gliding = replace(base, glide=dict(TRIAL_GLIDE))
    return (
        (
            Text(
                en="as used: ligaments pull one way and carry weight",
                vi="đang dùng: dây chằng chỉ kéo một chiều và chịu trọng lượng",
            ),
            base,
        ),
        (
            Text(en="ligaments hold both ways", vi="dây chằng giữ cả hai chiều"),
            replace(base, ligament_action="two_way"),
        ),
        (Text(en="no ligaments", vi="không có dây chằng"), base.times(ligament_factor=0.0)),
        (Text(en="no skin tension", vi="không có lực căng da"), base.times(skin_tension=0.0)),
        (Text(en="layers glide (shear x 0.3)", vi="các lớp trượt lên nhau (độ cứng trượt x 0,3)"), gliding),
    )


def structure_effects(
    anatomy: Anatomy, one: CableThread, four: Sequence[CableThread], nominal: TissueParameters | None = None
) -> list[StructureEffect]:
    """Figures of every choice on the left half of a face, with ``one`` thread and with ``four`` on that
    side."""
    effects = []
    for choice, parameters in structure_choices(nominal):
        part = build_part(anatomy, parameters, "left")
        effects.append(measure_structure(choice, part, anatomy, one, four))
        if len(effects) == 1 and len(part.restraints):
            effects.append(measure_structure(_UNLOADED, _without_load(part), anatomy, one, four))
    return effects


def _without_load(part: TissuePart) -> TissuePart:
    """The same with ligaments that are neither stretched nor slack in the scanned state."""
    bare = replace(part.restraints, rest_stretch_mm=np.zeros(len(part.restraints)))
    return replace(part, restraints=bare)


def measure_structure(
    choice: Text, part: TissuePart, anatomy: Anatomy, one: CableThread, four: Sequence[CableThread]
) -> StructureEffect:
    """The figures of one choice."""
    single, _ = _pull(part, anatomy, [one])
    several, slack = _pull(part, anatomy, four)
    return StructureEffect(
        choice=choice,
        one_thread_jowl_mm=single.point("jowl_l").total_mm,
        four_threads_jowl_mm=several.point("jowl_l").total_mm,
        four_threads_marionette_mm=several.point("mar_l").total_mm,
        four_threads_malar_mm=several.point("ma_l").total_mm,
        posture_jowl_mm=posture_shift(part, anatomy).size_mm("jowl_l"),
        largest_stretch_percent=100 * float(several.strain_max.max()),
        largest_compression_percent=-100 * float(several.strain_min.min()),
        slack_pieces=slack,
        pieces=len(part.restraints),
    )


def _pull(part: TissuePart, anatomy: Anatomy, threads: Sequence[CableThread]) -> tuple[Lift, int]:
    response = part.respond(threads)
    pull = response.pull(threads)
    reader = PatchReader(anatomy.face, response.modelled)
    return make_lift(anatomy.face, response, pull, threads, reader), int((pull.piece_force_n <= 0).sum())
