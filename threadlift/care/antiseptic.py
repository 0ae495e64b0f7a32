"""Which antiseptic where on the face: nothing harmful near the eye, dry before anything else."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pydantic import ValidationError

from threadlift.care.safety_file import Antiseptic, SafetyPatient
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding, Severity, Status
from threadlift.frozen import Frozen
from threadlift.language import Text


class AntisepticRule(Frozen):
    """Agents and zones (or answers) that go together with a finding."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    agents: tuple[str, ...]
    zones: tuple[str, ...]
    severity: Severity
    what: Text
    consequence: Text
    remedy: Text


@cache
def load_antiseptic_rules() -> tuple[str, tuple[AntisepticRule, ...]]:
    """Version and rules."""
    content = load_data("threadlift.care", "antiseptic.toml")
    try:
        rules = tuple(AntisepticRule.model_validate(entry) for entry in content["antiseptic"])
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/antiseptic.toml: {error}") from error
    return content["file"]["version"], rules


def check_antiseptics(patient: SafetyPatient, used: Iterable[Antiseptic]) -> tuple[Finding, ...]:
    """Findings about every antiseptic; an unknown place is handled as near the eye."""
    version, rules = load_antiseptic_rules()
    return tuple(
        Finding(
            rule=rule.id,
            rule_version=version,
            severity=rule.severity,
            what=rule.what,
            consequence=rule.consequence,
            remedy=rule.remedy,
            value=antiseptic.agent,
            status=rule.status,
            sources=rule.sources,
        )
        for antiseptic in used
        for rule in rules
        if ("*" in rule.agents or antiseptic.agent in rule.agents)
        and _situations(patient, antiseptic) & set(rule.zones)
    )


def _situations(patient: SafetyPatient, antiseptic: Antiseptic) -> set[str]:
    allergic = {
        "povidone_iodine_solution": "povidone_iodine",
        "povidone_iodine_scrub": "povidone_iodine",
        "chlorhexidine": "chlorhexidine",
        "chlorhexidine_alcohol": "chlorhexidine",
    }.get(antiseptic.agent)
    found = {str(antiseptic.zone)}
    if any(allergy.to == allergic for allergy in patient.allergies):
        found.add("allergy")
    if any(allergy.to == "unknown" for allergy in patient.allergies):
        found.add("allergy_unknown")
    if patient.thyroid_disease in ("yes", "unknown"):
        found.add("thyroid")
    if patient.thyroid_disease is None:
        found.add("thyroid_not_asked")
    if antiseptic.eyes_protected is None:
        found.add("eyes_not_asked")
    if antiseptic.dry in ("no", "unknown"):
        found.add("not_dry")
    if antiseptic.eyes_protected in ("no", "unknown"):
        found.add("eyes_unprotected")
    return found
