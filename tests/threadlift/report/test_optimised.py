"""The section that shows an optimised plan beside the published technique."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from threadlift.cli import optimise as optimise_command
from threadlift.language import Language
from threadlift.planning.forecast import Band
from threadlift.planning.optimise.answer import (
    CandidateCount,
    OptimisedPlan,
    PlanFigures,
    SearchFigures,
    WishAnswer,
)
from threadlift.planning.optimise.goal import Goal, Wish
from threadlift.planning.plan import PathPoint, Plan, Plane, PlannedThread
from threadlift.report.block import Table
from threadlift.report.citation import Bibliography
from threadlift.report.context import Context
from threadlift.report.section.optimised import tell_optimised
from threadlift.report.wording import Wording


def figures(threads: int) -> PlanFigures:
    return PlanFigures(
        threads=threads,
        total_pull_n=0.9 * threads,
        total="14400000",
        currency="VND",
        mouth_mm=0.79,
        stretch_percent=12.4,
        bunching_percent=11.3,
        stops=0,
        cautions=46,
        notes=2,
    )


def optimised(*, found: bool = True) -> OptimisedPlan:
    path = (PathPoint(at_mm=(60.0, 0.0, 0.0)), PathPoint(at_mm=(40.0, -60.0, 20.0)))
    thread = PlannedThread(
        id="L1", kind="pdo_cog_moulded_2_0", side="left", plane=Plane.SUPRA_SMAS, path=path
    )
    wish = WishAnswer(
        landmark="jowl_l",
        direction="up",
        wished_mm=1.5,
        needed_mm=1.5,
        estimated_mm=1.6,
        reached_mm=2.0,
        reached_range=Band(low10=1.1, median=1.9, high90=3.2),
        published_mm=1.9,
        published_range=Band(low10=1.0, median=1.8, high90=3.0),
    )
    return OptimisedPlan(
        outcome="reached" if found else "nothing_found",
        form="mm",
        goal=Goal(lift=(Wish(landmark="jowl", mm=1.5),)),
        plan=Plan(origin="optimiser", threads=(thread,) if found else ()),
        wishes=(wish,),
        reasons=(),
        departures=(),
        optimised=figures(4) if found else None,
        published=figures(10),
        candidates=CandidateCount(
            generated=10, clear=5, refused={}, alike=0, thinned=0, threads=5, conflicts=0
        ),
        search=SearchFigures(
            objective=4.0,
            bound=4.0,
            gap_percent=0.0,
            rounds=1,
            first_plan_s=0.1,
            within_5_percent_s=0.1,
            seconds={},
        ),
    )


def context(language: Language) -> Context:
    say = Wording(language)
    case: Any = SimpleNamespace(treatment=None)
    return Context(case, say, Bibliography(say))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_both_plans_stand_side_by_side(language: Language) -> None:
    section = tell_optimised(context(language), optimised())
    table = cast(Table, next(block for block in section.blocks if isinstance(block, Table)))
    cells = [[cell.text for cell in row] for row in table.rows]
    assert cells[0][1:] == (["2.0", "1.9"] if language == "en" else ["2,0", "1,9"])
    ranges = [cell.under for cell in table.rows[0][1:]]
    assert ranges == (["1.1–3.2", "1.0–3.0"] if language == "en" else ["1,1–3,2", "1,0–3,0"])
    assert ["4", "10"] in [row[1:] for row in cells]
    price = "14.400.000\u00a0₫"  # written as in the quote of the same report
    assert [price, price] in [row[1:] for row in cells]
    assert section.lead


def test_no_millimetres_are_told_for_a_face_that_does_not_carry_them() -> None:
    section = tell_optimised(context("en"), optimised().model_copy(update={"form": "words"}))
    table = cast(Table, next(block for block in section.blocks if isinstance(block, Table)))
    assert not any("mm" in cell.text for row in table.rows for cell in row)


def test_when_none_was_found_the_report_says_that_the_plan_is_the_published_one() -> None:
    section = tell_optimised(context("en"), optimised(found=False))
    assert not any(isinstance(block, Table) for block in section.blocks)
    assert "published technique" in str(section.blocks[0])
    assert "chosen by an optimiser" not in section.lead


@pytest.mark.parametrize(
    ("outcome", "said"), [("nearest", "Not every wish is reached"), ("best_so_far", "did not end")]
)
def test_a_plan_that_does_not_reach_the_wishes_is_not_told_as_if_it_did(outcome: str, said: str) -> None:
    section = tell_optimised(context("en"), optimised().model_copy(update={"outcome": outcome}))
    assert said in str(section.blocks[0])
    assert "Not every" not in str(tell_optimised(context("en"), optimised()).blocks)


def test_a_robust_wish_is_told_with_what_the_middle_tissue_needs() -> None:
    made = optimised()
    robust = made.model_copy(
        update={"wishes": tuple(w.model_copy(update={"needed_mm": 2.2}) for w in made.wishes)}
    )
    table = next(one for one in tell_optimised(context("en"), robust).blocks if isinstance(one, Table))
    assert "takes 2.2 mm in the middle one" in str(table.rows[0][0])


def test_the_command_says_that_reaching_a_wish_lifts_no_stop(capsys: pytest.CaptureFixture[str]) -> None:
    made = optimised()
    assert made.optimised is not None
    stopped = made.model_copy(update={"optimised": made.optimised.model_copy(update={"stops": 1})})
    for language, said in (("en", "The plan is stopped"), ("vi", "Sơ đồ có điểm dừng")):
        optimise_command._show(stopped, cast(Language, language))
        assert said in capsys.readouterr().out
    optimise_command._show(made, "en")
    assert "The plan is stopped" not in capsys.readouterr().out


def test_the_command_tells_no_lift_without_its_range(capsys: pytest.CaptureFixture[str]) -> None:
    made = optimised()
    optimise_command._show(made, "en")
    assert "2.0 (1.1 – 3.2)" in capsys.readouterr().out
    bare = made.model_copy(
        update={"wishes": tuple(w.model_copy(update={"published_range": None}) for w in made.wishes)}
    )
    optimise_command._show(bare, "en")
    assert "1.9" not in capsys.readouterr().out
    optimise_command._show(made.model_copy(update={"form": "words"}), "en")
    told = capsys.readouterr().out
    assert "not shown" in told and "2.0" not in told and "mm" not in told.replace("millimetres", "")
