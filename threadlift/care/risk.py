"""Risks for one patient: published range, the figures of the own group, the usual course, when to call.

No interval is made up: a range spans published figures, or is computed by us from counts, and says which.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from threadlift.care.level import Level
from threadlift.care.timeline import load_timeline
from threadlift.care.triage_answer import NOTICE
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.screening.intake import Intake
from threadlift.screening.medicine import classify
from threadlift.threads import load_catalogue


class Figure(Frozen):
    """One published figure. ``interval_percent`` is computed by us from the counts in ``of``."""

    source: str
    kind: Literal["pooled", "single"]
    percent: float
    interval_percent: tuple[float, float] | None = None
    of: str = ""


class GroupFigure(Frozen):
    """What a source found in a group of people or threads."""

    group: str
    percent: float
    source: str


class RiskFact(Frozen):
    """One risk of the data file."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    name: Text
    percent_range: tuple[float, float] | None = None
    interval: Literal["range_of_studies", "our_interval"] | None = None
    course: str | None = None
    level: Level
    when: Text
    doctor: Text
    figures: tuple[Figure, ...] = ()
    groups: tuple[GroupFigure, ...] = ()


class Modifier(Frozen):
    """What makes a risk larger or less sure, for whom."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    when: tuple[str, ...]
    risks: tuple[str, ...]
    says: Text


class CourseStep(Frozen):
    """What is usual in one period."""

    period: Text
    usual: Text


class Risk(Frozen):
    """One risk for this patient. ``percent_range`` is None where no rate exists."""

    id: str
    name: Text
    how_often: Text
    percent_range: tuple[float, float] | None
    interval: Text | None
    own_group: tuple[GroupFigure, ...] = Field(description="figures of the groups this patient belongs to")
    modifiers: tuple[Modifier, ...]
    course: tuple[CourseStep, ...]
    level: Level = Field(description="how soon to be seen when it happens")
    when_to_call: Text
    doctor: Text
    figures: tuple[Figure, ...]
    status: Status
    sources: tuple[str, ...]
    reason: str


class ArticleClaim(Frozen):
    """A claim of the article about risk, and what holds."""

    id: str
    status: Status
    sources: tuple[str, ...]
    claim: Text
    says: Text


class Risks(Frozen):
    """All risks for one patient, in the order of the data. Schema ``threadlift.risks/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.risks/1"] = Field(default="threadlift.risks/1", alias="schema")
    version: str
    groups: tuple[str, ...] = Field(description="groups this patient and plan belong to")
    risks: tuple[Risk, ...]
    article: tuple[ArticleClaim, ...]
    notice: Text = NOTICE


INTERVALS: dict[str, Text] = {
    "range_of_studies": Text(
        en="range of published figures, not a confidence interval",
        vi="khoảng của các số liệu đã công bố, không phải khoảng tin cậy",
    ),
    "our_interval": Text(
        en="95% interval computed by us from one study's counts",
        vi="khoảng 95% do chúng tôi tính từ số ca của một nghiên cứu",
    ),
}
OF_100 = Text(en="{low} to {high} of 100 people", vi="{low} đến {high} trên 100 người")
NO_RATE = Text(
    en="It happens, but nobody knows how often: no study gives a rate.",
    vi="Có xảy ra, nhưng chưa rõ bao nhiêu: không nghiên cứu nào cho tỷ lệ.",
)


@cache
def _load() -> tuple[str, tuple[RiskFact, ...], tuple[Modifier, ...], tuple[ArticleClaim, ...]]:
    content: dict[str, Any] = load_data("threadlift.care", "risks.toml")
    try:
        risks = tuple(RiskFact.model_validate(entry) for entry in content["risk"])
        modifiers = tuple(Modifier.model_validate(entry) for entry in content["modifier"])
        claims = tuple(ArticleClaim.model_validate(entry) for entry in content["article"])
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/risks.toml: {error}") from error
    return content["file"]["version"], risks, modifiers, claims


