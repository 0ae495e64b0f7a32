"""Text that a person reads, always in both languages."""

from __future__ import annotations

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
        """Put values into ``{name}`` places of both sentences; a value may itself be a ``Text``."""

        def one(language: Language) -> str:
            own = {k: v.in_language(language) if isinstance(v, Text) else v for k, v in values.items()}
            return self.in_language(language).format(**own)

        return Text(en=one("en"), vi=one("vi"))
