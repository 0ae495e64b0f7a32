"""The optimiser's answer: the plan, what it reaches, how it was found, the published plan beside it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from threadlift.finding import Severity
from threadlift.planning.forecast import Band, Form
from threadlift.planning.optimise.goal import Goal
from threadlift.planning.plan import Plan
from threadlift.planning.proposal import Adjustment
from threadlift.planning.sentence import Reason

Outcome = Literal["reached", "nearest", "best_so_far", "nothing_found"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WishAnswer(_Strict):
    """One wish at one landmark. ``estimated_mm`` is what the choice was made by, ``reached_mm`` the tissue
    model's own lift of the chosen plan, ``published_mm`` that of the published technique's plan; each of the
    two with the range in which 8 of 10 faces like this one lie."""

    landmark: str
    direction: str
    wished_mm: float
    needed_mm: float = Field(description="what the middle tissue must reach: above the wish when robust")
    estimated_mm: float
    reached_mm: float
    reached_range: Band | None = Field(description="None where no millimetres may be told")
    published_mm: float | None
    published_range: Band | None


class PlanFigures(_Strict):
    """A plan in figures."""

    threads: int
    total_pull_n: float
    total: str | None = Field(default=None, description="price of the session, when it was asked for")
    currency: str | None = None
    mouth_mm: float = Field(description="largest motion of a corner of the mouth")
    stretch_percent: float
    bunching_percent: float
    stops: int
    cautions: int
    notes: int


class CandidateCount(_Strict):
    """How many candidates there were, and what became of them."""

    generated: int
    clear: int
    refused: dict[str, int] = Field(description="threads by the clearance rule that refused them")
    alike: int = Field(description="left out: same course and barbs as a preferred one")
    thinned: int = Field(description="left out by the rule of the thinning record")
    threads: int = Field(description="candidates in the choice")
    conflicts: int


class SearchFigures(_Strict):
    """How the search went: objective, proven bound, their gap, and seconds by stage."""

    objective: float | None
    bound: float | None
    gap_percent: float | None
    rounds: int
    first_plan_s: float | None = Field(description="from the start of the first choice")
    within_5_percent_s: float | None
    seconds: dict[str, float]


class OptimisedPlan(_Strict):
    """Schema ``threadlift.optimisation/1``: a suggestion for a doctor, not a published technique."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.optimisation/1"] = Field(default="threadlift.optimisation/1", alias="schema")
    outcome: Outcome
    form: Form = Field(description="mm: lifts may be told in millimetres; else the face does not allow it")
    goal: Goal
    plan: Plan
    wishes: tuple[WishAnswer, ...]
    reasons: tuple[Reason, ...] = Field(description="what the plan is, what binds it, what remains")
    departures: tuple[Adjustment, ...] = Field(description="how each thread departs from published technique")
    optimised: PlanFigures | None
    published: PlanFigures | None
    candidates: CandidateCount
    search: SearchFigures


def count_severities(severities: list[Severity]) -> dict[str, int]:
    """Stops, cautions and notes among findings."""
    return {
        "stops": severities.count(Severity.STOP),
        "cautions": severities.count(Severity.CAUTION),
        "notes": severities.count(Severity.NOTE),
    }
