"""All safety checks of one file: dose, antiseptic, rescue kit, checklist, expectation, offer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from threadlift.care.anaesthetic import DoseCheck, check_dose
from threadlift.care.antiseptic import check_antiseptics
from threadlift.care.expectation import check_expectation
from threadlift.care.offer import OfferVerdict, check_offer
from threadlift.care.safety_file import Checklist, RescueKit, SafetyFile
from threadlift.care.safety_finding import finding, name_entries
from threadlift.care.session import Phase, load_session
from threadlift.care.triage_answer import NOTICE
from threadlift.finding import Finding, Severity
from threadlift.language import Text

PHASES: dict[Phase, Text] = {
    "sign_in": Text(en="Sign-in", vi="Kiểm tra trước gây tê"),
    "time_out": Text(en="Time-out", vi="Tạm dừng xác nhận trước khi bắt đầu"),
    "sign_out": Text(en="Sign-out", vi="Kiểm tra trước khi ra về"),
}


class SafetyReport(BaseModel):
    """What the safety checks found. Schema ``threadlift.safety-report/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.safety-report/1"] = Field(
        default="threadlift.safety-report/1", alias="schema"
    )
    worst: Severity | None
    dose: DoseCheck | None
    offer: OfferVerdict | None
    findings: tuple[Finding, ...] = Field(description="of every check, stops first")
    notice: Text = NOTICE


def check_safety(given: SafetyFile, *, on: date | None = None) -> SafetyReport:
    """Run every check for which the file has a section; ``on`` is the day for expiry dates."""
    findings: list[Finding] = []
    dose = check_dose(given.patient, given.anaesthetic) if given.anaesthetic else None
    offer = check_offer(given.offer, on=on) if given.offer is not None else None
    if dose is not None:
        findings += dose.findings
    findings += check_antiseptics(given.patient, given.antiseptic)
    if given.rescue_kit is not None:
        findings += _about_kit(given.rescue_kit)
    if given.checklist is not None:
        findings += _about_checklist(given.checklist)
    if given.expectation is not None:
        findings += check_expectation(given.expectation)
    if offer is not None:
        findings += offer.findings
    order = list(Severity)
    findings.sort(key=lambda f: order.index(f.severity))
    return SafetyReport(
        worst=findings[0].severity if findings else None, dose=dose, offer=offer, findings=tuple(findings)
    )


def _about_kit(kit: RescueKit) -> Iterable[Finding]:
    needed = load_session().kit
    names = [*needed.always, *(() if kit.filler_planned == "no" else needed.with_filler)]
    missing = [name for name in names if getattr(kit, name) != "yes"]
    if missing:
        yield finding("kit_missing", names=name_entries(missing))


def _about_checklist(checklist: Checklist) -> Iterable[Finding]:
    for phase, name in PHASES.items():
        done = getattr(checklist, phase)
        if done is None:
            continue
        still = load_session().open_items(phase, done)
        if still:
            names = Text(en="; ".join(i.what.en for i in still), vi="; ".join(i.what.vi for i in still))
            yield finding("checklist_open", phase=name, names=names)
