"""Findings, worst first: structure, side, distance, consequence, way out, and how weak the ground is.

The same finding about several threads is told once, with the nearest thread in full and the others named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from threadlift.finding import Finding, Severity
from threadlift.report.block import Block, Entries, Entry, Fold, Heading, Note, Paragraph, Section
from threadlift.report.context import Context
from threadlift.report.overlay import DrawnMark

_ORDER = (Severity.STOP, Severity.CAUTION, Severity.NOTE)


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one rule about one structure, nearest first; ``number`` is their place in the list."""

    number: int
    members: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """The severity that all members share."""
        return self.members[0].severity


def group_findings(findings: Sequence[Finding]) -> tuple[FindingGroup, ...]:
    """Stops, then cautions, then notes; within each what concerns the whole plan, then the nearest first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        own = finding.where.structure or (finding.what.en if finding.where.thread is None else "")
        groups.setdefault((finding.severity, finding.rule, own), []).append(finding)
    ordered = sorted((sorted(group, key=_distance) for group in groups.values()), key=_rank)
    return tuple(FindingGroup(number, tuple(group)) for number, group in enumerate(ordered, start=1))


def marks_on_face(groups: Sequence[FindingGroup]) -> tuple[DrawnMark, ...]:
    """For every stop and caution its nearest place on each side; the gravest come first."""
    marks = []
    for group in groups:
        if group.severity is Severity.NOTE:
            continue
        for side in ("left", "right", "midline", None):
            placed = [f.where.at_mm for f in group.members if f.where.side == side and f.where.at_mm]
            if placed:
                kind = "stop" if group.severity is Severity.STOP else "caution"
                marks.append(DrawnMark("stop" if kind == "stop" else "caution", str(group.number), placed[0]))
    return tuple(marks)


def tell_findings(context: Context) -> Section:
    """The section on findings."""
    say = context.say
    groups = group_findings(context.findings)
    blocks: list[Block] = []
    if context.has_stop:
        count = sum(group.severity is Severity.STOP for group in groups)
        stop = context.severity_mark(Severity.STOP)
        blocks.append(Note(stop, say("finding.stops", n=count), say("finding.way_out")))
    for severity in _ORDER:
        own = [group for group in groups if group.severity is severity]
        if own:
            title = say(f"finding.heading_{severity.value}", n=len(own))
            entries = Entries(tuple(_entry(context, group) for group in own))
            is_note = severity is Severity.NOTE
            blocks += [Fold(title, (entries,))] if is_note else [Heading(title), entries]
    if not groups:
        blocks.append(Paragraph(say("finding.nothing")))
    blocks.append(Paragraph(say("finding.limits"), "quiet"))
    return Section("findings", say("finding.title"), tuple(blocks), say("finding.lead"))


def _distance(finding: Finding) -> float:
    return 1e9 if finding.where.distance_mm is None else finding.where.distance_mm


def _rank(group: Sequence[Finding]) -> tuple[int, bool, float, str]:
    first = group[0]
    return _ORDER.index(first.severity), first.where.distance_mm is not None, _distance(first), first.rule


def _entry(context: Context, group: FindingGroup) -> Entry:
    say, nearest = context.say, group.members[0]
    structure = _structure(context, nearest.where.structure)
    if group.severity is Severity.NOTE and structure:
        return _short_entry(context, group, structure)
    lines = [context.tell(nearest.what)] if structure else []
    others = [_named(context, finding) for finding in group.members[1:]]
    if others:
        lines.append(say("finding.others", threads=", ".join(dict.fromkeys(name for name in others if name))))
    if nearest.consequence:
        lines.append(context.tell(nearest.consequence))
    if nearest.remedy:
        lines.append(say("finding.remedy", what=context.tell(nearest.remedy)))
    title = structure or context.tell(nearest.what)
    return Entry(
        mark=context.severity_mark(group.severity),
        title=f"{group.number}. {title}",
        facts=tuple(_facts(context, group)),
        lines=tuple(lines),
        basis=context.sources.basis(nearest.status, nearest.sources),
    )


def _short_entry(context: Context, group: FindingGroup, structure: str) -> Entry:
    """A note about a structure in the neighbourhood: where, how near, on what ground."""
    nearest = group.members[0]
    return Entry(
        mark=context.severity_mark(group.severity),
        title=f"{group.number}. {structure}",
        facts=tuple(_facts(context, group)),
        basis=context.sources.basis(nearest.status, nearest.sources),
    )


def _facts(context: Context, group: FindingGroup) -> list[str]:
    say, nearest = context.say, group.members[0]
    sides = list(dict.fromkeys(finding.where.side for finding in group.members if finding.where.side))
    facts = []
    if sides:
        facts.append(say.join([say(f"form.{side}") for side in sorted(sides)]))
    near = nearest.where.distance_mm
    distance = "" if near is None else say.number(near) + "\u00a0mm"
    if nearest.where.thread:
        name = context.thread_names.get(nearest.where.thread, nearest.where.thread)
        key = "finding.nearest" if distance else "finding.thread"
        facts.append(say(key, thread=name, distance=distance))
    elif distance:
        facts.append(say("finding.distance", distance=distance))
    measured = _measured(context, nearest)
    return [*facts, measured] if measured else facts


def _named(context: Context, finding: Finding) -> str:
    if finding.where.thread is None:
        return ""
    name = context.thread_names.get(finding.where.thread, finding.where.thread)
    if finding.where.distance_mm is None:
        return name
    return f"{name} ({context.say.number(finding.where.distance_mm)}\u00a0mm)"


def _structure(context: Context, name: str | None) -> str:
    """The name of a danger structure; nothing for a landmark or for a finding about no structure."""
    found = next((s for s in context.case.anatomy.structures if s.id == name), None)
    return context.say.of(found.name) if found else ""


def _measured(context: Context, finding: Finding) -> str:
    say = context.say
    if not isinstance(finding.value, float | int) or not isinstance(finding.threshold, float | int):
        return ""
    limit = say.quantity(finding.threshold, finding.unit)
    if finding.value == finding.where.distance_mm:
        return say("finding.limit", limit=limit)
    return say("finding.measured", value=say.quantity(finding.value, finding.unit), limit=limit)
