"""Published sources. One file, one id each; everything that states a clinical number cites by id."""

from __future__ import annotations

from functools import cache

from pydantic import Field, ValidationError

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.frozen import Frozen


class Source(Frozen):
    """A paper, guideline, register entry or page, and how much of it was read."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    authors: str
    title: str
    year: int | None = Field(default=None, ge=1800, le=2100)
    published_in: str = ""
    doi: str | None = Field(default=None, pattern=r"^10\.\d{4,9}/\S+$")
    pmid: str | None = Field(default=None, pattern=r"^\d{6,9}$")
    pmcid: str | None = Field(default=None, pattern=r"^PMC\d{6,9}$")
    url: str | None = Field(default=None, pattern=r"^https?://")
    level: str = Field(default="", description="design or strength as the evidence review graded it")
    read_as: str = Field(default="", description="how much was read: full text, abstract, page, digest")

    @property
    def link(self) -> str | None:
        """A stable address of the source, or None when no identifier was found."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        if self.pmcid:
            return f"https://pmc.ncbi.nlm.nih.gov/articles/{self.pmcid}/"
        return self.url

    @property
    def short(self) -> str:
        """First author and year, as a reader cites it; the title where no author was shown."""
        if "not shown" in self.authors:
            return self.title
        first = self.authors.split(" (")[0].split(",")[0].split(" et al")[0].strip()
        return f"{first} {self.year}" if self.year else first


@cache
def load_sources() -> dict[str, Source]:
    """All sources by id. Raises ``RuleDataError`` on a malformed or repeated entry."""
    sources: dict[str, Source] = {}
    for entry in load_data("threadlift.evidence", "sources.toml")["source"]:
        try:
            source = Source.model_validate(entry)
        except ValidationError as error:
            raise RuleDataError(f"evidence/data/sources.toml, source {entry.get('id')!r}: {error}") from error
        if source.id in sources:
            raise RuleDataError(f"evidence/data/sources.toml: source {source.id!r} appears twice")
        sources[source.id] = source
    return sources
