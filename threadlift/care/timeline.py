"""The usual course of recovery by period: shown to patients, and the usual pain of a day."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text


class _Record(Frozen):
    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str
    label: Text


class Period(_Record):
    """A span of days after the session, both ends included."""

    from_day: int
    to_day: int
    usual_pain_max: float


class Sign(_Record):
    """One row of the recovery table: course by period, when it is abnormal, and the rules that say so."""

    abnormal_if: Text
    rules: tuple[str, ...]
    course: dict[str, Text]


class Timeline(BaseModel):
    """The recovery table."""

    model_config = ConfigDict(frozen=True)

    periods: tuple[Period, ...]
    signs: tuple[Sign, ...]

    def period(self, day: int) -> Period:
        """The period that holds ``day`` (0 or later)."""
        return next(p for p in self.periods if p.from_day <= day <= p.to_day)


@cache
def load_timeline() -> Timeline:
    """The recovery table from its data file."""
    content = load_data("threadlift.care", "timeline.toml")
    try:
        return Timeline.model_validate({"periods": content["period"], "signs": content["sign"]})
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/timeline.toml: {error}") from error
