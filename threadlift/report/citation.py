"""The list of sources: numbered as they are first cited, with what they are and how much of them was read."""

from __future__ import annotations

from collections.abc import Iterable

from threadlift.evidence import Source, load_sources
from threadlift.finding import Status
from threadlift.report.block import Basis, Reference
from threadlift.report.wording import Wording

# Words of a source's own grading, strongest first; the first that occurs decides. Bars as in the glossary.
_STRENGTH = (
    (4, "meta", ("meta-analysis",)),
    (4, "guideline", ("guideline",)),
    (3, "systematic_review", ("systematic review",)),
    (3, "trial", ("rct", "trial", "l2")),
    (3, "consensus", ("consensus",)),
    (2, "cohort", ("cohort", "audit", "diagnostic study", "l3")),
    (2, "case_series", ("case series", "scale validation", "l4")),
    (1, "case_report", ("case report", "animal")),
    (3, "review", ("review",)),
    (1, "register", ("reg",)),
    (1, "maker", ("mkt",)),
    (1, "practice", ("expert", "clinic", "press", "news", "reference", "l5")),
)
_READING = (
    ("unseen", ("not seen", "cut", "only rankings", "recalled")),
    (
        "secondary",
        ("secondary", "third-party", "reprints", "aggregator", "trade summary", "later open paper"),
    ),
    ("abstract", ("abstract",)),
    ("full", ("full", "file read")),
    ("part", ("page", "excerpt", "introduction", "start", "table", "opening")),
)


def grade(source: Source) -> tuple[int, str]:
    """Strength 1 to 4 and the name of the class of a source; 0 and ``ungraded`` where none was given."""
    level = source.level.lower()
    for strength, name, words in _STRENGTH:
        if any(word in level for word in words):
            return strength, name
    return 0, "ungraded"


def reading(source: Source) -> str:
    """How much of a source was read, as a key of the texts."""
    words = source.read_as.lower()
    return next((name for name, signs in _READING if any(sign in words for sign in signs)), "unknown")


class Bibliography:
    """Collects what a report cites; numbers in order of first mention."""

    def __init__(self, say: Wording) -> None:
        self._say = say
        self._order: dict[str, int] = {}

    def cite(self, sources: Iterable[str]) -> tuple[int, ...]:
        """Numbers of the sources with these ids."""
        return tuple(self._order.setdefault(name, len(self._order) + 1) for name in sources)

    def basis(self, status: Status | str, sources: Iterable[str] = ()) -> Basis:
        """How a statement is founded: its standing, the strongest of its sources, the citations."""
        cited = tuple(sources)
        words = self._say(f"status.{Status(status).value}")
        if not cited:
            return Basis(words)
        strength, name = max(grade(load_sources()[source]) for source in cited)
        if strength:
            words = f"{words}; {self._say(f'grade.{name}')}"
        return Basis(words, strength, self.cite(cited))

    def note(self, sources: Iterable[str]) -> Basis | None:
        """Citations with the bars of the strongest, without words; None where nothing is cited."""
        cited = tuple(dict.fromkeys(sources))
        if not cited:
            return None
        known = load_sources()
        return Basis("", max(grade(known[source])[0] for source in cited), self.cite(cited))

    def references(self) -> tuple[Reference, ...]:
        """All sources cited so far, in order."""
        known = load_sources()
        return tuple(self._reference(number, known[name]) for name, number in self._order.items())

    def _reference(self, number: int, source: Source) -> Reference:
        year = f" ({source.year})" if source.year else ""
        where = f" {source.published_in}." if source.published_in else ""
        words = self._say(f"grade.{grade(source)[1]}")
        read = self._say("sources.read", how=self._say(f"reading.{reading(source)}"))
        return Reference(
            number=number,
            text=f"{source.authors}{year}. {source.title}.{where}",
            link=source.link or "",
            reading=f"{words}; {read}",
        )
