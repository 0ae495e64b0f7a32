"""From a planned thread on a face to a cable in the tissue model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from threadlift.finding import Finding
from threadlift.planning.path import ResolvedThread, resolve_plan
from threadlift.planning.plan import Plan
from threadlift.threads.catalogue import Catalogue, load_catalogue
from threadlift.threads.kind import ThreadKind
from threadlift.tissue import (
    CableThread,
    Lift,
    TissueModel,
    rule_finding,
    spaced_barbs,
    thread_defaults,
)
from threadlift.tissue.nonlinear import NonlinearLift, PartProgress, lift_nonlinear

_TIP_MM = 1.0  # the last barb sits so far before the tip
_GAP_MM = 5.0  # smooth thread left between rear and front barbs, or between tie and first barb
_FRONT_SHARE = 0.6  # of a path too short for its barbs, so much goes to the front row


def cable_of(resolved: ResolvedThread, kind: ThreadKind) -> CableThread | Finding:
    """The cable of one thread, or the finding that says why no lift is computed for it.

    The front barbs fill the last ``barbed_front_mm`` of the path. The rear barbs of a floating thread fill
    its first ``barbed_rear_mm``, less what is cut off at the entry because the thread is longer than its
    path.
    """
    thread = resolved.thread
    if kind.form == "unknown":
        return rule_finding("LIFT-UNKNOWN-THREAD", thread=thread.id)
    if not kind.can_lift or kind.barb_count == 0:
        return rule_finding("LIFT-SMOOTH", thread=thread.id)
    if kind.holding_force_n is None:
        return rule_finding("LIFT-UNKNOWN-THREAD", thread=thread.id)
    if thread.anchoring == "floating" and kind.barbed_rear_mm <= 0:
        return rule_finding("LIFT-UNHELD", thread=thread.id)
    defaults = thread_defaults()
    front, rear = _barb_rows(resolved, kind, int(defaults["thread_most_barbs"]))
    return CableThread(
        id=thread.id,
        side=thread.side,
        points_mm=resolved.tissue_mm,
        tension_n=thread.tension_n,
        axial_stiffness_n=kind.axial_stiffness_n or defaults["thread_axial_stiffness"],
        anchoring=thread.anchoring,
        barbs_mm=front,
        barb_stiffness_n_per_mm=defaults["thread_barb_stiffness"],
        holding_force_n=kind.holding_force_n[0],
        rear_barbs_mm=rear,
    )


def cables_of(
    threads: Sequence[ResolvedThread], catalogue: Catalogue | None = None
) -> tuple[tuple[CableThread, ...], tuple[Finding, ...]]:
    """The cables of a plan's lifting threads, and a finding for each thread that lifts nothing.

    Raises ``InputError`` for an unknown kind.
    """
    catalogue = catalogue or load_catalogue()
    cables: list[CableThread] = []
    findings: list[Finding] = []
    for resolved in threads:
        made = cable_of(resolved, catalogue.kind(resolved.thread.kind))
        if isinstance(made, Finding):
            findings.append(made)
        else:
            cables.append(made)
    return tuple(cables), tuple(findings)


def simulate_threads(
    model: TissueModel, threads: Sequence[ResolvedThread], catalogue: Catalogue | None = None
) -> Lift:
    """The lift of a plan's threads on the face of ``model``, with the findings of both steps."""
    cables, findings = cables_of(threads, catalogue)
    lift = model.lift(cables)
    return replace(lift, findings=(*lift.findings, *findings))


def simulate_plan(model: TissueModel, plan: Plan) -> Lift:
    """``simulate_threads`` for the threads of ``plan``."""
    return simulate_threads(model, resolve_plan(plan, model.anatomy))


def simulate_nonlinear(
    model: TissueModel,
    threads: Sequence[ResolvedThread],
    catalogue: Catalogue | None = None,
    progress: PartProgress = lambda extent, step: None,
) -> NonlinearLift:
    """``simulate_threads`` in the nonlinear mode, with the linear answer beside it."""
    cables, findings = cables_of(threads, catalogue)
    answer = lift_nonlinear(model, cables, progress=progress)
    return replace(answer, lift=replace(answer.lift, findings=(*answer.lift.findings, *findings)))


def _barb_rows(
    resolved: ResolvedThread, kind: ThreadKind, most: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Places of front and rear barbs along the path, mm from the entry."""
    path_mm = _tissue_length(resolved)
    floating = resolved.thread.anchoring == "floating"
    rows = 2 if kind.barbed_rear_mm > 0 else 1
    count = min(most, max(2, kind.barb_count // rows))
    end = path_mm - min(_TIP_MM, 0.02 * path_mm)
    if not floating:
        start = max(path_mm - kind.barbed_front_mm, min(_GAP_MM, 0.2 * path_mm))
        return spaced_barbs(start, end, count), ()
    length_mm = kind.length_for(path_mm) or path_mm
    least = thread_defaults()["thread_least_rear_hold"]
    rear_end = max(kind.barbed_rear_mm - (length_mm - path_mm), least)
    rear_end = min(rear_end, (1 - _FRONT_SHARE) * path_mm)
    start = max(path_mm - kind.barbed_front_mm, rear_end + min(_GAP_MM, 0.1 * path_mm))
    return spaced_barbs(start, end, count), spaced_barbs(min(1.0, rear_end / 2), rear_end, count)


def _tissue_length(resolved: ResolvedThread) -> float:
    return float(np.linalg.norm(np.diff(resolved.tissue_mm, axis=0), axis=1).sum())
