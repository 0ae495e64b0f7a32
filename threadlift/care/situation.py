"""A check-in read on one day, and the three-valued truth of a rule's clauses in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from threadlift.care.checkin import CheckIn, ReportedSymptom
from threadlift.care.symptom import SEVERITIES
from threadlift.care.timeline import load_timeline
from threadlift.care.triage_rule import Clause, is_fever
from threadlift.screening.answer import Answer
from threadlift.threads import load_catalogue

DAYS_PER_MONTH = 30.44


class Truth(IntEnum):
    """No < unknown < yes, so that min is "and" and max is "or"."""

    NO = 0
    UNKNOWN = 1
    YES = 2


def _truth(value: bool) -> Truth:
    return Truth.YES if value else Truth.NO


@dataclass(frozen=True)
class Situation:
    """The answers of one check-in on one day. ``hours`` is the range of hours since the anaesthetic."""

    checkin: CheckIn
    day: int
    hours: tuple[float, float]
    present: tuple[ReportedSymptom, ...]
    fever: Truth
    permanent_thread: Truth
    absorbed_after_days: float

    @classmethod
    def on_day(cls, checkin: CheckIn, day: int) -> Situation:
        """Read ``checkin`` on ``day``. Contradictory or missing facts widen to what they allow."""
        present = tuple(symptom for symptom in checkin.symptoms if symptom.present != "no")
        permanent, absorbed = _thread_facts(checkin)
        return cls(checkin, day, _hours(checkin, day), present, _fever(checkin), permanent, absorbed)

    def holds(self, when: Iterable[tuple[Clause, ...]]) -> Truth:
        """Truth of "any alternative of which all clauses hold"."""
        return max(min(self.clause(clause) for clause in alternative) for alternative in when)

    def clause(self, clause: Clause) -> Truth:
        """Truth of one clause: everything given in it must hold."""
        parts = [*self._of_symptom(clause), *self._of_time(clause), *self._of_pain(clause)]
        if clause.fever:
            parts.append(self.fever)
        if clause.temperature_min is not None:
            given = self.checkin.temperature_c
            parts.append(_truth(given is not None and given >= clause.temperature_min))
        if clause.host:
            parts.append(max(_answer(getattr(self.checkin.procedure, name)) for name in clause.host))
        if clause.permanent_thread:
            parts.append(self.permanent_thread)
        if clause.past_absorption:
            parts.append(_truth(self.day > self.absorbed_after_days))
        return min(parts)

    def _of_symptom(self, clause: Clause) -> Iterable[Truth]:
        if clause.symptom:
            yield max(
                (self._entry(entry, clause) for entry in self.present if entry.kind in clause.symptom),
                default=Truth.NO,
            )

    def _entry(self, entry: ReportedSymptom, clause: Clause) -> Truth:
        parts = [Truth.YES]
        if clause.trend:
            parts.append(_same(entry.trend, clause.trend))
        if clause.severity_min:
            parts.append(_at_least(entry.severity, clause.severity_min))
        if clause.side:
            parts.append(_truth(entry.side != "both"))
        if clause.onset_min is not None:
            onset = entry.onset_day if (entry.onset_day or 0) <= self.day else None
            parts.append(Truth.UNKNOWN if onset is None else _truth(onset >= clause.onset_min))
        return min(parts)

    def _of_time(self, clause: Clause) -> Iterable[Truth]:
        low, high = self.hours
        if clause.day_min is not None:
            yield _truth(self.day >= clause.day_min)
        if clause.hours_over is not None:
            yield _range(low > clause.hours_over, high > clause.hours_over)
        if clause.hours_max is not None:
            yield _range(high <= clause.hours_max, low <= clause.hours_max)

    def _of_pain(self, clause: Clause) -> Iterable[Truth]:
        pain = self.checkin.pain_0_10
        if clause.pain_min is not None:
            yield Truth.UNKNOWN if pain is None else _truth(pain >= clause.pain_min)
        if clause.pain_over_usual:
            usual = load_timeline().period(self.day).usual_pain_max
            yield Truth.UNKNOWN if pain is None else _truth(pain > usual)
        if clause.pain_trend:
            in_pain = pain is None or pain > 0
            yield min(_same(self.checkin.pain_trend, clause.pain_trend), _truth(in_pain))


def _answer(answer: Answer | None) -> Truth:
    return {"yes": Truth.YES, "no": Truth.NO}.get(answer or "unknown", Truth.UNKNOWN)


def _same(given: str, wanted: str) -> Truth:
    return Truth.UNKNOWN if given == "unknown" else _truth(given == wanted)


def _at_least(given: str, wanted: str) -> Truth:
    return (
        Truth.UNKNOWN if given == "unknown" else _truth(SEVERITIES.index(given) >= SEVERITIES.index(wanted))
    )


def _range(surely: bool, possibly: bool) -> Truth:
    return Truth.YES if surely else Truth.UNKNOWN if possibly else Truth.NO


def possible_hours(day: int) -> tuple[float, float]:
    """Hours since the session that calendar day ``day`` allows."""
    return max(0.0, 24.0 * (day - 1)), 24.0 * (day + 1)


def _hours(checkin: CheckIn, day: int) -> tuple[float, float]:
    low, high = possible_hours(day)
    given = checkin.hours_since_anaesthetic
    if given is None:
        return low, high
    return (given, given) if low <= given <= high else (min(low, given), max(high, given))


def _fever(checkin: CheckIn) -> Truth:
    answers = [symptom.present for symptom in checkin.symptoms if symptom.kind == "fever"]
    given = checkin.temperature_c
    if is_fever(given) or any(answer != "no" for answer in answers):
        return Truth.YES
    return Truth.NO if given is not None or answers else Truth.UNKNOWN


def _thread_facts(checkin: CheckIn) -> tuple[Truth, float]:
    """Whether a thread may stay for ever, and after how many days the first one should be absorbed."""
    catalogue = load_catalogue()
    kinds = [catalogue.kinds[name] for name in checkin.procedure.thread_kinds]
    names = set(checkin.procedure.materials) | {kind.material for kind in kinds}
    materials = [catalogue.materials[name] for name in names]
    absorbable = [m.absorbable for m in materials] + [
        catalogue.coatings[kind.coating].absorbable for kind in kinds if kind.coating is not None
    ]
    permanent = Truth.YES if "no" in absorbable else Truth.NO
    if not absorbable or "unknown" in absorbable:
        permanent = max(permanent, Truth.UNKNOWN)
    known = [m.absorption_months for m in materials if m.absorption_months]
    months = (
        known
        if known and permanent is Truth.NO
        else [m.absorption_months for m in catalogue.materials.values() if m.absorption_months]
    )
    return permanent, min(high for _, high in months) * DAYS_PER_MONTH
