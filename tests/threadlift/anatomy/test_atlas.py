"""The atlas as data: complete, bilingual, its weakness kept."""

from __future__ import annotations

import pytest

from threadlift.anatomy.atlas import AtlasStructure, load_atlas
from threadlift.anatomy.layer import region_data
from threadlift.anatomy.plane import Plane
from threadlift.finding import Status

ATLAS = load_atlas()
EVIDENCE_REGIONS = {
    *("forehead", "temple", "periorbital", "malar", "infraorbital", "nasolabial", "buccal"),
    *("parotid_masseteric", "jowl", "chin", "mandible_border", "submental", "neck_lateral"),
}


def test_it_holds_22_structures_11_ligaments_and_the_13_regions() -> None:
    assert len(ATLAS.structures) == 22
    assert len(ATLAS.ligaments) == 11
    assert {region["region"] for region in region_data()} >= EVIDENCE_REGIONS


def test_facial_nerve_branches_keep_the_mark_that_their_depth_has_no_source() -> None:
    branches = [entry for entry in ATLAS.structures if entry.kind == "nerve_motor" and entry.id != "fn_trunk"]
    assert len(branches) == 7
    assert {entry.depth_status for entry in branches} == {Status.UNSOURCED}


@pytest.mark.parametrize("entry", ATLAS.structures, ids=lambda entry: entry.id)
def test_every_structure_says_in_both_languages_what_it_is_and_what_its_injury_means(
    entry: AtlasStructure,
) -> None:
    for text in (entry.name, entry.consequence, entry.lies):
        assert text.en.isascii()
        assert text.vi != text.en
    assert entry.sources


@pytest.mark.parametrize("entry", ATLAS.structures, ids=lambda entry: entry.id)
def test_no_structure_lies_only_in_the_fat_where_lifting_threads_are_published(entry: AtlasStructure) -> None:
    for planes in entry.segment_planes:
        assert max(plane.order for plane in planes) >= Plane.SMAS.order
        assert not {Plane.INTRADERMAL, Plane.SUBDERMAL} & set(planes)
