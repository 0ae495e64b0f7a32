"""What is promised or expected, against what absorbable threads have shown."""

from __future__ import annotations

from typing import Any

from threadlift.care.safety_file import ExpectationFacts
from threadlift.care.safety_finding import finding
from threadlift.files import load_data
from threadlift.finding import Finding, Severity
from threadlift.language import Text
from threadlift.threads import load_catalogue


def check_expectation(facts: ExpectationFacts) -> tuple[Finding, ...]:
    """Findings on months, mm, surgical result and guarantee. ``InputError`` for an unknown material."""
    data = load_data("threadlift.care", "safety.toml")
    found: list[Finding] = []
    if facts.months is not None:
        found += _about_months(facts.months, _limits(facts.material, data))
    limit_mm = float(data["expectation_mm"][0]["limit_mm"])
    if facts.lift_mm is not None and facts.lift_mm > limit_mm:
        found.append(
            finding("promise_mm", mm=facts.lift_mm, value=facts.lift_mm, threshold=limit_mm, unit="mm")
        )
    if facts.surgical_result == "yes":
        found.append(finding("promise_surgical"))
    if facts.guarantee == "yes":
        found.append(finding("promise_guarantee"))
    if not any(f.severity in (Severity.STOP, Severity.CAUTION) for f in found) and facts.months is not None:
        found.append(finding("expectation_realistic"))
    return tuple(found)


def _limits(material: str | None, data: dict[str, Any]) -> dict[str, Any]:
    entries: list[dict[str, Any]] = data["expectation"]
    if material is not None:
        name = load_catalogue().material(material.lower()).id
        for entry in entries:
            if name in entry["materials"]:
                return entry
    return next(entry for entry in entries if not entry["materials"])


def _about_months(months: float, limits: dict[str, Any]) -> list[Finding]:
    name = Text.model_validate(limits["name"])
    if months > limits["limit_months"]:
        return [
            finding(
                "promise_too_long",
                months=months,
                material=name,
                limit=limits["limit_months"],
                value=months,
                threshold=limits["limit_months"],
                unit="months",
            )
        ]
    if months > limits["usual_months"]:
        usual = limits["usual_months"]
        return [finding("promise_opinion", months=months, usual=usual, value=months, threshold=usual)]
    return []
