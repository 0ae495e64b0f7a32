"""Threadlift: from a face scan and a questionnaire to a checked, predicted and priced thread plan."""

__version__ = "0.1.0"
