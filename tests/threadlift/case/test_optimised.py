"""The goal of an optimised plan: a file of wishes waives nothing that a proposal respects."""

from __future__ import annotations

from datetime import date
from math import inf
from pathlib import Path
from typing import Any

import pytest

from tests.threadlift.planning.builders import intake, lax, verdict
from threadlift.case.optimised import find_goal, prices_of
from threadlift.errors import InputError
from threadlift.pricing import load_price_list
from threadlift.threads import load_catalogue


@pytest.fixture
def jowl(tmp_path: Path) -> Path:
    path = tmp_path / "goal.toml"
    path.write_text('[[lift]]\nlandmark = "jowl"\nmm = 1.0\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("grade", [0, 1, 3])
def test_a_wish_at_a_place_that_threads_may_lift_is_taken(jowl: Path, grade: int) -> None:
    assert find_goal(jowl, intake(goals=[], laxity=lax(jowl=grade)), verdict()).lift[0].landmark == "jowl"


def test_a_goal_file_does_not_waive_that_a_place_is_too_lax(jowl: Path) -> None:
    with pytest.raises(InputError, match="lift: jowl"):
        find_goal(jowl, intake(goals=[], laxity=lax(jowl=4)), verdict())


def test_a_goal_file_does_not_waive_that_screening_blocks_every_goal_there(jowl: Path) -> None:
    person: Any = intake(goals=[], laxity=lax(jowl=2))
    assert find_goal(jowl, person, verdict(goals=("jawline",)))
    with pytest.raises(InputError, match="lift: jowl"):
        find_goal(jowl, person, verdict(goals=("jowl", "jawline")))


def test_a_kind_that_the_list_does_not_price_is_dearer_than_anything() -> None:
    priced, kind, day = load_price_list(), load_catalogue().kind("pdo_cog_moulded_2_0"), date(2026, 11, 23)
    assert prices_of(priced, on=day).each(kind, 90.0) < inf
    assert prices_of(priced.model_copy(update={"thread": ()}), on=day).each(kind, 90.0) == inf
