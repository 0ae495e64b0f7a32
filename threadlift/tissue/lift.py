"""What a doctor reads: how far each place moves, how the skin strains, what each thread carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from threadlift.face.face import Face, Side
from threadlift.face.surface import patch_weights, vertex_areas
from threadlift.face.template import load_template
from threadlift.finding import Finding
from threadlift.tissue.response import Pull, Response
from threadlift.tissue.strain import skin_strain
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
PATCH_RADIUS_MM = 5.0
_SMALLEST_PATCH_SHARE = 0.6
_FADE_RINGS = 6
_FADE = 0.6


class PointLift(BaseModel):
    """Motion of one landmark in mm, averaged over a patch of 5 mm radius.

    ``lateral_mm`` points away from the midline; ``along_mm`` along the nearest thread, towards its entry.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    landmark: str
    side: Side
    total_mm: float
    up_mm: float
    lateral_mm: float
    forward_mm: float
    along_mm: float | None = Field(description="None without a lifting thread on that side")


class ThreadPull(BaseModel):
    """What one thread does. ``carried_n`` is below ``asked_n`` when all its barbs slip."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thread: str
    asked_n: float
    carried_n: float
    pull_in_mm: float = Field(description="thread drawn out (fixed) or taken up between its holds (floating)")
    largest_barb_n: float
    barbs: int
    barbs_slipping: int
    barbs_outside: int
    slips: bool


@dataclass(frozen=True, eq=False)
class Lift:
    """The lift field of a plan on one face.

    ``displacement_mm`` (n, 3) covers every template vertex: computed where ``modelled`` (n,), fading to zero
    over a few rings beyond it so that pictures show no step. ``strain_max`` and ``strain_min`` (n,) are
    principal strains of the skin (0.1 = 10 %), 0 where not modelled.
    """

    displacement_mm: Floats
    modelled: Mask
    points: tuple[PointLift, ...]
    threads: tuple[ThreadPull, ...]
    strain_max: Floats
    strain_min: Floats
    area_above_cm2: dict[str, float]
    findings: tuple[Finding, ...]

    @property
    def largest_mm(self) -> float:
        """The largest displacement of any modelled vertex."""
        return float(np.linalg.norm(self.displacement_mm[self.modelled], axis=1).max(initial=0.0))

    def point(self, landmark: str) -> PointLift:
        """The lift at ``landmark`` (``jowl_l``). Raises ``KeyError`` when it lies outside the model."""
        for point in self.points:
            if point.landmark == landmark:
                return point
        raise KeyError(landmark)

    def report(self) -> LiftReport:
        """The figures without the field, ready for JSON."""
        inside = self.modelled
        return LiftReport(
            largest_mm=self.largest_mm,
            area_above_cm2=self.area_above_cm2,
            points=self.points,
            threads=self.threads,
            skin_stretch_percent=100 * float(self.strain_max[inside].max(initial=0.0)),
            skin_compression_percent=-100 * float(self.strain_min[inside].min(initial=0.0)),
            findings=self.findings,
        )


class LiftReport(BaseModel):
    """A lift as figures: what ``threadlift simulate --json`` prints."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    largest_mm: float
    area_above_cm2: dict[str, float] = Field(description="skin moving more than so many mm")
    points: tuple[PointLift, ...]
    threads: tuple[ThreadPull, ...]
    skin_stretch_percent: float
    skin_compression_percent: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class UnitResponses:
    """Lift per newton of each thread alone, without slip: multiply by tension and add up.

    ``displacement_mm_per_n`` (k, n, 3) per template vertex, ``point_mm_per_n`` (k, p, 3) at ``landmarks``
    (p).
    """

    thread_ids: tuple[str, ...]
    landmarks: tuple[str, ...]
    displacement_mm_per_n: Floats
    point_mm_per_n: Floats


class PatchReader:
    """Reads displacement fields of one face at its landmarks, over patches inside the modelled part."""

    def __init__(self, face: Face, modelled: Mask) -> None:
        triangles = load_template().triangles
        names, rows = [], []
        for name, place in face.landmarks_mm.items():
            weight = patch_weights(face.vertices_mm, triangles, place, PATCH_RADIUS_MM)
            inside = weight * modelled
            if inside.sum() >= _SMALLEST_PATCH_SHARE:
                names.append(name)
                rows.append(inside / inside.sum())
        self.landmarks = tuple(names)
        self._rows = np.array(rows).reshape(len(rows), len(face.vertices_mm))

    def rows(self, landmarks: Sequence[str]) -> Floats:
        """Patch weights (p, n) of some ``landmarks``."""
        return self._rows[[self.landmarks.index(name) for name in landmarks]]

    def read(self, displacement_mm: Floats) -> Floats:
        """Patch means (p, 3) of a field (n, 3)."""
        return np.asarray(self._rows @ displacement_mm)


