"""One thread against the catalogue: its kind, its length, and the force it is asked to bear."""

from __future__ import annotations

from collections.abc import Iterator

from threadlift.finding import Finding
from threadlift.planning.clearance_place import place_of
from threadlift.planning.clearance_rule import ClearanceRules
from threadlift.planning.path import ResolvedThread
from threadlift.threads.kind import ThreadKind


def check_thread(
    resolved: ResolvedThread, kind: ThreadKind | None, rules: ClearanceRules
) -> Iterator[Finding]:
    """Findings about length and tension; ``None`` for a kind that the catalogue does not have."""
    thread = resolved.thread
    if kind is None:
        yield rules.finding(
            "kind_unknown", where=place_of(resolved), value=thread.kind[:60], thread=thread.id
        )
        return
    yield from _check_length(resolved, kind, rules)
    yield from _check_tension(resolved, kind, rules)


def _check_length(resolved: ResolvedThread, kind: ThreadKind, rules: ClearanceRules) -> Iterator[Finding]:
    needed = resolved.length_mm + rules.limit("length_missing", "trim_mm")
    if not kind.lengths_mm:
        yield rules.finding("length_unknown", where=place_of(resolved), thread=resolved.thread.id)
    elif kind.length_for(needed) is None:
        yield rules.finding(
            "length_missing",
            where=place_of(resolved),
            value=round(needed, 0),
            threshold=max(kind.lengths_mm),
            unit="mm",
            thread=resolved.thread.id,
        )


def _check_tension(resolved: ResolvedThread, kind: ThreadKind, rules: ClearanceRules) -> Iterator[Finding]:
    thread = resolved.thread
    if thread.tension_n <= 0.0:
        return
    if kind.form != "unknown" and not kind.can_lift:
        limit = rules.limit("tension_on_smooth", "limit_n")
        if thread.tension_n > limit:
            yield rules.finding(
                "tension_on_smooth",
                where=place_of(resolved),
                value=thread.tension_n,
                threshold=limit,
                unit="N",
                thread=thread.id,
            )
    elif kind.breaking_force_n is None or kind.holding_force_n is None:
        yield rules.finding("tension_unknown", where=place_of(resolved), thread=thread.id)
    elif kind.holding_force_n is not None and thread.tension_n > kind.holding_force_n[0]:
        yield rules.finding(
            "tension_slips",
            where=place_of(resolved),
            value=thread.tension_n,
            threshold=kind.holding_force_n[0],
            unit="N",
            status=kind.status,
            sources=kind.sources,
            thread=thread.id,
        )
    if kind.breaking_force_n is not None and thread.tension_n > kind.breaking_force_n:
        yield rules.finding(
            "tension_breaks",
            where=place_of(resolved),
            value=thread.tension_n,
            threshold=kind.breaking_force_n,
            unit="N",
            status=kind.status,
            sources=kind.sources,
            thread=thread.id,
        )
