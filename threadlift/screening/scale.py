"""Grades on named scales, and what they mean on the 0-4 scale that the rules use."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from threadlift.frozen import Frozen
from threadlift.screening.answer import Measure

ScaleId = Literal["LAX", "MERZ-JAW", "CROMA-JOWL", "WSRS", "MLGS", "FLR"]
GRADES: dict[str, tuple[int, int]] = {
    "LAX": (0, 4),
    "MERZ-JAW": (0, 4),
    "CROMA-JOWL": (0, 4),
    "WSRS": (1, 5),
    "MLGS": (0, 4),
    "FLR": (0, 10),
}
FOLD_SCALES = ("WSRS", "MLGS")
Grade = Annotated[int, Measure(0, 10, "grade", whole=True)]


class LaxityGrade(Frozen):
    """A grade on a named scale, for both sides or for each side apart."""

    scale: ScaleId = Field(description="LAX is the project's 0-4 scale; the others are published scales")
    grade: Grade | None = Field(default=None, description="for both sides, or the worse one")
    left: Grade | None = None
    right: Grade | None = None

    @model_validator(mode="after")
    def _grade_exists_on_scale(self) -> LaxityGrade:
        given = [grade for grade in (self.grade, self.left, self.right) if grade is not None]
        if not given:
            raise ValueError("give grade, or left and right")
        low, high = GRADES[self.scale]
        if not all(low <= grade <= high for grade in given):
            raise ValueError(f"{self.scale} has grades {low} to {high}")
        return self

    @property
    def worst(self) -> int:
        """The higher grade of all that are given, on the scale's own numbers."""
        return max(grade for grade in (self.grade, self.left, self.right) if grade is not None)

    @property
    def is_fold(self) -> bool:
        """Whether the scale grades the depth of a fold, which is not laxity."""
        return self.scale in FOLD_SCALES

    @property
    def operational(self) -> int | None:
        """The grade 0 none - 4 very severe; None for the FLR scale, whose classes were not retrieved."""
        if self.scale == "FLR":
            return None
        return self.worst - GRADES[self.scale][0]
