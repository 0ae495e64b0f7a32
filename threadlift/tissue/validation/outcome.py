"""Measured outcomes: how far places of real faces moved, with the error of the measurement.

One file format, ``threadlift.outcomes/1``, for two uses that are kept apart: validation of the model and
learning of one patient's parameters. A case that was learned from says ``use = "learn"`` and never validates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from threadlift.evidence import load_sources
from threadlift.face.template import load_landmark_facts
from threadlift.files import read_model
from threadlift.frozen import Frozen

Millimetres = Annotated[float, Field(ge=-50, le=50, allow_inf_nan=False)]
Spread = Annotated[float, Field(gt=0, le=50, allow_inf_nan=False)]
Component = Literal["total", "up"]
Method = Literal["scan", "photographs", "calliper", "ultrasound", "other"]
LAST_DAY = 730  # no absorbable thread was followed longer; retention.toml ends at 24 months


@cache
def known_landmarks() -> tuple[str, ...]:
    """Landmarks of the atlas with their sides, as a face names them."""
    return tuple(
        f"{name}{ending}"
        for name, fact in load_landmark_facts().items()
        for ending in (("_l", "_r") if fact["paired"] else ("",))
    )


def _check_name(value: str, known: Iterable[str]) -> str:
    names = list(known)
    if value not in names:
        near = get_close_matches(value, names, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "see docs/reference for the landmarks"
        raise ValueError(f"is not a landmark; {hint}")
    return value


def _check_source(value: str) -> str:
    if value not in load_sources():
        raise ValueError("is not a known source; add it to evidence/data/sources.toml first, or leave it out")
    return value


class Measurement(Frozen):
    """How far one place of a face moved against the face before, and the standard deviation of that figure.

    ``total`` is the size of the motion, ``up`` its upward part (negative: it sank). ``sd_mm`` is the error of
    measurement, of which a repeated scan tells; it is asked for because without it a miss means nothing.
    """

    day: int = Field(ge=0, le=LAST_DAY, description="days since the session; 0 = right after it")
    landmark: str = Field(description="landmark of the template with its side: jowl_l, nlf_r, gn")
    lift_mm: Millimetres
    sd_mm: Spread
    component: Component = "total"

    @field_validator("landmark")
    @classmethod
    def _known(cls, value: str) -> str:
        return _check_name(value, known_landmarks())

    @model_validator(mode="after")
    def _size_is_not_negative(self) -> Measurement:
        if self.component == "total" and self.lift_mm < 0:
            raise ValueError(
                'lift_mm is the size of a motion and not below zero; for a sinking use component = "up"'
            )
        return self


class OutcomeCase(Frozen):
    """One treated person: which plan on which face, and what was measured afterwards.

    ``case`` is the folder of a case; else ``face`` and ``plan`` (and ``intake``) name files. Paths are
    relative to the outcome file. ``source`` is the id of a published source, none for own measurements.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    case: Path | None = None
    face: Path | None = None
    plan: Path | None = None
    intake: Path | None = None
    method: Method
    source: str | None = None
    use: Literal["validate", "learn"] = "validate"
    measurements: tuple[Measurement, ...] = Field(min_length=1, max_length=500)

    @field_validator("source")
    @classmethod
    def _source_known(cls, value: str | None) -> str | None:
        return value if value is None else _check_source(value)

    @model_validator(mode="after")
    def _one_way_of_saying_whom(self) -> OutcomeCase:
        files = [self.face, self.plan, self.intake]
        by_files = self.face is not None and self.plan is not None
        if any(files) if self.case else not by_files:
            raise ValueError("give either case (a folder), or face and plan")
        keys = Counter((one.day, one.landmark, one.component) for one in self.measurements)
        if max(keys.values()) > 1:
            raise ValueError("measures one landmark twice on one day; give the mean with its sd_mm")
        return self


class CohortResult(Frozen):
    """One figure that a published group reports for a place and day: a mean, or the share above a limit."""

    day: int = Field(ge=0, le=LAST_DAY)
    places: tuple[str, ...] = Field(
        min_length=1, description="landmarks without side (ma, nlf); the one that moves most counts"
    )
    mean_mm: Millimetres | None = None
    sd_mm: Spread | None = Field(default=None, description="standard deviation between people")
    above_mm: Spread | None = None
    events: int | None = Field(default=None, ge=0, description="people who moved at least above_mm")

    @field_validator("places")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_check_name(name, load_landmark_facts()) for name in value)

    @model_validator(mode="after")
    def _mean_or_share(self) -> CohortResult:
        mean = self.mean_mm is not None and self.sd_mm is not None
        share = self.above_mm is not None and self.events is not None
        given = sum(v is not None for v in (self.mean_mm, self.sd_mm, self.above_mm, self.events))
        if given != 2 or mean == share:
            raise ValueError("give mean_mm with sd_mm, or above_mm with events")
        return self


class Cohort(Frozen):
    """A published group without faces: what was reported, and the case that stands in for it.

    The stand-in (a case folder with a plan of the published technique) is an assumption of whoever writes the
    file: the comparison is as good as that.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    source: str
    people: int = Field(ge=1, le=100_000)
    stand_in: Path
    method: Method
    results: tuple[CohortResult, ...] = Field(min_length=1)

    @field_validator("source")
    @classmethod
    def _source_known(cls, value: str) -> str:
        return _check_source(value)

    @model_validator(mode="after")
    def _events_are_people(self) -> Cohort:
        if any(result.events is not None and result.events > self.people for result in self.results):
            raise ValueError("more events than people")
        return self


class Outcomes(Frozen):
    """A file of measured outcomes. Schema ``threadlift.outcomes/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.outcomes/1"] = Field(default="threadlift.outcomes/1", alias="schema")
    title: str = Field(min_length=1, max_length=200)
    synthetic: bool = Field(description="true when nobody was measured: made up or simulated")
    cases: tuple[OutcomeCase, ...] = ()
    cohorts: tuple[Cohort, ...] = ()

    @model_validator(mode="after")
    def _something_named_once(self) -> Outcomes:
        names = [case.id for case in self.cases] + [cohort.id for cohort in self.cohorts]
        if not names:
            raise ValueError("holds neither cases nor cohorts")
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if repeated:
            raise ValueError(f"id {repeated[0]!r} is used twice")
        return self


def read_outcomes(path: Path) -> Outcomes:
    """Outcomes from TOML or JSON. ``InputError`` names every key at fault and never its value."""
    return read_model(path, Outcomes)
