"""What the prediction assumes, read from ``data/prediction.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.language import Text
from threadlift.planning.sentence import Sentences, read_sentences


@dataclass(frozen=True)
class Assumptions:
    """Spreads by id, sentences, the studies to compare with, and what the unknowns are called."""

    version: str
    spreads: Mapping[str, Mapping[str, Any]]
    sentences: Sentences
    comparisons: tuple[Mapping[str, Any], ...]
    drivers: Mapping[str, Text]


@cache
def load_assumptions() -> Assumptions:
    """The assumptions. Raises ``RuleDataError`` when their data file does not hold together."""
    data = load_data("threadlift.planning", "prediction.toml")
    try:
        sentences = read_sentences(data["sentence"])
    except ValidationError as error:
        raise RuleDataError(f"planning/data/prediction.toml: {error}") from error
    return Assumptions(
        version=data["file"]["version"],
        spreads={entry["id"]: entry for entry in data["spread"]},
        sentences=sentences,
        comparisons=tuple(data["comparison"]),
        drivers={entry["driver"]: Text(**entry["name"]) for entry in data["driver"]},
    )
