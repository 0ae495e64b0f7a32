"""The report as one self-contained page: styles, fonts and pictures inside, no script."""

from __future__ import annotations

import base64
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from threadlift.errors import RuleDataError
from threadlift.report.block import Document, Figure, MarkKind
from threadlift.report.drawing import mark_shape, paint, svg
from threadlift.report.picture import data_address

FONTS = {"Inter-Regular": 400, "Inter-SemiBold": 600}


def render_page(document: Document) -> str:
    """The whole page as HTML text."""
    environment = Environment(
        loader=PackageLoader("threadlift.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = resources.files("threadlift.report").joinpath("templates", "report.css").read_text("utf-8")
    return environment.get_template("report.html.j2").render(
        document=document,
        labels=document.labels,
        style=Markup(style),
        fonts=Markup(_font_faces()),
        icon=_icon,
        paint=lambda drawing: Markup(paint(drawing)),
        picture=_picture,
    )


def find_font(name: str, suffix: str) -> Path:
    """The font file that ``make setup`` cut. Raises ``RuleDataError`` when it is not there."""
    path = Path(str(resources.files("threadlift.report").joinpath("fonts", f"{name}.{suffix}")))
    if not path.is_file():
        raise RuleDataError(f"report font {path.name} is missing", remedy="Run: make setup")
    return path


@cache
def _font_faces() -> str:
    faces = []
    for name, weight in FONTS.items():
        content = base64.b64encode(find_font(name, "woff2").read_bytes()).decode("ascii")
        faces.append(
            f'@font-face{{font-family:"Inter";font-weight:{weight};font-display:swap;'
            f'src:url(data:font/woff2;base64,{content}) format("woff2")}}'
        )
    return "".join(faces)


def _icon(kind: MarkKind) -> Markup:
    return Markup(svg(24, 24, mark_shape(kind, sign="var(--sign)")))


def _picture(figure: Figure) -> Markup:
    return Markup(data_address(figure.jpeg))
