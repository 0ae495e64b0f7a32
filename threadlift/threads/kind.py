"""Generic kinds of thread: form, size, barbs, strength and hold. Not products."""

from __future__ import annotations

from math import pi
from typing import Literal

from pydantic import Field

from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text

Form = Literal["mono", "screw", "twin", "multi", "cog", "cone", "unknown"]
Barb = Literal["none", "cut", "moulded", "cone", "unknown"]
Direction = Literal["none", "uni", "bi", "multi"]


class ThreadKind(Frozen):
    """One generic kind of thread.

    ``holding_force_n`` is (mean, sd) of what the thread holds in cadaver face before it slips;
    ``breaking_force_n`` what the thread itself bears; ``barbed_front_mm`` the barbed part towards the tissue
    that is lifted, ``barbed_rear_mm`` the one towards the entry. ``can_lift`` is false for smooth and wound
    threads: for them no lift in mm is ever computed.
    """

    id: str
    name: Text
    material: str
    coating: str | None = None
    form: Form
    barb: Barb
    direction: Direction
    usp: str | None = None
    diameter_mm: float | None = Field(default=None, gt=0, lt=2)
    lengths_mm: tuple[float, ...] = ()
    needle_gauge: str | None = None
    breaking_force_n: float | None = Field(default=None, gt=0)
    holding_force_n: tuple[float, float] | None = None
    can_lift: bool
    barbed_front_mm: float = Field(default=0.0, ge=0)
    barbed_rear_mm: float = Field(default=0.0, ge=0)
    barb_count: int = Field(default=0, ge=0)
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""
    modulus_mpa: float | None = Field(default=None, description="of the material, filled in by the catalogue")

    @property
    def axial_stiffness_n(self) -> float | None:
        """EA of the core in N (force per unit strain), or None when material or diameter is unknown."""
        if self.modulus_mpa is None or self.diameter_mm is None:
            return None
        return self.modulus_mpa * pi * self.diameter_mm**2 / 4

    def length_for(self, path_mm: float) -> float | None:
        """The shortest length on offer that reaches over ``path_mm``, or None when none does."""
        return next((length for length in sorted(self.lengths_mm) if length >= path_mm), None)
