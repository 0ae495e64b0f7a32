"""Screening: every rule that fired, gravest first; what is missing; what treatment would have to respect."""

from __future__ import annotations

from threadlift.report.block import Block, Bullets, Entries, Entry, Facts, Heading, Paragraph, Section
from threadlift.report.context import Context
from threadlift.screening.verdict import FiredRule, Verdict


def tell_screening(context: Context) -> Section:
    """The section on screening."""
    say, verdict = context.say, context.case.verdict
    lead = say(
        "screening.lead",
        fired=len(verdict.fired),
        checked=verdict.rules_checked,
        rule_set=verdict.rule_set,
        day=say.date(verdict.on),
    )
    blocks: list[Block] = []
    if verdict.fired:
        blocks.append(Entries(tuple(_entry(context, fired) for fired in verdict.fired)))
    else:
        blocks.append(Paragraph(say("screening.nothing")))
    if verdict.missing:
        blocks.append(Heading(say("screening.missing")))
        blocks.append(Paragraph(say("screening.missing_lead")))
        blocks.append(
            Entries(
                tuple(
                    Entry(context.action_mark(answer.action.value), say.of(answer.asks))
                    for answer in sorted(verdict.missing, key=lambda answer: answer.action.rank)
                )
            )
        )
    blocks += _restrictions(context, verdict)
    return Section("screening", say("screening.title"), tuple(blocks), lead)


def _entry(context: Context, fired: FiredRule) -> Entry:
    say = context.say
    facts = [
        say(f"scope.{fired.scope.value}"),
        say("screening.rule", rule=fired.rule, version=fired.rule_version),
    ]
    if fired.until:
        facts.append(say("screening.until", day=say.date(fired.until)))
    lines = [say.of(fired.says)]
    if fired.until_when:
        lines.append(say("screening.until_when", when=say.of(fired.until_when)))
    if fired.condition:
        lines.append(say("screening.condition", what=say.of(fired.condition)))
    if fired.article.note:
        lines.append(say("screening.article", what=say.of(fired.article.note)))
    return Entry(
        mark=context.action_mark(fired.action.value),
        title=say.of(fired.title),
        facts=tuple(facts),
        lines=tuple(lines),
        basis=context.sources.basis(fired.status, fired.sources),
    )


def _restrictions(context: Context, verdict: Verdict) -> list[Block]:
    say, limits = context.say, verdict.restrictions
    rows = []
    for name, entries in (
        ("materials", limits.materials),
        ("areas", limits.areas),
        ("goals", limits.goals),
        ("substances", limits.substances),
    ):
        if entries:
            written = dict.fromkeys(_name(context, name, entry.what) for entry in entries)
            rows.append((say(f"screening.excluded_{name}"), ", ".join(written)))
    if limits.materials_left:
        rows.append((say("screening.materials_left"), ", ".join(limits.materials_left)))
    blocks: list[Block] = []
    if rows or limits.requirements:
        blocks.append(Heading(say("screening.respect")))
    if rows:
        blocks.append(Facts(tuple(rows)))
    if limits.requirements:
        blocks.append(Bullets(tuple(dict.fromkeys(say.of(entry.text) for entry in limits.requirements))))
    return blocks


def _name(context: Context, kind: str, name: str) -> str:
    say = context.say
    for section in ("substance",) if kind == "materials" else ("area", "goal", "substance"):
        if say.has(f"{section}.{name}"):
            return say(f"{section}.{name}")
    return name.replace("_", " ")
