"""Doses at, under and over the limit; antiseptics; kit; checklist; expectation; offers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from threadlift.care.anaesthetic import check_dose, dosing_weight, load_limits
from threadlift.care.antiseptic import check_antiseptics, load_antiseptic_rules
from threadlift.care.offer import load_offer_questions
from threadlift.care.safety import SafetyReport, check_safety
from threadlift.care.safety_file import Anaesthetic, Antiseptic, SafetyFile, SafetyPatient
from threadlift.care.session import load_session
from threadlift.errors import InputError
from threadlift.files import parse_model
from threadlift.finding import Severity

WELL: dict[str, Any] = {
    "age_years": 44,
    "sex": "female",
    "height_cm": 165,
    "weight_kg": 60,
    "liver_disease": "no",
    "heart_disease": "no",
    "pregnant": "no",
    "thyroid_disease": "no",
}


def patient(**changes: Any) -> SafetyPatient:
    return SafetyPatient.model_validate({k: v for k, v in {**WELL, **changes}.items() if v is not None})


def dose(volume_ml: float = 5, percent: float = 2, **changes: Any) -> Anaesthetic:
    return Anaesthetic.model_validate(
        {"agent": "lidocaine", "concentration_percent": percent, "volume_ml": volume_ml, "epinephrine": "no"}
        | changes
    )


def worst(found: Any) -> set[str]:
    return {f.rule for f in found.findings if f.severity is Severity.STOP}


@pytest.mark.control("C-13")
def test_the_limit_is_the_lower_of_weight_and_absolute_limit() -> None:
    light = check_dose(patient(weight_kg=50, height_cm=160), [dose(1)])
    heavy = check_dose(patient(weight_kg=80, height_cm=180), [dose(1)])
    limits = {(r.epinephrine): r.limit_mg for r in light.remaining}
    assert limits == {False: 225.0, True: 350.0}
    assert {(r.epinephrine): r.limit_mg for r in heavy.remaining} == {False: 300.0, True: 500.0}


@pytest.mark.control("C-13")
@pytest.mark.parametrize(
    ("volume_ml", "rule"),
    [
        (10.7, "safety_dose_within_limit"),
        (10.8, "safety_dose_near_limit"),
        (13.5, "safety_dose_near_limit"),
        (13.51, "safety_dose_over_limit"),
    ],
)
def test_caution_from_four_fifths_up_to_the_limit_and_stop_above(volume_ml: float, rule: str) -> None:
    found = check_dose(patient(), [dose(volume_ml)])  # plain limit: 4.5 x 60 = 270 mg = 13.5 ml of 2 %
    assert rule in {f.rule for f in found.findings}


@pytest.mark.control("C-13")
def test_routes_agents_and_repeats_add_up_as_shares() -> None:
    doses = [
        Anaesthetic(agent="lidocaine", route="topical", concentration_percent=4, amount_g=2),  # 80 mg of 270
        dose(5, 2, epinephrine="yes"),  # 100 mg of 420
        dose(2, 0.5, agent="bupivacaine", times=3),  # 30 mg of 120
    ]
    found = check_dose(patient(), doses)
    assert found.share == pytest.approx(80 / 270 + 100 / 420 + 30 / 120)
    assert [d.dose_mg for d in found.counted] == pytest.approx([80, 100, 30])


def test_cream_never_gets_the_higher_limit_of_epinephrine() -> None:
    found = check_dose(patient(), [dose(10, 2, route="topical", epinephrine="yes")])
    assert found.counted[0].limit_mg == pytest.approx(270)


@pytest.mark.control("C-13")
@pytest.mark.parametrize(
    ("percent", "route", "dilute"),
    [(0.05, "injected", True), (0.1, "injected", True), (0.11, "injected", False), (1, "tumescent", True)],
)
def test_a_tumescent_solution_is_held_to_the_ordinary_limit(percent: float, route: str, dilute: bool) -> None:
    found = check_dose(patient(), [dose(20, percent, route=route, epinephrine="yes")])
    assert found.counted[0].limit_mg == pytest.approx(420)
    assert ("safety_tumescent" in {f.rule for f in found.findings}) is dilute


def test_half_a_litre_of_tumescent_solution_is_counted_and_stopped() -> None:
    found = check_dose(patient(), [dose(500, 0.1, route="tumescent", epinephrine="yes")])
    assert found.share == pytest.approx(500 / 420)
    assert "safety_dose_over_limit" in worst(found)


def test_epinephrine_that_is_not_stated_counts_as_without_and_is_a_caution() -> None:
    found = check_dose(patient(), [dose(5, epinephrine="unknown")])
    assert found.counted[0].limit_mg == pytest.approx(270)
    assert "safety_epinephrine_unknown" in {f.rule for f in found.findings}


@pytest.mark.control("C-13")
def test_ideal_weight_is_used_in_obesity_and_never_more_than_the_true_weight() -> None:
    below, above = patient(height_cm=165, weight_kg=81.6), patient(height_cm=165, weight_kg=81.7)
    assert below.bmi is not None and below.bmi < 30 <= (above.bmi or 0)
    assert dosing_weight(below) is not None and (dosing_weight(below) or (0,))[0] == 81.6
    assert (dosing_weight(above) or (0,))[0] == pytest.approx(45.5 + 0.91 * 12.6)
    male = patient(sex="male", height_cm=175, weight_kg=110, pregnant=None)
    assert (dosing_weight(male) or (0,))[0] == pytest.approx(50 + 0.91 * 22.6)
    assert (dosing_weight(patient(height_cm=None, weight_kg=90)) or (0,))[0] == 60
    assert (dosing_weight(patient(height_cm=None, weight_kg=55)) or (0,))[0] == 55


@pytest.mark.control("C-13")
@pytest.mark.parametrize(
    ("changes", "factor"),
    [
        ({}, 1.0),
        ({"age_years": 69}, 1.0),
        ({"age_years": 70}, 0.8),
        ({"liver_disease": "yes"}, 0.5),
        ({"heart_disease": "unknown"}, 0.5),
        ({"pregnant": "yes"}, 0.7),
        ({"medicines": [{"name": "itraconazole"}]}, 0.7),
        ({"age_years": 71}, 0.8),
        ({"age_years": 75, "liver_disease": "yes"}, 0.5),
        ({"age_years": None}, 0.8),
        ({"liver_disease": None}, 0.5),
        ({"heart_disease": None}, 0.5),
        ({"pregnant": None}, 0.7),
        ({"pregnant": None, "sex": "unknown"}, 0.7),
        ({"pregnant": None, "sex": "male"}, 1.0),
    ],
)
def test_the_strongest_reduction_counts(changes: dict[str, Any], factor: float) -> None:
    found = check_dose(patient(**changes), [dose(1)])
    assert found.factor == factor
    assert found.counted[0].limit_mg == pytest.approx(270 * factor)


@pytest.mark.control("C-13")
@pytest.mark.parametrize("answer", [None, "unknown"])
def test_a_reduction_for_want_of_an_answer_says_so(answer: str | None) -> None:
    found = check_dose(patient(liver_disease=answer), [dose(1)])
    assert [r.en for r in found.reductions] == ["Liver disease (not known: counted as yes)"]
    assert [r.vi for r in found.reductions] == ["Bệnh gan (chưa rõ: tính như có)"]
    assert [r.en for r in check_dose(patient(liver_disease="yes"), [dose(1)]).reductions] == ["Liver disease"]


@pytest.mark.parametrize(("age", "stops"), [(17, True), (18, False), (19, False)])
def test_no_dose_is_counted_as_right_under_18(age: int, stops: bool) -> None:
    assert ("safety_child" in worst(check_dose(patient(age_years=age), [dose(1)]))) is stops


def test_an_allergy_to_something_unknown_is_named_beside_anaesthetic_and_antiseptic() -> None:
    allergic, well = patient(allergies=[{"to": "unknown"}]), patient(allergies=[{"to": "latex"}])
    solution = Antiseptic(agent="povidone_iodine_solution", zone="near_eye", dry="yes", eyes_protected="yes")
    for who, expected in ((allergic, [Severity.CAUTION]), (well, [])):
        found = [*check_dose(who, [dose(1)]).findings, *check_antiseptics(who, [solution])]
        named = {f.rule: f.severity for f in found if f.rule.endswith("allergy_unknown")}
        assert list(named.values()) == expected * 2
        assert set(named) <= {"safety_allergy_unknown", "antiseptic_allergy_unknown"}


@pytest.mark.parametrize(
    ("who", "what", "rule"),
    [
        ({"weight_kg": None}, {}, "safety_weight_missing"),
        ({"age_years": 17}, {}, "safety_child"),
        ({}, {"concentration_percent": None}, "safety_concentration_missing"),
        ({}, {"volume_ml": None}, "safety_concentration_missing"),
        ({}, {"agent": "mysterycaine"}, "safety_agent_unknown"),
        ({"allergies": [{"to": "amide_anaesthetic"}]}, {}, "safety_amide_allergy"),
    ],
)
def test_what_cannot_be_counted_or_must_not_be_given_stops(
    who: dict[str, Any], what: dict[str, Any], rule: str
) -> None:
    given = dose().model_dump() | what
    found = check_dose(patient(**who), [Anaesthetic.model_validate(given)])
    assert rule in worst(found)


def test_doses_of_more_than_a_day_ago_no_longer_count() -> None:
    assert check_dose(patient(), [dose(5), dose(5, hours_ago=24)]).share == pytest.approx(200 / 270)
    assert check_dose(patient(), [dose(5), dose(5, hours_ago=24.5)]).share == pytest.approx(100 / 270)


def test_unanswered_questions_are_named_and_spellings_are_understood() -> None:
    found = check_dose(patient(liver_disease=None), [dose(1, agent="Lidocain"), dose(1, agent="lignocaine")])
    names = next(f for f in found.findings if f.rule == "safety_answers_missing")
    assert names.what.en.startswith("Not answered: liver disease (liver_disease)") and len(found.counted) == 2
    assert names.what.vi.startswith("Chưa trả lời: bệnh gan (liver_disease)")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("concentration_percent", 200, "0.05 and 40"),
        ("concentration_percent", 20, "check the unit"),
        ("volume_ml", 0, "0.01 and 1000"),
        ("volume_ml", "5 ml", "without a unit"),
        ("amount_g", 2, "not both"),
        ("dose_mg", 5, "unknown key"),
        ("concentration_mg_per_ml", 20, "not both"),
        ("hours_ago", -1, "0 and 1000"),
    ],
)
def test_an_impossible_dose_is_refused_by_its_key(key: str, value: object, said: str) -> None:
    entry = {"agent": "lidocaine", "concentration_percent": 2, "volume_ml": 5, key: value}
    with pytest.raises(InputError, match=said):
        parse_model({"schema": "threadlift.safety/1", "anaesthetic": [entry]}, SafetyFile, where="safety")


@pytest.mark.parametrize(("percent", "is_taken"), [(4.9, True), (5.0, True), (5.1, False)])
def test_nothing_stronger_than_five_per_cent_is_injected(percent: float, is_taken: bool) -> None:
    if is_taken:
        assert dose(1, percent).mg_per_ml == pytest.approx(percent * 10)
    else:
        with pytest.raises(ValueError, match="stronger than any solution"):
            dose(1, percent)


@pytest.mark.parametrize(
    "who", [{"weight_kg": 0}, {"weight_kg": 60000}, {"height_cm": 1.6}, {"height_cm": 200, "weight_kg": 25}]
)
def test_an_impossible_body_is_refused(who: dict[str, Any]) -> None:
    given = {"schema": "threadlift.safety/1", "patient": who, "rescue_kit": {}}
    with pytest.raises(InputError, match="patient"):
        parse_model(given, SafetyFile, where="safety")


def test_a_file_without_anything_to_check_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to check"):
        parse_model({"schema": "threadlift.safety/1"}, SafetyFile, where="safety")


@pytest.mark.control("C-14")
@pytest.mark.parametrize(
    ("agent", "zone", "severity"),
    [
        ("chlorhexidine", "near_eye", "stop"),
        ("chlorhexidine", "near_ear", "stop"),
        ("chlorhexidine", "unknown", "stop"),
        ("chlorhexidine", "lower_face", "caution"),
        ("alcohol", "near_eye", "stop"),
        ("alcohol", "lower_face", "caution"),
        ("povidone_iodine_scrub", "near_eye", "stop"),
        ("povidone_iodine_solution", "near_eye", "note"),
        ("other", "lower_face", "stop"),
        ("unknown", "near_eye", "stop"),
    ],
)
def test_each_antiseptic_by_zone(agent: str, zone: str, severity: str) -> None:
    given = Antiseptic.model_validate({"agent": agent, "zone": zone, "dry": "yes", "eyes_protected": "yes"})
    found = check_antiseptics(patient(), [given])
    assert [f.severity for f in found] == [severity]


def test_iodine_allergy_wet_skin_and_open_eyes_stop() -> None:
    given = Antiseptic(agent="povidone_iodine_solution", zone="near_eye", dry="no", eyes_protected="no")
    found = check_antiseptics(patient(allergies=[{"to": "povidone_iodine"}]), [given])
    stops = {f.rule for f in found if f.severity is Severity.STOP}
    assert stops == {"antiseptic_iodine_allergy", "antiseptic_not_dry", "antiseptic_eyes_open"}


def test_eyes_or_a_thyroid_that_nobody_spoke_of_are_named() -> None:
    given = Antiseptic(agent="povidone_iodine_solution", zone="lower_face", dry="yes")
    found = {f.rule: f.severity for f in check_antiseptics(patient(thyroid_disease=None), [given])}
    assert found["antiseptic_eyes_not_asked"] == found["antiseptic_thyroid_not_asked"] == Severity.CAUTION
    told = given.model_copy(update={"eyes_protected": "yes"})
    found = {f.rule: f.severity for f in check_antiseptics(patient(thyroid_disease="no"), [told])}
    assert list(found.values()) == [Severity.NOTE]


def test_an_answer_of_unknown_counts_as_the_worse_one() -> None:
    given = Antiseptic(
        agent="povidone_iodine_solution", zone="lower_face", dry="unknown", eyes_protected="unknown"
    )
    found = {f.rule for f in check_antiseptics(patient(thyroid_disease="unknown"), [given])}
    assert {"antiseptic_iodine_thyroid", "antiseptic_not_dry", "antiseptic_eyes_open"} <= found


def test_every_antiseptic_and_zone_gets_a_finding() -> None:
    agents = Antiseptic.model_json_schema()["properties"]["agent"]["enum"]
    zones = Antiseptic.model_json_schema()["properties"]["zone"]["enum"]
    _, rules = load_antiseptic_rules()
    for agent in agents:
        for zone in zones:
            assert any(agent in r.agents and zone in r.zones for r in rules), (agent, zone)


def report(**sections: Any) -> SafetyReport:
    given = SafetyFile.model_validate({"schema": "threadlift.safety/1", **sections})
    return check_safety(given, on=date(2026, 11, 23))


def test_a_rescue_kit_with_something_missing_or_unknown_stops() -> None:
    full = dict.fromkeys(load_session().kit.always, "yes") | {"filler_planned": "no"}
    assert report(rescue_kit=full).worst is None
    without = report(rescue_kit={**full, "oxygen": "unknown"})
    assert without.worst is Severity.STOP
    assert without.findings[0].what.vi == "Hộp cấp cứu thiếu: oxy (oxygen)"
    assert report(rescue_kit={**full, "filler_planned": "yes"}).worst is Severity.STOP


def test_an_open_checklist_item_stops_and_a_wrong_one_is_refused() -> None:
    items = [item.id for item in load_session().checks if item.phase == "time_out"]
    assert report(checklist={"time_out": items}).worst is None
    assert report(checklist={"time_out": items[1:]}).worst is Severity.STOP
    with pytest.raises(InputError, match="no item"):
        report(checklist={"time_out": ["coffee"]})


def test_the_session_takes_60_to_90_minutes_and_its_gates_hold() -> None:
    session = load_session()
    assert session.minutes == (60, 90)
    assert [step.number for step in session.steps] == [1, 2, 3, 4, 5]
    assert (
        session.open_gates("step_insertion", ["sterile_lots_scanned", "stop_rule"])[0].id
        == "dose_running_total"
    )
    assert {depth.claim for depth in session.depths} == {True, False}


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"months": 6, "material": "pdo"}, "note"),
        ({"months": 12, "material": "pdo"}, "caution"),
        ({"months": 13, "material": "pdo"}, "stop"),
        ({"months": 24, "material": "pcl"}, "caution"),
        ({"months": 36, "material": "PCL"}, "stop"),
        ({"months": 18}, "stop"),
        ({"lift_mm": 3.0}, None),
        ({"lift_mm": 3.1}, "stop"),
        ({"surgical_result": "yes"}, "stop"),
        ({"guarantee": "yes"}, "caution"),
    ],
)
def test_expectations(facts: dict[str, Any], severity: str | None) -> None:
    assert report(expectation=facts).worst == severity


def all_yes() -> dict[str, str]:
    return dict.fromkeys(load_offer_questions()[1], "yes")


def test_an_offer_with_all_answers_has_no_missing_factor() -> None:
    verdict = report(offer={"answers": all_yes()}).offer
    assert verdict is not None and verdict.verdict == "no_missing_factor_found"


@pytest.mark.parametrize(
    "key", sorted(k for k, q in load_offer_questions()[1].items() if q.factor != "offer")
)
def test_one_missing_answer_is_not_safe_and_an_unknown_one_is_not_shown(key: str) -> None:
    question = load_offer_questions()[1][key]
    if question.severity is not Severity.STOP:
        return
    for answer, expected in (("no", "not_safe"), ("unknown", "not_shown_safe")):
        verdict = report(offer={"answers": {**all_yes(), key: answer}}).offer
        assert verdict is not None and verdict.verdict == expected
        assert question.ask in verdict.ask


@pytest.mark.parametrize("kind", ["pp_cog_2_0", "pdo_mono_gold"])
def test_a_thread_that_is_not_absorbed_is_not_safe_whatever_is_said(kind: str) -> None:
    verdict = report(offer={"thread_kind": kind, "answers": all_yes()}).offer
    assert verdict is not None and verdict.verdict == "not_safe" and verdict.factors["thread"] == "missing"


@pytest.mark.parametrize(
    ("day", "verdict"), [("2026-11-23", "no_missing_factor_found"), ("2026-11-22", "not_safe")]
)
def test_an_expired_pack_is_not_safe_whatever_is_said(day: str, verdict: str) -> None:
    found = report(offer={"expiry_date": day, "answers": all_yes()}).offer
    assert found is not None and found.verdict == verdict


def test_a_question_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="licensed_doctor"):
        report(offer={"answers": {"licenced_doctor": "yes"}})


def test_every_agent_has_a_plain_limit_that_is_not_above_the_other() -> None:
    for agent in load_limits()[0].values():
        assert agent.plain.mg_per_kg <= agent.with_epinephrine.mg_per_kg
        assert agent.plain.cap_mg <= agent.with_epinephrine.cap_mg
