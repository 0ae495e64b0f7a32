"""Whole verdicts: which level wins, what stays listed, what the plan must respect."""

from datetime import date
from typing import Any

import pytest

from threadlift.errors import InputError
from threadlift.screening import Intake, Level, Verdict, screen
from threadlift.screening.case import SCREENED_ON, build_intake


def judge(given: dict[str, Any], without: tuple[str, ...] = (), on: date = SCREENED_ON) -> Verdict:
    return screen(build_intake(given, without), on=on)


def medicines(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"has_medicines": "yes", "medicines": list(entries)}


def history(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"has_past_treatments": "yes", "history": list(entries)}


@pytest.mark.control("C-01")
def test_an_empty_intake_never_proceeds() -> None:
    verdict = screen(Intake.model_validate({"schema": "threadlift.intake/1"}), on=SCREENED_ON)
    assert verdict.level is Level.DOCTOR_REVIEW
    assert "conditions.pregnancy" in [entry.question for entry in verdict.missing]


NEVER_PROCEED_WITHOUT = [
    *(f"conditions.{name}" for name in (
        "pregnancy", "breastfeeding", "skin_infection", "inflamed_acne", "cold_sore_now",
        "dental_or_sinus_infection", "infection_elsewhere", "cold_sores_before", "bleeding_disorder",
        "diabetes", "hypertension", "cardiac_or_stroke", "liver_disease", "kidney_disease", "keloid",
        "autoimmune", "immunosuppressed", "transplant", "hiv", "cancer_active", "face_radiotherapy",
        "psychiatric_unstable", "facial_weakness",
    )),
    "has_medicines", "has_allergies", "has_past_treatments", "habits.smokes", "habits.alcohol",
    "patient.age_years", "patient.weight_kg", "patient.height_cm", "patient.plans_weight_loss",
    "patient.weight_change_3_months_pct", "vital_signs.systolic_mmhg", "vital_signs.diastolic_mmhg",
    "vital_signs.temperature_c", "vital_signs.pulse_per_min", "skin.thickness", "skin.sun_damage",
    "skin.fibrotic", "skin.heavy_face", "laxity", "goals", "examined", "expectation.decides_freely",
    "expectation.wants_guarantee", "wish.surgical_result", "provider.licensed_doctor",
    "provider.sterile_place", "provider.registered_threads",
]  # fmt: skip


@pytest.mark.parametrize("question", NEVER_PROCEED_WITHOUT)
@pytest.mark.control("C-01")
def test_without_this_answer_nobody_proceeds(question: str) -> None:
    assert judge({}, without=(question,)).level is not Level.PROCEED


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({"patient.age_years": 16, "conditions.pregnancy": "yes"}, "refuse"),
        ({"laxity.neck": {"scale": "LAX", "grade": 4}, "patient.age_years": 72}, "refer_to_surgery"),
        ({"laxity.neck": {"scale": "LAX", "grade": 4}, "vital_signs.temperature_c": 39}, "refer_to_surgery"),
        ({"vital_signs.temperature_c": 39, "habits.smokes": "yes"}, "defer"),
        ({"habits.smokes": "yes", "conditions.cold_sores_before": "yes"}, "doctor_review"),
        ({"conditions.cold_sores_before": "yes"}, "proceed_with_precaution"),
        ({}, "proceed"),
    ],
)
def test_the_gravest_level_wins(given: dict[str, Any], level: str) -> None:
    assert judge(given).level.value == level


def test_what_the_doctor_has_to_review_stays_listed_under_a_graver_level() -> None:
    verdict = judge(
        {"conditions.bleeding_disorder": "yes", "habits.smokes": "yes", "conditions.keloid": "yes"}
    )
    assert verdict.level is Level.REFUSE
    assert {"CI-08", "CI-29", "CI-16"} <= set(verdict.fired_ids())
    assert verdict.fired[0].rule == "CI-08"


def test_bleeding_disorder_with_an_anticoagulant_is_refused_and_both_are_named() -> None:
    verdict = judge({"conditions.bleeding_disorder": "yes", **medicines({"name": "Eliquis 5 mg"})})
    assert verdict.level is Level.REFUSE
    assert {"CI-08", "CI-10", "INT-01"} <= set(verdict.fired_ids())


