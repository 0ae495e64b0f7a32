"""Threads to choose from: variants of the published techniques, each checked for clearance by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from threadlift.anatomy import Anatomy
from threadlift.errors import InputError
from threadlift.face.face import Vectors
from threadlift.finding import Finding, Severity
from threadlift.planning.cable import cable_of
from threadlift.planning.choice import EVERYWHERE
from threadlift.planning.clearance import check_alone, widening
from threadlift.planning.clearance_rule import load_clearance_rules
from threadlift.planning.clearance_thread import check_thread
from threadlift.planning.optimise.course import Course, Design, lay_courses, published_ends
from threadlift.planning.optimise.goal import Goal, optimiser_record
from threadlift.planning.path import ResolvedThread, resolve_thread
from threadlift.planning.placement import (
    SIDES,
    holds_over,
    kinds_in_skin,
)
from threadlift.planning.plan import PlannedThread
from threadlift.planning.proposal import ProposalData, load_proposal_data
from threadlift.planning.propose import allowed_materials, choose_tension
from threadlift.planning.technique import (
    Anchoring,
    PairedSide,
    Technique,
    load_techniques,
)
from threadlift.screening.intake import Intake
from threadlift.screening.verdict import Verdict
from threadlift.threads import Catalogue, ThreadKind
from threadlift.tissue import CableThread

# What depends on the kind of thread; all else is looked at once for each course.
_KIND_RULES = (
    "kind_unknown",
    "length_unknown",
    "length_missing",
    "tension_on_smooth",
    "tension_unknown",
    "tension_slips",
    "tension_breaks",
)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One thread that may be used. ``thread`` pulls with ``high_n``, the most it may.

    ``design`` and kind are the same for its mirror image; ``departs_mm`` is how far entry and end lie from
    the published ones, together; ``rank`` is the place of its material in the order of preference.
    """

    design: Design
    thread: PlannedThread
    resolved: ResolvedThread
    cable: CableThread
    kind: ThreadKind
    low_n: float
    high_n: float
    entry_off_mm: float
    end_off_mm: float
    rank: int

    @property
    def departs_mm(self) -> float:
        """How far entry and end lie from the published ones, together."""
        return self.entry_off_mm + self.end_off_mm


@dataclass(frozen=True)
class Supply:
    """The candidates, and what became of the others: ``refused`` counts threads by the rule that refused
    them."""

    candidates: tuple[Candidate, ...]
    generated: int
    refused: Mapping[str, int]
    blocked: tuple[Candidate, ...]

    def leaving_out(self, gone: Callable[[Candidate], bool], rule: str) -> Supply:
        """Without the candidates that are ``gone``, which count as refused by ``rule``."""
        kept = tuple(one for one in self.candidates if not gone(one))
        count = len(self.candidates) - len(kept)
        return replace(self, candidates=kept, refused={**self.refused, rule: count}) if count else self


def find_candidates(
    goal: Goal,
    intake: Intake,
    verdict: Verdict,
    anatomy: Anatomy,
    catalogue: Catalogue,
    *,
    tell: Callable[[float], None] = lambda share: None,
) -> Supply:
    """Every variant of the grid for the wishes of ``goal``, sorted into those that may be used and the rest.

    Raises ``InputError`` when areas, materials or kinds leave nothing to choose from.
    """
    data, grid = load_proposal_data(), optimiser_record("grid")
    sides = wanted_sides(goal)
    techniques = _techniques(goal, verdict, anatomy, sides, grid)
    kinds = {entry.id: _kinds(entry, goal, intake, verdict, anatomy, catalogue, data) for entry in techniques}
    if not techniques or not any(kinds.values()):
        raise InputError(
            "no published technique or no allowed kind of thread is left for these wishes",
            where="areas" if not techniques else "kinds",
            remedy="Allow more areas or kinds, or wish for other places.",
        )
    courses = [
        course for entry in techniques for side in sides for course in lay_courses(entry, side, anatomy, grid)
    ]
    rules, widen_mm = load_clearance_rules(), widening(anatomy)
    clear: list[Candidate] = []
    blocked: list[Candidate] = []
    refused: Counter[str] = Counter()
    generated = 0
    for number, course in enumerate(courses):
        tell(number / len(courses))
        resolved = resolve_thread(course.thread, anatomy, rules=rules)
        made = list(_candidates(course, resolved, kinds[course.technique.id], data))
        generated += len(made)
        shared: list[Finding] = []
        for one in made:
            shared = shared or [
                finding
                for finding in check_alone(one.resolved, anatomy, catalogue, widen_mm, rules)
                if finding.rule not in _KIND_RULES
            ]
            faults = _faults([*shared, *check_thread(one.resolved, one.kind, rules)], grid)
            if faults:
                refused[faults[0]] += 1
                blocked.append(one)
            else:
                clear.append(one)
    return Supply(tuple(clear), generated, dict(refused.most_common()), tuple(blocked))


