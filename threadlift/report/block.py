"""What a report consists of: plain blocks of text, tables and drawings that the page and the PDF both render.

All strings are final: language resolved, numbers written. Templates decide only how a block looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MarkKind = Literal["ok", "caution", "review", "defer", "stop", "note", "none"]


@dataclass(frozen=True)
class Mark:
    """A verdict: shape and colour by ``kind``, always with its word."""

    kind: MarkKind
    word: str


@dataclass(frozen=True)
class Basis:
    """How well a statement is founded: strength 1 to 4 (0 = not graded), in words, and the citations."""

    words: str
    strength: int = 0
    citations: tuple[int, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``tone`` quiet for what explains, strong for what must be read."""

    text: str
    tone: Literal["plain", "quiet", "strong"] = "plain"
    type: str = "paragraph"


@dataclass(frozen=True)
class Heading:
    """A heading below the section's."""

    text: str
    type: str = "heading"


@dataclass(frozen=True)
class Note:
    """A boxed statement with a mark."""

    mark: Mark
    title: str
    text: str = ""
    type: str = "note"


@dataclass(frozen=True)
class Facts:
    """Labels with values."""

    rows: tuple[tuple[str, str], ...]
    type: str = "facts"


@dataclass(frozen=True)
class Bullets:
    """Short statements of equal rank."""

    items: tuple[str, ...]
    type: str = "bullets"


@dataclass(frozen=True)
class Cell:
    """A table cell: text, a mark before it, small print under it."""

    text: str
    under: str = ""
    mark: Mark | None = None
    basis: Basis | None = None


@dataclass(frozen=True)
class Column:
    """Head of a column; numbers stand right-aligned. ``share`` is its part of the width on paper."""

    label: str
    is_number: bool = False
    share: float = 1.0


@dataclass(frozen=True)
class Table:
    """Rows of cells; ``foot`` is a closing sum. On a phone every row becomes labelled lines.

    The first column names the row unless ``is_list``.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] = ()
    is_list: bool = False
    type: str = "table"


@dataclass(frozen=True)
class Entry:
    """One finding, rule or risk: mark, title, facts beside it, sentences under it, its basis."""

    mark: Mark
    title: str
    facts: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    basis: Basis | None = None


@dataclass(frozen=True)
class Entries:
    """Entries worst first."""

    items: tuple[Entry, ...]
    type: str = "entries"


@dataclass(frozen=True)
class Figure:
    """A picture of the face with a drawing over it; both have the same proportions.

    ``warning`` is printed on the picture itself, so that it stays with a copy of it.
    """

    title: str
    description: str
    jpeg: bytes
    drawing: str = ""
    caption: str = ""
    width_px: int = 640
    height_px: int = 760
    warning: str = ""


@dataclass(frozen=True)
class Key:
    """One line of a legend: a small drawing and what it stands for."""

    drawing: str
    label: str


@dataclass(frozen=True)
class Gallery:
    """Pictures side by side, ``across`` of them where there is room, with one legend."""

    figures: tuple[Figure, ...]
    across: int = 3
    legend: tuple[Key, ...] = ()
    type: str = "gallery"


@dataclass(frozen=True)
class Chart:
    """A drawing with its numbers behind it. ``drawing`` holds colours as ``{ink}`` places."""

    title: str
    description: str
    drawing: str
    numbers: Table | None = None
    caption: str = ""
    type: str = "chart"


@dataclass(frozen=True)
class ChartRow:
    """Charts side by side."""

    charts: tuple[Chart, ...]
    type: str = "charts"


@dataclass(frozen=True)
class Reference:
    """One entry of the list of sources."""

    number: int
    text: str
    link: str
    reading: str


@dataclass(frozen=True)
class References:
    """The list of sources."""

    items: tuple[Reference, ...]
    type: str = "references"


@dataclass(frozen=True)
class Fold:
    """Details that a page keeps folded until asked; paper shows them under their title."""

    title: str
    blocks: tuple[Block, ...]
    type: str = "fold"


Block = (
    Paragraph
    | Heading
    | Note
    | Facts
    | Bullets
    | Table
    | Entries
    | Gallery
    | Chart
    | ChartRow
    | References
    | Fold
)


@dataclass(frozen=True)
class Section:
    """A part of the report with its heading; ``id`` is the anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""


@dataclass(frozen=True)
class Document:
    """The whole report. ``badge`` marks a synthetic person and stands on every page."""

    language: str
    title: str
    code: str
    subtitle: str
    running_head: str
    badge: str
    verdict: Mark
    headline: str
    summary: str
    standing_line: str
    labels: dict[str, str]
    sections: tuple[Section, ...] = field(default=())
