"""The demonstration case, made once for all tests that look at a finished case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.threadlift.case.demo import PROCEDURE_ON, plan


@pytest.fixture(scope="session")
def demo_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case of the demonstration patient as ``threadlift plan`` writes it; changed by no test.

    Here detection, fit, whole-face solve and report run together, which takes half a minute. What the
    command printed lies beside the folder in ``answer.json``.
    """
    folder = tmp_path_factory.mktemp("demo") / "case"
    answer = plan(folder, "--procedure-on", PROCEDURE_ON, "--json")
    assert answer.code == 0, answer
    (folder.parent / "answer.json").write_text(answer.out, encoding="utf-8")
    return folder
