"""The report page in a real browser: no sideways scrolling, dark colours, text that is not cut."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.threadlift.report.cases import a_case
from threadlift.report.page import render_page
from threadlift.report.view import describe_case

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium is installed: CI skips no browser test")
        pytest.skip("NO CHROMIUM IS INSTALLED: the report page was not looked at in a browser")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=["vi", "en"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    page = render_page(describe_case(a_case(with_stop=True), request.param, detail=0.15))
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_reaches_over_the_edge(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    over = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(part => !part.closest('svg, thead')"
        " && !part.matches('.skip') && part.getBoundingClientRect().right > innerWidth + 1)"
        ".map(part => part.tagName + ' ' + part.textContent.slice(0, 60))"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert over == []
    page.close()


def test_the_page_asks_for_nothing_and_reports_no_error(browser: Any, address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    page.close()


def test_the_dark_theme_follows_the_system_and_paper_stays_white(browser: Any, address: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(address)
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(16, 23, 28)"
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    context.close()


def test_on_paper_everything_folded_is_open(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    closed = page.evaluate(
        "[...document.querySelectorAll('details > :not(summary)')]"
        ".filter(part => part.getBoundingClientRect().height === 0).length"
    )
    assert closed == 0
    page.close()


def test_drawings_use_the_reports_own_font(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Inter', 'Đường ắ ₫ ≥'))")
    page.close()
