"""Runs the command line inside the test, through the same ``main`` that a shell calls."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threadlift.cli.app import main

ROOT = Path(__file__).resolve().parents[3]
DEMO_SCAN = ROOT / "examples/demo/scan.ply"
DEMO_INTAKE = ROOT / "examples/demo/intake.toml"


@dataclass(frozen=True)
class Answer:
    """What a command answered: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)


def run(*arguments: object) -> Answer:
    """``threadlift ARGUMENTS``."""
    out, err = io.StringIO(), io.StringIO()
    before, handler = sys.argv, signal.getsignal(signal.SIGTERM)
    sys.argv = ["threadlift", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
        code: Any = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = before
        signal.signal(signal.SIGTERM, handler)
    return Answer(int(code or 0), out.getvalue(), err.getvalue())


def assert_refused(answer: Answer, *words: str) -> None:
    """Exit code 2 and one line that holds ``words``; no traceback, nothing on standard output."""
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("threadlift: ") and answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err, answer.err
