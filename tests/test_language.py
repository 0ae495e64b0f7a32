"""Every text that a person reads: both languages, the same places, Vietnamese words and marks."""

from __future__ import annotations

import ast
import re
import string
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from threadlift.language import Text, figure, write_number

ROOT = Path(__file__).resolve().parent.parent / "threadlift"

ENGLISH = re.compile(
    r"\b(the|and|of|with|is|are|was|not|for|from|this|that|which|or|if|has|have|about|only|under|over|"
    r"threads?|skin|lift|face|patient|doctor|barbs?|unknown)\b",
    re.IGNORECASE,
)
DECIMAL_POINT = re.compile(r"(?<![\d.])\d+\.\d{1,2}(?!\d)")
SPACED_BADLY = re.compile(r"^\s|\s$|\s\s|\s[,.;:?!](?:\s|$)|\(\s|\s\)")
SAME_IN_BOTH = {"mm", "smas", "bmi kg/m²", "pdo (polydioxanone)", "pcl (polycaprolactone)", "mepivacaine"}

# One word per idea, as in the Vietnamese glossary: the words that are not used, and those that are.
NOT_USED = {
    "bệnh nhân": "người bệnh",
    "ngạnh": "gai",
    "vật liệu": "chất liệu",
    "má xệ": "má chảy xệ",
    "hàm xệ": "má chảy xệ",
    "nếp đuôi mắt": "vết chân chim",
    "góc miệng": "khóe miệng",
    "đuôi mày": "đuôi cung mày",
    "lidocaine": "lidocain",
    "epinephrine": "epinephrin",
    "chlorhexidine": "chlorhexidin",
    "tetracycline": "tetracyclin",
    "hoá trị": "hóa trị",
    "thi thể": "tử thi",
    "dự báo": "dự đoán",
    "cảnh báo dừng": "điểm dừng",
    "lệnh dừng": "điểm dừng",
}


class Found(NamedTuple):
    """A pair of sentences and where it stands."""

    where: str
    en: str
    vi: str


def in_toml(value: Any, where: str) -> Iterator[Found]:
    """Every ``{ en = ..., vi = ... }`` below a value of a data file."""
    if isinstance(value, dict):
        if "vi" in value or isinstance(value.get("en"), str):  # the landmark en has a number
            yield Found(where, str(value.get("en", "")), str(value.get("vi", "")))
            return
        for key, inner in value.items():
            yield from in_toml(inner, f"{where}.{key}")
    if isinstance(value, list):
        for place, inner in enumerate(value):
            name = inner.get("id", place) if isinstance(inner, dict) else place
            yield from in_toml(inner, f"{where}[{name}]")


