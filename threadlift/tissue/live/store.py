"""A live response on disk: one file, memory-mapped, whole or absent.

A file begins with a fixed line, then a line of JSON (key, places of the arrays, checksum), then the arrays.
It is written beside its place and moved there when it is whole. Whatever is wrong with a file means: compute
again. Used least recently goes first when all live responses take more than 2.5 GB; plan responses
(``threadlift.tissue.cache``) are a hundred times smaller and keep a limit of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy import Anatomy
from threadlift.tissue.cache import response_key
from threadlift.tissue.domain import Extent
from threadlift.tissue.live.face import LiveFace
from threadlift.tissue.live.operators import FrontOperator, Operators, Patch
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.restraint import Restraints

FORMAT = "threadlift-live-2"  # raise when the model or the layout changes
MOST_BYTES = 2_500_000_000
_ALIGNED = 64
_ABANDONED_S = 3600.0


def live_key(anatomy: Anatomy, parameters: TissueParameters, extent: Extent) -> str:
    """Hash of face, layers, ligaments, parameters and extent: all that a live response depends on."""
    return hashlib.sha256((FORMAT + response_key(anatomy, parameters, [extent], [])).encode()).hexdigest()[
        :32
    ]


def live_path(folder: Path, key: str, precision: str) -> Path:
    """Where the response of a face lies."""
    return folder / f"live-{key}-{precision}.bin"


def store_live(folder: Path, key: str, precision: str, face: LiveFace) -> LiveFace | None:
    """Write ``face`` and give it back as it lies on disk; None when that cannot be done (disk full, folder
    that cannot be written to), and then nothing is left behind."""
    path = live_path(folder, key, precision)
    part = path.with_suffix(f".part-{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep_away(folder)
        _write(part, key, _arrays_of(face))
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        return None
    evict(folder, keep=path)
    return load_live(folder, key, precision)


def load_live(folder: Path, key: str, precision: str) -> LiveFace | None:
    """The stored response, memory-mapped, or None when there is none that is whole."""
    path = live_path(folder, key, precision)
    try:
        with path.open("rb") as stream:
            if stream.readline(200).decode() != FORMAT + "\n":
                return None
            about = json.loads(stream.readline(50_000_000))
            begin = -(-stream.tell() // _ALIGNED) * _ALIGNED
        if about["key"] != key or path.stat().st_size != begin + about["bytes"]:
            return None
        mapped = np.memmap(path, dtype=np.uint8, mode="r", offset=begin)
        if zlib.crc32(mapped.data) != about["checksum"]:
            return None
        with suppress(OSError):  # a folder that may only be read
            os.utime(path)
        return _face_of({name: _view(mapped, place) for name, place in about["arrays"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def evict(folder: Path, keep: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
    """Delete the live responses that were used least recently until the rest, with ``keep``, fits."""
    files = sorted(folder.glob("live-*.bin"), key=lambda path: path.stat().st_mtime, reverse=True)
    files.sort(key=lambda path: path != keep)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > most_bytes and path != keep:
            path.unlink(missing_ok=True)


def _sweep_away(folder: Path) -> None:
    """Delete what was left half-written an hour ago or earlier: whoever wrote it is gone."""
    for path in folder.glob("live-*.part-*"):
        if path.stat().st_mtime < time.time() - _ABANDONED_S:
            path.unlink(missing_ok=True)


def _write(path: Path, key: str, arrays: dict[str, NDArray[Any]]) -> None:
    places, offset, checksum = {}, 0, 0
    for name, array in arrays.items():
        places[name] = {"at": offset, "shape": array.shape, "type": array.dtype.str}
        offset += -(-array.nbytes // _ALIGNED) * _ALIGNED
    for block in _blocks(arrays):
        checksum = zlib.crc32(block, checksum)
    about = json.dumps({"key": key, "bytes": offset, "checksum": checksum, "arrays": places})
    head = f"{FORMAT}\n{about}\n".encode()
    with path.open("wb") as stream:
        stream.write(head + bytes(-len(head) % _ALIGNED))
        for block in _blocks(arrays):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())


def _blocks(arrays: dict[str, NDArray[Any]]) -> Iterator[bytes | memoryview]:
    for array in arrays.values():
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        yield bytes(-array.nbytes % _ALIGNED)


def _view(mapped: NDArray[np.uint8], place: dict[str, Any]) -> NDArray[Any]:
    kind, shape = np.dtype(place["type"]), tuple(place["shape"])
    size = kind.itemsize * int(np.prod(shape))
    array: NDArray[Any] = np.asarray(mapped[place["at"] : place["at"] + size]).view(kind).reshape(shape)
    return array


def _arrays_of(face: LiveFace) -> dict[str, NDArray[Any]]:
    fronts, patches, held = face.operators.fronts, face.operators.patches, face.restraints
    arrays: dict[str, NDArray[Any]] = {
        "rank": face.rank,
        "fronts": np.array([(front.start, front.stop, front.parent) for front in fronts]),
        "patches": np.array([(patch.first, patch.last) for patch in patches]).reshape(-1, 2),
        "piece_ids": np.frombuffer("\n".join(held.ids).encode(), dtype=np.uint8),
        "piece_values": held.coupling.data,
        "piece_rows": held.coupling.indices,
        "piece_starts": held.coupling.indptr,
        "piece_stiffness": held.stiffness_n_per_mm,
        "piece_rest": held.rest_stretch_mm,
        "piece_skin": face.piece_skin,
        "piece_compliance": face.piece_compliance,
    }
    for number, front in enumerate(fronts):
        arrays |= {
            f"inverse-{number}": front.inverse,
            f"follow-{number}": front.follow,
            f"boundary-{number}": front.boundary,
        }
    for number, patch in enumerate(patches):
        arrays |= {
            f"surface-{number}": patch.surface,
            f"patch_boundary-{number}": patch.boundary,
            f"skin-{number}": patch.skin,
        }
    return arrays


def _face_of(arrays: dict[str, NDArray[Any]]) -> LiveFace:
    fronts = tuple(
        FrontOperator(
            int(start),
            int(stop),
            arrays[f"boundary-{i}"],
            int(parent),
            arrays[f"inverse-{i}"],
            arrays[f"follow-{i}"],
        )
        for i, (start, stop, parent) in enumerate(arrays["fronts"])
    )
    patches = tuple(
        Patch(
            int(first), int(last), arrays[f"patch_boundary-{i}"], arrays[f"skin-{i}"], arrays[f"surface-{i}"]
        )
        for i, (first, last) in enumerate(arrays["patches"])
    )
    names = arrays["piece_ids"].tobytes().decode()
    unknowns, pieces = len(arrays["rank"]), len(arrays["piece_rest"])
    coupling = sparse.csc_array(
        (arrays["piece_values"], arrays["piece_rows"], arrays["piece_starts"]), shape=(unknowns, pieces)
    )
    held = Restraints(
        tuple(names.split("\n")) if names else (),
        coupling,
        arrays["piece_stiffness"],
        arrays["piece_rest"],
    )
    return LiveFace(
        operators=Operators(fronts, patches, unknowns),
        rank=arrays["rank"],
        restraints=held,
        piece_skin=arrays["piece_skin"],
        piece_compliance=arrays["piece_compliance"],
    )
