"""A case counts every finding of its plan, whichever room it comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.threadlift.report.cases import a_case
from threadlift.cli.plan import _answer
from threadlift.finding import Severity


def test_a_stop_of_the_tissue_model_stops_the_plan() -> None:
    case = a_case()
    assert case.treatment is not None
    assert not _answer(case, Path("case"), ()).stopped
    stop = case.treatment.findings[0].model_copy(update={"severity": Severity.STOP})
    treatment = replace(case.treatment, lift=replace(case.treatment.lift, findings=(stop,)))
    answer = _answer(replace(case, treatment=treatment), Path("case"), ())
    assert answer.stopped
    assert answer.stops == 1
    assert stop in treatment.all_findings