def test_the_last_of_several_deferrals_gives_the_date() -> None:
    verdict = judge(
        {
            **history(
                {"kind": "ha_filler", "on": date(2026, 11, 16)},
                {"kind": "hifu", "on": date(2026, 11, 15)},
            ),
            "habits.alcohol": "yes",
            "habits.last_alcohol_on": date(2026, 11, 22),
        }
    )
    assert verdict.level is Level.DEFER
    assert verdict.until == date(2026, 12, 13)


def test_a_deferral_has_ended_on_its_date() -> None:
    answers = history({"kind": "ha_filler", "on": date(2026, 11, 16)})
    first = judge(answers).until
    assert first == date(2026, 11, 30)
    assert judge(answers, on=first).level is Level.PROCEED


def test_a_pregnancy_without_a_date_says_what_ends_the_deferral() -> None:
    verdict = judge({"conditions.pregnancy": "yes"})
    assert verdict.until is None
    assert "6 weeks after" in verdict.until_when[0].en


@pytest.mark.control("C-02")
def test_an_allergy_to_pdo_refuses_pdo_and_not_the_patient() -> None:
    verdict = judge({"has_allergies": "yes", "allergies": [{"to": "thread_material", "material": "PDO"}]})
    assert verdict.level is Level.PRECAUTION
    assert [entry.what for entry in verdict.restrictions.materials] == ["PDO"]
    assert "PLLA" in verdict.restrictions.materials_left
    assert "PDO" not in verdict.restrictions.materials_left


def test_polymers_with_a_shared_building_block_are_excluded_together() -> None:
    verdict = judge({"has_allergies": "yes", "allergies": [{"to": "thread_material", "material": "PCL"}]})
    assert {entry.what for entry in verdict.restrictions.materials} == {"PCL", "PLCL"}


def test_no_material_is_clear_after_a_reaction_to_an_unknown_thread() -> None:
    verdict = judge({"has_allergies": "yes", "allergies": [{"to": "thread_material"}]})
    assert verdict.level is Level.DOCTOR_REVIEW
    assert verdict.restrictions.materials_left == ()


@pytest.mark.control("C-02")
def test_silicone_in_one_area_takes_that_area_and_the_goal_that_crosses_it() -> None:
    silicone = history({"kind": "permanent_filler", "on": date(2012, 1, 1), "area": "jowl"})
    verdict = judge({"goals": ["jowl", "brow"], **silicone})
    assert verdict.level is Level.DOCTOR_REVIEW
    assert [entry.what for entry in verdict.restrictions.areas] == ["jowl"]
    assert [entry.what for entry in verdict.restrictions.goals] == ["jowl"]


@pytest.mark.parametrize(
    ("site", "near"), [("ear", True), ("jawline", True), ("chest", False), ("body", False)]
)
def test_a_keloid_near_the_entry_points_is_told_apart(site: str, near: bool) -> None:
    fired = judge({"conditions.keloid": "yes", "conditions.keloid_sites": [site]}).fired[0]
    assert fired.rule == "CI-16"
    assert ("where the entry points lie" in fired.says.en) is near


def test_an_anaesthetic_allergy_is_passed_on_to_the_session() -> None:
    allergy = {"to": "amide_anaesthetic", "substance": "lidocaine"}
    verdict = judge({"has_allergies": "yes", "allergies": [allergy]})
    assert [entry.what for entry in verdict.restrictions.substances] == ["lidocaine"]


def test_a_wish_of_three_years_is_longer_than_any_material_lasts() -> None:
    verdict = judge({"wish.duration_months": 36})
    assert "CAN-08" in verdict.fired_ids()
    assert not any(remark.meets_wish for remark in verdict.durations)


def test_a_wish_of_18_months_rules_out_pdo_only() -> None:
    verdict = judge({"wish.duration_months": 18})
    assert [remark.material for remark in verdict.durations if not remark.meets_wish] == ["PDO"]


def test_each_fired_rule_shows_value_threshold_reason_and_standing() -> None:
    fired = judge({"vital_signs.systolic_mmhg": 188}).fired[0]
    assert (fired.rule, fired.used[0].value, fired.used[0].threshold) == ("CI-14", 188.0, 180.0)
    assert "188" in fired.says.en
    assert "188" in fired.says.vi
    assert fired.sources == ("preop",)
    assert fired.strength.vi
    assert fired.rule_version


