"""Sections of the page on the whole face: posture, structure, other figures, and suture against posture."""

from __future__ import annotations

from collections.abc import Sequence

from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.structure import StructureEffect
from threadlift.tissue.validation.comparison import SuturePull
from threadlift.tissue.validation.face_target import AXES, PostureAnswer, ligament_stiffness
from threadlift.tissue.validation.markdown import cite, join, table
from threadlift.tissue.validation.prior import entries, evidence
from threadlift.tissue.verification.demonstration import demonstration_anatomy


def posture_section(postures: Sequence[PostureAnswer]) -> str:
    """Upright to supine beside the largest measured motion."""
    rows = [
        [answer.parameters]
        + [
            f"{answer.largest_mm[axis]:.2f} mm at `{answer.where[axis]}` (to {answer.measured_mm[axis]:g})"
            for axis in AXES
        ]
        + [f"{answer.jowl_mm:.2f} mm ({answer.jowl_up_mm:+.2f} up)"]
        for answer in postures
    ]
    low, high = entries("expectation")[0]["range_mm"]
    bound = "stays below" if all(answer.within_bound for answer in postures) else "**exceeds**"
    return join(
        [
            f"## Upright to supine ({cite(['see2008'])})",
            table(["Parameters", "Across, largest (measured)", "Up or down", "To or fro", "Jowl"], rows),
            "The measured figures are the *largest* of 20 landmarks in 30 people, jaw and muscles included: "
            f"an upper bound, which the model {bound}. An expectation of {low:g} to {high:g} mm without a "
            "source stands in the evidence review; it is not a target.",
        ]
    )


def other_section() -> str:
    """Order of ligaments, tension of the skin, holding force; and what cannot be computed."""
    order = entries("ligament_order")[0]
    ours = ligament_stiffness(demonstration_anatomy(), tuple(order["stiffest_first"]))
    values = list(ours.values())
    kept = "kept" if values == sorted(values, reverse=True) else "**not kept**"
    tension, hold = evidence("cal_prestress").values, evidence("T051").values["value"]
    smile, mouth = evidence("cal_mid_smile").values, evidence("cal_expression").values
    skin = 1e3 * nominal_parameters().skin_tension
    rows = [
        [
            f"{order['what']} ({cite(order['sources'])})",
            "stiffest first: " + ", ".join(f"`{name}`" for name in order["stiffest_first"]),
            ", ".join(f"{value:g}" for value in values) + " N/mm",
            f"order {kept}, by construction; {order['not_modelled']}",
        ],
        [
            f"tension of the skin ({cite(['flynn2018'])})",
            f"{tension['lip']} (lip) to {tension['cheek']} kPa (cheek)",
            f"{skin:g} kPa everywhere",
            "inside the range, by construction; acts on motion normal to the skin only",
        ],
        [
            f"holding force of a cog in cadaver face ({cite(['jang05'])})",
            f"{hold[0]} +- {hold[1]} N",
            "the same, as a load",
            "an input: where barbs slip. It multiplies every lift and says nothing of the tissue",
        ],
        [
            f"mouth corner in expression ({cite(['flynn2015'])})",
            f"{mouth['range'][0]} to {mouth['range'][1]} mm",
            "cannot be computed",
            "no muscles in the model",
        ],
        [
            f"midface in smiling ({cite(['freytag2021'])})",
            " and ".join(
                f"{smile[part][0]} +- {smile[part][1]} mm ({part.split('_')[0]})"
                for part in ("medial_midface", "lateral_midface")
            ),
            "cannot be computed",
            "no muscles in the model",
        ],
    ]
    return join(["## Other figures", table(["Figure", "Published", "Model", ""], rows)])


def structure_section(effects: Sequence[StructureEffect]) -> str:
    """What each structural choice does to lift and posture."""
    rows = [
        [
            effect.choice.en,
            f"{effect.one_thread_jowl_mm:.2f}",
            f"{effect.four_threads_jowl_mm:.2f}",
            f"{effect.four_threads_marionette_mm:.2f}",
            f"{effect.four_threads_malar_mm:.2f}",
            f"{effect.posture_jowl_mm:.2f}",
            f"+{effect.largest_stretch_percent:.0f} / -{effect.largest_compression_percent:.0f} %",
            f"{effect.slack_pieces} of {effect.pieces}",
        ]
        for effect in effects
    ]
    head = [
        "Choice",
        "1 thread: jowl",
        "4 threads: jowl",
        "marionette",
        "malar",
        "supine: jowl",
        "skin strain",
        "slack",
    ]
    return join(
        [
            "## Structure before tuning",
            "Nominal parameters with one choice changed; lifts in mm at 1 N a thread on half a synthetic "
            "face; *slack* counts pieces of ligament that hang loose under four threads.",
            table(head, rows),
        ]
    )


def both_section(pulls: Sequence[SuturePull], postures: Sequence[PostureAnswer]) -> str:
    """Whether one set of parameters explains the pull of a suture and the shift of a lying face."""
    before, after = postures
    low, _ = entries("expectation")[0]["range_mm"]
    stiffer = pulls[0].before_mm / pulls[0].after_mm
    left = pulls[0].bent_after_mm
    further = ", and would have to divide it further" if left and left > pulls[0].published_mm else ""
    return join(
        [
            "## Can the same parameters explain suture and posture?",
            f"The suture asks for **stiffer** tissue (calibration divides its motion by {stiffer:.2f}"
            f"{further}). Posture asks for the opposite, if for anything: the jowl "
            f"shifts {before.jowl_mm:.2f} mm before and {after.jowl_mm:.2f} mm after calibration. Posture "
            "does not contradict, because only an upper bound is known. If a typical shift turned out to be "
            f"{low:g} mm or more, **the same parameters could not explain both**: what is missing then is "
            "motion of the jaw and creep over minutes, which no modulus should be bent to imitate.",
        ]
    )
