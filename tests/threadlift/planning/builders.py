"""Faces and intakes for the planning tests."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy, place_anatomy
from threadlift.anatomy.layer import Sex
from threadlift.face.face import Face, FaceQuality
from threadlift.face.template import load_template
from threadlift.finding import Status
from threadlift.language import Text
from threadlift.screening.intake import Intake
from threadlift.screening.verdict import DurationRemark, Exclusion, Level, Restrictions, Verdict
from threadlift.tissue.reduced import prior_spread

SKIN_POWER = -0.6


@cache
def template_face() -> Face:
    """The bare template as a face, exactly symmetric."""
    template = load_template()
    return Face(
        vertices_mm=template.vertices_mm,
        landmarks_mm=template.place_landmarks(template.vertices_mm),
        source="template",
        template_version=template.version,
        quality=FaceQuality(grade="good", scale_source="template", position_sd_mm=1.0),
    )


@cache
def template_anatomy(sex: Sex = "female") -> Anatomy:
    """The atlas on the bare template for a person of 45 years."""
    return place_anatomy(template_face(), sex=sex, age_years=45.0, bmi=22.0)


def intake(**answers: Any) -> Intake:
    """A made-up person with the answers given; everything else unknown."""
    return Intake.model_validate({"schema": "threadlift.intake/1", "synthetic": True, **answers})


def lax(**grades: int) -> dict[str, dict[str, Any]]:
    """Laxity grades on the project's scale."""
    return {region: {"scale": "LAX", "grade": grade} for region, grade in grades.items()}


def verdict(
    *,
    left: tuple[str, ...] = ("PDO", "PLLA", "PLGA", "PLCL", "PCL"),
    areas: tuple[str, ...] = (),
    goals: tuple[str, ...] = (),
    wish_months: float | None = None,
) -> Verdict:
    """A verdict that lets treatment go ahead within the restrictions given."""
    months = {"PDO": (6.0, 12.0), "PLLA": (12.0, 24.0), "PLCL": (12.0, 24.0), "PCL": (12.0, 24.0)}
    sentence = Text(en="-", vi="-")
    return Verdict(
        level=Level.PROCEED,
        summary=sentence,
        on=date(2026, 11, 1),
        fired=(),
        missing=(),
        restrictions=Restrictions(
            materials=tuple(Exclusion(what=name, rule="CI-06") for name in months if name not in left),
            materials_left=left,
            areas=tuple(Exclusion(what=name, rule="CI-24") for name in areas),
            goals=tuple(Exclusion(what=name, rule="CI-24") for name in goals),
        ),
        durations=tuple(
            DurationRemark(
                material=name,
                months=span,
                meets_wish=None if wish_months is None else wish_months <= span[1],
                status=Status.DERIVED,
                sources=(),
            )
            for name, span in months.items()
        ),
        rules_checked=0,
        rule_set="test",
        intake_hash="test",
        disclaimer=sentence,
    )


class LinearModel:
    """A lift model made by hand: unit responses, and one power of the skin's stiffness for every place."""

    def __init__(
        self, thread_ids: tuple[str, ...], landmarks: tuple[str, ...], mm_per_n: NDArray[np.float64]
    ) -> None:
        self.thread_ids, self.landmarks, self._mm_per_n = thread_ids, landmarks, mm_per_n

    def lifts(self, logs: NDArray[np.float64], carried_n: NDArray[np.float64]) -> NDArray[np.float64]:
        softness = np.exp(SKIN_POWER * logs[:, list(prior_spread()).index("young_skin")])
        return softness[:, None, None, None] * carried_n[:, :, None, None] * self._mm_per_n
