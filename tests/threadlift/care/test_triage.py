"""Every case of the rules, and what must hold for any check-in."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threadlift.care.case import checkin_of_case, read_sign
from threadlift.care.checkin import CheckIn, check_dates, with_record
from threadlift.care.level import Level
from threadlift.care.symptom import load_symptoms
from threadlift.care.timeline import load_timeline
from threadlift.care.triage import triage
from threadlift.care.triage_answer import Numbers, load_advice
from threadlift.care.triage_rule import Case, load_generals, load_triage_rules
from threadlift.errors import InputError, RuleDataError
from threadlift.files import parse_model
from threadlift.planning.plan import Plan
from threadlift.screening.intake import Intake

CASES = [(rule.id, case) for rule in load_triage_rules()[1] for case in rule.cases]
KINDS = sorted(load_symptoms())


def check_in(signs: tuple[str, ...] = (), **answers: Any) -> CheckIn:
    """A check-in of day 2 with everything answered, changed by ``answers`` (``None`` = not answered)."""
    value: dict[str, Any] = {
        "schema": "threadlift.checkin/1",
        "day": 2,
        "pain_0_10": 2,
        "pain_trend": "same",
        "temperature_c": 36.8,
        "danger_signs": "none",
        "symptoms": [read_sign(sign) for sign in signs],
        "procedure": {"materials": ["pdo"], "filler": "no", "temple": "no"},
    }
    value.update(answers)
    return CheckIn.model_validate({k: v for k, v in value.items() if v is not None})


def level(signs: tuple[str, ...] = (), **answers: Any) -> Level:
    return triage(check_in(signs, **answers)).level


@pytest.mark.parametrize(
    ("rule", "case"), CASES, ids=lambda v: v if isinstance(v, str) else f"{v.kind}-day{v.day}"
)
def test_each_case_of_a_rule_holds(rule: str, case: Case) -> None:
    answer = triage(checkin_of_case(case))
    fired = [f for f in answer.fired if f.rule == rule]
    assert answer.level is case.level
    if case.kind == "not":
        assert not any(f.certain for f in fired)
    else:
        assert fired


def test_every_rule_has_a_case_that_fires_and_one_that_does_not() -> None:
    for rule in load_triage_rules()[1]:
        kinds = {case.kind for case in rule.cases}
        assert "not" in kinds and kinds & {"fires", "threshold"}, rule.id


def test_every_red_flag_of_the_evidence_has_a_rule() -> None:
    flags = {rule.red_flag for rule in load_triage_rules()[1]} | {
        rule.red_flag for rule in load_generals().rules.values()
    }
    assert flags - {None} == {f"RF-{number:02d}" for number in range(1, 21)}


def test_every_abnormal_cell_of_the_timeline_has_rules_that_exist() -> None:
    known = {rule.id for rule in load_triage_rules()[1]}
    for sign in load_timeline().signs:
        assert sign.rules and set(sign.rules) <= known


def test_every_group_has_advice() -> None:
    _, advice = load_advice()
    groups = {rule.group for rule in load_triage_rules()[1]} | {s.group for s in load_symptoms().values()}
    assert groups | {"medicine", "general"} <= set(advice)


def test_every_symptom_alone_is_answered_on_every_day_and_danger_is_an_emergency() -> None:
    for kind in KINDS:
        for day in (0, 3, 20, 130, 4000):
            found = level((kind,), day=day, pain_0_10=0)
            assert found is Level.EMERGENCY or not load_symptoms()[kind].danger


VIGNETTES: list[tuple[str, dict[str, Any], Level]] = [
    ("swelling both moderate same,bruising left,tightness", {}, Level.SELF_CARE),
    ("swelling both moderate worse", {}, Level.SELF_CARE),
    ("swelling left moderate worse", {}, Level.SAME_DAY),
    ("", {"temperature_c": 38.0}, Level.SAME_DAY),
    ("", {"pain_0_10": 7}, Level.SAME_DAY),
    ("skin_white left,pain_out_of_proportion left", {"pain_0_10": 9}, Level.EMERGENCY),
    ("smile_uneven left", {"day": 0, "hours_since_anaesthetic": 3}, Level.CALL),
    ("smile_uneven left", {"day": 4}, Level.SAME_DAY),
    ("eyelid_droop left", {"day": 1}, Level.SAME_DAY),
    ("smile_uneven left,speech_trouble", {"day": 4}, Level.EMERGENCY),
    ("dimpling left", {"day": 3}, Level.SELF_CARE),
    ("dimpling left", {"day": 20, "pain_0_10": 0}, Level.CALL),
    ("lump left", {"day": 125, "pain_0_10": 0}, Level.SAME_DAY),
    ("blisters left", {"day": 4}, Level.SAME_DAY),
    ("pus left", {"day": 6, "medicines": [{"name": "isotretinoin"}]}, Level.SAME_DAY),
    ("pus left", {"day": 6, "patient": {"immunosuppressed": "yes"}}, Level.EMERGENCY),
    ("suicidal_thoughts", {"day": 20, "pain_0_10": 0}, Level.EMERGENCY),
    ("", {"patient": {"pregnant": "yes"}, "medicines": [{"name": "ibuprofen"}]}, Level.CALL),
    ("", {"medicines": [{"name": "warfarin", "taking": "stopped"}]}, Level.SAME_DAY),
    ("", {"medicines": [{"name": "paracetamol", "dose_mg_per_day": 4000}]}, Level.SELF_CARE),
    ("", {"medicines": [{"name": "paracetamol", "dose_mg_per_day": 4500}]}, Level.EMERGENCY),
    ("dark_patch left", {"day": 50, "pain_0_10": 0}, Level.SELF_CARE),
    ("numbness left", {"day": 5}, Level.SELF_CARE),
    ("numbness left", {"day": 50, "pain_0_10": 0}, Level.CALL),
]


@pytest.mark.control("C-15")
@pytest.mark.parametrize(("signs", "answers", "expected"), VIGNETTES)
def test_a_vignette_gets_its_level(signs: str, answers: dict[str, Any], expected: Level) -> None:
    assert level(tuple(signs.split(",")) if signs else (), **answers) is expected


@pytest.mark.control("C-15")
@pytest.mark.parametrize("name", ["pain_0_10", "temperature_c", "danger_signs", "day"])
def test_a_missing_key_answer_raises_the_level(name: str) -> None:
    assert level() is Level.SELF_CARE
    assert level(**{name: None}) is Level.CALL
    assert level(**{name: "unknown"}).rank >= Level.CALL.rank


@pytest.mark.control("C-16")
def test_an_earlier_level_stays_until_a_named_clinician_lets_it_go() -> None:
    assert level(previous_level="same_day") is Level.SAME_DAY
    release = {"clinician": "Dr. Made Up", "reason": "examined today", "on": "2026-12-10"}
    today = {"checkin_date": "2026-12-10", "released_by": release}
    assert level(previous_level="same_day", **today) is Level.SELF_CARE
    assert level(("pus",), previous_level="self_care", **today) is Level.SAME_DAY


@pytest.mark.control("C-16")
@pytest.mark.parametrize(
    ("released_on", "given_on", "today", "is_released"),
    [
        ("2026-12-10", None, "2026-12-10", True),
        (None, None, "2026-12-10", False),
        ("2026-12-09", None, "2026-12-10", False),
        ("2026-12-09", "2026-12-08", "2026-12-10", True),
        ("2026-12-08", "2026-12-08", "2026-12-10", True),
        ("2026-12-07", "2026-12-08", "2026-12-10", False),
        ("2026-12-11", "2026-12-08", "2026-12-10", False),
        ("2026-12-10", "2026-12-08", None, False),
    ],
)
def test_a_release_counts_from_the_earlier_check_in_to_this_one(
    released_on: str | None, given_on: str | None, today: str | None, is_released: bool
) -> None:
    release = {"clinician": "Dr. Made Up", "reason": "examined", "on": released_on}
    answers = {"checkin_date": today, "previous_level_on": given_on, "released_by": release}
    expected = Level.SELF_CARE if is_released else Level.SAME_DAY
    assert level(previous_level="same_day", **answers) is expected


@pytest.mark.control("C-16")
@pytest.mark.parametrize(
    ("name", "is_person"),
    [("An", False), ("--", False), ("12345", False), ("A B", True), ("Lan", True), ("BS. Lý Ô", True)],
)
def test_a_release_names_a_person(name: str, is_person: bool) -> None:
    release = {"clinician": name, "reason": "examined", "on": "2026-12-10"}
    if is_person:
        assert check_in(released_by=release).released_by is not None
    else:
        with pytest.raises(ValueError, match="name of a person"):
            check_in(released_by=release)


@pytest.mark.parametrize(
    ("last_dose_on", "session", "expected"),
    [
        ("2026-11-02", "2026-12-01", Level.SAME_DAY),  # 29 days before
        ("2026-11-01", "2026-12-01", Level.SAME_DAY),
        ("2026-10-31", "2026-12-01", Level.SELF_CARE),  # 31 days before
        ("2026-12-02", "2026-12-01", Level.SAME_DAY),
        (None, "2026-12-01", Level.SAME_DAY),
        ("2020-01-01", None, Level.SAME_DAY),
    ],
)
def test_a_blood_thinner_stopped_long_before_the_session_is_no_alarm(
    last_dose_on: str | None, session: str | None, expected: Level
) -> None:
    stopped = {"name": "warfarin", "taking": "stopped", "last_dose_on": last_dose_on}
    assert level(medicines=[stopped], procedure_date=session) is expected


@pytest.mark.parametrize(
    ("temperature_c", "expected"), [(37.9, Level.SELF_CARE), (38.0, Level.SAME_DAY), (38.1, Level.SAME_DAY)]
)
def test_a_fever_begins_at_38(temperature_c: float, expected: Level) -> None:
    assert level(temperature_c=temperature_c) is expected


@pytest.mark.parametrize(("day", "may_grow"), [(1, True), (2, True), (3, False)])
def test_bruising_may_grow_up_to_day_two(day: int, may_grow: bool) -> None:
    fired = {f.rule for f in triage(check_in(("bruising left mild worse",), day=day)).fired}
    assert ("rf_20_worse" not in fired) is may_grow


@pytest.mark.control("C-15")
def test_contradictory_answers_take_the_serious_reading() -> None:
    assert level(("fever",), temperature_c=36.5) is Level.SAME_DAY
    both = check_in(("pus",)).symptoms[0]
    denied = both.model_copy(update={"present": "no"})
    base = check_in()
    assert triage(base.model_copy(update={"symptoms": (denied, both)})).level is Level.SAME_DAY
    assert level(
        ("swelling both mild worse",), day=2, procedure_date="2026-10-01", checkin_date="2026-10-11"
    ) in (Level.SAME_DAY,)
    assert level(("skin_white",), danger_signs="none") is Level.EMERGENCY
    assert level(danger_signs="some") is Level.EMERGENCY
    assert level(danger_signs="unknown") is Level.SAME_DAY


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("I feel fine, thank you", Level.SELF_CARE),
        ("no chest pain at all", Level.SELF_CARE),
        ("tôi khó thở", Level.SAME_DAY),
        ("no chest pain but I cannot see well", Level.SAME_DAY),
        ("I can\u2019t breathe", Level.SAME_DAY),
        ("my vision is blurry", Level.SAME_DAY),
        ("there is some pus, no pain", Level.SAME_DAY),
        ("I push my pillow aside, no pus", Level.SELF_CARE),
        ("I don't have double vision", Level.SELF_CARE),
        ("kho tho qua", Level.SAME_DAY),
        ("khong kho tho", Level.SELF_CARE),
        ("hom nay bi ngat", Level.SAME_DAY),
        ("không thấy khó thở, không có mủ", Level.SELF_CARE),
        (unicodedata.normalize("NFD", "má sưng nhanh"), Level.SAME_DAY),
    ],
)
def test_free_text_can_only_raise(words: str, expected: Level) -> None:
    answer = triage(check_in(free_text=words))
    assert answer.level is expected and answer.a_person_must_read
    assert level(("pus",), free_text="everything is perfect") is Level.SAME_DAY


def test_the_callers_numbers_are_in_the_answer_in_both_languages() -> None:
    answer = triage(
        check_in(("seizure",)), numbers=Numbers(emergency_number="112", clinic_phone="0900 000 000")
    )
    for text in (answer.call.en, answer.call.vi):
        assert "112" in text and "0900 000 000" in text
    assert "115" in triage(check_in(("seizure",))).headline.vi


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("day", -1, "day"),
        ("pain_0_10", 11, "0 and 10"),
        ("temperature_c", 100.4, "not Fahrenheit"),
        ("temperatur", 37, "unknown key"),
        ("symptoms", [{"kind": "sweling"}], "did you mean swelling"),
        ("procedure", {"thread_kinds": ["magic"]}, "a thread kind is not in the catalogue; use pdo_mono"),
        ("procedure", {"thread_kinds": ["pdo_cog"]}, "pdo_cog_cut_3_0"),
        ("procedure", {"materials": ["silk"]}, "a material is not in the catalogue; use pdo, plla"),
        ("procedure", {"materials": ["not"]}, "a material is not in the catalogue"),
        ("checkin_date", "2020-01-01", "before procedure_date"),
    ],
)
def test_an_unusable_answer_is_refused_by_its_key(key: str, value: object, said: str) -> None:
    given = {"schema": "threadlift.checkin/1", "procedure_date": "2026-01-01", key: value}
    with pytest.raises(InputError, match=said):
        parse_model(given, CheckIn, where="check-in")


def test_a_material_can_be_given_by_a_word_of_its_name() -> None:
    lasting = check_in(("thread_tip left mild same",), day=10, procedure={"materials": ["Polypropylene"]})
    assert lasting.procedure.materials == ("pp",)
    assert check_in(procedure={"materials": ["PDO"]}).procedure.materials == ("pdo",)


def test_the_record_fills_in_what_the_check_in_leaves_out() -> None:
    intake = Intake.model_validate(
        {
            "schema": "threadlift.intake/1",
            "conditions": {"diabetes": "yes", "pregnancy": "no"},
            "medicines": [{"name": "warfarin"}],
        }
    )
    path = [{"landmark": "t_l"}, {"landmark": "ch_l"}]
    thread = {"id": "a", "kind": "pcl_mono", "side": "left", "plane": "subdermal", "path": path}
    plan = Plan.model_validate({"schema": "threadlift.plan/1", "threads": [thread]})
    given = check_in(("swelling both mild same",), procedure={"filler": "no"})
    filled = with_record(given, intake, plan)
    assert filled.patient.diabetic == "yes" and filled.procedure.thread_kinds == ("pcl_mono",)
    assert triage(given).level is Level.SELF_CARE and triage(filled).level is Level.CALL
    said_no = check_in(patient={"diabetic": "no"})
    assert with_record(said_no, intake).patient.diabetic == "no"


@pytest.mark.parametrize(
    ("conditions", "sign"),
    [
        ({"hiv": "yes", "immunosuppressed": "no"}, "swelling both mild same"),
        ({"bleeding_disorder": "yes"}, "bruising left mild same"),
        ({"bleeding_disorder": "unknown"}, "bruising left mild same"),
    ],
)
def test_a_weak_defence_or_a_bleeding_disorder_of_the_record_raises_the_level(
    conditions: dict[str, str], sign: str
) -> None:
    healthy = {"diabetes": "no", "immunosuppressed": "no", "hiv": "no", "transplant": "no"}
    given = {**healthy, "bleeding_disorder": "no", "pregnancy": "no", "breastfeeding": "no"}
    for answers, expected in ((given, Level.SELF_CARE), ({**given, **conditions}, Level.CALL)):
        intake = Intake.model_validate({"schema": "threadlift.intake/1", "conditions": answers})
        assert triage(with_record(check_in((sign,)), intake)).level is expected


def test_the_same_pain_killer_under_two_names_counts_together() -> None:
    def taking(*doses: float) -> Level:
        names = ("Panadol", "Efferalgan")
        return level(
            medicines=[
                {"name": name, "dose_mg_per_day": dose} for name, dose in zip(names, doses, strict=False)
            ]
        )

    assert taking(3000) is taking(2000, 2000) is Level.SELF_CARE
    assert taking(2000, 2001) is Level.EMERGENCY


def test_a_complaint_beside_a_medicine_that_nobody_recognises_is_not_watched_at_home() -> None:
    bruise = ("bruising left mild same",)
    assert level(bruise) is Level.SELF_CARE
    assert level(bruise, medicines=["omeprazole"]) is Level.SELF_CARE
    assert level(bruise, medicines=["Zyxolan"]) is Level.CALL
    assert level(medicines=["Zyxolan"]) is Level.SELF_CARE


def test_a_date_in_the_future_is_refused() -> None:
    given = check_in(procedure_date="2030-01-01", checkin_date="2030-01-03")
    with pytest.raises(InputError, match="future"):
        check_dates(given, today=date(2026, 11, 23))


def test_a_case_sign_with_a_word_that_means_nothing_is_refused() -> None:
    with pytest.raises(RuleDataError, match="no meaning"):
        read_sign("swelling leftish")


signs = st.builds(
    dict,
    kind=st.sampled_from(KINDS),
    present=st.sampled_from(["yes", "unknown"]),
    side=st.sampled_from(["left", "right", "both", "unknown"]),
    severity=st.sampled_from(["mild", "moderate", "severe", "unknown"]),
    trend=st.sampled_from(["better", "same", "worse", "unknown"]),
)
bodies = st.fixed_dictionaries(
    {
        "day": st.sampled_from([0, 1, 2, 3, 4, 7, 8, 14, 15, 28, 29, 100, 300]),
        "pain_0_10": st.sampled_from([0, 2, 5, 7, None]),
        "pain_trend": st.sampled_from(["better", "same", "worse", "unknown"]),
        "temperature_c": st.sampled_from([36.5, 37.9, 38.0, None]),
        "danger_signs": st.sampled_from(["none", "some", "unknown", None]),
        "hours_since_anaesthetic": st.sampled_from([None, 2, 30]),
        "patient": st.sampled_from(
            [{}, {"diabetic": "yes"}, {"anticoagulant": "yes"}, {"immunosuppressed": "unknown"}]
        ),
        "symptoms": st.lists(signs, max_size=4),
    }
)


def of(body: dict[str, Any], **changes: Any) -> Level:
    value = {"schema": "threadlift.checkin/1", **body, **changes}
    return triage(CheckIn.model_validate({k: v for k, v in value.items() if v is not None})).level


@pytest.mark.control("C-16")
@settings(max_examples=120, deadline=None, derandomize=True)
@given(body=bodies, extra=signs)
def test_adding_a_symptom_never_lowers_the_level(body: dict[str, Any], extra: dict[str, Any]) -> None:
    assert of(body, symptoms=[*body["symptoms"], extra]).rank >= of(body).rank


@pytest.mark.control("C-16")
@settings(max_examples=120, deadline=None, derandomize=True)
@given(body=bodies, pain=st.floats(0, 10), more=st.floats(0, 10), fever=st.floats(36, 42))
def test_raising_a_value_never_lowers_the_level(
    body: dict[str, Any], pain: float, more: float, fever: float
) -> None:
    low, high = sorted((pain, more))
    assert of(body, pain_0_10=high).rank >= of(body, pain_0_10=low).rank
    assert of(body, temperature_c=fever).rank >= of(body, temperature_c=36.0).rank


@settings(max_examples=150, deadline=None, derandomize=True)
@given(body=bodies, entry=signs)
def test_worse_and_unknown_answers_never_give_a_lower_level(
    body: dict[str, Any], entry: dict[str, Any]
) -> None:
    def with_entry(**changes: str) -> int:
        return of(body, symptoms=[*body["symptoms"], {**entry, **changes}]).rank

    assert with_entry(present="unknown") >= with_entry(present="no")
    assert with_entry(present="yes") >= with_entry(present="no")
    for field, order in (
        ("severity", ("mild", "moderate", "severe")),
        ("trend", ("better", "same", "worse")),
    ):
        ranks = [with_entry(**{field: word}) for word in order]
        assert ranks == sorted(ranks)
        assert with_entry(**{field: "unknown"}) >= ranks[0]
    assert with_entry(side="unknown") >= with_entry(side="both")
    assert with_entry(side="left") >= with_entry(side="both")
