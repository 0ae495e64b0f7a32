"""``threadlift screen``: display, JSON and exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from threadlift.cli.app import app
from threadlift.errors import InputError
from threadlift.screening import Verdict
from threadlift.screening.wording import load_questions

EXAMPLES = Path(__file__).parents[3] / "examples"
DEMO = str(EXAMPLES / "demo" / "intake.toml")
RUNNER = CliRunner()


def test_the_demonstration_patient_may_proceed_with_precaution() -> None:
    result = RUNNER.invoke(app, ["screen", DEMO, "--on", "2026-11-23"])
    assert result.exit_code == 0
    assert result.output.startswith("Proceed with precaution.")
    assert "CI-05" in result.output


def test_the_verdict_is_shown_in_vietnamese() -> None:
    result = RUNNER.invoke(app, ["screen", DEMO, "--on", "2026-11-23", "--lang", "vi"])
    assert result.output.startswith("Có thể thực hiện, cần thận trọng.")
    assert "Mụn rộp môi" in result.output


def test_what_is_excluded_is_named_in_vietnamese(tmp_path: Path) -> None:
    intake = tmp_path / "intake.toml"
    text = Path(DEMO).read_text(encoding="utf-8").replace('has_allergies = "no"', 'has_allergies = "yes"')
    intake.write_text(text + '\n[[allergies]]\nto = "povidone_iodine"\n', encoding="utf-8")
    result = RUNNER.invoke(app, ["screen", str(intake), "--on", "2026-11-23", "--lang", "vi"])
    assert "Tránh dùng khi làm: povidon-iod\n" in result.output


def test_a_refused_material_is_shown_beside_what_the_patient_may_do(tmp_path: Path) -> None:
    intake = tmp_path / "intake.toml"
    text = Path(DEMO).read_text(encoding="utf-8").replace('has_allergies = "no"', 'has_allergies = "yes"')
    intake.write_text(text + '\n[[allergies]]\nto = "thread_material"\nmaterial = "PDO"\n', encoding="utf-8")
    result = RUNNER.invoke(app, ["screen", str(intake), "--on", "2026-11-23"])
    assert "CI-06  Reaction to a thread material: Proceed with precaution (material: Refuse)" in result.output


def test_json_is_one_verdict() -> None:
    result = RUNNER.invoke(app, ["screen", DEMO, "--on", "2026-11-23", "--json"])
    assert Verdict.model_validate_json(result.output).level.value == "proceed_with_precaution"
    assert json.loads(result.output)["schema"] == "threadlift.verdict/1"


@pytest.mark.parametrize(
    ("name", "level", "code"),
    [
        ("intake-defer.toml", "defer", 1),
        ("intake-refer.toml", "refer_to_surgery", 1),
        ("intake-refuse.toml", "refuse", 1),
        ("intake-review.toml", "doctor_review", 0),
    ],
)
def test_a_stop_exits_with_one_and_a_review_with_zero(name: str, level: str, code: int) -> None:
    result = RUNNER.invoke(app, ["screen", str(EXAMPLES / name), "--on", "2026-11-23", "--json"])
    assert json.loads(result.output)["level"] == level
    assert result.exit_code == code


def test_a_deferral_shows_its_first_possible_day() -> None:
    result = RUNNER.invoke(app, ["screen", str(EXAMPLES / "intake-defer.toml"), "--on", "2026-11-23"])
    assert "not before" in result.output


def test_a_file_that_is_not_there_is_an_input_error() -> None:
    result = RUNNER.invoke(app, ["screen", "nowhere.toml"])
    assert isinstance(result.exception, InputError)


def test_questions_read_as_questions() -> None:
    assert all(text.en.endswith("?") and text.vi.endswith("?") for text in load_questions().values())
