"""Reduced models kept beside the responses: a file is whole and of the asked key, or it is computed again."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from threadlift.errors import InputError
from threadlift.files import write_bytes
from threadlift.tissue.reduced.part import Powered, ReducedPart
from threadlift.tissue.reduced.prior import prior_spread

FORMAT = "threadlift-reduced-1"  # raise when the reduction changes
_POWERED = ("stiffness", "load", "weight")
_PLAIN = ("pieces", "piece_stiffness_n_per_mm", "reading")
Kept = tuple[tuple[ReducedPart, ...], tuple[tuple[int, ...], ...]]


def reduced_key(response_key: str, landmarks: Sequence[str]) -> str:
    """Hash of the response that a reduced model belongs to, its places and the parameters it knows."""
    about = repr((FORMAT, response_key, tuple(landmarks), tuple(prior_spread().items())))
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def store_reduced(
    folder: Path, key: str, parts: Sequence[ReducedPart], members: Sequence[Sequence[int]]
) -> None:
    """Write a reduced model. A folder that cannot be written to is no failure."""
    arrays: dict[str, Any] = {"key": np.array(key), "count": np.array(len(parts))}
    for number, (part, own) in enumerate(zip(parts, members, strict=True)):
        arrays[f"{number}.members"] = np.array(own, dtype=np.int64)
        for name in _PLAIN:
            arrays[f"{number}.{name}"] = getattr(part, name)
        for name in _POWERED:
            powered: Powered = getattr(part, name)
            arrays[f"{number}.{name}.powers"], arrays[f"{number}.{name}.arrays"] = (
                powered.powers,
                powered.arrays,
            )
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    content = stream.getvalue()
    try:
        write_bytes(_path(folder, key), hashlib.sha256(content).digest() + content)
    except (InputError, OSError):
        return


def load_reduced(folder: Path, key: str) -> Kept | None:
    """The stored parts and which threads each holds, or None when there is none that is whole."""
    path = _path(folder, key)
    try:
        content = path.read_bytes()
        if hashlib.sha256(content[32:]).digest() != content[:32]:
            return None
        with np.load(io.BytesIO(content[32:]), allow_pickle=False) as stored:
            if str(stored["key"]) != key:
                return None
            parts, members = [], []
            for number in range(int(stored["count"])):
                members.append(tuple(int(one) for one in stored[f"{number}.members"]))
                plain: dict[str, Any] = {name: stored[f"{number}.{name}"] for name in _PLAIN}
                powered: dict[str, Any] = {
                    name: Powered(stored[f"{number}.{name}.powers"], stored[f"{number}.{name}.arrays"])
                    for name in _POWERED
                }
                parts.append(ReducedPart(**plain, **powered))
        path.touch()
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    return tuple(parts), tuple(members)


def _path(folder: Path, key: str) -> Path:
    return folder / f"reduced-{key}.npz"
