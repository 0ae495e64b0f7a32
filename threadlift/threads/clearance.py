"""What named threads are cleared for, and the judgement of a thread kind for a market."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from threadlift.finding import Finding, Severity, Status
from threadlift.frozen import Frozen
from threadlift.language import Text

Use = Literal["lifting", "approximation", "approximation_not_lifting", "withdrawn", "unknown"]


class _Record(Frozen):
    id: str
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


class Clearance(_Record):
    """One device with what a market's authority cleared it for."""

    market: str = Field(pattern=r"^[A-Z]{2}$")
    device: str
    numbers: tuple[str, ...] = ()
    materials: tuple[str, ...]
    forms: tuple[str, ...]
    use: Use
    areas: tuple[str, ...] = ()
    indication: Text


class Market(_Record):
    """A market and what it asks of every thread; ``known`` tells whether cleared uses were found at all."""

    name: Text
    known: bool
    rule: Text


class ThreadRule(_Record):
    """A rule by which a thread is judged, with the sentences that the reader sees."""

    severity: Severity
    what: Text
    consequence: Text | None = None
    remedy: Text | None = None

    def finding(
        self,
        version: str,
        *,
        sources: tuple[str, ...] = (),
        status: Status | None = None,
        value: str = "",
        **names: str | Text,
    ) -> Finding:
        """The finding of this rule with its names filled in; ``sources`` and ``status`` of what it states."""
        return Finding(
            rule=self.id,
            rule_version=version,
            severity=self.severity,
            what=self.what.fill(**names),
            consequence=self.consequence,
            remedy=self.remedy,
            value=value or None,
            status=status or self.status,
            sources=tuple(dict.fromkeys((*self.sources, *sources))),
        )
