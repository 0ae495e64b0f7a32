from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.threadlift.report.cases import ON, a_case, a_refused_case, an_intake
from threadlift.case.case import Case, Override
from threadlift.language import Language
from threadlift.planning.propose import propose_plan
from threadlift.report.block import Document, Figure, Note, References, Section
from threadlift.report.page import render_page
from threadlift.report.paper import render_paper
from threadlift.report.view import describe_case
from threadlift.report.wording import Wording

ENGLISH = re.compile(
    r"\b(the|and|with|without|of|is|are|not|this|that|from|for|thread|threads|left|right|months?|days?|"
    r"if|when|unknown|none|yes|face|skin|plan|stop|caution)\b",
    re.IGNORECASE,
)
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
# Proper names that stand in Vietnamese text as they are.
NAMES = re.compile(r"Doppler|Ultherapy|FaceTouchUp|Yonsei|Is more always better", re.IGNORECASE)

DETAIL = 0.15
_documents: dict[tuple[int, str], Document] = {}


def told(case: Case, language: Language = "en") -> Document:
    """The document of a case, made once."""
    key = (id(case), language)
    if key not in _documents:
        _documents[key] = describe_case(case, language, detail=DETAIL)
    return _documents[key]


def section(document: Document, name: str) -> Section:
    """The part of a report with this id."""
    return next(part for part in document.sections if part.id == name)


