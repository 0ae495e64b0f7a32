"""What lies over a picture of the face: threads, danger structures, marks; near and hidden parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from threadlift.face.face import Vectors
from threadlift.face.raycast import Camera, project, visible
from threadlift.report.block import MarkKind
from threadlift.report.drawing import DASH, PAPER, STRUCTURE, mark_shape, svg
from threadlift.report.picture import Shot
from threadlift.report.scene import Scene

WIDTH = 400.0  # of the drawing; pictures are wider, the drawing scales with them
StructureKind = Literal["nerve", "vessel", "gland", "other"]
Placed = tuple[NDArray[np.float64], NDArray[np.bool_]]  # places (k, 2) in the drawing, which of them are seen
_LABEL_HEIGHT = 20.0
_MARK_GAP = 22.0
_TOLERANCE_MM = 2.5  # lines lie on the skin; ears are laid flat before anatomy is placed
_END = f"fill:#fff;stroke:{PAPER['ink']}"
_TURNS = np.radians([-90, -45, -135, 0, 180, 45, 135, 90])


@dataclass(frozen=True)
class DrawnThread:
    """A thread as a line on the skin (k, 3) mm from its entry to its far end."""

    id: str
    points_mm: Vectors


@dataclass(frozen=True)
class DrawnStructure:
    """A danger structure on the skin: a line (k, 3) mm; an outline where ``is_closed``; a ring for k = 1."""

    kind: StructureKind
    points_mm: Vectors
    is_closed: bool = False


@dataclass(frozen=True)
class DrawnMark:
    """The place of a finding, with its number in the list; the gravest come first."""

    kind: MarkKind
    number: str
    at_mm: tuple[float, float, float]


@dataclass(frozen=True)
class Overlay:
    """All that lies over the pictures of one face."""

    threads: Sequence[DrawnThread] = ()
    structures: Sequence[DrawnStructure] = ()
    marks: Sequence[DrawnMark] = ()


class _Sheet:
    """One drawing over one picture; keeps what is taken so that labels do not cover each other."""

    def __init__(self, shot: Shot) -> None:
        self.scale = WIDTH / shot.camera.width
        self.height = shot.camera.height * self.scale
        self.taken: list[tuple[float, float, float, float]] = []

    def free_spot(self, x: float, y: float, width: float) -> tuple[float, float]:
        """Centre of a label of ``width`` near (x, y) that covers the least of what is there."""
        best, least = (x, y - 18.0), np.inf
        for reach in (17.0, 27.0, 39.0):
            for turn in _TURNS:
                at = (x + (reach + width / 4) * float(np.cos(turn)), y + reach * float(np.sin(turn)))
                box = (
                    at[0] - width / 2,
                    at[1] - _LABEL_HEIGHT / 2,
                    at[0] + width / 2,
                    at[1] + _LABEL_HEIGHT / 2,
                )
                outside = box[0] < 2 or box[1] < 2 or box[2] > WIDTH - 2 or box[3] > self.height - 2
                cost = sum(_shared(box, other) for other in self.taken) + reach * 0.8 + 4000.0 * outside
                if cost < least:
                    best, least = at, cost
        return best

    def take(self, x: float, y: float, width: float, height: float) -> None:
        """Keep labels away from a box with its centre at (x, y)."""
        self.taken.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def draw_overlay(shot: Shot, scene: Scene, overlay: Overlay, *, title: str, description: str = "") -> str:
    """The drawing over the picture of ``shot``, 400 units wide."""
    sheet = _Sheet(shot)
    outlines = [
        np.concatenate([item.points_mm, item.points_mm[:1]]) if item.is_closed else item.points_mm
        for item in overlay.structures
    ]
    courses = [thread.points_mm for thread in overlay.threads]
    spots = [np.array([mark.at_mm]) for mark in overlay.marks]
    placed = _place(shot.camera, scene, [*outlines, *courses, *spots])
    structures, rest = placed[: len(outlines)], placed[len(outlines) :]
    threads, marks = rest[: len(courses)], rest[len(courses) :]
    content = [_draw_structure(item, at) for item, at in zip(overlay.structures, structures, strict=True)]
    content += [_draw_thread(sheet, at) for at in threads]
    content += _draw_marks(sheet, overlay.marks, marks)
    content += [_draw_label(sheet, item, at) for item, at in zip(overlay.threads, threads, strict=True)]
    return svg(WIDTH, sheet.height, "".join(content), title=title, description=description)


def _place(camera: Camera, scene: Scene, lines: Sequence[Vectors]) -> list[Placed]:
    """Every line in the drawing, all looked up in one cast."""
    if not lines:
        return []
    points = np.concatenate(lines)
    seen = visible(scene.vertices, scene.triangles, camera, points, tolerance_mm=_TOLERANCE_MM)
    place = project(camera, points)[:, :2] * (WIDTH / camera.width)
    ends = np.cumsum([len(line) for line in lines])[:-1]
    return list(zip(np.split(place, ends), np.split(seen, ends), strict=True))


def _draw_structure(structure: DrawnStructure, at: Placed) -> str:
    place, seen = at
    style = (
        f"fill:none;stroke:{STRUCTURE[structure.kind]};stroke-width:1.9;stroke-linejoin:round;"
        f"stroke-linecap:{'round' if structure.kind == 'gland' else 'butt'};"
        + (f"stroke-dasharray:{DASH[structure.kind]}" if DASH[structure.kind] else "")
    )
    halo = "fill:none;stroke:#fff;stroke-opacity:.55;stroke-width:3.6;stroke-linejoin:round"
    if len(place) == 1 and seen[0]:
        ring = f'<circle cx="{place[0, 0]:.1f}" cy="{place[0, 1]:.1f}" r="5.5"'
        return f'{ring} style="{halo}"/>{ring} style="{style}"/>'
    runs = _runs(place, seen)
    return "".join(f'<path d="{d}" style="{halo}"/><path d="{d}" style="{style}"/>' for d in runs)


def _draw_thread(sheet: _Sheet, at: Placed) -> str:
    place, seen = at
    if seen.mean() < 0.25:
        return ""
    halo = "fill:none;stroke:#fff;stroke-width:4.6;stroke-linecap:round;stroke-linejoin:round"
    line = f"fill:none;stroke:{PAPER['ink']};stroke-width:2.3;stroke-linecap:round;stroke-linejoin:round"
    hidden = f"fill:none;stroke:{PAPER['ink']};stroke-opacity:.55;stroke-width:1.5;stroke-dasharray:2.5 3.5"
    near = _runs(place, seen)
    far = _runs(place, ~seen)
    parts = [f'<path d="{d}" style="{hidden}"/>' for d in far]
    parts += [f'<path d="{d}" style="{halo}"/>' for d in near]
    parts += [f'<path d="{d}" style="{line}"/>' for d in near]
    for x, y in place[:: max(1, len(place) // 12)]:
        sheet.take(float(x), float(y), 10, 10)
    if seen[-1]:
        x, y = place[-1]
        parts.append(f'<path d="M{x:.1f} {y - 5:.1f}l5 5-5 5-5-5z" style="{_END};stroke-width:1.8"/>')
    if seen[0]:
        x, y = place[0]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.4" style="{_END};stroke-width:2"/>')
    return "".join(parts)


def _draw_label(sheet: _Sheet, thread: DrawnThread, at: Placed) -> str:
    place, seen = at
    if seen.mean() < 0.25:
        return ""
    x, y = place[int(np.argmax(seen))]
    width = 9.0 * len(thread.id) + 9.0
    spot = sheet.free_spot(float(x), float(y), width)
    sheet.take(*spot, width, _LABEL_HEIGHT)
    return (
        f'<rect x="{spot[0] - width / 2:.1f}" y="{spot[1] - 9.5:.1f}" width="{width:.1f}" height="19" rx="4" '
        f'style="fill:#fff;stroke:{PAPER["ink3"]};stroke-width:.8"/>'
        f'<text x="{spot[0]:.1f}" y="{spot[1] + 5:.1f}" text-anchor="middle" font-family="Inter" '
        f'font-weight="600" font-size="14" style="fill:{PAPER["ink"]}">{escape(thread.id)}</text>'
    )


def _draw_marks(sheet: _Sheet, marks: Sequence[DrawnMark], places: Sequence[Placed]) -> list[str]:
    """The marks that are seen, gravest first; one that would cover a graver one is left out."""
    drawn: list[str] = []
    taken: list[tuple[float, float]] = []
    for mark, (place, seen) in zip(marks, places, strict=True):
        x, y = (float(value) for value in place[0])
        if not seen[0] or any(np.hypot(x - left, y - top) < _MARK_GAP for left, top in taken):
            continue
        taken.append((x, y))
        sheet.take(x, y, 24, 24)
        shape = mark_shape(mark.kind, PAPER[mark.kind], number=mark.number)
        drawn.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12.5" style="fill:#fff;fill-opacity:.9"/>'
            f'<g transform="translate({x - 10:.1f} {y - 10:.1f}) scale({20 / 24:.3f})">{shape}</g>'
        )
    return drawn


def _runs(place: NDArray[np.float64], chosen: NDArray[np.bool_]) -> list[str]:
    """Path data of every stretch of two or more chosen points in a row."""
    runs: list[str] = []
    start: int | None = None
    for index in range(len(place) + 1):
        inside = index < len(place) and bool(chosen[index])
        if inside and start is None:
            start = index
        elif not inside and start is not None:
            if index - start > 1:
                runs.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in place[start:index]))
            start = None
    return runs


def _shared(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> float:
    """Area that two boxes share."""
    across = min(first[2], second[2]) - max(first[0], second[0])
    down = min(first[3], second[3]) - max(first[1], second[1])
    return max(across, 0.0) * max(down, 0.0)
