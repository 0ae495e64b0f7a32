"""The rules of clearance as data: what they say, their limits, and into which planes a thread may stray."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from threadlift.anatomy.plane import Plane
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding, Severity, Status, Where
from threadlift.language import Text, figure


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


class ClearanceRule(_Entry):
    """One rule: severity, sentences with places for values, and limits with units in their names."""

    severity: Severity
    what: Text
    consequence: Text | None = None
    remedy: Text | None = None
    limits: dict[str, float] = {}


class PlaneRule(_Entry):
    """A plane's name, and the planes that a thread meant for it may enter."""

    plane: Plane
    name: Text
    may_enter: tuple[Plane, ...]


class EntryZone(_Entry):
    """A circle of skin in which threads usually enter."""

    name: Text
    weights: dict[str, float]
    offset_mm: tuple[float, float, float]
    radius_mm: float


class PathShape(_Entry):
    """How a planned path is sampled."""

    step_mm: float
    entry_ramp_mm: float


class ClearanceRules(BaseModel):
    """Everything of ``clearance.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    rules: dict[str, ClearanceRule]
    planes: dict[Plane, PlaneRule]
    entry_zones: tuple[EntryZone, ...]
    path: PathShape

    def limit(self, rule: str, name: str) -> float:
        """A limit of a rule, by its name."""
        return self.rules[rule].limits[name]

    def finding(
        self,
        rule_id: str,
        *,
        where: Where,
        value: float | str | None = None,
        threshold: float | str | None = None,
        unit: str = "",
        sources: tuple[str, ...] = (),
        status: Status | None = None,
        **words: Any,
    ) -> Finding:
        """The finding of a rule with its places filled; ``status`` of what it stands on, if weaker than the
        rule.
        """
        rule = self.rules[rule_id]
        words = {"value": _number(value), "limit": _number(threshold)} | words

        def fill(text: Text | None) -> Text | None:
            return None if text is None else _tidy(text.fill(**words))

        what = fill(rule.what)
        assert what is not None
        return Finding(
            rule=rule.id,
            rule_version=self.version,
            severity=rule.severity,
            what=what,
            consequence=fill(rule.consequence),
            remedy=fill(rule.remedy),
            where=where,
            value=value,
            threshold=threshold,
            unit=unit,
            status=status or rule.status,
            sources=tuple(dict.fromkeys((*sources, *rule.sources))),
        )


def _number(value: float | str | None) -> Text | str:
    return figure(value, ".3g") if isinstance(value, float) else str(value)


def _tidy(text: Text) -> Text:
    return Text(en=" ".join(text.en.split()), vi=" ".join(text.vi.split()))


@cache
def load_clearance_rules() -> ClearanceRules:
    """The rules. Raises ``RuleDataError`` when their data file does not hold together."""
    content = load_data("threadlift.planning", "clearance.toml")
    try:
        planes = [PlaneRule.model_validate(entry) for entry in content["plane"]]
        rules = ClearanceRules(
            version=content["file"]["version"],
            rules={entry["id"]: ClearanceRule.model_validate(entry) for entry in content["rule"]},
            planes={entry.plane: entry for entry in planes},
            entry_zones=tuple(EntryZone.model_validate(entry) for entry in content["entry_zone"]),
            path=PathShape.model_validate(content["path"][0]),
        )
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"planning/data/clearance.toml: {error}") from error
    if set(rules.planes) != set(Plane):
        raise RuleDataError("planning/data/clearance.toml: every plane needs a rule")
    return rules
