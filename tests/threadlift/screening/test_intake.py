"""The intake file: what is read, and what is refused by name."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from threadlift.errors import InputError
from threadlift.screening import Intake, read_intake

DEMO = Path(__file__).parents[3] / "examples" / "demo" / "intake.toml"


def write(folder: Path, **parts: Any) -> Path:
    path = folder / "intake.json"
    path.write_text(json.dumps({"schema": "threadlift.intake/1", **parts}), encoding="utf-8")
    return path


def refusal(folder: Path, **parts: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_intake(write(folder, **parts))
    return str(caught.value)


def test_the_demonstration_intake_is_read_and_says_that_it_is_made_up() -> None:
    intake = read_intake(DEMO)
    assert intake.synthetic
    assert intake.patient.age_years == 47
    assert intake.patient.bmi == pytest.approx(21.63, abs=0.01)
    assert intake.goals == ("jowl", "nasolabial")
    assert intake.laxity_grade("jowl") == 2


def test_an_intake_survives_writing_and_reading(tmp_path: Path) -> None:
    intake = read_intake(DEMO)
    path = tmp_path / "again.json"
    path.write_text(intake.model_dump_json(), encoding="utf-8")
    assert read_intake(path) == intake


def test_every_question_left_out_is_unknown(tmp_path: Path) -> None:
    intake = read_intake(write(tmp_path))
    assert intake.conditions.pregnancy == "unknown"
    assert intake.has_medicines == "unknown"
    assert intake.patient.bmi is None


@pytest.mark.control("C-19")
@pytest.mark.parametrize(
    ("parts", "key", "words"),
    [
        ({"patient": {"age_years": 300}}, "patient.age_years", "between 0 and 120 years"),
        ({"patient": {"age_years": "47"}}, "patient.age_years", "must be a number in years"),
        ({"patient": {"age_years": 47.5}}, "patient.age_years", "whole number"),
        ({"patient": {"weight_kg": 54000}}, "patient.weight_kg", "not grams"),
        ({"patient": {"height_cm": 1.58}}, "patient.height_cm", "not metres"),
        ({"patient": {"height_cm": True}}, "patient.height_cm", "must be a number"),
        ({"patient": {"height_cm": 200, "weight_kg": 30}}, "patient", "impossible body mass index"),
        ({"patient": {"name": "A"}}, "patient.name", "unknown key"),
        (
            {"vital_signs": {"systolic_mmhg": 80, "diastolic_mmhg": 120}},
            "vital_signs",
            "above diastolic_mmhg",
        ),
        ({"vital_signs": {"temperature_c": 98.6}}, "vital_signs.temperature_c", "not Fahrenheit"),
        ({"conditions": {"diabetes": "maybe"}}, "conditions.diabetes", "'yes', 'no' or 'unknown'"),
        ({"conditions": {"hba1c_pct": 64}}, "conditions.hba1c_pct", "hba1c_mmol_mol"),
        ({"laxity": {"jowl": {"scale": "LAX", "grade": 5}}}, "laxity.jowl", "LAX has grades 0 to 4"),
        ({"laxity": {"jowl": {"scale": "WSRS", "grade": 0}}}, "laxity.jowl", "WSRS has grades 1 to 5"),
        ({"laxity": {"jowl": {"scale": "LAX"}}}, "laxity.jowl", "give grade, or left and right"),
        ({"laxity": {"ear": {"scale": "LAX", "grade": 1}}}, "laxity.ear", "nasolabial"),
        ({"goals": ["nose"]}, "goals.0", "jowl"),
        ({"has_medicines": "no", "medicines": [{"name": "x"}]}, "(whole file)", "medicines"),
        ({"patient": {"year_of_birth": 1979}}, "(whole file)", "needs answered_on"),
        ({"answered_on": "2026-13-01"}, "answered_on", "date"),
        ({"unknown_block": {}}, "unknown_block", "unknown key"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_key(
    tmp_path: Path, parts: dict[str, Any], key: str, words: str
) -> None:
    message = refusal(tmp_path, **parts)
    assert key in message
    assert words in message


@pytest.mark.control("C-18")
def test_a_refusal_never_repeats_the_value(tmp_path: Path) -> None:
    assert "54321" not in refusal(tmp_path, patient={"weight_kg": 54321})


def test_the_schema_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "intake.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="schema"):
        read_intake(path)


def test_the_year_of_birth_gives_the_age(tmp_path: Path) -> None:
    intake = read_intake(write(tmp_path, answered_on="2026-11-20", patient={"year_of_birth": 1979}))
    assert intake.patient.age_years == 47


def test_age_and_year_of_birth_must_agree(tmp_path: Path) -> None:
    parts = {"answered_on": "2026-11-20", "patient": {"year_of_birth": 1979, "age_years": 30}}
    assert "contradict" in refusal(tmp_path, **parts)


def test_a_fold_scale_starts_at_one_and_the_flr_scale_does_not_convert(tmp_path: Path) -> None:
    laxity = {"nasolabial": {"scale": "WSRS", "left": 2, "right": 4}, "jowl": {"scale": "FLR", "grade": 6}}
    intake = read_intake(write(tmp_path, laxity=laxity))
    assert intake.laxity_grade("nasolabial") == 3
    assert intake.laxity_grade("jowl") is None
    assert intake.laxity_grade("neck") is None


def test_the_worst_laxity_leaves_folds_aside(tmp_path: Path) -> None:
    laxity = {"nasolabial": {"scale": "WSRS", "grade": 5}, "neck": {"scale": "LAX", "left": 1, "right": 2}}
    assert read_intake(write(tmp_path, laxity=laxity)).worst_laxity == 2
    assert read_intake(write(tmp_path)).worst_laxity is None


def test_every_key_of_the_schema_that_is_a_question_has_a_json_schema_entry() -> None:
    schema = Intake.model_json_schema()
    assert schema["properties"]["schema"]["const"] == "threadlift.intake/1"
    assert schema["$defs"]["Patient"]["properties"]["weight_kg"]["anyOf"][0]["unit"] == "kg"


def test_dates_are_dates() -> None:
    assert read_intake(DEMO).answered_on == date(2026, 11, 20)


def test_true_and_false_are_read_as_yes_and_no(tmp_path: Path) -> None:
    intake = read_intake(write(tmp_path, has_allergies=False, conditions={"pregnancy": True, "hiv": False}))
    assert (intake.has_allergies, intake.conditions.pregnancy, intake.conditions.hiv) == ("no", "yes", "no")
    assert intake.conditions.diabetes == "unknown"


def test_capitals_do_not_matter_in_an_answer(tmp_path: Path) -> None:
    intake = read_intake(write(tmp_path, conditions={"pregnancy": "No", "diabetes": " YES"}))
    assert (intake.conditions.pregnancy, intake.conditions.diabetes) == ("no", "yes")


def test_a_medicine_can_be_its_name_alone(tmp_path: Path) -> None:
    medicine = read_intake(write(tmp_path, medicines=["warfarin"])).medicines[0]
    assert (medicine.name, medicine.taking, medicine.prescribed) == ("warfarin", "current", "unknown")


def test_very_long_medicine_names_are_refused_in_either_form(tmp_path: Path) -> None:
    assert "medicines.0" in refusal(tmp_path, medicines=["x" * 81])
