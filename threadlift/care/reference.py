"""Reference pages made from the data: triage rules with their cases, aftercare rules and strength."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from threadlift.care.aftercare_plan import STRENGTHS, load_aftercare
from threadlift.care.checkin import CheckIn, PatientFacts, Release, ReportedSymptom, Session
from threadlift.care.symptom import danger_question, load_symptoms
from threadlift.care.timeline import load_timeline
from threadlift.care.triage_answer import load_advice
from threadlift.care.triage_rule import Case, TriageRule, load_generals, load_triage_rules
from threadlift.evidence import load_sources
from threadlift.language import Text

MADE = "Written by `make reference` from `threadlift/care/data`; do not edit.\n"


def triage_page() -> str:
    """Levels, key answers, symptoms, rules with their cases, and the recovery table as Markdown."""
    version, rules = load_triage_rules()
    return "\n".join(
        [
            "# Triage rules\n",
            MADE,
            f"Version {version}. The answer takes the most urgent level of all rules that fired;",
            "nothing lowers it. A symptom answered `unknown` counts as present; another answer that is",
            "missing leads to the level named under *unknown*, and never to `self_care`. Only signs with a",
            "usual window may be watched at home. Exit code 1 means emergency, every other level 0.\n",
            "Not a cleared medical device; thresholds without a source need a doctor's confirmation.\n",
            *_levels(),
            "## Key answers\n",
            "`day` (or both dates), `pain_0_10`, `temperature_c` (or the symptom `fever` answered) and",
            "`danger_signs`. A missing one gives at least `call_24_48h`. The danger question:\n",
            f"> {danger_question().en}\n>\n> {danger_question().vi}\n",
            *_fields(),
            *_symptoms(),
            "## General rules\n",
            *(
                f"- `{r.id}`{_flag(r.red_flag)}: {r.what.en}. {r.why.en} {r.reason}"
                for r in load_generals().rules.values()
            ),
            "\n## Rules\n",
            *(line for rule in rules for line in _rule(rule)),
            *_timeline(),
        ]
    )


def aftercare_page() -> str:
    """Aftercare rules with both ends, strength and the article's word as Markdown."""
    version, rules, visits, remarks, programme = load_aftercare()
    lines = [
        "# Aftercare rules\n",
        MADE,
        f"Version {version}. Days count from the session (day 0); the longer end is used, both are shown.",
        "A doctor may change every rule; a clinic may add its own, which are marked as its own.\n",
        "| Rule | Days | Strength | Evidence | Article | Sources |",
        "|---|---|---|---|---|---|",
    ]
    for rule in rules:
        days = "-" if not rule.days_max else f"{rule.days_min}-{rule.days_max}"
        lines.append(
            f"| {_both(rule.what)} | {days} | {STRENGTHS[rule.strength].en} | {rule.evidence.en} "
            f"| {rule.verdict}: {rule.article.en} | {_cite(rule.sources)} |"
        )
    lines += ["\n## Visits and check-ins\n"]
    lines += [f"- {Text.model_validate(v['what']).en}. {v['reason']}" for v in visits]
    lines += [f"- Check-in on days {', '.join(map(str, programme['days']))}. {programme['reason']}"]
    lines += ["\n## What the article says\n"]
    lines += [f"- {r.claim.en}: **{r.verdict}**. {r.says.en} {_cite(r.sources)}" for r in remarks]
    return "\n".join(lines) + "\n"


def _levels() -> Iterable[str]:
    yield "## Levels\n"
    for level, words in load_advice()[0].items():
        yield f"- `{level.value}`: {words.name.en} / {words.name.vi}"
    yield ""


def _fields() -> Iterable[str]:
    yield "\n## The check-in file\n"
    yield "TOML or JSON, schema `threadlift.checkin/1`; examples: `examples/checkin-*.toml`.\n"
    parts: dict[str, type[BaseModel]] = {
        "(top)": CheckIn,
        "[[symptoms]]": ReportedSymptom,
        "[procedure]": Session,
        "[patient]": PatientFacts,
        "[released_by]": Release,
    }
    for part, model in parts.items():
        properties = model.model_json_schema()["properties"]
        yield f"- `{part}`: " + ", ".join(
            f"`{name}`" + (f" ({entry['description']})" if "description" in entry else "")
            for name, entry in properties.items()
        )
    yield ""


def _symptoms() -> Iterable[str]:
    yield "## Symptoms\n"
    yield "| Id | English | Vietnamese | Danger sign | Usual on days, up to |"
    yield "|---|---|---|---|---|"
    for symptom in load_symptoms().values():
        usual = "; ".join(
            f"{w.from_day}-{w.to_day if w.to_day < 9999 else ''} {w.severity}" for w in symptom.usual
        )
        danger = "yes" if symptom.danger else ""
        yield f"| `{symptom.id}` | {symptom.label.en} | {symptom.label.vi} | {danger} | {usual} |"
    yield ""


def _rule(rule: TriageRule) -> Iterable[str]:
    row = f"; recovery table: {rule.timeline}" if rule.timeline else ""
    yield f"### `{rule.id}`{_flag(rule.red_flag)}\n"
    yield f"**{rule.level.value}** (unknown: {rule.unknown.value}{row}). {_both(rule.what)}\n"
    yield f"{_both(rule.why)}\n"
    for alternative in rule.when:
        clauses = [clause.model_dump(exclude_defaults=True, mode="json") for clause in alternative]
        yield "- " + " and ".join(
            ", ".join(f"{k} = {_plain(v)}" for k, v in clause.items()) for clause in clauses
        )
    yield f"\nStanding: {rule.status.value}. {rule.reason} {_cite(rule.sources)}\n"
    yield "| Case | Day | Signs and answers | Level |"
    yield "|---|---|---|---|"
    yield from (_case(case) for case in rule.cases)
    yield ""


def _case(case: Case) -> str:
    answers = [*case.signs, *(f"{k} = {_plain(v)}" for k, v in case.answers.items())]
    answers += [f"{name} not answered" for name in case.unanswered]
    return f"| {case.kind} | {case.day} | {'; '.join(answers)} | {case.level.value} |"


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " / ".join(map(_plain, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    return str(value)


def _timeline() -> Iterable[str]:
    timeline = load_timeline()
    yield "## Recovery table\n"
    yield f"| Sign | {' | '.join(period.label.en for period in timeline.periods)} | Abnormal if | Rules |"
    yield "|---" * (len(timeline.periods) + 3) + "|"
    for sign in timeline.signs:
        cells = " | ".join(sign.course[period.id].en for period in timeline.periods)
        rules = ", ".join(f"`{rule}`" for rule in sign.rules)
        yield f"| {sign.label.en} | {cells} | {sign.abnormal_if.en} | {rules} |"
    yield ""


def _both(text: Text) -> str:
    return f"{text.en} / *{text.vi}*"


def _flag(red_flag: str | None) -> str:
    return f" ({red_flag})" if red_flag else ""


def _cite(sources: Iterable[str]) -> str:
    known = load_sources()
    return ", ".join(
        f"[{known[name].short}]({link})" if (link := known[name].link) else known[name].short
        for name in sources
    )