def strings(value: Any) -> Iterator[str]:
    """Every text of a block and what it holds, pictures, drawings and sources left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif dataclasses.is_dataclass(value) and not isinstance(value, References):
        for part in dataclasses.fields(value):
            if part.name not in ("drawing", "type", "kind", "id", "tone", "language", "code"):
                yield from strings(getattr(value, part.name))


def drawn_texts(value: Any) -> Iterator[str]:
    """Every text inside a drawing."""
    if dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            content = getattr(value, part.name)
            if part.name == "drawing":
                yield from re.findall(r">([^<>]+)</(?:text|title|desc)>", content)
            else:
                yield from drawn_texts(content)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from drawn_texts(item)


def test_a_case_with_a_plan_has_every_part_summary_first_and_sources_last() -> None:
    for language in ("en", "vi"):
        names = [part.id for part in told(a_case(), language).sections]
        assert names == [
            *("summary", "pictures", "findings", "plan", "prediction", "alternatives", "risks", "quote"),
            *("aftercare", "screening", "face", "questions", "limits", "sources"),
        ]


def test_no_english_is_left_in_the_vietnamese_report() -> None:
    leaks = {
        text
        for document in (told(a_case(), "vi"), told(a_case("photo"), "vi"), told(a_refused_case(), "vi"))
        for text in (*strings(document), *drawn_texts(document))
        if ENGLISH.search(NAMES.sub("", text))
    }
    assert not leaks


def test_no_vietnamese_is_left_in_the_english_report() -> None:
    leaks = {
        text for text in (*strings(told(a_case())), *drawn_texts(told(a_case()))) if VIETNAMESE.search(text)
    }
    assert not leaks


def test_a_stop_heads_the_report_as_a_stop_and_names_the_way_out() -> None:
    document = told(a_case(with_stop=True))
    assert document.verdict.kind == "stop"
    assert document.headline == "This plan must not be carried out as it is"
    notes = [block for block in section(document, "summary").blocks if isinstance(block, Note)]
    assert any(note.mark.kind == "stop" and "Move it 5 mm away." in note.text for note in notes)


def test_a_plan_without_stop_is_not_called_safe() -> None:
    document = told(a_case())
    assert document.verdict.kind != "stop"
    for text in strings(document):
        assert not re.search(r"\b(is|are) safe\b", text) or "does not mean" in text or "not" in text.lower()


def test_without_a_plan_the_reason_stands_first_and_nothing_is_planned_or_priced() -> None:
    document = told(a_refused_case())
    names = [part.id for part in document.sections]
    assert document.verdict.kind == "stop"
    assert "The verdict refuses treatment." in list(strings(section(document, "summary")))
    assert not {"plan", "findings", "prediction", "quote", "aftercare"} & set(names)
    assert {"pictures", "screening", "alternatives", "risks"} <= set(names)


def test_a_prediction_in_mm_always_carries_its_range() -> None:
    rows = dict(section(told(a_case()), "summary").blocks[0].rows)  # type: ignore[union-attr]
    predicted = [text for label, text in rows.items() if label.startswith("Predicted")]
    assert predicted
    for text in predicted:
        assert re.search(r"\d\.\d\u00a0mm \(.*–.*\); at 12 months .*\d\u00a0mm \(.*–.*\)", text)


def test_without_a_scan_the_prediction_has_no_millimetres() -> None:
    document = told(a_case("photo"))
    rows = dict(section(document, "summary").blocks[0].rows)  # type: ignore[union-attr]
    predicted = [text for label, text in rows.items() if label.startswith("Predicted")]
    assert predicted
    assert not any("mm" in text for text in predicted)
    assert not any(
        "Today" in figure.title for figure in _figures(section(document, "pictures"))
    )  # no before and after


def _figures(part: Section) -> Iterator[Figure]:
    for block in part.blocks:
        yield from getattr(block, "figures", ())


def test_every_picture_of_an_estimate_says_so_and_the_face_of_today_does_not() -> None:
    estimate = "This is an estimate, not a promised result."
    warnings = {figure.title: figure.warning for figure in _figures(section(told(a_case()), "pictures"))}
    after = [title for title in warnings if "Estimate" in title]
    today = [title for title in warnings if title.startswith("Today")]
    assert after
    assert today
    assert all(warnings[title] == estimate for title in after)
    assert all(warnings[title] == "" for title in today)
    assert list(warnings.values()).count(estimate) > len(after), "the coloured pictures are estimates too"


def test_a_doctors_override_is_shown_with_name_day_and_reason() -> None:
    case = a_refused_case()
    decided = Override(by="Dr Example", reason="Reconstructive case, board decision.", on=ON)
    document = describe_case(
        replace(case, info=case.info.model_copy(update={"override": decided})), "en", detail=DETAIL
    )
    texts = list(strings(section(document, "summary")))
    assert "Dr Example, 23 Nov 2026" in texts
    assert "Reason: Reconstructive case, board decision." in texts


def test_only_a_synthetic_person_gets_the_badge() -> None:
    case = a_refused_case()
    real = replace(case, info=case.info.model_copy(update={"is_synthetic": False}))
    assert told(case).badge
    assert not describe_case(real, "en", detail=DETAIL).badge


def test_threads_go_by_short_names_everywhere() -> None:
    case = a_case()
    assert case.treatment is not None
    long_names = [resolved.thread.id for resolved in case.treatment.threads]
    texts = [*strings(told(case)), *drawn_texts(told(case))]
    assert not [text for text in texts if any(name in text for name in long_names)]
    assert any("L1" in text for text in texts)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_citations_run_from_one_without_gaps(language: Language) -> None:
    document = told(a_case(), language)
    references = section(document, "sources").blocks[0]
    assert isinstance(references, References)
    numbers = [entry.number for entry in references.items]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 20


@pytest.mark.control("C-25")
@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_report_says_what_it_is_not_and_marks_a_synthetic_person(language: Language) -> None:
    for case in (a_case(), a_refused_case()):
        document = told(case, language)
        say = Wording(language)
        texts = list(strings(section(document, "limits")))
        assert {say("method.decision"), say("method.device"), say("method.validated")} <= set(texts)
        assert document.standing_line == say("report.standing")
        page = render_page(document)
        paper = PdfReader(BytesIO(render_paper(document, made_on=ON)))
        assert page.count(say("report.synthetic")) >= 2
        for sheet in paper.pages:
            text = " ".join((sheet.extract_text() or "").split())
            assert say("report.synthetic") in text
            assert say("report.standing") in text


def test_a_case_without_threads_tells_why_each_goal_has_none() -> None:
    proposal = propose_plan(
        an_intake(goals=["crow_feet"]), a_refused_case().verdict, a_refused_case().anatomy
    )
    for language in ("en", "vi"):
        document = describe_case(replace(a_refused_case(), proposal=proposal), language, detail=DETAIL)
        texts = " ".join(strings(section(document, "plan")))
        assert getattr(proposal.not_planned[0].what, language) in texts
