"""A finding: something that a check noticed. A value to report, never an exception."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from threadlift.language import Text


class Severity(StrEnum):
    """How much weight a finding has. A stop needs a doctor's written override; nothing passes it silently."""

    STOP = "stop"
    CAUTION = "caution"
    NOTE = "note"


class Status(StrEnum):
    """How well a fact is founded. Shown to the reader, never dropped."""

    SOURCED = "sourced"
    DIGEST = "digest"  # read in a secondary digest that cites a paper
    DERIVED = "derived"  # computed by us from sourced figures
    UNSOURCED = "unsourced"  # general knowledge; no source found
    ENGINEERING_CHOICE = "engineering_choice"


class Where(BaseModel):
    """The place of a finding on the face or in the plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    structure: str | None = None
    side: Literal["left", "right", "midline"] | None = None
    thread: str | None = None
    distance_mm: float | None = None
    at_mm: tuple[float, float, float] | None = None


class Finding(BaseModel):
    """One finding of screening, clearance, simulation or safety."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str = Field(description="id of the rule in a data file")
    rule_version: str
    severity: Severity
    what: Text
    consequence: Text | None = None
    remedy: Text | None = None
    where: Where = Where()
    value: float | str | None = Field(default=None, description="what was found, in `unit`")
    threshold: float | str | None = None
    unit: str = ""
    status: Status
    sources: tuple[str, ...] = ()
