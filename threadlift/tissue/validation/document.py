"""``docs/validation.md``: calibration and validation in people, kept strictly apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from threadlift.evidence import load_sources
from threadlift.files import load_data, write_text
from threadlift.threads import load_catalogue
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.structure import StructureEffect
from threadlift.tissue.validation import prose
from threadlift.tissue.validation.calibration import Calibration, load_calibration
from threadlift.tissue.validation.comparison import (
    SuturePull,
    band,
    calibrated_parameters,
    spread_of,
    suture_pulls,
    within_doubt,
)
from threadlift.tissue.validation.cone import KIND
from threadlift.tissue.validation.face_target import (
    AXES,
    PostureAnswer,
    ligament_stiffness,
    posture_answer,
    structure_table,
)
from threadlift.tissue.validation.level import STAND_IN
from threadlift.tissue.validation.prior import evidence, prior_parameters
from threadlift.tissue.verification.demonstration import demonstration_anatomy

Progress = Callable[[str], None]
Rows = Sequence[Sequence[str]]


def write_validation(path: Path, progress: Progress = lambda stage: None) -> None:
    """Compute and write the page: ``path``, or ``validation.md`` in the folder ``path``.

    Two minutes on one core, with exact runs of the model; nothing is kept outside.
    """
    target = path / "validation.md" if path.is_dir() else path
    write_text(target, render_validation(progress))


def render_validation(progress: Progress = lambda stage: None) -> str:
    """The page as Markdown; every model figure is computed now, every published one read from its record."""
    found = load_calibration()
    progress("suture with four cones")
    pulls = suture_pulls(found)
    progress("upright to supine")
    postures = [
        posture_answer("before calibration", prior_parameters()),
        posture_answer("after calibration", calibrated_parameters(found)),
    ]
    progress("structural choices")
    effects = structure_table()
    sections = [
        prose.HEAD,
        "# Part 1. Calibration",
        prose.CALIBRATION,
        cone_section(found, pulls),
        level_section(found),
        posture_section(postures),
        other_section(),
        structure_section(effects),
        posterior_section(found),
        both_section(found, pulls, postures),
        "# Part 2. Validation in people",
        people_section(),
        prose.HARNESS,
    ]
    return join(sections)


def cone_section(found: Calibration, pulls: Sequence[SuturePull]) -> str:
    """The published pull beside our block, before and after, and what assumptions on the block do."""
    rows = [
        [
            f"{pull.load_n:g} N",
            f"{pull.published_mm:.2f} mm",
            f"{pull.before_mm:.2f} mm ({_off(pull.before_mm, pull.published_mm)})",
            f"{pull.after_mm:.2f} mm ({_off(pull.after_mm, pull.published_mm)})",
        ]
        for pull in pulls
    ]
    kind = load_catalogue().kind(KIND)
    step = kind.barbed_front_mm / (kind.barb_count // 2 - 1)
    geometry = [[name, f"{2 * travel:.2f} mm"] for name, travel in found.geometry_mm.items()]
    return join(
        [
            f"## Suture with four cones ({cite(['mousavi2023'])})",
            prose.CONE.format(step=f"{step:g}"),
            table(["Pull", "Published", "Literature moduli", "After calibration"], rows),
            prose.CONE_MISS,
            "What the assumptions on the block do (literature moduli, 2 N); their spread, "
            f"{_percent(found.geometry_sd_ln)} in ln, counts as doubt in the fit:",
            table(["Block", "Motion at the cones"], geometry),
        ]
    )


def level_section(found: Calibration) -> str:
    """Every calibrating figure with its doubt beside the model and its band, before and after."""
    rows = []
    for one in found.observations:
        cells = [f"{one.what} ({cite(evidence(one.record).sources)})", f"{one.observed:.2f} {one.unit}"]
        cells.append("x/÷ " + f"{_factor((one.shared_sd_ln**2 + one.own_sd_ln**2) ** 0.5):.1f}")
        for calibrated in (False, True):
            middle, sd = (
                found.predicted(one, calibrated=calibrated),
                spread_of(found, one, calibrated=calibrated),
            )
            low, high = band(middle, sd)
            cells.append(f"{middle:.2f} ({low:.2f} to {high:.2f})")
        after = found.predicted(one, calibrated=True)
        apart = within_doubt(one, after, spread_of(found, one, calibrated=True))
        cells.append("within its doubt" if abs(apart) <= 1 else f"**{abs(apart):.1f} sd off**")
        rows.append(cells)
    return join(
        [
            "## All calibrating figures",
            f"The face stands in: {STAND_IN}, since no study came with faces or plans. Bands hold eight in "
            "ten; doubt is one standard deviation of everything between the figure and the model.",
            table(["Figure", "Published", "Doubt", "Before", "After", ""], rows),
            prose.LEVELS,
        ]
    )


def posture_section(postures: Sequence[PostureAnswer]) -> str:
    """Upright to supine beside the largest measured motion."""
    rows = [
        [answer.parameters]
        + [
            f"{answer.largest_mm[axis]:.2f} mm at `{answer.where[axis]}` (measured to {answer.measured_mm[axis]:g})"
            for axis in AXES
        ]
        + [f"{answer.jowl_mm:.2f} mm ({answer.jowl_up_mm:+.2f} up)"]
        for answer in postures
    ]
    low, high = _entry("expectation", "expect_posture")["range_mm"]
    bound = "stays below" if all(answer.within_bound for answer in postures) else "**exceeds**"
    return join(
        [
            f"## Upright to supine ({cite(['see2008'])})",
            table(
                ["Parameters", "Across, largest", "Up and down, largest", "To and fro, largest", "Jowl"], rows
            ),
            "The measured figures are the *largest* of 20 landmarks in 30 people, jaw and muscles included: "
            f"an upper bound, which the model {bound}. An expectation of {low:g} to {high:g} mm without a "
            "source stands in the evidence review; it is not a target.",
        ]
    )


def other_section() -> str:
    """Order of ligaments, tension of the skin, holding force; and what cannot be computed."""
    order = _entry("ligament_order", "order_stiffness")
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
            f"{smile['medial_midface'][0]} +- {smile['medial_midface'][1]} mm (medial)",
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


def posterior_section(found: Calibration) -> str:
    """Prior and posterior of every calibrated parameter."""
    rows = []
    for index, name in enumerate(found.names):
        prior = next(one for one in found.priors if one.name == name)
        sd = float(found.posterior.sd[index])
        low, high = band(prior.value * found.factor(name), sd)
        rows.append(
            [
                f"`{name}`",
                f"{prior.value:g} {prior.unit} x/÷ {_factor(prior.sd_ln):.2f}",
                f"{prior.value * found.factor(name):.3g} {prior.unit} x/÷ {_factor(sd):.2f}",
                f"x {found.factor(name):.2f}",
                f"{low:.3g} to {high:.3g}",
                f"{100 * (1 - sd / prior.sd_ln):.0f} %",
            ]
        )
    count = len(found.observations)
    laws = "; ".join(
        f"{name}: {law.runs} runs, the law leaves {100 * law.rest_sd_ln:.0f} %"
        for name, law in found.laws.items()
    )
    return join(
        [
            "## What calibration says of the parameters",
            table(
                ["Parameter", "Before (1 sd)", "After (1 sd)", "Moved", "Eight in ten", "Spread taken off"],
                rows,
            ),
            "Made by `python scripts/calibrate_tissue.py`, kept with its provenance in "
            "`threadlift/tissue/data/calibration.toml`. Forward model: power laws fitted to exact runs "
            f"({laws}). Chi-square of the {count} figures against prior and doubt together: "
            f"{found.posterior.misfit:.1f}.",
            prose.POSTERIOR,
        ]
    )


def both_section(found: Calibration, pulls: Sequence[SuturePull], postures: Sequence[PostureAnswer]) -> str:
    """Whether one set of parameters explains the pull of a suture and the shift of a lying face."""
    before, after = postures
    low, _ = _entry("expectation", "expect_posture")["range_mm"]
    stiffer = pulls[0].before_mm / pulls[0].after_mm
    return join(
        [
            "## Can the same parameters explain suture and posture?",
            f"The suture asks for **stiffer** tissue (its motion falls {stiffer:.2f}-fold by calibration, and "
            "should fall further). Posture asks for the opposite, if for anything: the jowl shifts "
            f"{before.jowl_mm:.2f} mm before and {after.jowl_mm:.2f} mm after calibration. Posture does not "
            "contradict, because only an upper bound is known. If a typical shift turned out to be "
            f"{low:g} mm or more, **the same parameters could not explain both**: what is missing then is motion "
            "of the jaw and creep over minutes, which no modulus should be bent to imitate.",
        ]
    )


def people_section() -> str:
    """Measured outcomes that exist, and why each cannot validate."""
    rows = [
        [
            f"{entry['measured']} ({cite(entry['sources'])})",
            "yes" if entry["used"] else "no",
            entry["why"],
        ]
        for entry in load_data("threadlift.tissue", "validation.toml")["people"]
    ]
    return join(
        [prose.PEOPLE, table(["Measured in people", "Used before", "Why it does not validate"], rows)]
    )


def table(head: Sequence[str], rows: Rows) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def join(parts: Sequence[str]) -> str:
    """Paragraphs with one empty line between them."""
    return "\n\n".join(part.strip() for part in parts) + "\n"


def cite(sources: Sequence[str]) -> str:
    """Sources with their links."""
    known = [load_sources()[name] for name in sources]
    return "; ".join(f"[{one.short}]({one.link})" if one.link else one.short for one in known)


def _entry(kind: str, entry_id: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = load_data("threadlift.tissue", "validation.toml")[kind]
    return next(entry for entry in entries if entry["id"] == entry_id)


def _factor(sd_ln: float) -> float:
    return float(2.718281828459045**sd_ln)


def _off(value: float, published: float) -> str:
    return f"{100 * (value / published - 1):+.0f} %"


def _percent(sd_ln: float) -> str:
    return f"{100 * sd_ln:.0f} %"
