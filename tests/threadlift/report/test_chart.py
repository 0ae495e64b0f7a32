from xml.etree import ElementTree

import pytest

from threadlift.report.chart import (
    CurvePoint,
    RangeRow,
    Span,
    draw_curve,
    draw_ranges,
    draw_scale,
    draw_shares,
    draw_timeline,
    nice_top,
)
from threadlift.report.drawing import PAPER, paint
from threadlift.report.picture import LIFT_RAMP
from threadlift.report.wording import Wording

SAY = Wording("vi")
POINTS = [CurvePoint(0, 3, 1, 5, True), CurvePoint(6, 2, 1, 4, True), CurvePoint(12, 1, 0, 2, False)]


def _texts(drawing: str) -> list[str]:
    root = ElementTree.fromstring(paint(drawing, PAPER))
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_curve_names_its_unit_and_months_and_has_title_and_description() -> None:
    drawing = draw_curve(POINTS, SAY, title="Má chảy xệ", description="Giảm dần")
    assert {"mm", "0", "6", "12", "số tháng sau thủ thuật"} <= set(_texts(drawing))
    assert "<title>Má chảy xệ</title><desc>Giảm dần</desc>" in drawing


def test_months_without_measured_values_are_hatched_and_others_are_not() -> None:
    hatched = draw_curve(POINTS, SAY, title="a", description="b")
    measured = draw_curve(
        [CurvePoint(p.month, p.middle, p.low, p.high, True) for p in POINTS], SAY, title="a", description="b"
    )
    assert "stroke-opacity:.75" in hatched
    assert "stroke-opacity:.75" not in measured


def test_a_range_bar_reaches_from_low_to_high() -> None:
    drawing = draw_ranges([RangeRow("Má", 2, 1, 4, "2 mm")], SAY, title="a", description="b")
    bar = ElementTree.fromstring(paint(drawing, PAPER)).find("{http://www.w3.org/2000/svg}rect")
    assert bar is not None
    assert float(bar.get("width", "0")) == pytest.approx((360 - 24) * 3 / 4, abs=0.1)


def test_every_colour_of_a_chart_is_known_on_paper_and_on_the_page() -> None:
    for drawing in (
        draw_shares([("Chỉ", 3, "3 ₫")], title="a", description="b"),
        draw_timeline([Span("Sưng", 0, 7, "đến 30/11")], SAY, title="a", description="b"),
        draw_scale(LIFT_RAMP, 4.0, SAY, title="a"),
    ):
        assert "$" not in paint(drawing, PAPER)
        assert "$" not in paint(drawing)


@pytest.mark.parametrize(("value", "top"), [(3.9, 4.0), (4.0, 4.0), (4.1, 6.0), (0.05, 0.1), (85, 100.0)])
def test_the_axis_ends_at_the_next_round_number(value: float, top: float) -> None:
    assert nice_top(value) == pytest.approx(top)