def assess_risks(intake: Intake | None = None, plan: Plan | None = None) -> Risks:
    """Every risk with what is known for this patient and these threads.

    Without an age both age groups' figures are shown; without a plan no thread group applies.
    """
    version, facts, modifiers, claims = _load()
    groups = frozenset(_groups_of_person(intake)) | frozenset(_groups_of_threads(plan))
    return Risks(
        version=version,
        groups=tuple(sorted(groups)),
        risks=tuple(_risk(fact, groups, modifiers) for fact in facts),
        article=claims,
    )


def _risk(fact: RiskFact, groups: frozenset[str], modifiers: Iterable[Modifier]) -> Risk:
    wanted = groups | ({"age_50_or_more", "age_under_50"} if "age_unknown" in groups else set())
    return Risk(
        id=fact.id,
        name=fact.name,
        how_often=_how_often(fact.percent_range),
        percent_range=fact.percent_range,
        interval=INTERVALS[fact.interval] if fact.interval else None,
        own_group=tuple(figure for figure in fact.groups if figure.group in wanted),
        modifiers=tuple(m for m in modifiers if fact.id in m.risks and groups & set(m.when)),
        course=_course(fact.course),
        level=fact.level,
        when_to_call=fact.when,
        doctor=fact.doctor,
        figures=fact.figures,
        status=fact.status,
        sources=fact.sources,
        reason=fact.reason,
    )


def _how_often(span: tuple[float, float] | None) -> Text:
    if span is None:
        return NO_RATE
    return OF_100.fill(low=span[0], high=span[1])


def _course(sign_id: str | None) -> tuple[CourseStep, ...]:
    timeline = load_timeline()
    sign = next((sign for sign in timeline.signs if sign.id == sign_id), None)
    if sign is None:
        return ()
    return tuple(CourseStep(period=p.label, usual=sign.course[p.id]) for p in timeline.periods)


@cache
def _older_from_years() -> float:
    return float(load_data("threadlift.care", "risks.toml")["age_split"][0]["older_from_years"])


def _groups_of_person(intake: Intake | None) -> Iterable[str]:
    if intake is None:
        return ("age_unknown",)
    age, conditions = intake.patient.age_years, intake.conditions
    classes = {c for m in intake.medicines if m.taking == "current" for c in classify(m)}
    weak = {conditions.immunosuppressed, conditions.transplant, conditions.diabetes} & {"yes"}
    found = {
        "age_unknown": age is None,
        "age_50_or_more": age is not None and age >= _older_from_years(),
        "age_under_50": age is not None and age < _older_from_years(),
        "male": intake.patient.sex == "male",
        "smokes": intake.habits.smokes == "yes",
        "vitamin_k_antagonist": "vitamin_k_antagonist" in classes,
        "aspirin_or_nsaid": bool(classes & {"aspirin", "nsaid"}),
        "immunosuppressed_or_diabetic": bool(weak) or bool(classes & {"immunosuppressant", "chemotherapy"}),
        "phototype_dark": intake.skin.phototype in ("IV", "V", "VI"),
        "midface": bool({"midface", "nasolabial"} & set(intake.goals)),
    }
    return [name for name, holds in found.items() if holds]


def _groups_of_threads(plan: Plan | None) -> Iterable[str]:
    if plan is None or not plan.threads:
        return ()
    catalogue = load_catalogue()
    kinds = [catalogue.kind(thread.kind) for thread in plan.threads]
    materials = {kind.material for kind in kinds}
    absorbed = [catalogue.is_absorbable(kind.id) for kind in kinds]
    found = {
        "absorbable": all(absorbed),
        "not_absorbable_or_unknown": not all(absorbed),
        "barbed": any(kind.barb in ("cut", "moulded", "unknown") for kind in kinds),
        "pcl": "pcl" in materials,
        "fixed": any(thread.anchoring == "fixed" for thread in plan.threads),
        "floating": any(thread.anchoring == "floating" for thread in plan.threads),
    }
    return [name for name, holds in found.items() if holds]
