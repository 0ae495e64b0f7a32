"""Text that a person reads, always in both languages."""

from __future__ import annotations

from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["en", "vi"]
LANGUAGES: tuple[Language, ...] = ("en", "vi")


class Text(BaseModel):
    """A sentence in English and Vietnamese. Data files write it as ``{ en = "...", vi = "..." }``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str = Field(min_length=1)
    vi: str = Field(min_length=1)

    def in_language(self, language: Language) -> str:
        """The sentence in the language asked for."""
        return self.vi if language == "vi" else self.en

    def fill(self, **values: Any) -> Text:
        """Put values into ``{name}`` places of both sentences.

        A value may itself be a ``Text``. A float is written as its language writes it, by the format of the
        place (``{pull:.1f}``) or else in the shortest way; ``figure`` fixes its decimals beforehand.
        """
        return Text(en=_Places("en").format(self.en, **values), vi=_Places("vi").format(self.vi, **values))


class _Places(Formatter):
    """Fills the places of a sentence in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Text):
            value = value.in_language(self.language)
        if isinstance(value, float):
            return write_number(value, format_spec or "g", self.language)
        return str(super().format_field(value, format_spec))


def write_number(value: float, spec: str, language: Language) -> str:
    """``value`` by the format ``spec`` without grouping; Vietnamese writes a decimal comma."""
    written = format(value, spec)
    return written.replace(".", ",") if language == "vi" else written


def figure(value: float, spec: str = "g") -> Text:
    """A number as each language writes it, to be filled into a sentence."""
    return Text(en=write_number(value, spec, "en"), vi=write_number(value, spec, "vi"))
