"""Which JSON every command reads and prints: the source of ``docs/reference/schemas``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from threadlift.care.aftercare_plan import AftercarePlan
from threadlift.care.alternative import Alternatives
from threadlift.care.checkin import CheckIn
from threadlift.care.safety import SafetyReport
from threadlift.care.safety_file import SafetyFile
from threadlift.care.triage_answer import TriageAnswer
from threadlift.case.case import CaseInfo
from threadlift.case.folder import FaceAnswer
from threadlift.case.learning import Learned
from threadlift.case.validation import ValidationResult
from threadlift.cli.bench import BenchAnswer
from threadlift.cli.evidence import EvidenceAnswer
from threadlift.cli.fit import FitAnswer
from threadlift.cli.plan import PlanAnswer
from threadlift.cli.quote import QuoteAnswer
from threadlift.cli.simulate import SimulationAnswer
from threadlift.planning.clearance_answer import CheckAnswer
from threadlift.planning.optimise.answer import OptimisedPlan
from threadlift.planning.optimise.goal import Goal
from threadlift.planning.plan import Plan
from threadlift.planning.prediction import Prediction
from threadlift.planning.proposal import Proposal
from threadlift.pricing.price import PriceList
from threadlift.screening import Intake, Verdict
from threadlift.tissue.validation.outcome import Outcomes


class Fault(BaseModel):
    """What went wrong, where, and what to do."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    where: str
    remedy: str


class ErrorAnswer(BaseModel):
    """What any command prints with ``--json`` when its input cannot be used (exit code 2)."""

    model_config = ConfigDict(frozen=True)

    error: Fault


INPUTS: dict[str, type[BaseModel]] = {
    "intake": Intake,
    "plan": Plan,
    "goal": Goal,
    "checkin": CheckIn,
    "safety": SafetyFile,
    "prices": PriceList,
    "outcomes": Outcomes,
}
ANSWERS: dict[str, type[BaseModel]] = {
    "aftercare": AftercarePlan,
    "bench": BenchAnswer,
    "check": CheckAnswer,
    "compare": Alternatives,
    "evidence": EvidenceAnswer,
    "fit": FitAnswer,
    "optimise": OptimisedPlan,
    "learn": Learned,
    "plan": PlanAnswer,
    "quote": QuoteAnswer,
    "safety": SafetyReport,
    "screen": Verdict,
    "simulate": SimulationAnswer,
    "triage": TriageAnswer,
    "validate": ValidationResult,
    "error": ErrorAnswer,
}
FILES: dict[str, type[BaseModel]] = {
    "case": CaseInfo,
    "face": FaceAnswer,
    "proposal": Proposal,
    "prediction": Prediction,
    "optimisation": OptimisedPlan,
}
