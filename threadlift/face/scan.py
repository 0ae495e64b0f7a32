"""Reading a face scan: PLY, OBJ, STL, GLB or glTF (Draco too), in any unit and orientation.

A file is believed by its content, not by its name. Sizes that it announces are checked before anything is
allocated. What was found and done is in ``Scan.report``.
"""

from __future__ import annotations

import json
import re
import struct
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from threadlift.errors import InputError
from threadlift.face.face import Indices, Vectors
from threadlift.face.repair import note, repair, scan_limit
from threadlift.files import check_file
from threadlift.frozen import Frozen
from threadlift.language import Text

ScanUnit = Literal["mm", "cm", "m", "in"]
UNITS: tuple[ScanUnit, ...] = ("mm", "cm", "m", "in")
Colours = NDArray[np.uint8]

_ENDINGS = {".ply": "ply", ".obj": "obj", ".stl": "stl", ".glb": "glb", ".gltf": "gltf"}
_REMEDY = "Export the scan again as PLY, OBJ, STL or GLB."
# What a mesh reader raises on damaged content; anything else is a fault of ours.
_READER_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    Image.DecompressionBombWarning,
)


class ScanReport(Frozen):
    """What was found in a scan file and what was done to it."""

    file_format: str
    vertices_read: int
    triangles_read: int
    vertices_kept: int
    triangles_kept: int
    has_colours: bool
    notes: tuple[Text, ...] = ()

    def with_notes(self, *more: Text) -> ScanReport:
        """The same report with further notes."""
        return self.model_copy(update={"notes": (*self.notes, *more)})


class StatedDistance(Frozen):
    """A distance on the person that sets the size of a scan of unknown unit: ``--scale-mm`` and
    ``--scale-between``."""

    distance_mm: float = Field(gt=0)
    first: str = "ex_l"
    second: str = "ex_r"


@dataclass(frozen=True)
class Scan:
    """A repaired surface in file units: ``vertices`` (n, 3), ``triangles`` (m, 3), ``colours`` (n, 3) 0-255
    or None."""

    name: str
    vertices: Vectors
    triangles: Indices
    colours: Colours | None
    unit: ScanUnit | None
    stated: StatedDistance | None
    report: ScanReport


def read_scan(
    path: Path,
    *,
    unit: ScanUnit | None = None,
    scale_mm: float | None = None,
    scale_between: tuple[str, str] = ("ex_l", "ex_r"),
) -> Scan:
    """Read and repair the scan in ``path``.

    ``unit`` states the unit of the file; ``scale_mm`` instead states the distance in mm between two
    landmarks. Without either the unit is recognised later, from the width between the eye corners. Raises
    ``InputError`` for a file that is missing, not a mesh, truncated, too large, or without a usable surface.
    """
    stated = _check_scale(unit, scale_mm, scale_between)
    where = path.name
    check_file(path)
    size = path.stat().st_size
    if size == 0:
        raise InputError("the file is empty", where=where, remedy=_REMEDY)
    if size > scan_limit("file_bytes"):
        raise InputError(f"larger than {scan_limit('file_bytes') / 1e9:g} GB", where=where, remedy=_REMEDY)
    kind = _recognise(path)
    notes = []
    if _ENDINGS.get(path.suffix.lower()) != kind:
        notes.append(note("wrong_ending", ending=path.suffix or "-", format=kind.upper()))
    mesh = _load(path, kind)
    vertices, triangles, colours, colour_fault = _arrays(mesh, where)
    if colour_fault:
        notes.append(note("no_colours"))
    fixed = repair(vertices, triangles, colours, where=where)
    report = ScanReport(
        file_format=kind,
        vertices_read=len(vertices),
        triangles_read=len(triangles),
        vertices_kept=len(fixed.vertices),
        triangles_kept=len(fixed.triangles),
        has_colours=fixed.colours is not None,
        notes=(*notes, *fixed.notes),
    )
    return Scan(path.stem, fixed.vertices, fixed.triangles, fixed.colours, unit, stated, report)


def _check_scale(
    unit: ScanUnit | None, scale_mm: float | None, between: tuple[str, str]
) -> StatedDistance | None:
    if unit is not None and unit not in UNITS:
        raise InputError(f"unknown unit {unit!r}", where="unit", remedy=f"One of {', '.join(UNITS)}.")
    if scale_mm is None:
        return None
    if unit is not None:
        raise InputError(
            "a unit and a stated distance exclude each other", where="scale", remedy="Give one of them."
        )
    low, high = scan_limit("stated_mm")
    if not low <= scale_mm <= high:
        raise InputError(
            f"{scale_mm:g} mm is no distance on a head",
            where="scale-mm",
            remedy=f"Give the measured distance in mm, {low:g} to {high:g}.",
        )
    first, second = between
    if first == second:
        raise InputError("a distance needs two different landmarks", where="scale-between")
    return StatedDistance(distance_mm=scale_mm, first=first, second=second)