def test_a_decimal_is_written_with_a_comma_in_vietnamese() -> None:
    fired = judge({"conditions.diabetes": "yes", "conditions.hba1c_pct": 9.3}).fired[0]
    assert "9,3" in fired.says.vi
    assert "9.3" in fired.says.en


def test_brand_names_and_accents_are_recognised() -> None:
    assert "CI-09" in judge(medicines({"name": "COUMADIN® 5"})).fired_ids()
    assert "CI-12" in judge(medicines({"name": "Viên dầu cá Omega-3"})).fired_ids()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Alaxan", "CI-12"),
        ("đương quy", "CI-12"),
        ("DuoPlavin 75/100", "CI-10"),
        ("Augmentin 1 g", "CI-04"),
        ("fluconazole 150 mg", "VIT-04"),
        ("Mounjaro 5 mg", "CI-32"),
    ],
)
def test_names_in_common_use_reach_their_rule(name: str, rule: str) -> None:
    assert rule in judge(medicines({"name": name})).fired_ids()


@pytest.mark.parametrize(
    "name", ["oral contraceptive", "Vitamin B12", "thuốc tránh thai", "Nasonex", "melatonin"]
)
def test_common_harmless_medicines_do_not_ask_for_the_doctor(name: str) -> None:
    assert judge(medicines({"name": name})).level is Level.PROCEED


def test_a_name_that_hides_in_another_word_is_not_recognised() -> None:
    fired = judge(medicines({"name": "Nasacort"})).fired_ids()
    assert "CI-11" not in fired
    assert "DATA-02" in fired


@pytest.mark.parametrize(
    "name", ["aspirin, Zyxolan", "omeprazole và Zyxolan", "Vitamin C + Zyxolan 5 mg", "Panadol/Zyxolan"]
)
def test_a_part_of_an_entry_that_nobody_recognises_is_not_covered_by_the_rest(name: str) -> None:
    assert "DATA-02" in judge(medicines({"name": name})).fired_ids()


@pytest.mark.parametrize(
    "name",
    ["omeprazole 20 mg, 1 viên/ngày", "Panadol 500 mg, khi cần", "vitamin C and vitamin D", "zinc, daily"],
)
def test_a_dose_or_its_time_is_not_taken_for_a_medicine(name: str) -> None:
    assert judge(medicines({"name": name})).level is Level.PROCEED


@pytest.mark.parametrize("name", ["blood thinner", "thuốc loãng máu", "Thuốc chống đông 5 mg"])
def test_a_blood_thinner_without_a_name_counts_as_one(name: str) -> None:
    assert {"CI-09", "CI-10"} <= set(judge(medicines({"name": name})).fired_ids())
    stopped = judge(medicines({"name": name, "taking": "stopped", "last_dose_on": date(2026, 11, 22)}))
    assert "MED-01" in stopped.fired_ids()


def test_a_stated_class_and_a_recognised_name_both_count() -> None:
    verdict = judge(medicines({"name": "warfarin", "drug_class": "other_harmless"}))
    assert "CI-09" in verdict.fired_ids()


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"answered_on": date(2026, 12, 1)}, "answered_on"),
        ({"conditions.cardiac_or_stroke_on": date(2027, 1, 1)}, "conditions.cardiac_or_stroke_on"),
        (history({"kind": "toxin", "on": date(2027, 1, 1)}), "history.0.on"),
        (
            medicines({"name": "ibuprofen", "taking": "stopped", "last_dose_on": date(2027, 1, 1)}),
            "medicines.0.last_dose_on",
        ),
        ({"habits.last_alcohol_on": date(2027, 1, 1)}, "habits.last_alcohol_on"),
    ],
)
def test_a_past_event_dated_in_the_future_is_refused_by_name(given: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        judge(given)
    assert key in str(caught.value)


def test_a_verdict_survives_writing_and_reading() -> None:
    verdict = judge({"conditions.diabetes": "yes", "conditions.hba1c_pct": 9.3})
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_the_same_answers_give_the_same_verdict_and_others_another_hash() -> None:
    assert judge({}) == judge({})
    assert judge({}).intake_hash != judge({"patient.age_years": 46}).intake_hash
