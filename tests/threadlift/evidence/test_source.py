"""Sources are well-formed and lead somewhere."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from threadlift.evidence import Source, load_sources


def test_most_sources_carry_an_identifier_and_none_is_malformed() -> None:
    sources = load_sources()
    linked = [source for source in sources.values() if source.link]
    assert len(sources) > 250
    assert len(linked) / len(sources) > 0.6
    assert all(source.link.startswith("https://") for source in linked if source.doi or source.pmid)


@pytest.mark.parametrize(
    "fault",
    [
        {"doi": "doi:10.1/x"},
        {"doi": "10.1097/GOX with space"},
        {"pmid": "12a"},
        {"id": "Niu 2021"},
        {"colour": "red"},
    ],
)
def test_a_malformed_identifier_is_refused(fault: dict[str, str]) -> None:
    good = {"id": "a2020", "authors": "A B", "title": "T"}
    assert Source.model_validate(good).link is None
    with pytest.raises(ValidationError):
        Source.model_validate({**good, **fault})


def test_the_link_prefers_the_doi() -> None:
    source = Source(id="a2020", authors="Doe J, Roe R", title="T", year=2020, doi="10.1000/x", pmid="123456")
    assert source.link == "https://doi.org/10.1000/x"
    assert source.short == "Doe J 2020"


def test_a_source_without_a_known_author_is_cited_by_its_title() -> None:
    source = Source(
        id="b2020", authors="authors not shown in the excerpt read", title="On threads", year=2020
    )
    assert source.short == "On threads"
