"""``threadlift evidence``: a fact, rule or parameter with its sources and its weakness."""

from __future__ import annotations

import typer
from pydantic import BaseModel, ConfigDict

from threadlift.cli.output import console, print_json
from threadlift.errors import InputError
from threadlift.evidence import Record, Source, find_records, load_records, load_sources


class EvidenceAnswer(BaseModel):
    """What ``threadlift evidence --json`` prints."""

    model_config = ConfigDict(frozen=True)

    query: str
    records: tuple[Record, ...]
    sources: dict[str, Source]


def command(
    query: list[str] = typer.Argument(None, help="An id, or words to look for. Without one: what there is."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
    limit: int = typer.Option(20, min=1, help="At most so many records."),
) -> None:
    """Show a fact, rule or parameter with its sources and how well it is founded."""
    words = " ".join(query or [])
    sources = load_sources()
    if words.lower() in sources:
        source = sources[words.lower()]
        found = tuple(record for record in load_records() if source.id in record.sources)
    else:
        found = find_records(words) if words else load_records()
    if not found and words.lower() not in sources:
        raise InputError(f"nothing in the evidence matches {words!r}", remedy="Try fewer or other words.")
    shown = found[:limit] if words else found
    if as_json:
        cited = {name: sources[name] for record in shown for name in record.sources}
        print_json(EvidenceAnswer(query=words, records=shown, sources=cited))
    elif words:
        _print_records(shown, total=len(found))
    else:
        _print_overview(found)
    if words.lower() in sources and not as_json:
        _print_source(sources[words.lower()])


def _print_source(source: Source) -> None:
    console.print(
        f"{source.authors} ({source.year or 'no year'}). {source.title}. {source.published_in}", markup=False
    )
    console.print(
        f"{source.link or 'no identifier found'}; {source.level}; read: {source.read_as}", markup=False
    )


def _print_overview(records: tuple[Record, ...]) -> None:
    counts: dict[str, int] = {}
    for record in records:
        counts[f"{record.room}/{record.file}"] = counts.get(f"{record.room}/{record.file}", 0) + 1
    for name, count in counts.items():
        console.print(f"{count:5d}  {name}")
    console.print(f"{len(records):5d}  records, {len(load_sources())} sources. Ask with an id or words.")


def _print_records(records: tuple[Record, ...], *, total: int) -> None:
    sources = load_sources()
    for record in records:
        console.print(
            f"{record.id}  {record.room}/{record.file} {record.version}  ({record.status.value})",
            style="bold",
            markup=False,
        )
        for key, value in record.values.items():
            console.print(f"    {key}: {value}", markup=False)
        if record.reason:
            console.print(f"    basis: {record.reason}", markup=False)
        for name in record.sources:
            source = sources[name]
            level = f" ({source.level}; read: {source.read_as})" if source.level or source.read_as else ""
            cited = source.title if source.short == source.title else f"{source.short}. {source.title}"
            console.print(
                f"    [{name}] {cited}. {source.link or 'no identifier found'}{level}",
                markup=False,
            )
        console.print()
    if total > len(records):
        console.print(f"{total - len(records)} more; raise --limit or add words.")
