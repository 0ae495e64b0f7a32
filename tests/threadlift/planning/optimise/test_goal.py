"""Goals from files: what is refused, and by which key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.threadlift.planning.builders import intake, lax, verdict
from threadlift.errors import InputError
from threadlift.planning.choice import serve_goals
from threadlift.planning.optimise.goal import derive_goal, most_threads_a_side, read_goal
from threadlift.planning.proposal import load_proposal_data
from threadlift.tissue.validity import threshold_of

ROOT = Path(__file__).resolve().parents[4]
WISH = '[[lift]]\nlandmark = "jowl"\nmm = 1.5\n'


def read(folder: Path, text: str) -> object:
    path = folder / "goal.toml"
    path.write_text(text, encoding="utf-8")
    return read_goal(path)


def test_the_example_is_a_goal() -> None:
    goal = read_goal(ROOT / "examples" / "goal.toml")
    assert [wish.landmark for wish in goal.lift] == ["jowl", "nlf"]
    assert goal.lift[0].landmarks() == ("jowl_l", "jowl_r")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["lift"]),
        ("lift = []\n", ["lift"]),
        (WISH.replace("jowl", "jowll"), ["lift.0.landmark", "no such landmark", "jowl"]),
        (WISH.replace("1.5", "0"), ["lift.0.mm"]),
        (WISH.replace("1.5", "-1"), ["lift.0.mm"]),
        (WISH.replace("1.5", "nan"), ["lift.0.mm"]),
        (WISH.replace("1.5", "9"), ["lift.0", "mm: the tissue model answers for", "at most"]),
        (WISH + "at_most_mm = 1.0\n", ["lift.0", "at_most_mm"]),
        (WISH + 'direction = "sideways"\n', ["lift.0.direction"]),
        (WISH + "lenght = 3\n", ["lift.0.lenght", "unknown key"]),
        ("robust = 3\n" + WISH, ["robust"]),
        ('minimise = "pain"\n' + WISH, ["minimise"]),
        ("budget = 0\n" + WISH, ["budget"]),
        ("budget = 1.5\n" + WISH, ["budget"]),
        ('kinds = ["pdo_mono"]\n' + WISH, ["kinds", "no absorbable barbed kind"]),
        ('kinds = ["pp_cog_cut_2_0"]\n' + WISH, ["kinds", "no absorbable barbed kind"]),
        ('areas = ["elbow"]\n' + WISH, ["areas.0"]),
        ("mouth_mm = 0\n" + WISH, ["mouth_mm"]),
        ("maximum_threads_per_side = 0\n" + WISH, ["maximum_threads_per_side"]),
        ("maximum_threads_per_side = 7\n" + WISH, ["maximum_threads_per_side", "6"]),
        (WISH + WISH, ["lift", "twice"]),
        (WISH.replace("jowl", "jowl_l"), ["symmetric"]),
        (WISH.replace("jowl", "ch"), ["mouth_mm"]),
    ],
)
def test_a_goal_that_cannot_be_is_refused_by_its_key(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as refusal:
        read(tmp_path, text)
    for word in ("goal.toml", *words):
        assert word in str(refusal.value)


def test_limits_of_the_rules_are_allowed_at_the_limit(tmp_path: Path) -> None:
    most = f"maximum_threads_per_side = {most_threads_a_side()}\n"
    assert read(tmp_path, most + WISH.replace("1.5", f"{threshold_of('LIFT-LARGE')}"))


@pytest.mark.parametrize(("named", "expected"), [(None, 1.5), (2.0, 2.0), (0.2, 1.0), (9.0, 2.5)])
def test_a_goal_follows_from_the_intake_within_the_record(named: float | None, expected: float) -> None:
    person = intake(goals=["jowl", "jawline"], laxity=lax(jowl=2), wish={"lift_mm": named} if named else {})
    wanted, _ = serve_goals(person, verdict(), load_proposal_data())
    goal = derive_goal(person, wanted)
    assert [(wish.landmark, wish.mm) for wish in goal.lift] == [("jowl", expected)]
