"""The answer of a check: findings, counted, and grouped for reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from threadlift.finding import Finding, Severity


class CheckAnswer(BaseModel):
    """What ``threadlift check --json`` prints. ``stopped`` = at least one finding stops the plan."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.check/1"] = Field(default="threadlift.check/1", alias="schema")
    stopped: bool
    stops: int
    cautions: int
    notes: int
    approximate: bool = Field(description="the face is not a scan, so every margin is wider")
    findings: tuple[Finding, ...] = Field(description="worst first; the last says what was not checked")


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one rule about one structure and side; ``worst`` is the nearest, ``threads`` all
    concerned.
    """

    worst: Finding
    threads: tuple[str, ...]


def answer_of(findings: Iterable[Finding], *, approximate: bool) -> CheckAnswer:
    """The findings with their counts."""
    found = tuple(findings)
    counts = {severity: sum(finding.severity is severity for finding in found) for severity in Severity}
    return CheckAnswer(
        stopped=counts[Severity.STOP] > 0,
        stops=counts[Severity.STOP],
        cautions=counts[Severity.CAUTION],
        notes=counts[Severity.NOTE],
        approximate=approximate,
        findings=found,
    )


def group_findings(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
    """Findings gathered by rule, structure and side, in the order of their first appearance."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.severity, finding.rule, finding.where.structure, finding.where.side)
        groups.setdefault(key, []).append(finding)
    return tuple(
        FindingGroup(
            worst=min(members, key=lambda finding: finding.where.distance_mm or 0.0),
            threads=tuple(
                dict.fromkeys(finding.where.thread for finding in members if finding.where.thread is not None)
            ),
        )
        for members in groups.values()
    )
