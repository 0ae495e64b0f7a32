"""The commands of this room, run as a person runs them: output, exit codes, refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from icalendar import Calendar

from threadlift.cli import app as cli

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
DEMO = EXAMPLES / "demo" / "intake.toml"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["threadlift", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.mark.parametrize(
    ("file", "level", "code"),
    [
        ("checkin-normal-day-2.toml", "self_care", 0),
        ("checkin-dimple-day-20.toml", "call_24_48h", 0),
        ("checkin-emergency.toml", "emergency", 1),
    ],
)
def test_triage_of_each_example(run, file: str, level: str, code: int) -> None:  # type: ignore[no-untyped-def]
    found, out, _ = run("triage", EXAMPLES / file, "--json")
    assert found == code and json.loads(out)["level"] == level
    found, out, _ = run("triage", EXAMPLES / file, "--lang", "vi")
    assert found == code and "115" in out


def test_triage_keeps_an_earlier_level(run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("triage", EXAMPLES / "checkin-normal-day-2.toml", "--previous", "same_day", "--json")
    assert code == 0 and json.loads(out)["level"] == "same_day"


def test_triage_reads_the_record(run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("triage", EXAMPLES / "checkin-normal-day-2.toml", "--record", DEMO, "--json")
    assert code == 0 and json.loads(out)["schema"] == "threadlift.triage/1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('schema = "threadlift.checkin/1"\nday = -3\n', "day"),
        ('schema = "threadlift.checkin/1"\ntemperature_c = 101\n', "Celsius"),
        ('schema = "threadlift.checkin/1"\ncolour = 1\n', "unknown key"),
        ('schema = "threadlift.checkin/1"\nprocedure_date = 2999-01-01\n', "future"),
        ("day = 1\n", "schema"),
        ("day = = 1\n", "TOML"),
    ],
)
def test_an_unusable_check_in_is_refused(run, tmp_path: Path, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "check-in.toml"
    file.write_text(text, encoding="utf-8")
    code, out, err = run("triage", file)
    assert code == 2 and said in err and "Traceback" not in out + err


def test_safety_of_each_example(run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("safety", EXAMPLES / "safety-anaesthetic.toml", "--json")
    assert code == 0 and json.loads(out)["worst"] == "note"
    code, out, _ = run("safety", EXAMPLES / "safety-offer.toml", "--json")
    assert code == 1 and json.loads(out)["offer"]["verdict"] == "not_safe"
    code, out, _ = run("safety", EXAMPLES / "safety-offer.toml", "--lang", "vi")
    assert code == 1 and "[dừng]" in out and "sợi chỉ: thiếu" in out and "[stop]" not in out


def test_doses_are_written_with_the_decimal_mark_of_the_language(run) -> None:  # type: ignore[no-untyped-def]
    english = run("safety", EXAMPLES / "safety-anaesthetic.toml")[1]
    vietnamese = run("safety", EXAMPLES / "safety-anaesthetic.toml", "--lang", "vi")[1]
    assert "102.57 mg left of 234 mg (10.25 mL of 1%" in english
    assert "còn 102,57 mg trong 234 mg (10,25 ml loại 1%" in vietnamese
    assert re.search(r"\d\.\d", vietnamese) is None


def test_aftercare_writes_a_calendar(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "aftercare.ics"
    code, out, _ = run("aftercare", DEMO, "--date", "2026-12-01", "-o", file, "--json")
    assert code == 0 and json.loads(out)["procedure_date"] == "2026-12-01"
    assert Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert "DEMO" not in file.read_text(encoding="utf-8")
    assert run("aftercare", DEMO, "--date", "2026-12-01", "--lang", "vi", "--no-folk")[0] == 0


@pytest.mark.parametrize("day", ["1/12/2026", "2026-13-01", "soon", "1850-01-01"])
def test_a_wrong_date_is_refused_and_nothing_is_written(run, tmp_path: Path, day: str) -> None:  # type: ignore[no-untyped-def]
    code, _, err = run("aftercare", DEMO, "--date", day, "-o", tmp_path / "a.ics")
    assert code == 2 and "date" in err and not (tmp_path / "a.ics").exists()


def test_compare_puts_every_option_side_by_side(run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("compare", DEMO, "--json")
    assert code == 0 and len(json.loads(out)["options"]) == 7
    code, out, _ = run("compare", DEMO, "--lang", "vi")
    assert code == 0 and "Không làm gì" in out


def test_a_folder_without_an_intake_is_refused(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, err = run("compare", tmp_path)
    assert code == 2 and "intake.json" in err


@pytest.mark.control("C-16")
def test_a_stated_earlier_level_never_hides_a_graver_one_in_the_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    normal = (EXAMPLES / "checkin-normal-day-2.toml").read_text(encoding="utf-8")
    given = tmp_path / "checkin.toml"
    given.write_text(f'previous_level = "emergency"\n{normal}', encoding="utf-8")
    code, out, _ = run("triage", given, "--previous", "self_care", "--json")
    assert code == 1
    assert json.loads(out)["level"] == "emergency"


@pytest.mark.control("C-16")
@pytest.mark.parametrize(("option", "level"), [((), "self_care"), (("--previous", "same_day"), "same_day")])
def test_a_release_of_an_older_check_in_does_not_let_a_stated_level_go(
    run,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    option: tuple[str, ...],
    level: str,
) -> None:
    normal = (EXAMPLES / "checkin-normal-day-2.toml").read_text(encoding="utf-8")
    given = tmp_path / "checkin.toml"
    given.write_text(
        'previous_level = "call_24_48h"\nprevious_level_on = "2026-11-01"\ncheckin_date = "2026-11-04"\n'
        'released_by = { clinician = "Dr. Made Up", reason = "examined", on = "2026-11-02" }\n' + normal,
        encoding="utf-8",
    )
    code, out, err = run("triage", given, *option, "--json")
    assert code == 0, err
    assert json.loads(out)["level"] == level
