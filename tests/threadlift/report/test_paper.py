from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.threadlift.report.builders import a_document
from threadlift.report.paper import render_paper


@pytest.fixture(scope="module")
def reader() -> PdfReader:
    return PdfReader(BytesIO(render_paper(a_document(), made_on=date(2026, 11, 23))))


def test_every_font_is_ours_and_embedded(reader: PdfReader) -> None:
    names = set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font["/DescendantFonts"][0]
            assert "/FontFile2" in inner["/FontDescriptor"] or "/FontFile3" in inner["/FontDescriptor"]
            names.add(str(font["/BaseFont"]).split("+")[-1])
    assert names == {"Inter-Regular", "Inter-SemiBold"}


def test_vietnamese_text_can_be_read_back(reader: PdfReader) -> None:
    text = " ".join((reader.pages[0].extract_text() or "").split())
    assert "Má chảy xệ, đường viền hàm: ước tính 3,0 mm (1,6–4,2)" in text


def test_every_page_has_code_number_badge_and_standing_line(reader: PdfReader) -> None:
    count = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        text = " ".join((page.extract_text() or "").split())
        assert "TL-TEST" in text
        assert "Dữ liệu mẫu" in text
        assert f"Trang {number} / {count}" in text
        assert "Không phải thiết bị y tế đã được cấp phép" in text


def test_pages_are_a4_and_the_language_is_written_into_the_file(reader: PdfReader) -> None:
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)
    assert reader.trailer["/Root"]["/Lang"] == "vi"


def test_the_same_document_gives_the_same_file() -> None:
    document = a_document(text="Đuôi cung mày")
    made = [render_paper(document, made_on=date(2026, 11, 23)) for _ in range(2)]
    assert made[0] == made[1]
