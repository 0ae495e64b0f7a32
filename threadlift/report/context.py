"""What every part of a report needs: the case, the words, the list of sources."""

from __future__ import annotations

from dataclasses import dataclass

from threadlift.case.case import Case
from threadlift.finding import Severity
from threadlift.report.block import Mark, MarkKind
from threadlift.report.citation import Bibliography
from threadlift.report.wording import Wording

_ACTIONS: dict[str, MarkKind] = {
    "refuse": "stop",
    "refer_to_surgery": "stop",
    "defer": "defer",
    "doctor_review": "review",
    "proceed_with_precaution": "caution",
    "proceed": "ok",
    "note": "note",
}


@dataclass(frozen=True)
class Context:
    """One report in the making."""

    case: Case
    say: Wording
    sources: Bibliography

    def action_mark(self, action: str) -> Mark:
        """Mark of a level or an action of screening."""
        return Mark(_ACTIONS[action], self.say(f"action.{action}"))

    def severity_mark(self, severity: Severity) -> Mark:
        """Mark of a finding."""
        kinds: dict[Severity, MarkKind] = {
            Severity.STOP: "stop",
            Severity.CAUTION: "caution",
            Severity.NOTE: "note",
        }
        return Mark(kinds[severity], self.say(f"severity.{severity.value}"))
