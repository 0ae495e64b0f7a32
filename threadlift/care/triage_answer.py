"""What triage answers: the level, why, what to do meanwhile and when to call. Bilingual, with sources."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from threadlift.care.checkin import CheckIn, Release, Side
from threadlift.care.level import Level, most_urgent
from threadlift.care.timeline import load_timeline
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text

NOTICE = Text(
    en="Decision support. The doctor decides. Not a cleared medical device. If in doubt, call.",
    vi="Công cụ hỗ trợ quyết định. Bác sĩ quyết định. Không phải thiết bị y tế đã được cấp phép. "
    "Nếu còn nghi ngờ, hãy gọi.",
)


class Numbers(Frozen):
    """Telephone numbers that the caller gives; 115 is the ambulance in Vietnam."""

    emergency_number: str = "115"
    clinic_phone: Text | str = Text(
        en="the clinic's number on your aftercare sheet", vi="số điện thoại phòng khám ghi trên giấy dặn dò"
    )


class Fired(Frozen):
    """One rule that fired. ``certain`` is false when an unanswered question decided it on the safe side."""

    rule: str
    rule_version: str
    red_flag: str | None
    level: Level
    certain: bool
    group: str
    symptoms: tuple[str, ...]
    sides: tuple[Side, ...]
    what: Text
    why: Text
    status: Status
    sources: tuple[str, ...]
    reason: str


class UsualToday(Frozen):
    """What is usual on this day, from the recovery table."""

    sign: Text
    usual: Text
    abnormal_if: Text


class TriageAnswer(Frozen):
    """The answer to one check-in. Schema ``threadlift.triage/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.triage/1"] = Field(default="threadlift.triage/1", alias="schema")
    level: Level
    level_name: Text
    headline: Text
    call: Text
    emergency_if: tuple[Text, ...]
    meanwhile: tuple[Text, ...]
    day: int | None
    fired: tuple[Fired, ...]
    usual_today: tuple[UsualToday, ...]
    a_person_must_read: bool = Field(description="free text or a photograph waits for a person")
    released_by: Release | None
    sources: tuple[str, ...]
    notice: Text = NOTICE


class _LevelWords(Frozen):
    id: Level
    status: Status
    sources: tuple[str, ...]
    reason: str
    name: Text
    headline: Text
    call: Text


class _Advice(Frozen):
    id: str
    group: str
    status: Status
    sources: tuple[str, ...]
    reason: str
    meanwhile: tuple[Text, ...]
    emergency_if: Text


@cache
def load_advice() -> tuple[dict[Level, _LevelWords], dict[str, _Advice]]:
    """Words of the levels, and the advice of each group of symptoms."""
    content: dict[str, Any] = load_data("threadlift.care", "advice.toml")
    try:
        levels = {w.id: w for w in map(_LevelWords.model_validate, content["level"])}
        return levels, {a.group: a for a in map(_Advice.model_validate, content["advice"])}
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/advice.toml: {error}") from error


def level_name(level: Level) -> Text:
    """What a level is called."""
    return load_advice()[0][level].name


def compose_answer(
    checkin: CheckIn, day: int | None, fired: Sequence[Fired], numbers: Numbers
) -> TriageAnswer:
    """Put level, reasons and advice together; the most urgent first."""
    level = most_urgent(*(f.level for f in fired))
    ordered = sorted(fired, key=lambda f: (-f.level.rank, not f.certain))
    levels, advice = load_advice()
    words = levels[level]
    fill = numbers.model_dump() | {"clinic_phone": numbers.clinic_phone}
    groups = dict.fromkeys(
        f.group for f in ordered if f.level.rank >= max(level.rank - 1, 1) or f.level is level
    )
    return TriageAnswer(
        level=level,
        level_name=words.name,
        headline=words.headline.fill(**fill),
        call=words.call.fill(**fill),
        emergency_if=tuple(dict.fromkeys(advice[group].emergency_if for group in groups)),
        meanwhile=tuple(dict.fromkeys(text for group in groups for text in advice[group].meanwhile)),
        day=day,
        fired=tuple(ordered),
        usual_today=_usual(day) if day is not None else (),
        a_person_must_read=bool(checkin.free_text.strip()) or checkin.photo,
        released_by=checkin.released_by,
        sources=tuple(dict.fromkeys(source for f in ordered for source in f.sources)),
    )


def _usual(day: int) -> tuple[UsualToday, ...]:
    timeline = load_timeline()
    period = timeline.period(day)
    return tuple(
        UsualToday(sign=sign.label, usual=sign.course[period.id], abnormal_if=sign.abnormal_if)
        for sign in timeline.signs
    )
