"""Every record of every data file has a standing, and every citation resolves."""

from __future__ import annotations

import pytest

from threadlift.errors import RuleDataError
from threadlift.evidence import find_records, load_records, load_sources
from threadlift.evidence.record import _record
from threadlift.finding import Status


@pytest.mark.control("C-23")
def test_every_citation_of_every_data_file_resolves() -> None:
    sources = load_sources()
    records = load_records()
    assert len(records) > 200
    for record in records:
        assert all(name in sources for name in record.sources), record.id
        if record.status in (Status.SOURCED, Status.DIGEST):
            assert record.sources, record.id
        else:
            assert record.reason, record.id


def test_every_room_with_numbers_is_walked() -> None:
    assert {record.room for record in load_records()} >= {"evidence"}


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"id": "X", "status": "sourced", "sources": ["nobody1900"]}, "unknown source 'nobody1900'"),
        ({"id": "X", "status": "sourced", "sources": []}, "cites nothing"),
        ({"id": "X", "status": "engineering_choice", "sources": []}, "needs a reason"),
        ({"id": "X", "sources": ["niu2021"]}, "status must be one of"),
    ],
)
@pytest.mark.control("C-23")
def test_a_record_without_standing_is_refused_by_name(entry: dict[str, object], fault: str) -> None:
    with pytest.raises(RuleDataError, match=fault) as caught:
        _record("screening", "rules.toml", "1", "rule", entry)
    assert "screening/data/rules.toml" in str(caught.value)


def test_an_id_finds_its_record_and_words_must_all_occur() -> None:
    (claim,) = find_records("claim-01")
    assert claim.values["claim"] == "Results last 3-5 years"
    assert claim.values["verdict"] == "unsupported"
    found = find_records("supine upright")
    assert found
    assert all("supine" in record.words() and "upright" in record.words() for record in found)
    assert find_records("no such word anywhere") == ()
    assert find_records("") == ()
