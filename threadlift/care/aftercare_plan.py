"""Aftercare as values: the rules of the data file, and the plan with one patient's dates."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from threadlift.care.triage_answer import NOTICE
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding, Severity, Status
from threadlift.frozen import Frozen
from threadlift.language import Text

RuleKind = Literal["do", "avoid", "medicine", "folk", "clinic"]
Strength = Literal[
    "meta_analysis", "systematic_review", "review", "consensus", "expert_opinion", "clinic_practice", "custom"
]
STRENGTHS: dict[str, Text] = {
    "meta_analysis": Text(en="meta-analysis", vi="phân tích gộp"),
    "systematic_review": Text(en="systematic review", vi="tổng quan hệ thống"),
    "review": Text(en="review", vi="bài tổng quan"),
    "consensus": Text(en="expert consensus", vi="đồng thuận chuyên gia"),
    "expert_opinion": Text(en="expert opinion", vi="ý kiến chuyên gia"),
    "clinic_practice": Text(en="clinic practice, no trial", vi="thực hành phòng khám, chưa có thử nghiệm"),
    "custom": Text(en="custom, weak evidence", vi="theo kinh nghiệm, bằng chứng còn yếu"),
}


class _Record(Frozen):
    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""


class AftercareRule(_Record):
    """One rule of the data file. The longer end of the span is used."""

    kind: RuleKind
    from_day: int
    days_min: int
    days_max: int
    strength: Strength
    what: Text
    evidence: Text
    verdict: str
    article: Text
    tags: tuple[str, ...] = ()


class ClinicRule(Frozen):
    """A rule that a clinic adds; always marked as the clinic's own."""

    id: str = Field(pattern=r"^[a-z0-9_]{2,40}$")
    what: Text
    days: int = Field(ge=0, le=730)
    from_day: int = Field(default=0, ge=0, le=730)
    evidence: Text = Text(en="The clinic's own rule.", vi="Quy định riêng của phòng khám.")


class RuleEdit(Frozen):
    """A doctor's change to a rule for this patient: another length, or left out; name and reason kept."""

    rule: str
    days: int | None = Field(default=None, ge=1, le=730, description="new length; None = leave the rule out")
    by: str = Field(min_length=2, max_length=120)
    reason: str = Field(min_length=5, max_length=500)


class DatedRule(Frozen):
    """A rule with this patient's dates: it holds from ``starts_on`` to ``ends_on``, both included."""

    id: str
    kind: RuleKind
    starts_on: date
    ends_on: date | None = Field(description="None: no end, it is a standing advice")
    earliest_end_on: date | None = Field(description="end by the shortest source")
    days_min: int
    days_max: int
    what: Text
    for_you: Text | None
    strength: Strength
    strength_text: Text
    evidence: Text
    article: Text | None
    article_verdict: str
    edit: RuleEdit | None = Field(default=None, description="the doctor's change, when there is one")
    status: Status
    sources: tuple[str, ...]


class DatedVisit(Frozen):
    """A visit, message or check-in, on a day or within a span of days."""

    id: str
    kind: Literal["visit", "message", "checkin"]
    starts_on: date
    ends_on: date
    what: Text
    status: Status
    sources: tuple[str, ...]


class Remark(_Record):
    """A claim of the article about aftercare, and what holds."""

    claim: Text
    verdict: str
    says: Text


class DateClash(_Record):
    """A date of the patient's own that should not fall within ``days`` after the session."""

    wish: str
    unit: str
    days: int
    what: Text
    remedy: Text

    def finding(self, version: str, day: int) -> Finding:
        """The clash as a caution, ``day`` days after the session."""
        return Finding(
            rule=self.id,
            rule_version=version,
            severity=Severity.CAUTION,
            what=self.what,
            remedy=self.remedy,
            value=day,
            threshold=self.days,
            unit=self.unit,
            status=self.status,
            sources=self.sources,
        )


class AftercarePlan(Frozen):
    """Everything after the session, dated. Schema ``threadlift.aftercare/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.aftercare/1"] = Field(default="threadlift.aftercare/1", alias="schema")
    version: str
    procedure_date: date
    rules: tuple[DatedRule, ...]
    visits: tuple[DatedVisit, ...]
    left_out: tuple[RuleEdit, ...] = Field(description="rules that a doctor left out for this patient")
    findings: tuple[Finding, ...] = Field(description="medicines and dates that clash with the aftercare")
    remarks: tuple[Remark, ...]
    notice: Text = NOTICE

    @property
    def ends_on(self) -> date:
        """The last day on which anything is planned."""
        return max([visit.ends_on for visit in self.visits] + [r.ends_on for r in self.rules if r.ends_on])

    def on_day(self, day: date) -> tuple[DatedRule, ...]:
        """Rules that hold on ``day``; a finished rule is gone the day after it ends."""
        return tuple(r for r in self.rules if r.starts_on <= day and (r.ends_on is None or day <= r.ends_on))


@cache
def load_aftercare() -> tuple[
    str, tuple[AftercareRule, ...], tuple[dict[str, Any], ...], tuple[Remark, ...], Any
]:
    """Version, rules, visits, remarks on the article, and the check-in programme."""
    content = load_data("threadlift.care", "aftercare.toml")
    try:
        rules = tuple(AftercareRule.model_validate(entry) for entry in content["rule"])
        remarks = tuple(Remark.model_validate(entry) for entry in content["remark"])
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/aftercare.toml: {error}") from error
    return content["file"]["version"], rules, tuple(content["visit"]), remarks, content["programme"][0]


@cache
def load_date_clashes() -> dict[str, DateClash]:
    """Dates that clash with the aftercare, by the id of their finding."""
    try:
        clashes = [
            DateClash.model_validate(e) for e in load_data("threadlift.care", "aftercare.toml")["clash"]
        ]
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/aftercare.toml: {error}") from error
    return {clash.id: clash for clash in clashes}


@cache
def load_follow_up_months() -> float:
    """Months of absorption beyond which a thread gets the longer follow-up."""
    return float(load_data("threadlift.care", "aftercare.toml")["follow_up"][0]["longer_beyond_months"])
