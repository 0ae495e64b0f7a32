"""Every rule has its cases, every case holds, and the runner notices a case that does not."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from threadlift.evidence import load_sources
from threadlift.screening import Intake, Level, Rule, load_interactions, load_rules, screen
from threadlift.screening.case import SCREENED_ON, RuleCase, build_intake, load_cases, run_case
from threadlift.screening.expression import AllOf, Expression, Leaf, NotOf
from threadlift.screening.reference import rules_page
from threadlift.screening.wording import load_questions

EVERY_RULE = (*load_rules(), *load_interactions())
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "screening-rules.md"


def leaves(expression: Expression) -> Iterator[Leaf]:
    if isinstance(expression, Leaf):
        yield expression
    elif isinstance(expression, NotOf):
        yield from leaves(expression.part)
    else:
        for part in expression.all if isinstance(expression, AllOf) else expression.any:
            yield from leaves(part)


def kinds_of(rule: Rule) -> set[str]:
    return {case.kind for case in load_cases() if case.rule == rule.id}


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: f"{case.rule}: {case.case}")
def test_the_rule_does_what_its_case_says(case: RuleCase) -> None:
    result = run_case(case)
    assert result.holds, f"{case.rule} did: {result.did}"


def test_the_runner_notices_a_case_that_does_not_hold() -> None:
    for case in load_cases()[::9]:
        wrong = "refuse" if case.then != "refuse" else "quiet"
        assert not run_case(case.model_copy(update={"then": wrong})).holds, case
    dated = next(case for case in load_cases() if case.until)
    assert not run_case(dated.model_copy(update={"until": date(2030, 1, 1)})).holds
    levelled = next(case for case in load_cases() if case.level == "defer")
    assert not run_case(levelled.model_copy(update={"level": "proceed"})).holds
    asking = next(case for case in load_cases() if case.asks)
    assert not run_case(asking.model_copy(update={"asks": "conditions.hiv"})).holds


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_every_rule_has_a_case_that_fires_and_one_that_does_not(rule: Rule) -> None:
    assert {"fires", "quiet"} <= kinds_of(rule)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_every_rule_with_a_number_has_a_case_at_the_limit(rule: Rule) -> None:
    numbers = [
        leaf
        for outcome in rule.outcome
        for leaf in leaves(outcome.when)
        if isinstance(leaf.limit, float) and leaf.limit > 0
    ]
    assert not numbers or "threshold" in kinds_of(rule)


def test_every_rule_that_an_empty_intake_leaves_open_has_a_case_of_an_unknown_answer() -> None:
    verdict = screen(Intake.model_validate({"schema": "threadlift.intake/1"}), on=SCREENED_ON)
    open_rules = {name for entry in verdict.missing for name in entry.rules}
    assert len(open_rules) > 40
    assert not [rule.id for rule in EVERY_RULE if rule.id in open_rules and "unknown" not in kinds_of(rule)]


def test_every_branch_of_every_rule_is_reached_by_a_case() -> None:
    reached = set()
    for case in load_cases():
        for fired in screen(build_intake(case.given, case.without), on=SCREENED_ON).fired:
            reached.add((fired.rule, fired.action, fired.condition, fired.says.en[:8]))
    for rule in EVERY_RULE:
        for outcome in rule.outcome:
            opening = outcome.says.en.partition("{")[0][:8]
            assert any(
                name == rule.id
                and action is outcome.action
                and condition == outcome.condition
                and says.startswith(opening)
                for name, action, condition, says in reached
            ), (rule.id, outcome.says.en)


def test_the_base_person_may_proceed() -> None:
    verdict = screen(build_intake({}), on=SCREENED_ON)
    assert verdict.level is Level.PROCEED
    assert not verdict.fired
    assert not verdict.missing


def test_all_34_contraindications_are_rules() -> None:
    assert [rule.id for rule in load_rules() if rule.id.startswith("CI-")] == [
        f"CI-{number:02d}" for number in range(1, 35)
    ]


def test_no_rule_id_is_used_twice_and_every_case_belongs_to_a_rule() -> None:
    names = [rule.id for rule in EVERY_RULE]
    assert len(set(names)) == len(names)
    assert {case.rule for case in load_cases()} == set(names)


def test_every_cited_source_exists() -> None:
    assert not [name for rule in EVERY_RULE for name in rule.sources if name not in load_sources()]


def test_every_answer_that_can_be_missing_has_a_question_in_both_languages() -> None:
    open_questions = set()
    for case in load_cases():
        verdict = screen(build_intake(case.given, case.without), on=SCREENED_ON)
        open_questions |= {entry.question for entry in verdict.missing}
    empty = screen(Intake.model_validate({"schema": "threadlift.intake/1"}), on=SCREENED_ON)
    open_questions |= {entry.question for entry in empty.missing}
    assert not open_questions - set(load_questions())


def test_the_reference_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "run `make reference`"
