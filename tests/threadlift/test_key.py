"""A key that is not known is answered with the key that was probably meant."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from threadlift.care.checkin import CheckIn
from threadlift.care.safety_file import SafetyFile
from threadlift.errors import InputError
from threadlift.files import parse_model
from threadlift.key import describe_part, only_value, suggest_keys
from threadlift.planning.plan import Plan
from threadlift.screening import Intake


@pytest.mark.parametrize(
    ("model", "location", "meant"),
    [
        (Intake, ("conditions", "pregnant"), "pregnancy"),
        (Intake, ("patient", "age"), "age_years"),
        (Intake, ("age",), "patient.age_years"),
        (Intake, ("patient", "pregnancy"), "conditions.pregnancy"),
        (Intake, ("vital_signs", "Systolic"), "systolic_mmhg"),
        (Intake, ("conditions", "hba1c"), "hba1c_pct or hba1c_mmol_mol"),
        (Intake, ("habits", "smoking"), "smokes"),
        (Intake, ("conditions", "smoker"), "habits.smokes"),
        (Intake, ("medications",), "medicines"),
        (Intake, ("medicines", 0, "dose"), "dose_mg_per_day"),
        (Intake, ("laxity", "jowl", "grades"), "grade"),
        (CheckIn, ("temperature",), "temperature_c"),
        (CheckIn, ("patient", "diabetes"), "diabetic"),
        (SafetyFile, ("anaesthetic", 1, "volume"), "volume_ml"),
        (Plan, ("threads", 0, "technik"), "technique"),
    ],
)
def test_the_key_that_was_meant_is_named(
    model: type[BaseModel], location: tuple[str | int, ...], meant: str
) -> None:
    assert meant in suggest_keys(model, location)


def test_an_exact_key_of_another_part_is_named_alone() -> None:
    assert suggest_keys(Intake, ("pregnancy",)) == "did you mean conditions.pregnancy?"


def test_only_a_key_with_one_possible_text_has_an_only_value() -> None:
    assert only_value(CheckIn, ("schema",)) == "threadlift.checkin/1"
    assert only_value(Intake, ("examined",)) is None
    assert only_value(Intake, ("patient", "age_years")) is None


def test_without_a_near_key_all_keys_of_the_part_are_named() -> None:
    known = suggest_keys(Intake, ("skin", "zzz"))
    assert known.startswith("known here: thickness, sun_damage")
    assert "phototype" in known


def test_a_place_without_keys_suggests_from_the_whole_file() -> None:
    assert suggest_keys(Intake, ("goals", 0, "zzz")) == ""
    assert describe_part(Intake, ("goals", 0)) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"conditions": {"pregnant": "yes"}}, "conditions.pregnant: unknown key; did you mean pregnancy"),
        ({"laxity": {"jowl": 2}}, "laxity.jowl: must hold named values: scale, grade, left, right"),
        ({"schema": None}, 'schema: is missing; write schema = "threadlift.intake/1"'),
        ({"medicines": [{"taking": "current"}]}, "medicines.0.name: is missing."),
        ({"medicines": {"name": "aspirin"}}, "medicines: must be a list ([[medicines]]"),
    ],
)
def test_a_refusal_tells_how_to_write_it(value: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as caught:
        given = {"schema": "threadlift.intake/1", **value}
        parse_model({key: held for key, held in given.items() if held}, Intake, where="intake.toml")
    assert words in str(caught.value)