def _recognise(path: Path) -> str:
    """The format by content. Raises ``InputError`` for anything that is no mesh, or is shorter than it
    says."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if head.startswith(b"ply"):
        _check_ply(head, size, path.name)
        return "ply"
    if head.startswith(b"glTF"):
        _check_glb(path, head, size)
        return "glb"
    if _is_binary_stl(head, size, path):
        return "stl"
    text = head.decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if text.startswith("solid") and "facet" in text:
        return "stl"
    if text.startswith("{") and '"asset"' in _read_start(path):
        _check_gltf(_parse_json(_read_start(path), path.name), path.name)
        return "gltf"
    if "\x00" not in text and re.search(r"^v\s+[-+.\d]", text, re.MULTILINE):
        return "obj"
    raise InputError("this is no mesh that can be read", where=path.name, remedy=_REMEDY)


def _read_start(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(50_000_000).decode("utf-8", errors="replace")


def _check_count(count: int, what: str, where: str) -> None:
    if count > scan_limit("elements"):
        raise InputError(f"announces {count} {what}, more than can be handled", where=where, remedy=_REMEDY)


def _check_ply(head: bytes, size: int, where: str) -> None:
    end = head.find(b"end_header")
    if end < 0:
        raise InputError("the PLY header has no end: truncated or damaged", where=where, remedy=_REMEDY)
    least = 0
    for name, count in re.findall(rb"element\s+(\w+)\s+(\d+)", head[:end]):
        _check_count(int(count), name.decode("ascii", "replace") + " entries", where)
        least += int(count) * (6 if name == b"vertex" else 2)
    if least > size - end:
        raise InputError("shorter than its header says: truncated", where=where, remedy=_REMEDY)


def _is_binary_stl(head: bytes, size: int, path: Path) -> bool:
    """Whether the triangle count at byte 80 explains the size; a text file never does."""
    if len(head) < 84:
        return False
    count = struct.unpack_from("<I", head, 80)[0]
    if size == 84 + 50 * count:
        _check_count(count, "triangles", path.name)
        return True
    is_named_so = path.suffix.lower() == ".stl" and not head.lstrip().startswith(b"solid")
    if is_named_so and 0 < count <= scan_limit("elements") and size < 84 + 50 * count:
        raise InputError("shorter than its header says: truncated", where=path.name, remedy=_REMEDY)
    return False


def _check_glb(path: Path, head: bytes, size: int) -> None:
    if len(head) < 20:
        raise InputError("the GLB header is truncated", where=path.name, remedy=_REMEDY)
    total, length = struct.unpack_from("<I", head, 8)[0], struct.unpack_from("<I", head, 12)[0]
    if total > size or 20 + length > size:
        raise InputError("shorter than its header says: truncated", where=path.name, remedy=_REMEDY)
    with path.open("rb") as stream:
        stream.seek(20)
        tree = stream.read(length).decode("utf-8", errors="replace")
    _check_gltf(_parse_json(tree, path.name), path.name)


def _parse_json(text: str, where: str) -> dict[str, Any]:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("its JSON part is damaged", where=where, remedy=_REMEDY) from error
    if not isinstance(tree, dict):
        raise InputError("its JSON part is no object", where=where, remedy=_REMEDY)
    return tree


def _check_gltf(tree: dict[str, Any], where: str) -> None:
    accessors = tree.get("accessors", [])
    counts = [entry.get("count", 0) for entry in accessors if isinstance(entry, dict)]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        raise InputError("an accessor has no usable count", where=where, remedy=_REMEDY)
    _check_count(sum(counts), "values", where)


class _Siblings(Mapping[str, bytes]):
    """Files beside the scan (material, texture, buffer) by their plain name; nothing outside that folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> bytes:
        path = self._folder / Path(name.replace("\\", "/")).name
        if not path.is_file() or path.stat().st_size > scan_limit("file_bytes"):
            raise FileNotFoundError(path.name)
        return path.read_bytes()

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._folder.iterdir() if path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _load(path: Path, kind: str) -> Any:
    """The file as one trimesh object, nothing merged yet."""
    import trimesh

    try:
        with warnings.catch_warnings(), path.open("rb") as stream:
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            scene = trimesh.load_scene(stream, file_type=kind, resolver=_Siblings(path.parent), process=False)
            meshes = [part for part in scene.dump() if isinstance(part, trimesh.Trimesh) and len(part.faces)]
            if not meshes and any(len(getattr(part, "vertices", ())) for part in scene.geometry.values()):
                raise InputError(
                    "has points but no triangles",
                    where=path.name,
                    remedy="Export the scan as a surface (mesh), not as a point cloud.",
                )
            return trimesh.util.concatenate(meshes) if len(meshes) > 1 else meshes[0] if meshes else None
    except InputError:
        raise
    except _READER_FAULTS as error:
        raise InputError(
            f"damaged or truncated {kind.upper()} ({type(error).__name__})", where=path.name, remedy=_REMEDY
        ) from error


def _arrays(mesh: Any, where: str) -> tuple[Vectors, Indices, Colours | None, bool]:
    """Vertices, triangles, colours, and whether colours were there but could not be read."""
    if mesh is None or len(mesh.faces) == 0:
        raise InputError("has no triangles", where=where, remedy=_REMEDY)
    vertices = np.array(mesh.vertices, dtype=np.float64)
    triangles = np.array(mesh.faces, dtype=np.int64)
    kind = getattr(mesh.visual, "kind", None)
    if kind not in ("vertex", "texture"):
        return vertices, triangles, None, False
    try:
        visual = mesh.visual.to_color() if kind == "texture" else mesh.visual
        colours = np.asarray(visual.vertex_colors, dtype=np.uint8)
    except _READER_FAULTS:
        return vertices, triangles, None, True
    if (
        colours.ndim != 2
        or len(colours) != len(vertices)
        or np.ptp(colours[:, :3], axis=0).max(initial=0) == 0
    ):
        return vertices, triangles, None, False
    return vertices, triangles, np.ascontiguousarray(colours[:, :3]), False
