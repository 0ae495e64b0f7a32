"""From answers to a verdict: the intake, the rules as data, and the verdict with every rule that fired."""

from threadlift.screening.intake import Intake, read_intake
from threadlift.screening.rule import Action, Rule, Scope, load_interactions, load_rules
from threadlift.screening.screen import screen, until_text
from threadlift.screening.verdict import FiredRule, Level, MissingAnswer, Restrictions, Verdict

__all__ = [
    "Action",
    "FiredRule",
    "Intake",
    "Level",
    "MissingAnswer",
    "Restrictions",
    "Rule",
    "Scope",
    "Verdict",
    "load_interactions",
    "load_rules",
    "read_intake",
    "screen",
    "until_text",
]