def in_code(path: Path) -> Iterator[Found]:
    """Every ``Text(en="...", vi="...")`` of a module that is written out in full."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
            given = {word.arg: word.value for word in node.keywords}
            en, vi = given.get("en"), given.get("vi")
            if isinstance(en, ast.Constant) and isinstance(vi, ast.Constant):
                yield Found(f"{path.relative_to(ROOT)}:{node.lineno}", str(en.value), str(vi.value))


def find_texts() -> list[Found]:
    found: list[Found] = []
    for path in sorted(ROOT.glob("*/data/**/*.toml")):
        found += in_toml(tomllib.loads(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)))
    for path in sorted(ROOT.rglob("*.py")):
        found += in_code(path)
    return [text for text in found if text.en != " "]


TEXTS = find_texts()


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def bare(sentence: str) -> str:
    """The words of a sentence: without its places."""
    return re.sub(r"\{[^}]*\}", "", sentence)


def complaints(pattern: re.Pattern[str], language: str) -> list[str]:
    """Texts in which the pattern is found; a place counts as a letter."""
    texts = ((text, re.sub(r"\{[^}]*\}", "X", getattr(text, language))) for text in TEXTS)
    return [f"{text.where}: {words}" for text, words in texts if pattern.search(words)]


def test_the_data_files_hold_texts_of_every_room() -> None:
    rooms = {text.where.split("/")[0] for text in TEXTS}
    assert {
        "anatomy",
        "care",
        "case",
        "face",
        "planning",
        "pricing",
        "report",
        "screening",
        "threads",
    } <= rooms
    assert len(TEXTS) > 1500


def test_no_text_is_empty_in_a_language() -> None:
    assert [text.where for text in TEXTS if not text.en.strip() or not text.vi.strip()] == []


def test_both_languages_have_the_same_places() -> None:
    assert [text for text in TEXTS if places(text.en) != places(text.vi)] == []


def test_a_text_differs_between_the_languages_unless_it_is_a_name_or_a_number() -> None:
    same = [text for text in TEXTS if text.en == text.vi]
    words = {text: " ".join(bare(text.vi).split()).strip(" :,").lower() for text in same}
    assert [t for t, left in words.items() if re.search(r"[^\W\d_]", left) and left not in SAME_IN_BOTH] == []


def test_no_english_words_are_left_in_vietnamese() -> None:
    quoted = re.compile(r"`[^`]*`")
    assert [t for t in TEXTS if ENGLISH.search(quoted.sub("", bare(t.vi)))] == []


def test_vietnamese_is_written_with_whole_letters_and_both_languages_without_stray_spaces() -> None:
    assert [text for text in TEXTS if not unicodedata.is_normalized("NFC", text.vi)] == []
    assert complaints(SPACED_BADLY, "vi") == []
    assert complaints(SPACED_BADLY, "en") == []


def test_vietnamese_writes_a_decimal_comma() -> None:
    assert complaints(DECIMAL_POINT, "vi") == []


def test_brackets_and_quotation_marks_come_in_pairs() -> None:
    for pair in ("()", "“”", "[]"):
        uneven = [t for t in TEXTS for s in (t.en, t.vi) if s.count(pair[0]) != s.count(pair[1])]
        assert uneven == []
    assert [t for t in TEXTS for s in (t.en, t.vi) if s.count('"') % 2] == []


def test_both_languages_end_alike() -> None:
    ends = {text: (text.en[-1:], text.vi[-1:]) for text in TEXTS}
    assert [t for t, (en, vi) in ends.items() if {en, vi} & set(".?:!") and en != vi] == []


def test_per_cent_stands_close_to_its_number() -> None:
    apart = re.compile(r"[\dX] %")
    assert complaints(apart, "vi") == []
    assert complaints(apart, "en") == []


@pytest.mark.parametrize(("word", "instead"), NOT_USED.items())
def test_one_idea_has_one_vietnamese_word(word: str, instead: str) -> None:
    assert [t for t in TEXTS if re.search(rf"\b{word}\b", t.vi.lower())] == [], f"write {instead}"


def test_a_verdict_and_a_level_of_advice_have_the_same_words_everywhere() -> None:
    texts = {text.where: text for text in TEXTS}
    screening, report = "screening/data/wording.toml.level.", "report/data/texts.toml.action."
    verdicts = [where.removeprefix(screening) for where in texts if where.startswith(screening)]
    assert verdicts
    for verdict in verdicts:
        assert texts[screening + verdict][1:] == texts[report + verdict][1:]
    advice, shown = "care/data/advice.toml.level[", "report/data/texts.toml.level."
    for level in ("self_care", "call_24_48h", "same_day"):
        assert texts[f"{advice}{level}].name"][1:] == texts[shown + level][1:]


def test_fill_puts_values_into_both_languages() -> None:
    told = Text(en="{thread} near {what}", vi="{thread} gần {what}")
    assert told.fill(thread="L1", what=Text(en="the nerve", vi="dây thần kinh")) == Text(
        en="L1 near the nerve", vi="L1 gần dây thần kinh"
    )


def test_fill_writes_a_float_with_the_decimal_mark_of_the_language() -> None:
    told = Text(en="{n} N (sd {sd:.2f})", vi="{n} N (độ lệch chuẩn {sd:.2f})")
    filled = told.fill(n=1.87, sd=0.64)
    assert filled == Text(en="1.87 N (sd 0.64)", vi="1,87 N (độ lệch chuẩn 0,64)")


def test_fill_writes_whole_floats_and_numpy_floats_without_a_tail() -> None:
    told = Text(en="{a} and {b} mm", vi="{a} và {b} mm")
    assert told.fill(a=38.0, b=np.float64(-0.5)) == Text(en="38 and -0.5 mm", vi="38 và -0,5 mm")


def test_fill_leaves_whole_numbers_and_words_as_they_are() -> None:
    told = Text(en="{n} faces, {name}", vi="{n} khuôn mặt, {name}")
    filled = told.fill(n=12345, name="2026.11.1")
    assert filled == Text(en="12345 faces, 2026.11.1", vi="12345 khuôn mặt, 2026.11.1")


def test_fill_refuses_a_sentence_whose_place_gets_no_value() -> None:
    with pytest.raises(KeyError, match="missing"):
        Text(en="{missing}", vi="{missing}").fill(other=1)


def test_a_figure_keeps_its_decimals_in_both_languages() -> None:
    assert figure(3.0, ".1f") == Text(en="3.0", vi="3,0")
    assert figure(0.25) == Text(en="0.25", vi="0,25")
    assert write_number(1234.5, "+.1f", "vi") == "+1234,5"
