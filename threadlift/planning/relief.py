"""Getting a proposed thread clear of a structure: shallower, shorter, a higher entry, or left out.

Left and right change together. A stop that no allowed change removes stays in the plan and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from threadlift.anatomy import Anatomy
from threadlift.finding import Finding, Severity
from threadlift.language import Text
from threadlift.planning.clearance_rule import load_clearance_rules
from threadlift.planning.placement import shorten_thread
from threadlift.planning.plan import Plan, Plane, PlannedThread
from threadlift.planning.proposal import Adjustment, ProposalData
from threadlift.planning.sentence import Reason
from threadlift.planning.technique import find_technique, path_point

Check = Callable[[Plan], Sequence[Finding]]
Pair = tuple[PlannedThread, ...]


@dataclass(frozen=True)
class Relief:
    """The plan after adjustments, what was changed, and the threads that still meet a stop.

    ``abandoned`` maps each technique that was left out, because every one of its threads met a stop that no
    allowed change removes, to the structures in the way.
    """

    plan: Plan
    adjustments: tuple[Adjustment, ...]
    threads_with_stop: tuple[str, ...]
    abandoned: Mapping[str, Text]


def find_relief(plan: Plan, check: Check, anatomy: Anatomy, data: ProposalData) -> Relief:
    """Move or drop the threads of ``plan`` that meet a stop; keep and name those for which nothing helps."""
    stops = _stops(check(plan))
    if not stops:
        return Relief(plan, (), (), {})
    kept: list[Pair] = []
    adjustments: list[Adjustment] = []
    stuck: dict[str | None, list[Text]] = {}
    pairs = _pairs(plan)
    spare = _spare_threads(pairs)
    for pair in reversed(pairs):
        met = [finding for thread in pair for finding in stops.get(thread.id, ())]
        if not met:
            kept.insert(0, pair)
            continue
        name, structure = " / ".join(thread.id for thread in pair), _structures(met, anatomy)
        cleared = next(
            (way for way in _ways(pair, anatomy, data, structure) if not _stops(check(_only(plan, way[0])))),
            None,
        )
        technique = pair[0].technique
        if cleared is not None:
            moved, reason = cleared
            kept.insert(0, moved)
        elif spare.get(technique, 0) > 0:
            spare[technique] -= 1
            reason = data.say("dropped_thread", thread=name, structure=structure)
        else:
            kept.insert(0, pair)
            stuck.setdefault(technique, []).append(structure)
            reason = data.say("stop_remains", thread=name, structure=structure)
        adjustments.insert(0, _adjustment(reason, pair, met))
    abandoned = {
        technique: structures[0]
        for technique, structures in stuck.items()
        if technique is not None and len(structures) == sum(pair[0].technique == technique for pair in kept)
    }
    left = tuple(thread for pair in kept for thread in pair if thread.technique not in abandoned)
    final = plan.model_copy(update={"threads": left})
    named = {thread.id for thread in left}
    return Relief(
        plan=final,
        adjustments=tuple(entry for entry in adjustments if not _is_gone(entry, named)),
        threads_with_stop=tuple(_stops(check(final))),
        abandoned=abandoned,
    )


def _is_gone(entry: Adjustment, named: set[str]) -> bool:
    """Whether a remaining stop belongs to a technique that was left out as a whole."""
    return entry.rule == "stop_remains" and not named & set(entry.threads)


def _stops(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Stop findings by thread; those of the whole plan cannot be moved away and stay with its findings."""
    stops: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity is Severity.STOP and finding.where.thread is not None:
            stops.setdefault(finding.where.thread, []).append(finding)
    return stops


def _pairs(plan: Plan) -> list[Pair]:
    """Threads that mirror each other: same technique, same number in the fan."""
    pairs: dict[tuple[str | None, str], list[PlannedThread]] = {}
    for thread in plan.threads:
        number = thread.id.rsplit("-", 1)[-1][1:]
        pairs.setdefault((thread.technique, number), []).append(thread)
    return [tuple(pair) for pair in pairs.values()]


def _spare_threads(pairs: Sequence[Pair]) -> dict[str | None, int]:
    """How many pairs of each technique may go before fewer than the published number are left."""
    counts: dict[str, int] = {}
    for pair in pairs:
        if pair[0].technique is not None:
            counts[pair[0].technique] = counts.get(pair[0].technique, 0) + 1
    return {name: count - find_technique(name).per_side[0] for name, count in counts.items()}


def _ways(pair: Pair, anatomy: Anatomy, data: ProposalData, structure: Text) -> Iterator[tuple[Pair, Reason]]:
    limit, names = data.limits["clearance_moves"], load_clearance_rules().planes
    name = " / ".join(thread.id for thread in pair)
    for plane in map(Plane, limit["shallower_planes"]):
        if plane.order < min(thread.plane.order for thread in pair):
            moved = tuple(thread.model_copy(update={"plane": plane}) for thread in pair)
            yield (
                moved,
                data.say(
                    "moved_shallower",
                    plane=names[plane].name,
                    thread=name,
                    structure=structure,
                ),
            )
    for shift in limit["shorten_mm"]:
        moved = tuple(shorten_thread(thread, shift, anatomy) for thread in pair)
        yield moved, data.say("moved_shorter", shift=shift, thread=name, structure=structure)
    for shift in limit["entry_up_mm"]:
        moved = tuple(enter_higher(thread, shift, anatomy) for thread in pair)
        yield moved, data.say("moved_entry", shift=shift, thread=name, structure=structure)


def enter_higher(thread: PlannedThread, shift_mm: float, anatomy: Anatomy) -> PlannedThread:
    """The thread with its entry ``shift_mm`` higher on the skin."""
    entry = np.array(thread.path[0].at_mm, dtype=float)
    higher = anatomy.skin.closest(entry + np.array([0.0, shift_mm, 0.0])).positions[0]
    return thread.model_copy(update={"path": (path_point(higher), thread.path[-1])})


def _only(plan: Plan, threads: Pair) -> Plan:
    return plan.model_copy(update={"threads": threads})


def _structures(findings: Sequence[Finding], anatomy: Anatomy) -> Text:
    """Names of the structures that the findings are about, or what the findings say."""
    known = {structure.id: structure.name for structure in anatomy.structures}
    names = [known.get(finding.where.structure or "", finding.what) for finding in findings]
    return Text(
        en=", ".join(dict.fromkeys(name.en for name in names)),
        vi=", ".join(dict.fromkeys(name.vi for name in names)),
    )


def _adjustment(reason: Reason, pair: Pair, met: Sequence[Finding]) -> Adjustment:
    return Adjustment(
        **reason.model_dump(),
        threads=tuple(thread.id for thread in pair),
        because=tuple(dict.fromkeys(finding.rule for finding in met)),
    )