def make_lift(
    face: Face,
    response: Response,
    pull: Pull,
    threads: Sequence[CableThread],
    reader: PatchReader,
    findings: Iterable[Finding] = (),
) -> Lift:
    """Put the pull of ``threads`` into the figures a doctor reads."""
    template = load_template()
    inside = template.triangles[response.modelled[template.triangles].all(axis=1)]
    high, low = skin_strain(face.vertices_mm, inside, pull.displacement_mm)
    size = np.linalg.norm(pull.displacement_mm, axis=1)
    area = vertex_areas(face.vertices_mm, inside)
    return Lift(
        displacement_mm=_fade(pull.displacement_mm, response.modelled),
        modelled=response.modelled,
        points=_points(face, reader, pull.displacement_mm, threads),
        threads=_thread_pulls(response, pull, threads),
        strain_max=high,
        strain_min=low,
        area_above_cm2={f"{mm:g}": float(area[size > mm].sum() / 100) for mm in (0.5, 1.0, 2.0)},
        findings=tuple(findings),
    )


def _points(
    face: Face, reader: PatchReader, displacement_mm: Floats, threads: Sequence[CableThread]
) -> tuple[PointLift, ...]:
    found = []
    for name, moved in zip(reader.landmarks, reader.read(displacement_mm), strict=True):
        side: Side = "left" if name.endswith("_l") else "right" if name.endswith("_r") else "midline"
        lateral = -moved[0] if side == "right" else moved[0]
        direction = _nearest_direction(face.landmark(name), threads, side)
        found.append(
            PointLift(
                landmark=name,
                side=side,
                total_mm=float(np.linalg.norm(moved)),
                up_mm=float(moved[1]),
                lateral_mm=float(lateral),
                forward_mm=float(moved[2]),
                along_mm=None if direction is None else float(direction @ moved),
            )
        )
    return tuple(found)


def _nearest_direction(place_mm: Floats, threads: Sequence[CableThread], side: Side) -> Floats | None:
    """Unit direction towards the entry of the thread on that side whose barbs lie nearest."""
    best, least = None, np.inf
    for thread in threads:
        if side not in ("midline", thread.side):
            continue
        barbs = thread.points_at(np.array(thread.barbs_mm))
        distance = float(np.linalg.norm(barbs - place_mm, axis=1).min())
        towards = barbs[0] - barbs[-1] if len(barbs) > 1 else thread.points_mm[0] - barbs[0]
        if distance < least and np.linalg.norm(towards) > 0:
            best, least = towards / np.linalg.norm(towards), distance
    return best


def _thread_pulls(response: Response, pull: Pull, threads: Sequence[CableThread]) -> tuple[ThreadPull, ...]:
    return tuple(
        ThreadPull(
            thread=thread.id,
            asked_n=thread.tension_n,
            carried_n=float(pull.carried_n[i]),
            pull_in_mm=float(pull.pull_in_mm[i]),
            largest_barb_n=float(pull.barb_force_n[mine].max(initial=0.0)),
            barbs=int(mine.sum()),
            barbs_slipping=int(pull.barb_slips[mine].sum()),
            barbs_outside=int(response.barbs_outside[i]),
            slips=bool(thread.tension_n > pull.carried_n[i] * (1 + 1e-9)),
        )
        for i, thread in enumerate(threads)
        for mine in (response.barb_thread == i,)
    )


@lru_cache(maxsize=1)
def _neighbour_edges() -> NDArray[np.int64]:
    triangles = load_template().triangles
    both = triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    return np.concatenate([both, both[:, ::-1]])


def _fade(displacement_mm: Floats, modelled: Mask) -> Floats:
    """Let the motion die away over a few rings of vertices beyond the model: for pictures only."""
    faded, known = displacement_mm.copy(), modelled.copy()
    start, stop = _neighbour_edges().T
    for _ in range(_FADE_RINGS):
        reaching = known[start] & ~known[stop]
        count = np.bincount(stop[reaching], minlength=len(known))
        new = count > 0
        for axis in range(3):
            total = np.bincount(stop[reaching], faded[start[reaching], axis], minlength=len(known))
            faded[new, axis] = _FADE * total[new] / count[new]
        known = known | new
    return np.asarray(faded)
