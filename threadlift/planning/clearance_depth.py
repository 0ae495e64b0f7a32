"""One thread against the layers: too shallow, too deep, uncertain, or saying two things."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from threadlift.anatomy.layer import region_data
from threadlift.anatomy.placement import Anatomy
from threadlift.anatomy.plane import PLANES, Plane
from threadlift.finding import Finding
from threadlift.language import Text, figure
from threadlift.planning.clearance_place import place_of
from threadlift.planning.clearance_rule import ClearanceRules
from threadlift.planning.path import ResolvedThread


def check_depth(
    resolved: ResolvedThread, anatomy: Anatomy, rules: ClearanceRules, *, lifts: bool
) -> Iterator[Finding]:
    """Findings about the depth of a thread along its whole path; ``lifts`` = barbed or of unknown kind."""
    yield from _check_floor(resolved, anatomy, rules)
    if lifts:
        yield from _check_shallow(resolved, rules)
        yield from _check_published_plane(resolved, rules)
    elif resolved.thread.plane.order > Plane.SUBDERMAL.order:
        yield rules.finding("skin_thread_deep", where=place_of(resolved), thread=resolved.thread.id)
    yield from _check_given_depth(resolved, rules)


def _check_floor(resolved: ResolvedThread, anatomy: Anatomy, rules: ClearanceRules) -> Iterator[Finding]:
    over = resolved.depth_mm - resolved.layers.total_mm
    worst = int(over.argmax())
    if over[worst] <= 0.0:
        return
    vertex = int(anatomy.skin.closest(resolved.skin_mm[worst]).triangle[0])
    corner = anatomy.skin.triangles[vertex][0]
    region = region_data()[int(anatomy.layers.region_share[corner].argmax())]
    yield rules.finding(
        "beyond_tissue",
        where=place_of(resolved, worst),
        value=round(float(resolved.depth_mm[worst]), 1),
        threshold=round(float(resolved.layers.total_mm[worst]), 1),
        unit="mm",
        thread=resolved.thread.id,
        floor=Text.model_validate(region["floor"]),
    )


def _check_shallow(resolved: ResolvedThread, rules: ClearanceRules) -> Iterator[Finding]:
    clear = rules.limit("too_shallow", "clear_mm")
    needed = resolved.layers.skin_mm + clear
    lacking = np.where(resolved.arc_mm > rules.path.entry_ramp_mm, needed - resolved.depth_mm, -np.inf)
    worst = int(lacking.argmax())
    if lacking[worst] > 0.0:
        yield rules.finding(
            "too_shallow",
            where=place_of(resolved, worst),
            value=round(float(resolved.depth_mm[worst]), 1),
            threshold=round(float(needed[worst]), 1),
            unit="mm",
            thread=resolved.thread.id,
            skin=figure(resolved.layers.skin_mm[worst], ".1f"),
            clear=figure(clear),
        )


def _check_published_plane(resolved: ResolvedThread, rules: ClearanceRules) -> Iterator[Finding]:
    deepest = int(np.minimum(resolved.order, len(PLANES) - 1).max())
    if deepest >= Plane.SMAS.order:
        yield rules.finding(
            "deeper_than_published",
            where=place_of(resolved, int(resolved.order.argmax())),
            value=PLANES[deepest].value,
            threshold=Plane.SUPRA_SMAS.value,
            thread=resolved.thread.id,
            plane=rules.planes[PLANES[deepest]].name,
        )


def _check_given_depth(resolved: ResolvedThread, rules: ClearanceRules) -> Iterator[Finding]:
    planned = resolved.thread.plane
    inner = resolved.given & (resolved.arc_mm > rules.path.entry_ramp_mm)
    if not inner.any():
        return
    off = np.where(inner, np.abs(resolved.order - planned.order), 0)
    worst = int(off.argmax())
    if off[worst] > 0:
        found = PLANES[min(int(resolved.order[worst]), len(PLANES) - 1)]
        yield rules.finding(
            "depth_contradicts_plane",
            where=place_of(resolved, worst),
            value=round(float(resolved.depth_mm[worst]), 1),
            threshold=planned.value,
            unit="mm",
            thread=resolved.thread.id,
            plane=rules.planes[planned].name,
            found=rules.planes[found].name,
        )
    top = resolved.layers.smas_top_mm
    doubt = resolved.layers.bottom_sd_mm[Plane.SUPRA_SMAS.order]
    reach = resolved.depth_mm - (top - rules.limit("depth_uncertain", "sigmas") * doubt)
    above = inner & (resolved.order < Plane.SMAS.order) & (reach > 0.0)
    if above.any():
        worst = int(np.where(above, reach, -np.inf).argmax())
        yield rules.finding(
            "depth_uncertain",
            where=place_of(resolved, worst),
            value=round(float(resolved.depth_mm[worst]), 1),
            threshold=round(float(top[worst]), 1),
            unit="mm",
            thread=resolved.thread.id,
            doubt=figure(doubt[worst], ".1f"),
        )
