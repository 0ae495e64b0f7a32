import re
from pathlib import Path

import threadlift.report
from threadlift.report.wording import load_texts

SOURCES = sorted(Path(threadlift.report.__file__).parent.rglob("*.py"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
WHOLE = set(re.findall(r'"([a-z_]+\.[a-z0-9_]+)"', CODE))
BEGINNINGS = set(re.findall(r'f[\'"]([a-z_]+\.[a-z_]*)\{', CODE))
NAMED = ("area", "goal", "substance")  # looked up by the name of what a verdict excludes


def test_every_label_that_the_code_asks_for_exists() -> None:
    known = load_texts()
    sections = {name.split(".")[0] for name in known}
    asked = {
        name
        for name in WHOLE
        if name.split(".")[0] in sections
        and not name.endswith(("html", "pdf", "svg", "css", "j2", "typ", "toml", "json"))
    }
    assert asked
    assert not asked - set(known)


def test_every_beginning_of_a_label_has_endings() -> None:
    known = load_texts()
    assert BEGINNINGS
    assert not [start for start in BEGINNINGS if not any(name.startswith(start) for name in known)]


def test_no_label_is_left_over() -> None:
    unused = [
        name
        for name in load_texts()
        if name not in WHOLE
        and not any(name.startswith(start) for start in BEGINNINGS)
        and name.split(".")[0] not in NAMED
    ]
    assert not unused


def test_both_languages_have_the_same_places_and_differ() -> None:
    same_in_both = {"grade.ungraded"}
    for name, text in load_texts().items():
        assert set(re.findall(r"\{(\w+)\}", text.en)) == set(re.findall(r"\{(\w+)\}", text.vi)), name
        bare = re.sub(r"\{\w+\}", "", text.en)
        if re.search(r"[a-z]{4}", bare) and name not in same_in_both:
            assert text.en != text.vi, name
