"""Aftercare dates, strengths, medicines and the calendar read back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from threadlift.care.aftercare import AftercarePlan, ClinicRule, RuleEdit, add_months, aftercare, to_ics
from threadlift.care.aftercare_plan import load_aftercare
from threadlift.errors import InputError
from threadlift.finding import Severity
from threadlift.language import Text
from threadlift.planning.plan import Plan
from threadlift.screening.intake import Intake, read_intake

DAY = date(2026, 12, 1)
DEMO = Path(__file__).parents[3] / "examples" / "demo" / "intake.toml"


def intake(**sections: Any) -> Intake:
    return Intake.model_validate({"schema": "threadlift.intake/1", **sections})


def plan_of(kind: str) -> Plan:
    path = [{"landmark": "t_l"}, {"landmark": "ch_l"}]
    thread = {"id": "a", "kind": kind, "side": "left", "plane": "supra_smas", "path": path}
    return Plan.model_validate({"schema": "threadlift.plan/1", "threads": [thread]})


def rules(made: AftercarePlan) -> dict[str, Any]:
    return {rule.id: rule for rule in made.rules}


def test_the_longer_end_is_used_and_the_shorter_one_is_shown() -> None:
    massage = rules(aftercare(DAY))["care_massage"]
    assert massage.ends_on == DAY + timedelta(days=60)
    assert massage.earliest_end_on == DAY + timedelta(days=21)
    assert massage.article_verdict == "article_weaker"


def test_a_rule_holds_on_its_last_day_and_is_gone_the_day_after() -> None:
    made = aftercare(DAY)
    held = {rule.id for rule in made.on_day(DAY + timedelta(days=2))}
    after = {rule.id for rule in made.on_day(DAY + timedelta(days=3))}
    assert "care_makeup" in held and "care_makeup" not in after
    assert "care_anticoagulants" in after


def test_every_rule_says_how_strong_it_is_and_what_the_article_says() -> None:
    for rule in aftercare(DAY).rules:
        assert rule.strength_text.vi and rule.evidence.en and rule.article is not None
        assert rule.sources


def test_food_rules_are_custom_and_can_be_left_out() -> None:
    folk = [rule for rule in aftercare(DAY).rules if rule.kind == "folk"]
    assert folk and all(rule.strength == "custom" for rule in folk)
    assert "theo kinh nghiệm" in folk[0].strength_text.vi
    assert not [r for r in aftercare(DAY, with_folk_rules=False).rules if r.kind == "folk"]


def test_the_slogan_of_the_article_is_shown_as_unsupported() -> None:
    remark = next(r for r in aftercare(DAY).remarks if r.id == "half_doctor_half_aftercare")
    assert remark.verdict == "unsupported"


def test_a_clinic_may_add_its_own_rule_and_it_is_marked() -> None:
    own = ClinicRule(id="collar", what=Text(en="Wear the band", vi="Đeo băng nâng cằm"), days=3)
    added = rules(aftercare(DAY, clinic_rules=[own]))["clinic_collar"]
    assert added.kind == "clinic" and added.strength == "custom"
    with pytest.raises(InputError, match="used twice"):
        aftercare(DAY, clinic_rules=[own, own])


def test_a_doctor_may_change_or_leave_out_a_rule_and_it_stays_visible() -> None:
    shorter = RuleEdit(rule="care_massage", days=30, by="Dr. Made Up", reason="smooth threads only")
    dropped = RuleEdit(rule="care_food_taboo", by="Dr. Made Up", reason="not supported")
    made = aftercare(DAY, edits=[shorter, dropped])
    massage = rules(made)["care_massage"]
    assert massage.ends_on == DAY + timedelta(days=30) and massage.edit == shorter
    assert massage.days_max == 60 and "care_food_taboo" not in rules(made)
    assert made.left_out == (dropped,)
    with pytest.raises(InputError, match="no aftercare rule"):
        aftercare(DAY, edits=[RuleEdit(rule="care_magic", by="Dr. Made Up", reason="a slip of the pen")])


def test_visits_at_18_and_24_months_only_for_threads_that_last() -> None:
    def months(made: AftercarePlan) -> set[str]:
        return {visit.id for visit in made.visits if visit.id.startswith("visit_month")}

    short = months(aftercare(DAY, None, plan_of("pdo_cog_moulded_2_0")))
    assert short == {"visit_month_3", "visit_month_6", "visit_month_12"}
    assert "visit_month_24" in months(aftercare(DAY, None, plan_of("pcl_cog_moulded_2_0")))
    assert "visit_month_24" in months(aftercare(DAY))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
    ],
)
def test_months_end_on_the_last_day_when_the_day_is_missing(start: date, months: int, expected: date) -> None:
    assert add_months(start, months) == expected


@pytest.mark.parametrize(
    ("sections", "rule", "severity"),
    [
        ({"conditions": {"pregnancy": "yes"}}, "medicine_nsaid_pregnant", "stop"),
        ({"conditions": {"pregnancy": "unknown"}}, "medicine_nsaid_pregnant", "stop"),
        ({"conditions": {"breastfeeding": "yes"}}, "medicine_tetracycline_pregnant", None),
        ({"medicines": [{"name": "rivaroxaban"}]}, "medicine_nsaid_blood_thinner", "stop"),
        ({"medicines": [{"name": "rivaroxaban"}]}, "medicine_anticoagulant_keep", "caution"),
        ({"medicines": [{"name": "aspirin", "prescribed": "yes"}]}, "medicine_aspirin_prescribed", "caution"),
        ({"allergies": [{"to": "pain_reliever"}]}, "medicine_nsaid_allergy", "stop"),
        ({"allergies": [{"to": "pain_reliever"}]}, "medicine_paracetamol_allergy", "stop"),
        (
            {"allergies": [{"to": "pain_reliever", "substance": "xyz"}]},
            "medicine_paracetamol_allergy",
            "stop",
        ),
        ({"allergies": [{"to": "pain_reliever", "substance": "Aspirin"}]}, "medicine_nsaid_allergy", "stop"),
        (
            {"allergies": [{"to": "pain_reliever", "substance": "Aspirin"}]},
            "medicine_paracetamol_allergy",
            None,
        ),
        ({"allergies": [{"to": "pain_reliever", "substance": "Panadol"}]}, "medicine_nsaid_allergy", None),
        ({"allergies": [{"to": "antibiotic"}]}, "medicine_antibiotic_allergy", "stop"),
        ({"conditions": {"liver_disease": "yes"}}, "medicine_paracetamol_liver", "caution"),
        ({"conditions": {"kidney_disease": "yes"}}, "medicine_nsaid_kidney_liver", "caution"),
    ],
)
def test_medicines_are_checked_against_the_intake(
    sections: dict[str, Any], rule: str, severity: str | None
) -> None:
    found = {f.rule: f.severity for f in aftercare(DAY, intake(**sections)).findings}
    assert found.get(rule) == severity


def test_each_medicine_finding_stands_once_and_says_whether_the_medicine_is_taken() -> None:
    made = aftercare(DAY, intake(conditions={"pregnancy": "yes"}, medicines=[{"name": "naproxen"}]))
    rules = [f.rule for f in made.findings]
    assert len(rules) == len(set(rules))
    by_rule = {f.rule: f for f in made.findings}
    assert by_rule["medicine_nsaid_pregnant"].value == "naproxen"
    assert by_rule["medicine_nsaid_pregnant"].remedy is None
    usual = aftercare(DAY, intake(conditions={"pregnancy": "yes"})).findings
    assert {f.remedy is None for f in usual if f.severity is not Severity.NOTE} == {False}


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"allergies": [{"to": "pain_reliever", "substance": "paracetamol"}]}, "allergic"),
        ({"conditions": {"liver_disease": "yes"}}, "liver disease"),
        ({"conditions": {"liver_disease": "no"}}, None),
    ],
)
def test_the_advice_on_pain_killers_fits_the_person(sections: dict[str, Any], words: str | None) -> None:
    rule = next(r for r in aftercare(DAY, intake(**sections)).rules if r.id == "care_pain_relief")
    assert (words is None) if rule.for_you is None else (words or "?") in rule.for_you.en


def test_a_man_is_not_asked_about_pregnancy_and_a_well_person_has_notes_only() -> None:
    made = aftercare(DAY, read_intake(DEMO))
    assert {f.severity for f in made.findings} == {Severity.NOTE}
    man = aftercare(DAY, intake(patient={"sex": "male"}))
    assert not [f for f in man.findings if "pregnant" in f.rule]


@pytest.mark.parametrize(
    ("wish", "days", "rule"),
    [
        ({"departs_on": "2026-12-14"}, 13, "aftercare_departs_on"),
        ({"departs_on": "2026-12-15"}, 14, None),
        ({"event_on": "2026-12-08"}, 7, "aftercare_event_on"),
        ({"event_on": "2026-12-14"}, 13, "aftercare_event_on"),
        ({"event_on": "2026-12-15"}, 14, None),
        ({"dental_work_on": "2026-12-28"}, 27, "aftercare_dental_work_on"),
        ({"dental_work_on": "2026-12-29"}, 28, None),
        ({"vaccination_on": "2026-12-14"}, 13, "aftercare_vaccination_on"),
        ({"vaccination_on": "2026-12-15"}, 14, None),
        ({"vaccination_on": "2026-12-03"}, 2, "aftercare_vaccination_on"),
        ({"event_on": "2026-11-30"}, -1, None),
    ],
)
def test_dates_that_clash_are_named(wish: dict[str, Any], days: int, rule: str | None) -> None:
    found = [f for f in aftercare(DAY, intake(wish=wish)).findings if f.rule.startswith("aftercare_")]
    assert [f.rule for f in found] == ([rule] if rule else [])
    assert all(f.value == days for f in found)


@pytest.mark.parametrize("year", [1999, 2101])
def test_a_date_far_away_is_refused(year: int) -> None:
    with pytest.raises(InputError, match="2000 and 2100"):
        aftercare(date(year, 1, 1))


MEDICAL = ("thread", "face", "lift", "swell", "chỉ", "mặt", "sưng", "clinic", "phòng khám", "visit", "khám")


@pytest.mark.control("C-17")
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_calendar_reads_back_neutral_and_ends_by_itself(language: Any) -> None:
    made = aftercare(DAY, read_intake(DEMO))
    raw = to_ics(made, language, uid_seed="someone")
    events = Calendar.from_ical(raw).walk("VEVENT")
    assert len(events) > 10
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    text = raw.decode().lower().replace("//threadlift//", "").replace("@threadlift.invalid", "")
    assert not [word for word in MEDICAL if word in text]
    for event in events:
        assert isinstance(event["dtstart"].dt, date) and event["dtend"].dt == event["dtstart"].dt + timedelta(
            days=1
        )
        assert "rrule" not in event and "description" not in event
    assert max(event["dtstart"].dt for event in events) == made.ends_on
    numbers = [int(str(event["summary"]).split()[-1]) for event in events]
    assert numbers == list(range(1, len(events) + 1))


def test_identifiers_are_stable_and_differ_between_patients() -> None:
    made = aftercare(DAY)

    def uids(raw: bytes) -> list[str]:
        return [str(event["uid"]) for event in Calendar.from_ical(raw).walk("VEVENT")]

    assert to_ics(made, "en") == to_ics(made, "en")
    assert uids(to_ics(made, "en", uid_seed="a")) == uids(to_ics(made, "vi", uid_seed="a", details=True))
    assert not set(uids(to_ics(made, "en", uid_seed="a"))) & set(uids(to_ics(made, "en", uid_seed="b")))
    assert len(set(uids(to_ics(made, "en")))) == len(uids(to_ics(made, "en")))


def test_details_put_the_advice_into_the_description() -> None:
    raw = to_ics(aftercare(DAY), "vi", details=True)
    events = Calendar.from_ical(raw).walk("VEVENT")
    assert any("xoa bóp" in str(event.get("description", "")) for event in events)


def test_every_span_of_the_data_has_its_ends_in_order() -> None:
    _, loaded, _, _, _ = load_aftercare()
    assert all(0 <= rule.days_min <= rule.days_max for rule in loaded)
