"""A case: everything that the main job found out about one person, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from threadlift.anatomy import Anatomy
from threadlift.care.aftercare import AftercarePlan
from threadlift.care.alternative import Alternatives
from threadlift.care.question import Answer
from threadlift.care.risk import Risks
from threadlift.face.face import Face
from threadlift.face.measure import FaceMeasures
from threadlift.face.scan import ScanReport
from threadlift.finding import Finding
from threadlift.language import Text
from threadlift.planning.optimise.answer import OptimisedPlan
from threadlift.planning.path import ResolvedThread
from threadlift.planning.prediction import Prediction
from threadlift.planning.proposal import Proposal
from threadlift.pricing import Quote
from threadlift.screening import Intake, Verdict
from threadlift.tissue import Lift


class Override(BaseModel):
    """A doctor's decision to plan although the verdict says no: who, why, when. Kept with the case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str = Field(min_length=2, max_length=200, description="name of the doctor who decides")
    reason: str = Field(min_length=10, max_length=2000)
    on: date


class CaseInfo(BaseModel):
    """What the case is and how it came about. Holds no name of the patient."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["threadlift.case/1"] = "threadlift.case/1"
    code: str = Field(description="readable code of the case, from the intake or made from its content")
    made_on: date
    procedure_on: date = Field(description="planned day of the procedure")
    procedure_is_assumed: bool = Field(description="nobody named a day; calendar and dates are an example")
    software_version: str
    is_synthetic: bool = Field(description="the person is made up; shown on every page")
    override: Override | None = None
    seconds: dict[str, float] = Field(default_factory=dict, description="time spent per stage")
    scan_key: str = Field(
        description="hash of scan file, scale, landmarks and template; tells whether the face still fits"
    )


@dataclass(frozen=True)
class Treatment:
    """What is planned and what it does: only present when the verdict and the face allow planning.

    ``optimised`` is there when an optimised plan was asked for; ``proposal`` then holds it, if there is any.
    """

    proposal: Proposal
    threads: tuple[ResolvedThread, ...]
    findings: tuple[Finding, ...]
    lift: Lift
    prediction: Prediction
    quote: Quote
    aftercare: AftercarePlan
    optimised: OptimisedPlan | None = None

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """What clearance and the tissue model found about the plan."""
        return (*self.findings, *self.lift.findings)


@dataclass(frozen=True)
class Case:
    """All results for one person. ``treatment`` is None when planning stopped, and ``no_plan`` says why.

    ``proposal`` is there whenever threads were looked for, also when none was found: it holds the reasons.
    """

    info: CaseInfo
    intake: Intake
    verdict: Verdict
    face: Face
    scan_report: ScanReport | None
    measures: FaceMeasures
    anatomy: Anatomy
    treatment: Treatment | None
    no_plan: Text | None
    risks: Risks
    alternatives: Alternatives
    questions: tuple[Answer, ...]
    proposal: Proposal | None = None
