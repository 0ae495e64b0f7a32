"""Small reports and scenes for the tests of this room."""

from __future__ import annotations

from functools import cache

from threadlift.face.face import Face
from threadlift.face.morph import shape_face
from threadlift.report.block import (
    Basis,
    Bullets,
    Cell,
    Chart,
    ChartRow,
    Column,
    Document,
    Entries,
    Entry,
    Facts,
    Figure,
    Fold,
    Gallery,
    Heading,
    Key,
    Mark,
    Note,
    Paragraph,
    Reference,
    References,
    Section,
    Table,
)
from threadlift.report.chart import CurvePoint, draw_curve
from threadlift.report.drawing import svg
from threadlift.report.picture import VIEWS, View, as_jpeg, develop, take_shot
from threadlift.report.scene import Scene, make_scene
from threadlift.report.wording import Wording


@cache
def a_face() -> Face:
    """A synthetic face."""
    return shape_face({"female_old": 0.6})


@cache
def a_scene() -> Scene:
    """The scene of the synthetic face."""
    return make_scene(a_face())


def small_view(name: str) -> View:
    """A view of 96 x 114 pixels."""
    view = VIEWS[name]
    return View(view.id, view.turn_deg, view.target, view.height_mm, 96, 114)


def a_curve(say: Wording) -> str:
    """A retention curve with hatched months."""
    points = [
        CurvePoint(0, 3.0, 1.5, 4.2, True),
        CurvePoint(6, 2.0, 1.0, 3.2, True),
        CurvePoint(12, 1.0, 0.2, 2.2, False),
    ]
    return draw_curve(points, say, title="Lift", description="Falls over the months")


def a_document(
    language: str = "vi", text: str = "Má chảy xệ, đường viền hàm: ước tính 3,0 mm (1,6–4,2)"
) -> Document:
    """A report with one block of every kind, each holding ``text``."""
    say = Wording("vi" if language == "vi" else "en")
    shot = take_shot(a_scene(), small_view("front"))
    jpeg = as_jpeg(develop(shot, a_scene()))
    basis = Basis("Có nguồn", 3, (1,))
    table = Table(
        text,
        (Column(text, share=2), Column("mm", is_number=True)),
        ((Cell(text, under=text, mark=Mark("stop", "Dừng"), basis=basis), Cell("3,0")),),
        (Cell("Tổng cộng"), Cell("24.600.000 ₫")),
    )
    chart = Chart(text, text, a_curve(say), table, text)
    blocks = (
        Paragraph(text),
        Heading(text),
        Note(Mark("caution", "Thận trọng"), text, text),
        Facts(((text, text),)),
        Bullets((text, text)),
        table,
        Entries((Entry(Mark("review", "Cần bác sĩ xem xét"), text, (text,), (text,), basis),)),
        Gallery(
            (Figure(text, text, jpeg, svg(400, 475, ""), text, 96, 114),),
            2,
            (Key(svg(36, 16, ""), text),),
            text,
        ),
        Fold(text, (Paragraph(text), table)),
        chart,
        ChartRow((chart, chart)),
        References((Reference(1, text, "https://doi.org/10.1/x", text),)),
    )
    return Document(
        language=language,
        title="Báo cáo ca",
        code="TL-TEST",
        subtitle=text,
        running_head="Báo cáo ca · TL-TEST",
        badge="Dữ liệu mẫu",
        verdict=Mark("stop", "Dừng"),
        headline=text,
        summary=text,
        standing_line=say("report.standing"),
        labels={key: say(f"label.{key}") for key in ("skip", "contents", "numbers", "strength", "page")},
        sections=(Section("first", text, blocks, text),),
    )
