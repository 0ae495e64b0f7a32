"""Stages of the verification, on one process and on two."""

from __future__ import annotations

import pytest

from threadlift.tissue.verification.element import count_zero_modes, stretch_energy
from threadlift.tissue.verification.suite import run_stages


def refuse() -> float:
    """A stage that fails."""
    raise ZeroDivisionError


@pytest.mark.parametrize("processes", [1, 2])
def test_stages_come_back_in_the_order_of_the_page_however_many_processes(processes: int) -> None:
    told: list[str] = []
    found = run_stages({"modes": count_zero_modes, "energy": stretch_energy}, told.append, processes)
    assert list(found) == ["modes", "energy"]
    assert found == {"modes": 6, "energy": pytest.approx(13.461538, abs=1e-5)}
    assert {word.split(":")[0] for word in told} == {"modes", "energy"}


def test_a_stage_that_fails_fails_the_whole() -> None:
    with pytest.raises(ZeroDivisionError):
        run_stages({"energy": stretch_energy, "broken": refuse}, lambda stage: None, 1)
