"""From answers to a verdict: the intake, the rules as data, and the verdict with every rule that fired."""

from threadlift.screening.intake import Intake, read_intake

__all__ = ["Intake", "read_intake"]
