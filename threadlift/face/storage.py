"""The file ``face.npz``: one fitted face, without pickle, refused when it is damaged or from elsewhere."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from threadlift.errors import InputError
from threadlift.face.face import Face, FaceQuality, FaceSource, Vectors
from threadlift.face.template import LANDMARKS, load_template
from threadlift.files import write_bytes

FORMAT = "threadlift-face-1"
_MAX_BYTES = 50_000_000
_MAX_ARRAY_BYTES = 100_000_000
_LIMIT_MM = 1_000.0
_REMEDY = "Make it again with `threadlift fit`."


def save_face(path: Path, face: Face) -> None:
    """Write ``face`` to ``path`` at once."""
    names = sorted(face.landmarks_mm)
    about = {
        "format": FORMAT,
        "source": face.source,
        "template_version": face.template_version,
        "fingerprint": face.fingerprint,
        "landmarks": names,
        "quality": face.quality.model_dump(mode="json"),
    }
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        about=np.array(json.dumps(about, ensure_ascii=False)),
        vertices_mm=face.vertices_mm,
        landmarks_mm=np.array([face.landmarks_mm[name] for name in names]).reshape(-1, 3),
    )
    write_bytes(path, stream.getvalue())


def load_face(path: Path) -> Face:
    """The face stored in ``path``.

    Raises ``InputError`` when the file is missing, damaged, not one of ours, or made on another template.
    """
    where = path.name
    if not path.is_file():
        raise InputError("no such face file", where=where, remedy="Check the path.")
    if path.stat().st_size > _MAX_BYTES:
        raise InputError("too large for a face file", where=where, remedy=_REMEDY)
    try:
        arrays = _read_arrays(path)
        about = json.loads(str(arrays["about"]))
        if about["format"] != FORMAT or about["source"] not in get_args(FaceSource):
            raise ValueError("another format")
        face = Face(
            vertices_mm=arrays["vertices_mm"].astype(np.float64),
            landmarks_mm=dict(
                zip(about["landmarks"], arrays["landmarks_mm"].astype(np.float64), strict=True)
            ),
            source=about["source"],
            template_version=str(about["template_version"]),
            quality=FaceQuality.model_validate(about["quality"]),
        )
        fingerprint = str(about["fingerprint"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError("not a face file of Threadlift, or damaged", where=where, remedy=_REMEDY) from error
    except ValidationError as error:
        raise InputError("its quality record is damaged", where=where, remedy=_REMEDY) from error
    _check(face, fingerprint, where)
    return face


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MAX_ARRAY_BYTES:
            raise ValueError("unpacks to too much")
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in ("about", "vertices_mm", "landmarks_mm")}


def _check(face: Face, fingerprint: str, where: str) -> None:
    template = load_template()
    if face.template_version != template.version:
        raise InputError(
            f"made on template {face.template_version}, this is {template.version}",
            where=where,
            remedy=_REMEDY,
        )
    if face.vertices_mm.shape != template.vertices_mm.shape or not _plausible(face.vertices_mm):
        raise InputError("its points are damaged", where=where, remedy=_REMEDY)
    if set(face.landmarks_mm) != set(LANDMARKS) or not all(map(_plausible, face.landmarks_mm.values())):
        raise InputError("its landmarks are damaged", where=where, remedy=_REMEDY)
    if face.fingerprint != fingerprint:
        raise InputError("its points do not match its fingerprint", where=where, remedy=_REMEDY)


def _plausible(points: Vectors) -> bool:
    return points.shape[-1] == 3 and bool(np.isfinite(points).all() and (np.abs(points) < _LIMIT_MM).all())
