"""The page ``docs/reference/screening-rules.md``, written from the rules and their cases."""

from __future__ import annotations

from collections.abc import Iterator

from threadlift.evidence import load_sources
from threadlift.screening.case import KINDS, RuleCase, load_cases, run_case
from threadlift.screening.expression import AllOf, AnyOf, Expression, Leaf, NotOf
from threadlift.screening.rule import Action, Outcome, Rule, load_interactions, load_rules, rule_set_version
from threadlift.screening.wording import number_text

KIND_TITLES = {"fires": "Fires", "quiet": "Does not fire", "threshold": "At the limit", "unknown": "Unknown"}


def say_expression(expression: Expression) -> str:
    """A condition of the rule language as one line of words."""
    if isinstance(expression, Leaf):
        limit = expression.limit
        shown = number_text(limit).en if isinstance(limit, float) else limit
        unknown = {True: " (unknown counts)", False: " (unknown does not count)", None: ""}
        return f"`{expression.field}` {expression.sign} {shown}{unknown[expression.or_unknown]}"
    if isinstance(expression, NotOf):
        return f"not ({say_expression(expression.part)})"
    joiner = " and " if isinstance(expression, AllOf) else " or "
    parts = expression.any if isinstance(expression, AnyOf) else expression.all
    said = [say_expression(part) for part in parts]
    return joiner.join(
        f"({text})" if isinstance(part, AllOf | AnyOf) else text
        for text, part in zip(said, parts, strict=True)
    )


def rules_page() -> str:
    """The whole page as Markdown. Each case is run while writing; the page says what the rule did."""
    cases: dict[str, list[RuleCase]] = {}
    for case in load_cases():
        cases.setdefault(case.rule, []).append(case)
    rules = (*load_rules(), *load_interactions())
    lines = [
        "# Screening rules",
        "",
        "Written by `make reference` from `threadlift/screening/data`; do not edit.",
        f"Rule set {rule_set_version()}: {len(rules)} rules, {len(load_cases())} cases.",
        "",
        "The gravest rule that fires decides: refuse, refer to surgery, defer, doctor's review, precaution,",
        "proceed. Branches of a rule are tried from the gravest; the first that is true fires. A missing",
        "answer asks for the action under *Missing answers*. A rule about a material or a path refuses the",
        "patient only when nothing remains. Every case starts from a person with nothing to report, screened",
        "on 23 November 2026.",
        "",
    ]
    for rule in rules:
        lines += _rule_lines(rule, cases.get(rule.id, []))
    return "\n".join(lines)


def _rule_lines(rule: Rule, cases: list[RuleCase]) -> Iterator[str]:
    sources = load_sources()
    yield f"## {rule.id} {rule.title.en}"
    yield ""
    yield f"{rule.title.vi}. Scope: {rule.scope.value}. Standing: {rule.status.value}; {rule.strength.en}."
    if rule.reason:
        yield f"Basis: {rule.reason}"
    if rule.sources:
        cited = "; ".join(
            f"[{sources[name].short}]({sources[name].link})" if sources[name].link else sources[name].short
            for name in rule.sources
        )
        yield f"Sources: {cited}."
    note = f" {rule.article.note.en}" if rule.article.note else ""
    yield f"Founding article: {rule.article.verdict.replace('_', ' ')}.{note}"
    yield ""
    yield "| When | Then | What is said |"
    yield "|---|---|---|"
    for outcome in rule.outcome:
        yield f"| {say_expression(outcome.when)} | {_then(outcome)} | {outcome.says.en} |"
    yield ""
    yield f"Missing answers: {_action(rule.unknown)}."
    yield ""
    yield "| Case | Kind | Rule does |"
    yield "|---|---|---|"
    for kind in KINDS:
        for case in cases:
            if case.kind == kind:
                yield f"| {case.case} | {KIND_TITLES[kind]} | {_action_word(run_case(case).did)} |"
    yield ""


def _then(outcome: Outcome) -> str:
    parts = [_action(outcome.action)]
    if outcome.wait:
        after = " or ".join(f"`{name.rpartition('.')[0]}`" for name in outcome.wait.after) or "today"
        parts.append(f"until {outcome.wait.days} days after {after}")
    if outcome.until:
        parts.append(f"until {outcome.until.en}")
    if outcome.condition:
        parts.append(f"*{outcome.condition.en}*")
    return "; ".join(parts)


def _action(action: Action) -> str:
    return _action_word(action.value)


def _action_word(name: str) -> str:
    return {"quiet": "nothing", "missing": "asks for the answer"}.get(name, name.replace("_", " "))
