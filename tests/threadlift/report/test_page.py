import re
from html.parser import HTMLParser
from importlib import resources

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


def _tokens(block: str) -> dict[str, tuple[float, float, float]]:
    found = re.findall(r"--([a-z0-9-]+):\s*#([0-9a-f]{6}|[0-9a-f]{3})\b", block)
    return {name: _rgb(value) for name, value in found}


def _rgb(value: str) -> tuple[float, float, float]:
    full = value if len(value) == 6 else "".join(letter * 2 for letter in value)
    red, green, blue = (int(full[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def _brightness(colour: tuple[float, float, float]) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    low, high = sorted((_brightness(first), _brightness(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_reads_on_every_surface_it_stands_on(theme: int) -> None:
    style = resources.files("threadlift.report").joinpath("templates", "report.css").read_text("utf-8")
    tokens = _tokens(style.split(":root {")[1 + theme].split("}")[0])
    pairs = [(ink, surface) for ink in ("ink", "ink2", "ink3", "act") for surface in ("paper", "surface")]
    for kind in ("stop", "caution", "defer", "review", "ok", "note"):
        pairs += [
            (kind, "surface"),
            (kind, f"{kind}-soft"),
            ("ink", f"{kind}-soft"),
            ("ink2", f"{kind}-soft"),
        ]
    weak = {pair: round(_contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in weak.items() if ratio < 4.5}
