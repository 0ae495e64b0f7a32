"""``threadlift plan``: its options, its two ways of speaking, its start."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.threadlift.case.demo import plan
from tests.threadlift.cli.runner import DEMO_INTAKE, DEMO_SCAN, assert_refused, run
from threadlift.case import build
from threadlift.cli.app import COMMANDS, load_command
from threadlift.cli.schema import ANSWERS


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--on", "2026-13-01"], ["--on", "no date", "2026-11-23"]),
        (["--on", "tomorrow"], ["--on", "no date"]),
        (["--procedure-on", "1.12.2026"], ["--procedure-on", "no date"]),
        (["--scale-between", "ex_l"], ["--scale-between", "two landmark ids"]),
        (["--scale-mm", "0.088"], ["scale-mm", "no distance on a head"]),
        (["--scale-mm", "nan"], ["scale-mm"]),
        (["--scale-mm", "88", "--unit", "mm"], ["scale", "exclude each other"]),
        (["--scale-mm", "88", "--scale-between", "ex_l,ex_l"], ["scale-between", "two different"]),
        (["--unit", "miles"], ["--unit", "mm", "in"]),
        (["--currency", "XYZ"], ["--currency", "VND"]),
        (["--lang", "fr"], ["--lang", "en", "vi"]),
        (["--landmarks", "none.toml"], ["none.toml", "no such file"]),
        (["--prices", "none.toml"], ["none.toml", "no such file"]),
        (["--colour"], ["No such option", "--colour", "--help"]),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: list[str]
) -> None:
    monkeypatch.setattr(build, "fit_face", None)
    assert_refused(plan(tmp_path / "case", *options), *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["--scan", "--intake", "--output"])
def test_a_missing_option_is_named(tmp_path: Path, missing: str) -> None:
    options = {"--scan": DEMO_SCAN, "--intake": DEMO_INTAKE, "--output": tmp_path / "case"}
    given = [word for name, value in options.items() if name != missing for word in (name, value)]
    assert_refused(run("plan", *given), missing)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"serve"}))
def test_every_command_tells_a_fault_of_its_input_in_one_json_value(command: str) -> None:
    answer = run(command, "--json", "--no-such-option")
    assert answer.code == 2 and answer.err == ""
    error = ANSWERS["error"].model_validate_json(answer.out).model_dump()["error"]
    assert error["code"] == "threadlift.usage"
    assert "--no-such-option" in error["message"] and "--help" in error["remedy"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["aftercare", "none.toml", "--date", "2026-12-01"],
        ["bench", "none"],
        ["check", "none.json", "--face", "none.npz"],
        ["compare", "none.toml"],
        ["evidence", "no such words"],
        ["fit", "none.ply", "-o", "none.npz"],
        ["plan", "--scan", "none.ply", "--intake", DEMO_INTAKE, "-o", "none"],
        ["quote", "none.json"],
        ["safety", "none.toml"],
        ["screen", "none.toml"],
        ["simulate", "none.json", "--face", "none.npz"],
        ["triage", "none.toml"],
    ],
)
def test_every_command_refuses_what_is_not_there_in_words_and_in_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[object]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(run(*arguments), "none" if arguments[0] != "evidence" else "nothing in the evidence")
    answer = run(*arguments, "--json")
    assert (answer.code, answer.err) == (2, "")
    assert set(answer.json["error"]) == {"code", "message", "where", "remedy"}
    assert answer.json["error"]["code"] == "threadlift.input"
    assert list(tmp_path.iterdir()) == []


def test_without_a_command_the_help_lists_all_of_them() -> None:
    answer = run()
    assert answer.code == 0
    for name in COMMANDS:
        assert f" {name} " in answer.out
        assert load_command(name).help


def test_a_short_answer_reads_no_mesh_library() -> None:
    code = (
        "import sys\nfrom threadlift.cli.app import main\n"
        "sys.argv = ['threadlift', 'evidence', 'nestor2019', '--json']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'numpy', 'scipy', 'trimesh', 'typst', 'jinja2', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["records"]


@pytest.mark.control("C-21")
def test_ctrl_c_and_a_request_to_end_leave_no_crumbs(tmp_path: Path) -> None:
    target = tmp_path / "case"
    arguments = ["plan", "--scan", DEMO_SCAN, "--intake", DEMO_INTAKE, "-o", target]
    code = "from threadlift.cli.app import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None and not list(tmp_path.iterdir()):
            time.sleep(0.02)
        assert next(path.name for path in tmp_path.iterdir()).startswith(".case.")
        process.terminate()
        _, said = process.communicate()
    assert process.returncode == 130
    assert said == "threadlift: stopped; nothing was written\n"
    assert list(tmp_path.iterdir()) == []
