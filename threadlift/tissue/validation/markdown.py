"""Pieces of Markdown: tables, citations, paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from threadlift.evidence import load_sources


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def join(parts: Sequence[str]) -> str:
    """Paragraphs with one empty line between them."""
    return "\n\n".join(part.strip() for part in parts) + "\n"


def cite(sources: Sequence[str]) -> str:
    """Sources with their links."""
    return "; ".join(
        f"[{one.short}]({one.link})" if one.link else one.short
        for one in (load_sources()[source] for source in sources)
    )
