"""Reading data and hand-written files, and writing results so that nothing is ever half-written."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from threadlift.errors import InputError, RuleDataError
from threadlift.key import describe_part, only_value, suggest_keys

Model = TypeVar("Model", bound=BaseModel)

MAX_DOCUMENT_BYTES = 5_000_000


def load_data(package: str, name: str) -> dict[str, Any]:
    """The TOML data file ``name`` of ``package`` (``"threadlift.screening"``), as plain values."""
    path = resources.files(package).joinpath("data", name)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RuleDataError(f"data file {package}/data/{name} is missing") from error
    except tomllib.TOMLDecodeError as error:
        raise RuleDataError(f"data file {package}/data/{name} is not valid TOML: {error}") from error


def check_file(path: Path) -> None:
    """Raises ``InputError`` where ``path`` is no file that can be read."""
    if path.is_dir():
        raise InputError(
            "is a folder, not a file", where=path.name or str(path), remedy="Name the file itself."
        )
    if not path.is_file():
        raise InputError("no such file", where=path.name, remedy="Check the path.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", where=path.name, remedy="Check who may read it."
        ) from error


def read_document(path: Path) -> dict[str, Any]:
    """A hand-written TOML or JSON file as plain values.

    Raises ``InputError`` when the file is missing, too large, unreadable or not an object.
    """
    where = path.name
    check_file(path)
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        raise InputError(
            "larger than 5 MB", where=where, remedy="This file should be a short text; check the path."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=where, remedy="Save it as UTF-8 TOML or JSON.") from error
    try:
        value = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        faults = [f"{key}: is not a finite number" for key in _not_finite(value)]
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(
            f"not valid TOML or JSON: {error}", where=where, remedy="Correct that line."
        ) from error
    if not isinstance(value, dict):
        raise InputError("must hold named values, not a list or a single value", where=where)
    if faults:
        raise InputError("; ".join(faults), where=where, remedy="Correct the named keys.")
    return value


def _not_finite(value: Any, *keys: str) -> Iterator[str]:
    """The keys at which a document holds nan or an infinite number, joined by dots."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _not_finite(part, *keys, str(name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _not_finite(part, *keys, str(number))
    elif isinstance(value, float) and not math.isfinite(value):
        yield ".".join(keys)


def read_model(path: Path, model: type[Model]) -> Model:
    """A hand-written file checked against ``model``; every fault is named by its key."""
    return parse_model(read_document(path), model, where=path.name)


def parse_model(value: dict[str, Any], model: type[Model], *, where: str) -> Model:
    """``value`` checked against ``model``; ``InputError`` names each key at fault, never its value."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or '(whole file)'}: {_plain(model, fault)}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise InputError("; ".join(faults), where=where, remedy="Correct the named keys.") from error


def _plain(model: type[BaseModel], fault: ErrorDetails) -> str:
    """What is wrong, for somebody who writes the file by hand."""
    kind, where = fault["type"], fault["loc"]
    if kind == "extra_forbidden":
        near = suggest_keys(model, where)
        return f"unknown key; {near}" if near else "unknown key"
    if kind in ("model_type", "model_attributes_type"):
        return f"must hold named values: {describe_part(model, where)}"
    if kind == "missing":
        only = only_value(model, where)
        return f'is missing; write {where[-1]} = "{only}"' if only else "is missing"
    if kind in ("tuple_type", "list_type"):
        return f"must be a list ([[{where[-1]}]] for each entry in TOML, [ ... ] in JSON)"
    return fault["msg"].removeprefix("Value error, ")


def check_output(path: Path) -> None:
    """Raises ``InputError`` where no file can be written at ``path``: asked before a long computation."""
    if path.is_dir():
        raise InputError(
            "is a folder, not a file", where=path.name or str(path), remedy="Name the file to write."
        )
    there = next(folder for folder in path.absolute().parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise InputError("cannot write there", where=path.name, remedy="Name a folder that may be written.")


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` at once: a temporary file beside it, then a rename."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` at once: a temporary file beside it, then a rename.

    Only the owner may read the file: most of what is written here is about a patient.
    """
    check_output(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"cannot write there ({error.strerror})", where=path.name) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def folder_at_once(target: Path, *, marker: str) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``target`` when the block ends well; only its owner may read it.

    An earlier ``target`` is replaced only if it holds ``marker`` (it was made by us), else ``InputError``.
    On any error the temporary folder is removed and ``target`` is as it was.
    """
    target = target.resolve()
    if target.exists() and (
        not target.is_dir() or (any(target.iterdir()) and not (target / marker).exists())
    ):
        raise InputError(
            "exists and is not a folder made by this command",
            where=target.name,
            remedy="Name another folder with -o, or empty this one.",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except OSError as error:
        raise InputError(f"cannot write there ({error.strerror})", where=target.name) from error
    old = target.with_name(f".{target.name}.old")
    try:
        yield work
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.replace(old)
        work.replace(target)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        if old.exists() and not target.exists():
            old.replace(target)
        raise
