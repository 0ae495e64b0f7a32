import re
from html.parser import HTMLParser

import pytest

from tests.threadlift.report.builders import a_document
from threadlift.report.page import render_page


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    outline = _Outline()
    outline.feed(page)
    return outline.tags


@pytest.fixture(scope="module")
def page() -> str:
    return render_page(a_document())


def test_the_page_is_one_file_without_scripts_and_asks_for_nothing_outside(page: str) -> None:
    assert "<script" not in page
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page) + re.findall(r"url\(([^)]+)\)", page)
    assert all(address.startswith(("data:", "#", "https://doi.org/")) for address in loaded)


def test_the_page_says_its_language_and_has_a_skip_link_and_one_main_heading(page: str) -> None:
    tags = _tags(page)
    assert ("html", {"lang": "vi"}) in tags
    assert ("a", {"class": "skip", "href": "#main"}) in tags
    assert [tag for tag, _ in tags].count("h1") == 1


def test_every_picture_has_words_and_every_drawing_a_role(page: str) -> None:
    for tag, attributes in _tags(page):
        if tag == "img":
            assert attributes["alt"]
        if tag == "svg":
            assert attributes.get("role") == "img" or attributes.get("aria-hidden") == "true"


def test_every_link_inside_the_page_has_a_target(page: str) -> None:
    tags = _tags(page)
    targets = {attributes["id"] for _, attributes in tags if "id" in attributes}
    wanted = {a["href"][1:] for tag, a in tags if tag == "a" and (a.get("href") or "").startswith("#")}  # type: ignore[index]
    assert wanted <= targets


def test_text_from_outside_cannot_become_markup() -> None:
    page = render_page(a_document(text="<script>alert(1)</script> & <b>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_synthetic_person_is_marked(page: str) -> None:
    assert "Dữ liệu mẫu" in page
