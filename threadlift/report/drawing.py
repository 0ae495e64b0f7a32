"""Small pieces of SVG: colours by name, marks, text that cannot break the drawing."""

from __future__ import annotations

import re
from html import escape

from threadlift.report.block import MarkKind

# Colours of paper and of drawings that lie on a picture; the page takes its own from the style sheet.
PAPER = {
    "ink": "#15222b",
    "ink2": "#46555f",
    "ink3": "#5d6b75",
    "line": "#dde3e7",
    "surface": "#ffffff",
    "act": "#1d4f8c",
    "stop": "#a51d24",
    "caution": "#855300",
    "review": "#5b3f9e",
    "defer": "#855300",
    "ok": "#0b6660",
    "note": "#46555f",
    "none": "#5d6b75",
    "data": "#1a628c",
    "band": "#c9dbe5",
    "data2": "#6b7983",
}
STRUCTURE = {"nerve": "#4a3a78", "vessel": "#7c2d3a", "gland": "#6b5a2a", "other": "#2f4a3a"}
DASH = {"nerve": "5 2.5", "vessel": "", "gland": "0.1 3.2", "other": "8 2.5 1.5 2.5"}

# Outlines in a box of 24 x 24; the shape alone tells the kinds apart.
_OUTLINE: dict[MarkKind, str] = {
    "stop": '<path d="M7.6 1.5h8.8l6.1 6.1v8.8l-6.1 6.1H7.6l-6.1-6.1V7.6z"/>',
    "caution": '<path d="M12 1.8c.7 0 1.3.4 1.7 1l9 16.2c.7 1.3-.2 3-1.7 3H3'
    'c-1.5 0-2.4-1.7-1.7-3l9-16.2c.4-.6 1-1 1.7-1z"/>',
    "review": '<path d="M12 .8 23.2 12 12 23.2.8 12z"/>',
    "defer": '<rect x="2" y="2" width="20" height="20" rx="3"/>',
    "ok": '<circle cx="12" cy="12" r="10.5"/>',
    "note": '<circle cx="12" cy="12" r="10.5"/>',
    "none": '<circle cx="12" cy="12" r="4"/>',
}
_SIGN: dict[MarkKind, str] = {
    "stop": '<path d="M7 12h10"/>',
    "caution": '<path d="M12 8.5v5.5M12 17.8v.1"/>',
    "review": '<path d="M9.2 9.6c.2-1.6 1.3-2.6 2.8-2.6 1.6 0 2.8 1 2.8 2.5 0 2-2.8 2.2-2.8 4.2M12 17v.1"/>',
    "defer": '<path d="M9 8v8M15 8v8"/>',
    "ok": '<path d="m7.2 12.4 3.3 3.3 6.4-7"/>',
    "note": '<path d="M12 11v5.5M12 7.5v.1"/>',
    "none": "",
}


def mark_shape(kind: MarkKind, colour: str = "currentColor", sign: str = "#fff", number: str = "") -> str:
    """The mark in a box of 24 x 24, with its sign, or with ``number`` in its place."""
    outline = f'<g style="fill:{colour}">{_OUTLINE[kind]}</g>'
    if number:
        low = 19 if kind == "caution" else 16.6
        size = 11 if kind == "caution" and len(number) > 1 else 13
        return outline + (
            f'<text x="12" y="{low}" text-anchor="middle" font-family="Inter" font-weight="600" '
            f'font-size="{size}" style="fill:{sign}">{escape(number)}</text>'
        )
    return outline + (
        f'<g style="fill:none;stroke:{sign};stroke-width:2.6;stroke-linecap:round;stroke-linejoin:round">'
        f"{_SIGN[kind]}</g>"
    )


def svg(width: float, height: float, content: str, *, title: str = "", description: str = "") -> str:
    """A whole drawing. With a title it is an image to a screen reader, without one it is hidden from it."""
    if not title:
        role = 'aria-hidden="true"'
        head = ""
    else:
        role = 'role="img"'
        head = f"<title>{escape(title)}</title>" + (
            f"<desc>{escape(description)}</desc>" if description else ""
        )
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
    return f"<svg {box} {role}>{head}{content}</svg>"


def words(
    x: float,
    y: float,
    text: str,
    *,
    size: float = 11,
    weight: int = 400,
    anchor: str = "start",
    colour: str = "$ink$",
) -> str:
    """A line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="Inter" font-weight="{weight}" '
        f'font-size="{size:g}" style="fill:{colour}">{escape(text)}</text>'
    )


def paint(drawing: str, colours: dict[str, str] | None = None) -> str:
    """Put colours in place of ``$name$``: style-sheet variables for the page, fixed ones for paper."""

    def colour(found: re.Match[str]) -> str:
        name = found[1]
        return colours[name] if colours else f"var(--{name})"

    return re.sub(r"\$([a-z]+\d?)\$", colour, drawing)
