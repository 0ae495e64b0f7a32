"""Keys of hand-written files: which key was probably meant when one is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

Location = tuple[str | int, ...]

CLOSE_ENOUGH = 0.7
NEARLY_AS_CLOSE = 0.1
SHOWN = 3


def suggest_keys(model: type[BaseModel], location: Location) -> str:
    """A phrase for the unknown key at ``location`` of a file of ``model``: near keys, or all keys there.

    Keys of the same part come first; a key that belongs to another part is named with its whole path.
    """
    wanted = str(location[-1])
    parts = _models_at(model, location[:-1])
    here = {name: name for part in parts for name in _names(part)}
    elsewhere = {path: path.rpartition(".")[2] for path in _paths(model)}
    found = _closest(wanted, here) or _closest(wanted, elsewhere)
    if found:
        return f"did you mean {' or '.join(found)}?"
    return f"known here: {', '.join(here)}" if here else ""


def describe_part(model: type[BaseModel], location: Location) -> str:
    """The keys that belong at ``location``, as a phrase; empty when nothing with keys is expected there."""
    return ", ".join(dict.fromkeys(name for part in _models_at(model, location) for name in _names(part)))


def only_value(model: type[BaseModel], location: Location) -> str | None:
    """The one text that the key at ``location`` can hold, such as the name of a schema; None for others."""
    for part in _models_at(model, location[:-1]):
        for name, field in part.model_fields.items():
            if location[-1] in (name, field.alias) and get_origin(field.annotation) is Literal:
                values = get_args(field.annotation)
                return str(values[0]) if len(values) == 1 else None
    return None


def _closest(wanted: str, candidates: dict[str, str]) -> list[str]:
    scored = [(_likeness(wanted, name), shown) for shown, name in candidates.items()]
    best = sorted((pair for pair in scored if pair[0] >= CLOSE_ENOUGH), key=lambda pair: -pair[0])
    return [shown for score, shown in best if score >= best[0][0] - NEARLY_AS_CLOSE][:SHOWN]


def _likeness(wanted: str, name: str) -> float:
    """1 for the same key; some words of it (age, age_years) or the same stem (smoking, smokes) are close."""
    first, second = (text.lower().replace("-", "_").replace(" ", "_") for text in (wanted, name))
    words, others = set(first.split("_")), set(second.split("_"))
    if first == second:
        return 1.0
    if words <= others or others <= words:
        return 0.85
    stem = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    ratio = SequenceMatcher(None, first, second).ratio()
    return max(ratio, 0.8) if stem >= max(4, 0.6 * min(len(first), len(second))) else ratio


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _paths(model: type[BaseModel], prefix: str = "", seen: tuple[type[BaseModel], ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        yield path
        for inner in _models_in(field.annotation):
            if inner not in (*seen, model):
                yield from _paths(inner, f"{path}.", (*seen, model))


def _models_at(model: type[BaseModel], location: Location) -> list[type[BaseModel]]:
    """Models that a file may hold at ``location``: names choose fields, all other steps stay inside."""
    found: Iterable[type[BaseModel]] = [model]
    for step in location:
        inner = []
        for part in found:
            field = next((f for name, f in part.model_fields.items() if step in (name, f.alias)), None)
            inner += _models_in(field.annotation) if field is not None else [part]
        found = inner
    return list(dict.fromkeys(found))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
