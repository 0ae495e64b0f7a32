"""Sentences that planning says to a reader: kept in data files with their standing, filled with names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from threadlift.finding import Status
from threadlift.language import Text


class Reason(BaseModel):
    """One sentence with its standing. ``rule`` is the id of the record that it states."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    what: Text
    status: Status
    sources: tuple[str, ...] = ()


class Sentence(BaseModel):
    """A sentence of a data file, with places to fill."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: Text
    grade: str | None = None
    materials: tuple[str, ...] = ()
    status: Status
    sources: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Sentences:
    """The sentences of one data file by id."""

    by_id: Mapping[str, Sentence]

    def say(
        self, sentence_id: str, *, sources: tuple[str, ...] = (), status: Status | None = None, **names: Any
    ) -> Reason:
        """The sentence with its names filled in; ``status`` and ``sources`` of the record that it states."""
        sentence = self.by_id[sentence_id]
        return Reason(
            rule=sentence.id,
            what=sentence.text.fill(**names),
            status=status or sentence.status,
            sources=tuple(dict.fromkeys((*sentence.sources, *sources))),
        )


def read_sentences(entries: list[dict[str, Any]]) -> Sentences:
    """The ``[[sentence]]`` tables of a data file. Raises pydantic's ``ValidationError`` for a faulty one."""
    return Sentences({entry["id"]: Sentence.model_validate(entry) for entry in entries})
