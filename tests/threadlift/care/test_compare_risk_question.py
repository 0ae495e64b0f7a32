"""Alternatives, risks and answers for different people."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from threadlift.care.alternative import Fit, compare, facts_for_fit, load_options
from threadlift.care.question import answer_questions, load_questions
from threadlift.care.risk import assess_risks
from threadlift.planning.plan import Plan
from threadlift.screening import Intake, read_intake, screen

DEMO = read_intake(Path(__file__).parents[3] / "examples" / "demo" / "intake.toml")
ON = date(2026, 11, 23)


def changed(**sections: dict[str, Any]) -> Intake:
    value = DEMO.model_dump(mode="json", by_alias=True, exclude_none=True)
    for name, keys in sections.items():
        value[name] = {**value.get(name, {}), **keys} if isinstance(keys, dict) else keys
    return Intake.model_validate(value)


def plan_of(*kinds: str, anchoring: str = "floating") -> Plan:
    path = [{"landmark": "t_l"}, {"landmark": "ch_l"}]
    threads = [
        {
            "id": f"t{i}",
            "kind": kind,
            "side": "left",
            "plane": "supra_smas",
            "path": path,
            "anchoring": anchoring,
        }
        for i, kind in enumerate(kinds)
    ]
    return Plan.model_validate({"schema": "threadlift.plan/1", "threads": threads})


def fits(intake: Intake) -> dict[str, Fit]:
    answer = compare(intake, screen(intake, on=ON))
    return {a.option.id.removeprefix("option_"): a.fit for a in answer.options}


def test_every_option_of_the_brief_is_there_and_says_its_weakness() -> None:
    answer = compare(DEMO, screen(DEMO, on=ON))
    names = {a.option.id for a in answer.options}
    wanted = {"nothing", "threads", "facelift", "hifu", "filler", "threads_filler"}
    assert {f"option_{name}" for name in wanted} <= names
    for alternative in answer.options:
        for key in ("onset", "downtime", "longevity", "lift", "risk", "cost", "weakness"):
            assert getattr(alternative.option, key).vi


def lax(grade: int) -> dict[str, Any]:
    return {region: {"scale": "LAX", "grade": grade} for region in ("jowl", "midface", "neck")}


def intake_with_laxity(grade: int | None) -> Intake:
    value = DEMO.model_dump(mode="json", by_alias=True, exclude_none=True)
    value["laxity"] = {} if grade is None else lax(grade)
    return Intake.model_validate(value)


@pytest.mark.parametrize(
    ("grade", "facts"),
    [
        (None, {"laxity_unknown"}),
        (0, {"laxity_none"}),
        (2, {"laxity_mild_moderate"}),
        (3, {"laxity_severe", "laxity_severe_or_more"}),
        (4, {"laxity_very_severe", "laxity_severe_or_more"}),
    ],
)
def test_laxity_decides_between_threads_and_surgery(grade: int | None, facts: set[str]) -> None:
    intake = intake_with_laxity(grade)
    found = {fact for fact in facts_for_fit(intake, None) if fact.startswith("laxity")}
    assert found == facts
    if grade == 4:
        assert fits(intake)["threads"] is Fit.NOT_SUITABLE
    if grade is None:
        assert fits(intake)["threads"] is Fit.ASK_DOCTOR


def test_a_refused_or_pregnant_patient_is_not_offered_threads() -> None:
    assert fits(changed(patient={"age_years": 16}))["threads"] is Fit.NOT_SUITABLE
    pregnant = fits(changed(conditions={"pregnancy": "yes"}))
    assert pregnant["threads"] is Fit.NOT_NOW and pregnant["facelift"] in (Fit.NOT_NOW, Fit.NOT_SUITABLE)
    assert pregnant["nothing"] is Fit.SUITS


PROCEDURES = ("threads", "facelift", "hifu", "rf_microneedling", "filler", "threads_filler")


@pytest.mark.parametrize(
    "sections",
    [
        {"vital_signs": {"temperature_c": 38.0}},
        {"conditions": {"skin_infection": "yes"}},
        {"expectation": {"body_image_screen": "positive"}},
        {"expectation": {"decides_freely": "no"}},
    ],
)
def test_what_stops_every_procedure_is_told_for_each_of_them(sections: dict[str, Any]) -> None:
    found = fits(changed(**sections))
    assert {found[name] for name in PROCEDURES} <= {Fit.NOT_NOW, Fit.NOT_SUITABLE}
    assert found["nothing"] is Fit.SUITS


@pytest.mark.parametrize(
    ("sections", "option"),
    [
        ({"conditions": {"breastfeeding": "yes"}}, "hifu"),
        ({"conditions": {"cancer_active": "yes"}}, "filler"),
        ({"conditions": {"autoimmune": "yes", "autoimmune_active": "no"}}, "filler"),
        ({"conditions": {"bleeding_disorder": "yes"}}, "rf_microneedling"),
    ],
)
def test_an_illness_sends_the_other_options_to_a_doctor_too(sections: dict[str, Any], option: str) -> None:
    assert fits(changed(**sections))[option] is Fit.ASK_DOCTOR


def test_a_pregnancy_that_was_not_asked_is_named_at_every_age() -> None:
    for age in (30, 56):
        unasked = changed(patient={"age_years": age}, conditions={"pregnancy": "unknown"})
        assert "pregnancy_unknown" in facts_for_fit(unasked, None)
    man = changed(patient={"sex": "male"}, conditions={"pregnancy": "unknown"})
    assert "pregnancy_unknown" not in facts_for_fit(man, None)


def test_a_deep_fold_is_not_hanging_skin() -> None:
    folded = changed(laxity={**lax(2), "nasolabial": {"scale": "WSRS", "grade": 5}})
    assert "laxity_mild_moderate" in facts_for_fit(folded, None)


@pytest.mark.parametrize(
    ("days", "threads", "facelift"),
    [(2, Fit.NOT_SUITABLE, Fit.NOT_SUITABLE), (14, None, Fit.WITH_RESERVATION)],
)
def test_downtime_wish_counts(days: int, threads: Fit | None, facelift: Fit) -> None:
    found = fits(changed(wish={"downtime_days": days}))
    assert threads is None or found["threads"] is threads
    assert found["facelift"] is facelift


@pytest.mark.parametrize(
    ("answers", "facts"),
    [
        ({"downtime_days": 2}, {"downtime_under_3", "downtime_under_14"}),
        ({"downtime_days": 3}, {"downtime_3_to_13", "downtime_under_14"}),
        ({"downtime_days": 4}, {"downtime_3_to_13", "downtime_under_14"}),
        ({"downtime_days": 13}, {"downtime_3_to_13", "downtime_under_14"}),
        ({"downtime_days": 14}, set()),
        ({"downtime_days": 15}, set()),
        ({"duration_months": 12}, set()),
        ({"duration_months": 13}, {"wishes_13_to_24_months"}),
        ({"duration_months": 24}, {"wishes_13_to_24_months"}),
        ({"duration_months": 25}, {"wishes_over_24_months"}),
    ],
)
def test_a_wish_at_a_threshold_counts_on_the_stated_side(answers: dict[str, int], facts: set[str]) -> None:
    found = facts_for_fit(changed(wish=answers), None)
    about = "downtime_" if "downtime_days" in answers else "wishes_"
    assert {fact for fact in found if fact.startswith(about)} == facts


@pytest.mark.parametrize(("age", "is_minor"), [(17, True), (18, False), (19, False)])
def test_no_option_is_a_matter_of_course_under_18(age: int, is_minor: bool) -> None:
    assert ("age_under_18" in facts_for_fit(changed(patient={"age_years": age}), None)) is is_minor


def test_a_wish_beyond_what_was_measured_does_not_suit() -> None:
    assert fits(changed(wish={"duration_months": 25}))["threads"] is Fit.NOT_SUITABLE
    assert fits(changed(wish={"duration_months": 24}))["threads"] is not Fit.NOT_SUITABLE
    assert fits(changed(wish={"surgical_result": "yes"}))["hifu"] is Fit.NOT_SUITABLE


def test_every_reason_is_shown_gravest_first() -> None:
    answer = compare(changed(wish={"downtime_days": 2}), None)
    threads = next(a for a in answer.options if a.option.id == "option_threads")
    ranks = [list(Fit).index(reason.fit) for reason in threads.reasons]
    assert ranks == sorted(ranks) and threads.fit is threads.reasons[0].fit


def test_every_fact_that_a_rule_of_fit_names_can_come_true() -> None:
    known = {"always"}
    known |= {f"verdict_{level}" for level in ("refuse", "defer", "refer_to_surgery", "doctor_review")}
    known |= {"verdict_proceed_with_precaution", "weak_defence"}
    from threadlift.care import alternative

    known |= {f"fired_{rule}" for rule in alternative.FOR_EVERY_PROCEDURE}
    for part in (alternative._of_laxity, alternative._of_wish, alternative._of_health):
        known |= part(DEMO).keys()
    for rule in load_options()[2]:
        assert set(rule.when) <= known, rule.id


def test_no_interval_is_made_up_for_pooled_figures_that_print_none() -> None:
    for risk in assess_risks().risks:
        for figure in risk.figures:
            if figure.source in ("niu2021", "zhou2025"):
                assert figure.interval_percent is None
        assert (risk.percent_range is None) == (risk.interval is None)


def test_a_risk_without_a_rate_says_so() -> None:
    weak = next(r for r in assess_risks().risks if r.id == "risk_facial_weakness")
    assert weak.percent_range is None and "nobody knows" in weak.how_often.en


@pytest.mark.parametrize(("age", "percents"), [(49, {5.6}), (50, {16.0}), (70, {16.0}), (None, {5.6, 16.0})])
def test_dimples_by_age(age: int | None, percents: set[float]) -> None:
    value = DEMO.model_dump(mode="json", by_alias=True, exclude_none=True)
    value["patient"].pop("age_years")
    if age is not None:
        value["patient"]["age_years"] = age
    risks = assess_risks(Intake.model_validate(value)).risks
    dimples = next(r for r in risks if r.id == "risk_dimpling")
    assert {figure.percent for figure in dimples.own_group} == percents


@pytest.mark.parametrize(
    ("kinds", "percent"),
    [
        (("pdo_cog_moulded_2_0",), 1.6),
        (("pdo_cog_moulded_2_0", "pp_cog_2_0"), 7.6),
        (("pdo_mono_gold",), 7.6),
    ],
)
def test_extrusion_by_thread_kind(kinds: tuple[str, ...], percent: float) -> None:
    risks = assess_risks(DEMO, plan_of(*kinds)).risks
    extrusion = next(r for r in risks if r.id == "risk_extrusion")
    assert {figure.percent for figure in extrusion.own_group} == {percent}


def test_barbed_and_fixed_threads_bring_their_remarks() -> None:
    risks = {r.id: r for r in assess_risks(DEMO, plan_of("pdo_cog_cut_2_0", anchoring="fixed")).risks}
    assert "modifier_barbed" in {m.id for m in risks["risk_dimpling"].modifiers}
    assert "modifier_temple_fixed" in {m.id for m in risks["risk_hair"].modifiers}
    smooth = {r.id: r for r in assess_risks(DEMO, plan_of("pdo_mono")).risks}
    assert "modifier_barbed" not in {m.id for m in smooth["risk_dimpling"].modifiers}


def test_the_course_by_day_and_when_to_call_stand_beside_a_risk() -> None:
    swelling = next(r for r in assess_risks(DEMO).risks if r.id == "risk_swelling")
    assert len(swelling.course) == 6 and "14" in swelling.when_to_call.vi


def test_questions_are_answered_for_the_patient() -> None:
    lines = {a.id: a.for_you for a in answer_questions(DEMO, None, plan_of("pdo_cog_cut_2_0"))}
    assert any("PDO" in text.en for text in lines["ask_duration"])
    assert not lines["ask_men"]
    man = changed(patient={"sex": "male"})
    answered = {a.id: a for a in answer_questions(man)}
    assert answered["ask_men"].for_you and "ask_pregnant" not in answered
    assert len(answer_questions()) == len(load_questions())


@pytest.mark.parametrize("topic", ["pain", "duration", "makeup", "men", "age", "price", "food", "safe"])
def test_the_questions_of_the_article_are_there_in_both_languages(topic: str) -> None:
    answer = next(a for a in answer_questions() if a.id == f"ask_{topic}")
    assert answer.ask.en != answer.ask.vi and answer.answer.en != answer.answer.vi
    assert answer.sources
