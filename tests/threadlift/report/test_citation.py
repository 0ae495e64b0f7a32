import pytest

from threadlift.evidence import load_sources
from threadlift.evidence.source import Source
from threadlift.finding import Status
from threadlift.report.citation import Bibliography, grade, reading
from threadlift.report.wording import Wording


def test_sources_are_numbered_as_they_are_first_cited() -> None:
    first, second, *_ = load_sources()
    book = Bibliography(Wording("en"))
    assert book.cite([second, first]) == (1, 2)
    assert book.cite([first]) == (2,)
    assert [entry.number for entry in book.references()] == [1, 2]


def test_an_unsourced_statement_says_so_and_shows_no_bars() -> None:
    basis = Bibliography(Wording("en")).basis(Status.UNSOURCED)
    assert basis.words == "Unsourced: general knowledge"
    assert (basis.strength, basis.citations) == (0, ())


@pytest.mark.parametrize(
    ("level", "strength"),
    [
        ("meta-analysis (65 studies)", 4),
        ("RCT (n=22)", 3),
        ("case series (n=50)", 2),
        ("case report", 1),
        ("", 0),
    ],
)
def test_the_bars_follow_the_design_of_the_study(level: str, strength: int) -> None:
    assert grade(Source(id="x", authors="A", title="T", level=level))[0] == strength


@pytest.mark.parametrize(
    ("read_as", "key"),
    [
        ("abstract; mm values not seen", "unseen"),
        ("abstract", "abstract"),
        ("full", "full"),
        ("web page", "part"),
    ],
)
def test_how_much_was_read_is_told(read_as: str, key: str) -> None:
    assert reading(Source(id="x", authors="A", title="T", read_as=read_as)) == key


def test_every_source_has_words_for_grade_and_reading_in_both_languages() -> None:
    for language in ("en", "vi"):
        book = Bibliography(Wording(language))
        book.cite(load_sources())
        assert len(book.references()) == len(load_sources())