def wanted_sides(goal: Goal) -> tuple[PairedSide, ...]:
    """Sides on which threads may be laid: those of the wishes, both for a symmetric plan."""
    names = [name for wish in goal.lift for name in wish.landmarks()]
    if goal.symmetric or any(name[-2:] not in ("_l", "_r") for name in names):
        return SIDES
    return tuple(side for side in SIDES if any(name.endswith(f"_{side[0]}") for name in names))


def _faults(findings: Sequence[Finding], grid: Mapping[str, Any]) -> list[str]:
    """Rules for which a thread is not used, stops first."""
    stops = [finding.rule for finding in findings if finding.severity is Severity.STOP]
    return stops + [finding.rule for finding in findings if finding.rule in grid["refused_cautions"]]


def _techniques(
    goal: Goal, verdict: Verdict, anatomy: Anatomy, sides: Sequence[PairedSide], grid: Mapping[str, Any]
) -> list[Technique]:
    """Techniques that may be used and end near a wish."""
    blocked = {entry.what for entry in verdict.restrictions.areas}
    found = []
    for technique in load_techniques().values():
        if any(area in blocked for area in (*EVERYWHERE, *technique.passes)):
            continue
        if goal.areas and not set(technique.passes) <= set(goal.areas):
            continue
        ends = [end for side in sides for end in published_ends(technique, anatomy, side)]
        if any(
            np.linalg.norm(end - place) <= grid["reach_mm"]
            for end in ends
            for place in _places(goal, anatomy)
        ):
            found.append(technique)
    return found


def _places(goal: Goal, anatomy: Anatomy) -> list[Vectors]:
    names = [name for wish in goal.lift for name in wish.landmarks()]
    return [anatomy.face.landmark(name) for name in names]


def _kinds(
    technique: Technique,
    goal: Goal,
    intake: Intake,
    verdict: Verdict,
    anatomy: Anatomy,
    catalogue: Catalogue,
    data: ProposalData,
) -> list[tuple[ThreadKind, int]]:
    """Kinds that the technique may use, with the rank of their material; a named kind must be allowed too."""
    allowed = allowed_materials(intake, verdict, data)
    usual = {
        kind.id: (kind, rank)
        for rank, material in reversed(list(enumerate(allowed)))
        for kind in kinds_in_skin(technique, material, intake, anatomy, catalogue, data)
    }
    if not goal.kinds:
        return list(usual.values())
    ranks = {material.material: rank for rank, material in enumerate(allowed)}
    named = [catalogue.kind(name) for name in goal.kinds]
    return [(kind, ranks[kind.material]) for kind in named if kind.material in ranks]


def _candidates(
    course: Course,
    resolved: ResolvedThread,
    kinds: Sequence[tuple[ThreadKind, int]],
    data: ProposalData,
) -> Iterator[Candidate]:
    """The course with every kind that reaches over it and holds."""
    anchoring: Anchoring = course.thread.anchoring
    for kind, rank in kinds:
        if not holds_over(kind, anchoring, resolved.length_mm, data):
            continue
        high_n, _ = choose_tension(kind, data)
        low_n = min(float(data.limits["pull"]["floor_n"]), high_n)
        name = f"{course.technique.id}-{course.side[0].upper()}"
        thread = course.thread.model_copy(update={"id": name, "kind": kind.id, "tension_n": high_n})
        laid = replace(resolved, thread=thread)
        cable = cable_of(laid, kind)
        if isinstance(cable, CableThread):
            yield Candidate(
                design=course.design,
                thread=thread,
                resolved=laid,
                cable=cable,
                kind=kind,
                low_n=low_n,
                high_n=high_n,
                entry_off_mm=course.entry_off_mm,
                end_off_mm=course.end_off_mm,
                rank=rank,
            )
