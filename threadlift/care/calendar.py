"""The aftercare plan as an iCalendar file (RFC 5545), neutral enough for a lock screen.

All days are whole days without a time zone: they mean the patient's own day wherever the phone is. One event
per day on which something begins or ends; every event has an end, nothing repeats for ever.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from threadlift.care.aftercare_plan import AftercarePlan
from threadlift.language import Language, Text

TITLE = Text(en="Reminder", vi="Nhắc nhở")
CALENDAR_NAME = Text(en="Reminders", vi="Nhắc nhở")
ENDS = Text(en="Last day of", vi="Ngày cuối của")
BEGINS = Text(en="From today", vi="Từ hôm nay")
ALARM_AFTER_MIDNIGHT = timedelta(hours=9)


def to_ics(
    plan: AftercarePlan, language: Language, *, details: bool = False, uid_seed: str = "", alarms: bool = True
) -> bytes:
    """Calendar of ``plan``. ``details`` puts the advice into DESCRIPTION: off, titles tell nothing.

    The same plan, seed and language always give the same bytes. ``uid_seed`` keeps two patients' events apart
    and enters the identifiers only as a hash. They depend on the day alone: a new edition updates the old.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Threadlift//Reminders//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", CALENDAR_NAME.in_language(language))
    for number, (day, lines) in enumerate(sorted(_days(plan, language).items()), start=1):
        calendar.add_component(
            _event(plan, day, number, lines if details else [], language, uid_seed, alarms=alarms)
        )
    return bytes(calendar.to_ical())


def _days(plan: AftercarePlan, language: Language) -> dict[date, list[str]]:
    days: dict[date, list[str]] = defaultdict(list)
    for rule in plan.rules:
        text = rule.what.in_language(language)
        days[rule.starts_on].append(f"{BEGINS.in_language(language)}: {text}")
        if rule.ends_on is not None:
            days[rule.ends_on].append(f"{ENDS.in_language(language)}: {text}")
    for visit in plan.visits:
        days[visit.starts_on].append(visit.what.in_language(language))
    return days


def _event(
    plan: AftercarePlan,
    day: date,
    number: int,
    lines: list[str],
    language: Language,
    uid_seed: str,
    *,
    alarms: bool,
) -> Event:
    title = f"{TITLE.in_language(language)} {number}"
    offset = (day - plan.procedure_date).days
    key = hashlib.sha256(f"{uid_seed}|{plan.procedure_date.isoformat()}|{offset}".encode()).hexdigest()
    event = Event()
    event.add("uid", f"{key[:32]}@threadlift.invalid")
    event.add("dtstamp", datetime.combine(plan.procedure_date, datetime.min.time(), tzinfo=UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", title)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    if lines:
        event.add("description", "\n".join(f"- {line}" for line in lines))
    if alarms:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", ALARM_AFTER_MIDNIGHT)
        event.add_component(alarm)
    return event
