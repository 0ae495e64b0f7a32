"""The page ``docs/reference/input-files.md``: every key of every hand-written file, from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]


def make_page(models: Mapping[str, type[BaseModel]]) -> str:
    """One table of keys for each file."""
    lines = [
        "# Keys of hand-written files",
        "",
        "Written by `make reference` from the program itself; do not edit. Every file is TOML or JSON. `a.b`",
        "is the key `b` under `[a]`; `a[].b` is the key `b` of each entry under `[[a]]`. Where yes, no and",
        "unknown are possible, `true` and `false` are read as yes and no. What is left out counts as not",
        "known. A key that is not in its table is refused, with the key that was probably meant.",
    ]
    for name, model in models.items():
        schema = model.model_json_schema()
        lines += ["", f"## {name}", "", _sentence(schema), "", "| Key | Value | Meaning |", "|---|---|---|"]
        lines += [f"| `{key}` | {value} | {meaning} |" for key, value, meaning in _rows(schema, schema, "")]
    return "\n".join(lines) + "\n"


def _sentence(schema: Schema) -> str:
    return " ".join(str(schema.get("description", "")).split())


def _rows(part: Schema, whole: Schema, prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, entry in part.get("properties", {}).items():
        key = f"{prefix}{name}"
        needed = " (required)" if name in part.get("required", ()) else ""
        inner = list(_inner(entry, whole))
        values = _values(entry, whole)
        if values or not inner:
            yield key, f"{values}{needed}", _cell(_sentence(entry))
        for suffix, found in inner:
            yield from _rows(found, whole, f"{key}{suffix}.")


def _inner(entry: Schema, whole: Schema, suffix: str = "") -> Iterator[tuple[str, Schema]]:
    """Parts with keys of their own inside ``entry``, each with what stands behind the key to reach them."""
    for option in _options(entry, whole):
        if "properties" in option:
            yield suffix, option
        if "items" in option:
            yield from _inner(option["items"], whole, f"{suffix}[]")
        if isinstance(option.get("additionalProperties"), dict):
            yield from _inner(option["additionalProperties"], whole, f"{suffix}.<name>")


def _options(entry: Schema, whole: Schema) -> list[Schema]:
    if "$ref" in entry:
        return _options(whole["$defs"][entry["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in entry:
        return [found for option in entry["anyOf"] for found in _options(option, whole)]
    return [entry]


def _values(entry: Schema, whole: Schema) -> str:
    found = [_value(option, whole) for option in _options(entry, whole)]
    return " or ".join(dict.fromkeys(text for text in found if text))


def _value(option: Schema, whole: Schema) -> str:
    if "const" in option:
        return f"`{option['const']}`"
    if "enum" in option:
        return ", ".join(f"`{value}`" for value in option["enum"])
    kind = option.get("type")
    if kind in ("integer", "number"):
        return _number(option)
    if kind == "array":
        items = _values(option.get("items", {}), whole)
        return f"list of {items}" if items else ""
    if kind == "object":
        return "" if "properties" in option else _by_name(option, whole)
    plain = {"boolean": "true or false", "string": "date" if option.get("format") == "date" else "text"}
    return plain.get(str(kind), "")


def _by_name(option: Schema, whole: Schema) -> str:
    names = _values(option.get("propertyNames", {}), whole) or "any"
    held = option.get("additionalProperties")
    values = _values(held, whole) if isinstance(held, dict) else ""
    return f"by name ({names}): {values or 'see below'}"


def _number(option: Schema) -> str:
    low, high = option.get("minimum"), option.get("maximum")
    span = f" {low:g} to {high:g}" if low is not None and high is not None else ""
    kind = "whole number" if option["type"] == "integer" else "number"
    return f"{kind}{span} {option.get('unit', '')}".strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
