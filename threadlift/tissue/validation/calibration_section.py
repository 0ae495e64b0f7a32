"""Sections of the page on what calibrates: the suture, all figures, and the parameters after them."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from threadlift.threads import load_catalogue
from threadlift.tissue.validation import prose
from threadlift.tissue.validation.calibration import Calibration
from threadlift.tissue.validation.comparison import SuturePull, band, spread_of, within_doubt
from threadlift.tissue.validation.cone import KIND
from threadlift.tissue.validation.level import STAND_IN
from threadlift.tissue.validation.markdown import cite, join, table
from threadlift.tissue.validation.prior import evidence


def cone_section(found: Calibration, pulls: Sequence[SuturePull]) -> str:
    """The published pull beside our block, before and after, and what assumptions on the block do."""
    rows = [
        [
            f"{pull.load_n:g} N",
            f"{pull.published_mm:.2f} mm",
            *(
                _beside(moved, pull.published_mm)
                for moved in (pull.before_mm, pull.bent_before_mm, pull.after_mm, pull.bent_after_mm)
            ),
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
            table(
                [
                    "Pull",
                    "Published",
                    "Literature moduli, linear",
                    "stiffening",
                    "Calibrated, linear",
                    "stiffening",
                ],
                rows,
            ),
            prose.CONE_MISS,
            "What the assumptions on the block do (literature moduli, 2 N); their spread, "
            f"{100 * found.geometry_sd_ln:.0f} % in ln, counts as doubt in the fit:",
            table(["Block", "Motion at the cones"], geometry),
        ]
    )


def level_section(found: Calibration) -> str:
    """Every calibrating figure with its doubt beside the model and its band, before and after."""
    rows = []
    for one in found.observations:
        cells = [f"{one.what} ({cite(evidence(one.record).sources)})", f"{one.observed:.2f} {one.unit}"]
        cells.append("x/÷ " + f"{exp((one.shared_sd_ln**2 + one.own_sd_ln**2) ** 0.5):.1f}")
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


def posterior_section(found: Calibration) -> str:
    """Prior and posterior of every calibrated parameter."""
    rows = []
    for index, name in enumerate(found.names):
        prior = next(one for one in found.priors if one.name == name)
        sd = float(found.posterior.sd[index])
        low, high = band(prior.value * found.factor(name), sd)
        unit = "" if prior.unit == "1" else f" {prior.unit}"
        rows.append(
            [
                f"`{name}`",
                f"{prior.value:g}{unit} x/÷ {exp(prior.sd_ln):.2f}",
                f"{prior.value * found.factor(name):.3g}{unit} x/÷ {exp(sd):.2f}",
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


def _beside(moved: float | None, published: float) -> str:
    if moved is None:
        return "no balance found"
    return f"{moved:.2f} mm ({100 * (moved / published - 1):+.0f} %)"
