"""What every part of a report needs: the case, the words, the list of sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from threadlift.case.case import Case
from threadlift.finding import Finding, Severity
from threadlift.language import Text
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
    detail: float = 1.0  # pixels of pictures, against the usual number each way

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that clearance and the tissue model found about the plan."""
        treatment = self.case.treatment
        return treatment.all_findings if treatment else ()

    @property
    def has_stop(self) -> bool:
        """Whether a finding stops the plan."""
        return any(finding.severity is Severity.STOP for finding in self.findings)

    @cached_property
    def thread_names(self) -> Mapping[str, str]:
        """A short name for every thread of the plan: ``L1``, ``R1`` ... in the order of the plan."""
        names: dict[str, str] = {}
        for side, letter in (("left", "L"), ("right", "R")):
            resolved = self.case.treatment.threads if self.case.treatment else ()
            own = [entry.thread.id for entry in resolved if entry.thread.side == side]
            names.update({thread: f"{letter}{number}" for number, thread in enumerate(own, start=1)})
        return names

    def tell(self, text: Text | None) -> str:
        """A text of another room in the report's language, with threads by their short names."""
        told = self.say.of(text)
        for thread in sorted(self.thread_names, key=len, reverse=True):
            told = told.replace(thread, self.thread_names[thread])
        return told

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
