"""Small value types of the intake: three-valued answers, checked numbers, identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


def _true_is_yes(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip().lower() if isinstance(value, str) else value


Answer = Annotated[Literal["yes", "no", "unknown"], BeforeValidator(_true_is_yes)]
"""Three-valued; ``true``, ``false`` and capitals of a hand-written file are read as yes and no."""

Goal = Literal[
    "jowl",
    "jawline",
    "nasolabial",
    "marionette",
    "midface",
    "brow",
    "double_chin",
    "neck",
    "crow_feet",
    "skin_quality",
]
Region = Literal[
    "upper_face", "brow", "midface", "nasolabial", "marionette", "jowl", "jawline", "chin", "neck"
]
Area = Literal[
    "forehead",
    "temple",
    "brow",
    "periorbital",
    "nose",
    "midface",
    "nasolabial",
    "lips",
    "marionette",
    "chin",
    "jowl",
    "jawline",
    "neck",
    "whole_face",
    "body",
    "unknown",
]
Polymer = Literal["PDO", "PLLA", "PCL", "PLCL", "PLGA", "PGA", "polypropylene", "gold", "dye", "unknown"]


@dataclass(frozen=True)
class Measure:
    """Marks a number with its unit and possible range; a refusal names both, never the value given."""

    low: float
    high: float
    unit: str
    hint: str = ""
    whole: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "minimum": self.low, "maximum": self.high, "unit": self.unit}

    def _check(self, value: Any) -> Any:
        hint = f" ({self.hint})" if self.hint else ""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"must be a number in {self.unit}, without quotes and without a unit{hint}")
        if not self.low <= value <= self.high:
            raise ValueError(f"must lie between {self.low:g} and {self.high:g} {self.unit}{hint}")
        if self.whole and value != int(value):
            raise ValueError(f"must be a whole number of {self.unit}")
        return value
