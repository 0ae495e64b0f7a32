"""Findings of a simulation: where its answer is outside what it is good for, and side effects it shows."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from threadlift.errors import RuleDataError
from threadlift.face.face import Face
from threadlift.files import load_data
from threadlift.finding import Finding, Severity, Status, Where
from threadlift.language import Text, figure
from threadlift.tissue.lift import Lift

_SIDE = {"left": Text(en="left", vi="trái"), "right": Text(en="right", vi="phải")}


class LiftRule(BaseModel):
    """One rule of ``data/rules.toml`` or ``data/nonlinear.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    severity: Severity
    threshold: float | None = None
    unit: str
    what: Text
    consequence: Text | None = None
    remedy: Text | None = None
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


@cache
def _rules() -> tuple[dict[str, LiftRule], str]:
    files = [load_data("threadlift.tissue", name) for name in ("rules.toml", "nonlinear.toml")]
    rules = {entry["id"]: LiftRule.model_validate(entry) for content in files for entry in content["rule"]}
    return rules, files[0]["file"]["version"]


def rule_finding(rule_id: str, *, value: float | str | None = None, **words: Any) -> Finding:
    """The finding of one rule, its sentences filled with ``value``, the threshold and ``words``."""
    rules, version = _rules()
    rule = rules[rule_id]
    shown = figure(value, ".1f") if isinstance(value, float) else value
    fill = {"value": shown, "threshold": rule.threshold or "", **words}
    return Finding(
        rule=rule.id,
        rule_version=version,
        severity=rule.severity,
        what=rule.what.fill(**fill),
        consequence=rule.consequence.fill(**fill) if rule.consequence else None,
        remedy=rule.remedy.fill(**fill) if rule.remedy else None,
        where=Where(
            thread=words.get("thread"), side=words.get("where_side"), structure=words.get("structure")
        ),
        value=value,
        threshold=rule.threshold,
        unit=rule.unit,
        status=rule.status,
        sources=rule.sources,
    )


def exceeds(rule_id: str, value: float) -> bool:
    """Whether ``value`` is above the threshold of a rule; at the threshold it is not."""
    threshold = _rules()[0][rule_id].threshold
    return threshold is not None and value > threshold


def threshold_of(rule_id: str) -> float:
    """The threshold of a rule that has one, in the unit of the rule."""
    threshold = _rules()[0][rule_id].threshold
    if threshold is None:
        raise RuleDataError(f"tissue/data/rules.toml: {rule_id} has no threshold")
    return threshold


def check_lift(
    lift: Lift, face: Face, smallest_kept_thickness: float, *, linear: Lift | None = None
) -> tuple[Finding, ...]:
    """Every rule that fires for a computed lift, the note about the model first.

    ``linear`` is the linear answer where ``lift`` comes from the nonlinear mode: that needs no warning of a
    lift too large for a linear model.
    """
    found = [rule_finding("LIFT-MODEL")] if linear is None else _nonlinear_notes(lift, linear)
    if face.quality.grade in ("poor", "refused"):
        found.append(rule_finding("LIFT-FIT", value=face.quality.grade))
    inside = lift.modelled
    stretch = 100 * float(lift.strain_max[inside].max(initial=0.0))
    compression = -100 * float(lift.strain_min[inside].min(initial=0.0))
    measures = [
        ("LIFT-STRETCH" if linear is None else "LIFT-STRETCH-STIFF", stretch),
        ("LIFT-LARGE", lift.largest_mm if linear is None else 0.0),
        ("LIFT-PUCKER" if exceeds("LIFT-PUCKER", compression) else "LIFT-PUCKER-MILD", compression),
        ("LIFT-THIN", 100 * (1 - smallest_kept_thickness)),
    ]
    found += [rule_finding(name, value=value) for name, value in measures if exceeds(name, value)]
    return (*found, *_thread_findings(lift), *_mouth_findings(lift))


def _nonlinear_notes(lift: Lift, linear: Lift) -> list[Finding]:
    gap = 100 * (linear.largest_mm - lift.largest_mm) / max(lift.largest_mm, 1e-9)
    return [rule_finding("LIFT-NONLINEAR"), rule_finding("LIFT-NONLINEAR-GAP", value=f"{gap:+.0f}")]


def _thread_findings(lift: Lift) -> list[Finding]:
    found = []
    for pull in lift.threads:
        asked = pull.asked_n / pull.carried_n if pull.carried_n > 0 else 1.0
        if exceeds("LIFT-SLIP", asked):
            found.append(rule_finding("LIFT-SLIP", value=asked, thread=pull.thread))
        elif exceeds("LIFT-BARB-SLIP", 100 * pull.barbs_slipping / pull.barbs):
            share = f"{100 * pull.barbs_slipping / pull.barbs:.0f}"
            found.append(rule_finding("LIFT-BARB-SLIP", value=share, thread=pull.thread))
        if exceeds("LIFT-BARB-OUTSIDE", pull.barbs_outside):
            found.append(rule_finding("LIFT-BARB-OUTSIDE", value=str(pull.barbs_outside), thread=pull.thread))
    return found


def _mouth_findings(lift: Lift) -> list[Finding]:
    return [
        rule_finding(
            "LIFT-MOUTH",
            value=point.total_mm,
            side=_SIDE[point.side],
            where_side=point.side,
            structure=point.landmark,
        )
        for point in lift.points
        if point.landmark in ("ch_l", "ch_r") and exceeds("LIFT-MOUTH", point.total_mm)
    ]
