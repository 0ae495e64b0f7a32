"""Facts, rules and parameters as one searchable body, wherever their data file lives.

Every TOML file in a ``data`` folder of the package has a ``[file]`` table (title, version) and lists of
tables. A table with an ``id`` is a *record*: it carries ``status``, ``sources`` and, unless it is plainly
sourced, a ``reason`` that says where its numbers come from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from threadlift.errors import RuleDataError
from threadlift.evidence.source import load_sources
from threadlift.finding import Status

EVERY_ROOM = ("evidence", "screening", "face", "anatomy", "threads", "tissue", "planning", "pricing", "care")


class Record(BaseModel):
    """One fact, rule or parameter set with its standing."""

    model_config = ConfigDict(frozen=True)

    id: str
    room: str
    file: str
    kind: str
    version: str
    status: Status
    sources: tuple[str, ...]
    reason: str
    values: dict[str, Any]

    def words(self) -> str:
        """Everything a person might search for, in lower case."""
        return f"{self.id} {self.room} {self.file} {self.kind} {self.values}".lower()


def _data_files() -> Iterator[tuple[str, str, dict[str, Any]]]:
    root = resources.files("threadlift")
    for room in EVERY_ROOM:
        folder = root.joinpath(room, "data")
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if path.name.endswith(".toml") and path.name != "sources.toml":
                try:
                    yield room, path.name, tomllib.loads(path.read_text(encoding="utf-8"))
                except tomllib.TOMLDecodeError as error:
                    raise RuleDataError(f"{room}/data/{path.name} is not valid TOML: {error}") from error


def _record(room: str, file: str, version: str, kind: str, entry: dict[str, Any]) -> Record:
    place = f"{room}/data/{file}, {kind} {entry['id']!r}"
    try:
        status = Status(entry.get("status", ""))
    except ValueError as error:
        raise RuleDataError(f"{place}: status must be one of {[s.value for s in Status]}") from error
    sources = tuple(entry.get("sources", ()))
    reason = entry.get("reason", "")
    unknown = [source for source in sources if source not in load_sources()]
    if unknown:
        raise RuleDataError(f"{place}: cites unknown source {unknown[0]!r}")
    if status in (Status.SOURCED, Status.DIGEST) and not sources:
        raise RuleDataError(f"{place}: says {status.value!r} but cites nothing")
    if status not in (Status.SOURCED, Status.DIGEST) and not reason:
        raise RuleDataError(f"{place}: status {status.value!r} needs a reason")
    return Record(
        id=entry["id"],
        room=room,
        file=file,
        kind=kind,
        version=version,
        status=status,
        sources=sources,
        reason=reason,
        values={k: v for k, v in entry.items() if k not in ("id", "status", "sources", "reason")},
    )


@cache
def load_records() -> tuple[Record, ...]:
    """Every record of every data file. Raises ``RuleDataError`` naming file and key at the first fault."""
    records = []
    seen: set[tuple[str, str]] = set()
    for room, file, content in _data_files():
        version = content.get("file", {}).get("version")
        if not version:
            raise RuleDataError(f"{room}/data/{file}: [file] has no version")
        for kind, entries in content.items():
            if not isinstance(entries, list):
                continue
            for entry in entries:
                if not isinstance(entry, dict) or "id" not in entry:
                    raise RuleDataError(f"{room}/data/{file}: an entry of {kind!r} has no id")
                record = _record(room, file, version, kind, entry)
                if (record.room, record.id) in seen:
                    raise RuleDataError(f"{room}/data/{file}: id {record.id!r} appears twice in {room}")
                seen.add((record.room, record.id))
                records.append(record)
    return tuple(records)


def find_records(query: str) -> tuple[Record, ...]:
    """Records whose id is ``query``, else those that contain every word of it."""
    exact = tuple(record for record in load_records() if record.id.lower() == query.lower())
    if exact:
        return exact
    words = query.lower().split()
    return tuple(
        record for record in load_records() if words and all(word in record.words() for word in words)
    )
