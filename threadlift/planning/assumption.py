"""What the prediction assumes, read from ``data/prediction.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.planning.sentence import Sentences, read_sentences
from threadlift.tissue.parameter import parameter_spread


@dataclass(frozen=True)
class Assumptions:
    """Exponents of lift by landmark (without side), spreads by id, sentences, studies to compare with."""

    version: str
    exponents: Mapping[str, Mapping[str, float]]
    spreads: Mapping[str, Mapping[str, Any]]
    sentences: Sentences
    comparisons: tuple[Mapping[str, Any], ...]

    def exponents_at(self, landmark: str) -> Mapping[str, float]:
        """Exponents for a landmark with or without its side."""
        return self.exponents.get(landmark.removesuffix("_l").removesuffix("_r"), self.exponents["default"])


@cache
def load_assumptions() -> Assumptions:
    """The assumptions. Raises ``RuleDataError`` when their data file does not hold together."""
    data = load_data("threadlift.planning", "prediction.toml")
    sampled = parameter_spread()
    exponents: dict[str, dict[str, float]] = {}
    for entry in data["exponents"]:
        powers = {name: value for name, value in entry.items() if isinstance(value, float)}
        unknown = powers.keys() - sampled.keys()
        if unknown:
            raise RuleDataError(f"planning/data/prediction.toml: {sorted(unknown)[0]!r} is not sampled")
        exponents |= dict.fromkeys(entry["landmarks"], powers)
    try:
        sentences = read_sentences(data["sentence"])
    except ValidationError as error:
        raise RuleDataError(f"planning/data/prediction.toml: {error}") from error
    return Assumptions(
        version=data["file"]["version"],
        exponents=exponents,
        spreads={entry["id"]: entry for entry in data["spread"]},
        sentences=sentences,
        comparisons=tuple(data["comparison"]),
    )
