"""Exit codes and the error shape are a contract."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from threadlift.cli import app
from threadlift.errors import ThreadliftError


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from threadlift.cli.app import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_evidence_answers_in_words_and_in_json() -> None:
    words = run("evidence", "CLAIM-01")
    assert words.returncode == 0
    assert "unsupported" in words.stdout
    answer = json.loads(run("evidence", "CLAIM-01", "--json").stdout)
    assert answer["records"][0]["id"] == "CLAIM-01"
    assert set(answer["records"][0]["sources"]) == set(answer["sources"])


def test_a_source_id_shows_the_source_and_what_cites_it() -> None:
    answer = run("evidence", "nestor2019")
    assert answer.returncode == 0
    assert "Nestor" in answer.stdout


@pytest.mark.parametrize(
    "arguments", [("evidence", "no such thing"), ("evidence", "no such thing", "--json")]
)
def test_unusable_input_exits_2_without_a_traceback(arguments: tuple[str, ...]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr + answer.stdout
    if "--json" in arguments:
        assert json.loads(answer.stdout)["error"]["code"] == "threadlift.input"


def test_an_unknown_option_exits_2() -> None:
    assert run("evidence", "--colour").returncode == 2


@pytest.mark.control("C-18")
def test_a_fault_of_ours_exits_70_and_names_the_place_without_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("patient 4711")

    monkeypatch.setattr(app, "app", fail)
    with pytest.raises(SystemExit) as stop:
        app.main()
    assert stop.value.code == 70
    spoken = capsys.readouterr().err
    assert "ZeroDivisionError in fail" in spoken
    assert "4711" not in spoken


@pytest.mark.parametrize("code", [2, 70])
def test_our_own_errors_carry_their_exit_code(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fail(*_: object, **__: object) -> None:
        error = ThreadliftError("what", where="where", remedy="remedy")
        error.exit_code = code
        raise error

    monkeypatch.setattr(app, "app", fail)
    with pytest.raises(SystemExit) as stop:
        app.main()
    assert stop.value.code == code


def test_the_library_loads_no_web_framework() -> None:
    code = (
        "import pkgutil, sys, importlib, threadlift\n"
        "names = [m.name for m in pkgutil.walk_packages(threadlift.__path__, 'threadlift.')]\n"
        "[importlib.import_module(name) for name in names if not name.endswith('__main__')]\n"
        "assert not {'django', 'httpx', 'requests', 'flask'} & set(sys.modules), sys.modules.keys()\n"
        "print(len(names))"
    )
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) > 10
