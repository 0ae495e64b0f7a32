"""Aftercare with the patient's own dates: rules, medicines, visits and check-ins; each with its strength."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from threadlift.care.aftercare_plan import (
    STRENGTHS,
    AftercarePlan,
    AftercareRule,
    ClinicRule,
    DatedRule,
    DatedVisit,
    RuleEdit,
    load_aftercare,
    load_date_clashes,
    load_follow_up_months,
)
from threadlift.care.calendar import to_ics
from threadlift.care.medicine import MedicineRule, check_medicines, facts_of_intake, load_medicine_rules
from threadlift.errors import InputError
from threadlift.finding import Finding, Severity, Status
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.screening.intake import Intake, Medicine
from threadlift.threads import load_catalogue

__all__ = ["AftercarePlan", "ClinicRule", "RuleEdit", "aftercare", "to_ics"]

PERSONAL: dict[str, Text] = {
    "smokes": Text(en="You smoke: this one matters most.", vi="Bạn có hút thuốc: điều này quan trọng nhất."),
    "exercises": Text(en="You train hard: plan the break.", vi="Bạn tập nặng: hãy thu xếp nghỉ."),
    "side_sleeper": Text(
        en="You sleep on your side: use pillows.", vi="Bạn hay nằm nghiêng: hãy dùng gối chèn."
    ),
    "no_paracetamol": Text(
        en="You are allergic to it, or to a pain killer you did not name: ask the doctor for another one.",
        vi="Bạn dị ứng thuốc này, hoặc dị ứng một thuốc giảm đau chưa nêu tên: hỏi bác sĩ thuốc khác.",
    ),
    "liver": Text(
        en="You have liver disease, or did not say: ask for your own limit before the first dose.",
        vi="Bạn có bệnh gan hoặc chưa trả lời: hỏi bác sĩ liều tối đa riêng trước liều đầu tiên.",
    ),
    "dental": Text(en="You have a dental date: move it.", vi="Bạn có lịch làm răng: hãy dời lịch."),
}

NOT_STARTED = Text(
    en="You did not say that you take it; it is usual after a session. Do not start it without asking.",
    vi="Bạn không khai đang dùng thuốc này; đây là thuốc hay dùng sau thủ thuật. Đừng tự dùng khi chưa hỏi.",
)


def aftercare(
    procedure_date: date,
    intake: Intake | None = None,
    plan: Plan | None = None,
    *,
    clinic_rules: Sequence[ClinicRule] = (),
    edits: Sequence[RuleEdit] = (),
    with_folk_rules: bool = True,
) -> AftercarePlan:
    """Date every rule, visit and check-in for one patient.

    A doctor's ``edits`` change the length of a rule or leave it out, and stay visible in the plan.
    Raises ``InputError`` for a date outside 2000-2100, a clinic rule id that is taken, or an edit of no rule.
    """
    if not 2000 <= procedure_date.year <= 2100:
        raise InputError("must lie between 2000 and 2100", where="procedure date", remedy="Correct the date.")
    version, rules, visits, remarks, programme = load_aftercare()
    taken = {rule.id for rule in rules}
    for own in clinic_rules:
        if own.id in taken or [r.id for r in clinic_rules].count(own.id) > 1:
            raise InputError(f"id {own.id!r} is used twice", where="clinic rule", remedy="Choose another id.")
    personal = _personal(procedure_date, intake)
    dated = [
        _date(rule, procedure_date, personal) for rule in rules if with_folk_rules or rule.kind != "folk"
    ]
    dated += [_date_own(rule, procedure_date) for rule in clinic_rules]
    dated = _edit(dated, edits)
    dates = [_visit(v, procedure_date) for v in visits if _lasts(plan) or not v.get("long_polymers")]
    dates += [_checkin(day, procedure_date, programme) for day in programme["days"]]
    return AftercarePlan(
        version=version,
        procedure_date=procedure_date,
        rules=tuple(dated),
        visits=tuple(sorted(dates, key=lambda v: (v.starts_on, v.id))),
        left_out=tuple(edit for edit in edits if edit.days is None),
        findings=(
            *_medicine_findings(intake, procedure_date),
            *_date_findings(procedure_date, intake, version),
        ),
        remarks=remarks,
    )


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or that month's last day."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise InputError("has no day so many months later", where="date")


def _date(rule: AftercareRule, session: date, personal: frozenset[str]) -> DatedRule:
    starts = session + timedelta(days=rule.from_day)
    tag = next((tag for tag in rule.tags if tag in personal), None)
    return DatedRule(
        id=rule.id,
        kind=rule.kind,
        starts_on=starts,
        ends_on=starts + timedelta(days=rule.days_max) if rule.days_max else None,
        earliest_end_on=starts + timedelta(days=rule.days_min) if rule.days_min else None,
        days_min=rule.days_min,
        days_max=rule.days_max,
        what=rule.what,
        for_you=PERSONAL[tag] if tag else None,
        strength=rule.strength,
        strength_text=STRENGTHS[rule.strength],
        evidence=rule.evidence,
        article=rule.article,
        article_verdict=rule.verdict,
        status=rule.status,
        sources=rule.sources,
    )


def _date_own(rule: ClinicRule, session: date) -> DatedRule:
    starts = session + timedelta(days=rule.from_day)
    ends = starts + timedelta(days=rule.days) if rule.days else None
    return DatedRule(
        id=f"clinic_{rule.id}",
        kind="clinic",
        starts_on=starts,
        ends_on=ends,
        earliest_end_on=ends,
        days_min=rule.days,
        days_max=rule.days,
        what=rule.what,
        for_you=None,
        strength="custom",
        strength_text=STRENGTHS["custom"],
        evidence=rule.evidence,
        article=None,
        article_verdict="clinic_rule",
        status=Status.UNSOURCED,
        sources=(),
    )


def _edit(rules: list[DatedRule], edits: Sequence[RuleEdit]) -> list[DatedRule]:
    known = {rule.id for rule in rules}
    for edit in edits:
        if edit.rule not in known:
            raise InputError(
                f"no aftercare rule {edit.rule!r}", where="edit", remedy=f"Rules: {', '.join(known)}."
            )
    changes = {edit.rule: edit for edit in edits}
    changed = []
    for rule in rules:
        change = changes.get(rule.id)
        if change is None:
            changed.append(rule)
        elif change.days is not None:
            ends = rule.starts_on + timedelta(days=change.days)
            changed.append(rule.model_copy(update={"ends_on": ends, "edit": change}))
    return changed


def _visit(entry: dict[str, Any], session: date) -> DatedVisit:
    if "month" in entry:
        starts = ends = add_months(session, entry["month"])
    else:
        starts = session + timedelta(days=entry["from_day"])
        ends = session + timedelta(days=entry["to_day"])
    return DatedVisit(
        id=entry["id"],
        kind=entry["kind"],
        starts_on=starts,
        ends_on=ends,
        what=Text.model_validate(entry["what"]),
        status=entry["status"],
        sources=entry["sources"],
    )


def _checkin(day: int, session: date, programme: dict[str, Any]) -> DatedVisit:
    on = session + timedelta(days=day)
    return DatedVisit(
        id=f"checkin_day_{day}",
        kind="checkin",
        starts_on=on,
        ends_on=on,
        what=Text(en=f"Symptom check, day {day}", vi=f"Kiểm tra triệu chứng, ngày {day}"),
        status=programme["status"],
        sources=programme["sources"],
    )


def _lasts(plan: Plan | None) -> bool:
    """Whether a planned thread outlasts PDO; without a plan the longer follow-up is kept."""
    if plan is None or not plan.threads:
        return True
    limit = load_follow_up_months()
    catalogue = load_catalogue()
    months = [catalogue.material(catalogue.kind(t.kind).material).absorption_months for t in plan.threads]
    return any(span is None or span[1] > limit for span in months)


def _personal(session: date, intake: Intake | None) -> frozenset[str]:
    if intake is None:
        return frozenset()
    dental_days = load_date_clashes()["aftercare_dental_work_on"].days
    habits, dental, facts = intake.habits, intake.wish.dental_work_on, facts_of_intake(intake)
    found = {
        "smokes": habits.smokes == "yes",
        "exercises": habits.strenuous_exercise == "yes",
        "side_sleeper": habits.sleeps_on_side == "yes",
        "no_paracetamol": "allergy_paracetamol" in facts,
        "liver": "liver_disease" in facts,
        "dental": dental is not None and session <= dental <= session + timedelta(days=dental_days),
    }
    return frozenset(name for name, holds in found.items() if holds)


def _medicine_findings(intake: Intake | None, session: date) -> tuple[Finding, ...]:
    """Medicines of the intake, and the usual ones after a session, against what is known of the person."""
    if intake is None:
        return ()
    version, _ = load_medicine_rules()
    usual = [
        Medicine(name="paracetamol"),
        Medicine(name="ibuprofen", drug_class="nsaid"),
        Medicine(name="antibiotic", drug_class="antibiotic"),
    ]
    facts = facts_of_intake(intake, session)
    taken = check_medicines(intake.medicines, facts, session)
    said = {rule.id for rule, _ in taken}
    advised = [found for found in check_medicines(usual, facts) if found[0].id not in said]
    found = [rule.finding(version, *names) for rule, names in _by_rule(taken)]
    found += [
        rule.finding(version, *names, remedy=None if rule.severity is Severity.NOTE else NOT_STARTED)
        for rule, names in _by_rule(advised)
    ]
    return tuple(sorted(found, key=lambda f: list(Severity).index(f.severity)))


def _by_rule(found: Sequence[tuple[MedicineRule, Medicine]]) -> list[tuple[MedicineRule, list[str]]]:
    """Each rule once, with the names of all medicines that it speaks about."""
    rules = {rule.id: rule for rule, _ in found}
    return [
        (rule, list(dict.fromkeys(medicine.name for other, medicine in found if other.id == name)))
        for name, rule in rules.items()
    ]


def _date_findings(session: date, intake: Intake | None, version: str) -> tuple[Finding, ...]:
    """Dates of the patient's own that fall into the days after the session."""
    if intake is None:
        return ()
    found = []
    for clash in load_date_clashes().values():
        day = getattr(intake.wish, clash.wish)
        if day is not None and session <= day < session + timedelta(days=clash.days):
            found.append(clash.finding(version, (day - session).days))
    return tuple(found)
