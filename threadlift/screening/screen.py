"""From an intake to a verdict: evaluate every rule, keep what fired, take the gravest level.

Which level wins: refuse > refer to surgery > defer > doctor's review > precaution > proceed. Refusing comes
first, because nothing else can make it right; referral before deferral, because waiting does not make threads
suit laxity that is too great; deferral before review, because a doctor cannot review away a fever. All fired
rules stay listed. A material or a path that is refused does not refuse the patient, unless nothing remains.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from datetime import date, timedelta

from threadlift.language import Text
from threadlift.screening.area import Blocked, block_areas
from threadlift.screening.expression import Evaluation, FactValue, Used, evaluate
from threadlift.screening.fact import Facts, derive_facts
from threadlift.screening.intake import Intake
from threadlift.screening.material import Excluded, exclude_polymers, load_materials
from threadlift.screening.rule import (
    Action,
    Outcome,
    Rule,
    Scope,
    Wait,
    load_interactions,
    load_rules,
    rule_set_version,
)
from threadlift.screening.verdict import (
    DurationRemark,
    Exclusion,
    FiredRule,
    Level,
    MissingAnswer,
    Requirement,
    Restrictions,
    UsedValue,
    Verdict,
)
from threadlift.screening.wording import date_text, load_questions, number_text, question_of, word


def screen(intake: Intake, *, on: date) -> Verdict:
    """Judge ``intake`` for a treatment on the day ``on``.

    Raises ``InputError`` when a past event is dated after ``on``.
    """
    facts = derive_facts(intake, on)
    blocked = block_areas(intake)
    facts["derived.goals_left"] = blocked.goals_left if facts["history.permanent"] is not None else None
    fired: list[FiredRule] = []
    gaps: list[tuple[str, Rule, Action]] = []
    for rule in load_rules():
        _apply(rule, facts, on, fired, gaps)
    facts |= _counts(fired)
    for rule in load_interactions():
        _apply(rule, facts, on, fired, gaps)
    fired.sort(key=lambda entry: entry.action.rank)
    missing = _missing(gaps)
    level = _level([entry.action for entry in fired] + [entry.action for entry in missing])
    deferring = [f for f in fired if f.action is Action.DEFER] if level is Level.DEFER else []
    return Verdict(
        level=level,
        summary=_summary(level, fired, missing),
        on=on,
        until=max((f.until for f in deferring if f.until), default=None),
        until_when=tuple(f.until_when for f in deferring if f.until_when),
        fired=tuple(fired),
        missing=missing,
        restrictions=_restrictions(intake, fired, exclude_polymers(intake), blocked),
        durations=_durations(intake),
        rules_checked=len(load_rules()) + len(load_interactions()),
        rule_set=rule_set_version(),
        intake_hash=hashlib.sha256(intake.model_dump_json().encode()).hexdigest()[:16],
        disclaimer=word("sentence", "disclaimer"),
    )


def _apply(
    rule: Rule, facts: Facts, on: date, fired: list[FiredRule], gaps: list[tuple[str, Rule, Action]]
) -> None:
    """Take the first true branch; remember what each graver branch would have needed to know."""
    for outcome in rule.outcome:
        result = evaluate(outcome.when, facts)
        if result.truth:
            fired.append(_fire(rule, outcome, result, facts, on))
            return
        for fact in result.missing:
            undated = facts.get(f"{fact}.undated") == "yes"
            gaps.append((question_of(fact, undated=undated), rule, outcome.unknown or rule.unknown))


def _fire(rule: Rule, outcome: Outcome, result: Evaluation, facts: Facts, on: date) -> FiredRule:
    until = _until(outcome.wait, facts, on)
    shown = next((used for used in result.used if isinstance(used.value, float)), result.used[0])
    words = {"value": _shown(shown.value), "limit": _shown(shown.limit)}
    article = word("article", rule.article.verdict)
    note = rule.article.note
    return FiredRule(
        rule=rule.id,
        rule_version=rule.version,
        title=rule.title,
        scope=outcome.scope or rule.scope,
        action=outcome.action,
        in_scope=outcome.in_scope or outcome.action,
        says=outcome.says.fill(**words),
        used=tuple(_used_value(used) for used in result.used),
        until=until,
        until_when=outcome.until,
        condition=outcome.condition,
        status=rule.status,
        strength=rule.strength,
        basis=rule.reason,
        sources=rule.sources,
        article=rule.article,
        article_says=Text(en=f"{article.en} {note.en}", vi=f"{article.vi} {note.vi}") if note else article,
    )


def _used_value(used: Used) -> UsedValue:
    return UsedValue(field=used.field, value=used.value, sign=used.sign, threshold=used.limit)


def _shown(value: str | float) -> Text:
    return Text(en=value, vi=value) if isinstance(value, str) else number_text(value)


def _until(wait: Wait | None, facts: Facts, on: date) -> date | None:
    """First day after the wait; None without a known start, or when the wait is over and the cause is not."""
    if wait is None:
        return None
    days = [_days_from_today(name, facts.get(name)) for name in wait.after]
    known = [number for number in days if number is not None] if wait.after else [0.0]
    if not known:
        return None
    first = on + timedelta(days=max(known) + wait.days)
    return first if first > on else None


def _days_from_today(name: str, value: FactValue) -> float | None:
    if not isinstance(value, float) or math.isinf(value):
        return None
    return value if name.endswith("days_until") else -value


def _counts(fired: Iterable[FiredRule]) -> Facts:
    tags = {rule.id: rule.tags for rule in load_rules()}
    heavy = [entry for entry in fired if entry.action is not Action.NOTE]
    counts: Facts = {
        f"fired.{tag}": float(sum(tag in tags[entry.rule] for entry in heavy))
        for tag in ("bleeding", "healing", "epinephrine", "expectation")
    }
    counts["fired.precautions"] = float(sum(entry.action is Action.PRECAUTION for entry in heavy))
    return counts


def _missing(gaps: list[tuple[str, Rule, Action]]) -> tuple[MissingAnswer, ...]:
    """One entry per question, with the gravest action that its absence asks for."""
    questions: dict[str, list[tuple[Rule, Action]]] = {}
    for question, rule, action in gaps:
        questions.setdefault(question, []).append((rule, action))
    texts = load_questions()
    entries = [
        MissingAnswer(
            question=question,
            asks=texts.get(question, Text(en=question, vi=question)),
            rules=tuple(dict.fromkeys(rule.id for rule, _ in needed)),
            action=min((action for _, action in needed), key=lambda action: action.rank),
        )
        for question, needed in questions.items()
    ]
    return tuple(sorted(entries, key=lambda entry: entry.action.rank))


def _level(actions: list[Action]) -> Level:
    gravest = min(actions, key=lambda action: action.rank, default=Action.NOTE)
    return Level.PROCEED if gravest is Action.NOTE else Level(gravest.value)


def _summary(level: Level, fired: list[FiredRule], missing: tuple[MissingAnswer, ...]) -> Text:
    stops = (Action.REFUSE, Action.REFER_TO_SURGERY, Action.DEFER)
    return word("sentence", "summary").fill(
        level=word("level", level.value),
        stops=sum(entry.action in stops for entry in fired),
        reviews=sum(entry.action is Action.DOCTOR_REVIEW for entry in fired),
        cautions=sum(entry.action is Action.PRECAUTION for entry in fired),
        missing=len(missing),
    )


def _restrictions(
    intake: Intake, fired: list[FiredRule], polymers: Excluded, blocked: Blocked
) -> Restrictions:
    plain = ("thread_material", "food_or_pollen")
    substances = {allergy.substance or allergy.to for allergy in intake.allergies if allergy.to not in plain}
    named = polymers.polymers + (("dyed threads",) if polymers.dyed else ())
    return Restrictions(
        materials=tuple(Exclusion(what=name, rule="CI-06") for name in named),
        materials_left=() if polymers.doubt else polymers.left,
        areas=tuple(Exclusion(what=name, rule="CI-24") for name in blocked.areas),
        goals=tuple(Exclusion(what=name, rule="CI-24") for name in blocked.goals),
        substances=tuple(Exclusion(what=name, rule="CI-07") for name in sorted(substances)),
        requirements=tuple(
            Requirement(text=entry.condition, rule=entry.rule, scope=Scope(entry.scope))
            for entry in fired
            if entry.condition
        ),
    )


def _durations(intake: Intake) -> tuple[DurationRemark, ...]:
    wishes = [m for m in (intake.wish.duration_months, intake.expectation.promised_months) if m is not None]
    wished = max(wishes, default=None)
    return tuple(
        DurationRemark(
            material=name,
            months=(float(entry["months"][0]), float(entry["months"][1])),
            meets_wish=None if wished is None else wished <= entry["months"][1],
            status=entry["status"],
            sources=tuple(entry["sources"]),
        )
        for name, entry in load_materials().items()
    )


def until_text(fired: FiredRule) -> Text | None:
    """When a deferral ends, as a phrase: a date, a condition, or both. None when the rule does not defer."""
    parts = []
    if fired.until:
        parts.append(word("sentence", "until").fill(date=date_text(fired.until)))
    if fired.until_when:
        parts.append(word("sentence", "until_when").fill(what=fired.until_when))
    if not parts:
        return None
    return Text(en="; ".join(part.en for part in parts), vi="; ".join(part.vi for part in parts))
