"""The report on paper: the same document set by Typst, with our fonts and no others."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from datetime import UTC, date, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import typst

from threadlift.report.block import Document, MarkKind
from threadlift.report.drawing import PAPER, mark_shape, paint, svg
from threadlift.report.page import FONTS, find_font


def render_paper(document: Document, *, made_on: date) -> bytes:
    """The whole report as a PDF; ``made_on`` is written into it as the day of making."""
    with tempfile.TemporaryDirectory(prefix="threadlift-report-") as name:
        folder = Path(name)
        template = resources.files("threadlift.report").joinpath("templates", "report.typ")
        (folder / "report.typ").write_text(template.read_text("utf-8"), encoding="utf-8")
        content = _plain(document, folder)
        (folder / "document.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        for kind in get_args(MarkKind):
            mark = svg(24, 24, mark_shape(kind, PAPER[kind]))
            (folder / f"mark-{kind}.svg").write_text(mark, encoding="utf-8")
        made: bytes = typst.compile(
            str(folder / "report.typ"),
            root=str(folder),
            font_paths=[str(find_font(next(iter(FONTS)), "ttf").parent)],
            ignore_system_fonts=True,
            timestamp=datetime.combine(made_on, time(12), UTC),
        )
    return made


def _plain(value: Any, folder: Path) -> Any:
    """The document as JSON values; pictures and drawings go to files and their names stay."""
    if isinstance(value, bytes):
        return _file(folder, value, "jpg")
    if isinstance(value, tuple | list):
        return [_plain(item, folder) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, folder) for key, item in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    plain = {}
    for part in dataclasses.fields(value):
        content = getattr(value, part.name)
        if part.name == "drawing":
            drawn = paint(content, PAPER).encode("utf-8")
            plain["drawing"] = _file(folder, drawn, "svg") if content else ""
        else:
            plain[part.name] = _plain(content, folder)
    return plain


def _file(folder: Path, content: bytes, suffix: str) -> str:
    name = f"part-{len(list(folder.iterdir()))}.{suffix}"
    (folder / name).write_bytes(content)
    return name
