"""Findings of the safety checks, filled from their data file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pydantic import ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding, Severity, Status
from threadlift.frozen import Frozen
from threadlift.language import Text


class FindingText(Frozen):
    """One finding with places in braces."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    severity: Severity
    what: Text
    consequence: Text | None = None
    remedy: Text | None = None


@cache
def load_finding_texts() -> tuple[str, dict[str, FindingText]]:
    """Version, and the texts by id."""
    content = load_data("threadlift.care", "safety.toml")
    try:
        return content["file"]["version"], {
            entry["id"]: FindingText.model_validate(entry) for entry in content["finding"]
        }
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/safety.toml: {error}") from error


def name_entries(keys: Iterable[str]) -> Text:
    """The names of keys of a safety file, each with its key, so that the reader finds it there."""
    known = load_data("threadlift.care", "safety.toml")["name"]
    names = [(key, Text.model_validate(known[key])) for key in keys]
    return Text(
        en=", ".join(f"{name.en} ({key})" for key, name in names),
        vi=", ".join(f"{name.vi} ({key})" for key, name in names),
    )


def finding(
    rule: str,
    *,
    value: float | str | None = None,
    threshold: float | str | None = None,
    unit: str = "",
    **places: Text | str | float,
) -> Finding:
    """The finding ``safety_<rule>`` with its places filled."""
    version, texts = load_finding_texts()
    text = texts[f"safety_{rule}"]
    return Finding(
        rule=text.id,
        rule_version=version,
        severity=text.severity,
        what=text.what.fill(**places),
        consequence=text.consequence.fill(**places) if text.consequence else None,
        remedy=text.remedy.fill(**places) if text.remedy else None,
        value=value,
        threshold=threshold,
        unit=unit,
        status=text.status,
        sources=text.sources,
    )
