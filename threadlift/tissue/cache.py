"""Responses kept on disk, so that the same face with the same threads is not computed twice.

A file is named by a hash of everything the response depends on, holds a checksum of its content, and is
written at once. Whatever is wrong with it (damaged, cut short, from another version) means: compute again. It
holds displacements per newton on the template, not the shape of the face.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy
from threadlift.errors import InputError
from threadlift.files import write_bytes
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.response import Response
from threadlift.tissue.thread import CableThread

FORMAT = "threadlift-response-2"  # raise when the model changes: old files are then computed again
_MOST_BYTES = 512 * 2**20


def response_key(
    anatomy: Anatomy, parameters: TissueParameters, extents: Sequence[str], threads: Sequence[CableThread]
) -> str:
    """Hash of face, layers, ligaments, parameters and thread geometry; tension and stiffness are not part
    of it."""
    digest = hashlib.sha256(FORMAT.encode())
    layers = anatomy.layers
    digest.update(repr((anatomy.face.template_version, tuple(extents), parameters)).encode())
    for field in (
        anatomy.face.vertices_mm,
        layers.skin_mm,
        layers.superficial_fat_mm,
        layers.smas_mm,
        layers.deep_mm,
        layers.region_share,
        layers.base_share,
    ):
        digest.update(np.ascontiguousarray(field, dtype=np.float64).tobytes())
    for ligament in anatomy.ligaments:
        digest.update(repr((ligament.id, ligament.side, ligament.stiffness_n_per_mm)).encode())
        digest.update(np.ascontiguousarray(ligament.skin_points_mm).tobytes())
    for thread in threads:
        digest.update(repr((thread.id, thread.side, thread.anchoring)).encode())
        digest.update(repr((thread.barbs_mm, thread.rear_barbs_mm)).encode())
        digest.update(thread.points_mm.tobytes())
    return digest.hexdigest()[:32]


def store_response(folder: Path, key: str, response: Response, smallest_kept_thickness: float) -> None:
    """Write a response; drop the oldest beyond 512 MiB. A folder that cannot be written to is no failure."""
    arrays: dict[str, Any] = {field.name: getattr(response, field.name) for field in fields(Response)}
    arrays["thread_ids"] = np.array(response.thread_ids)
    arrays["piece_ids"] = np.array(response.piece_ids, dtype=np.str_)
    used = np.flatnonzero(response.modelled)
    arrays["surface_mm_per_n"] = response.surface_mm_per_n[used]
    arrays["smallest_kept_thickness"] = np.array(smallest_kept_thickness)
    stream = io.BytesIO()
    np.savez(stream, format=np.array(FORMAT), key=np.array(key), checksum=_checksum(arrays), **arrays)
    try:
        write_bytes(_path(folder, key), stream.getvalue())
        _drop_oldest(folder)
    except (InputError, OSError):
        return


def load_response(folder: Path, key: str) -> tuple[Response, float] | None:
    """The stored response and the smallest kept thickness of its mesh, or None when there is none that is
    whole."""
    path = _path(folder, key)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        about = {name: arrays.pop(name) for name in ("format", "key", "checksum")}
        if (
            str(about["format"]) != FORMAT
            or str(about["key"]) != key
            or str(about["checksum"]) != str(_checksum(arrays))
        ):
            return None
        thickness = float(arrays.pop("smallest_kept_thickness"))
        modelled = arrays["modelled"]
        surface = np.zeros((len(modelled), *arrays["surface_mm_per_n"].shape[1:]), dtype=np.float32)
        surface[modelled] = arrays["surface_mm_per_n"]
        arrays["surface_mm_per_n"] = surface
        names, pieces = (tuple(str(name) for name in arrays.pop(key)) for key in ("thread_ids", "piece_ids"))
        with suppress(OSError):  # a folder that may only be read
            path.touch()
        return Response(thread_ids=names, piece_ids=pieces, **arrays), thickness
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _path(folder: Path, key: str) -> Path:
    return folder / f"response-{key}.npz"


def _checksum(arrays: dict[str, Any]) -> NDArray[Any]:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return np.array(digest.hexdigest())


def _drop_oldest(folder: Path) -> None:
    files = sorted(folder.glob("response-*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > _MOST_BYTES:
            path.unlink(missing_ok=True)
