"""What a thread is made of, and what is on it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text

Absorbable = Literal["yes", "no", "unknown"]


class _Record(Frozen):
    id: str
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


class Material(_Record):
    """A thread material. Only ``absorbable == "yes"`` may be placed."""

    name: Text
    absorbable: Absorbable
    modulus_mpa: tuple[float, float, float] | None = Field(default=None, description="nominal, low, high")
    absorption_months: tuple[float, float] | None = None
    strength_half_life_weeks: tuple[float, float] | None = None
    degradation: Text


class Coating(_Record):
    """A layer on a thread of another material."""

    name: Text
    absorbable: Absorbable
    note: Text
