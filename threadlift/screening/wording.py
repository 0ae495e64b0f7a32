"""Words of the verdict: levels, questions, numbers and dates as a reader of each language writes them."""

from __future__ import annotations

from datetime import date
from functools import cache

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.language import Text


@cache
def word(group: str, name: str) -> Text:
    """The text ``name`` of a group of ``wording.toml``: level, scope, status, article, sentence."""
    try:
        return Text.model_validate(load_data("threadlift.screening", "wording.toml")[group][name])
    except KeyError as error:
        raise RuleDataError(f"screening/data/wording.toml has no {group}.{name}") from error


@cache
def load_questions() -> dict[str, Text]:
    """The question behind each key of the intake that a rule can miss."""
    entries = load_data("threadlift.screening", "questions.toml")["question"]
    return {key: Text.model_validate(value) for key, value in entries.items()}


def question_of(fact: str, *, undated: bool = False) -> str:
    """The key of the intake whose answer would tell ``fact``."""
    group, _, rest = fact.partition(".")
    if group == "medicine":
        if rest == "corticosteroid_mg_per_day":
            return "medicines.dose_mg_per_day"
        return "medicines.last_dose_on" if undated else "has_medicines"
    if rest in ("thread_complication", "complication"):
        return "history.complication"
    if group == "history":
        return "history.on" if undated else "has_past_treatments"
    derived = {
        "allergy": "has_allergies",
        "material": "has_allergies",
        "laxity": "laxity",
        "goals": "goals",
        "derived": "has_past_treatments",
    }
    named = {
        "intake.examined": "examined",
        "intake.age_days": "answered_on",
        "patient.age_at_least": "patient.age_years",
        "conditions.hba1c_pct": "conditions.hba1c_mmol_mol",
    }
    return derived.get(group) or named.get(fact, fact)


def number_text(value: float) -> Text:
    """A number with at most one decimal; Vietnamese writes a decimal comma."""
    shown = f"{value:.1f}".removesuffix(".0") if abs(value) < 1e6 else f"{value:g}"
    return Text(en=shown, vi=shown.replace(".", ","))


def date_text(day: date) -> Text:
    """A date as each language writes it."""
    return Text(en=f"{day.day} {day:%B %Y}", vi=f"{day:%d/%m/%Y}")
