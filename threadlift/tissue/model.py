"""The tissue model of one face: give it threads, get a lift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from threadlift.anatomy import Anatomy
from threadlift.errors import InputError
from threadlift.tissue.cache import load_response, response_key, store_response
from threadlift.tissue.domain import STRIP_MM, Extent
from threadlift.tissue.lift import Lift, PatchReader, UnitResponses, make_lift
from threadlift.tissue.parameter import TissueParameters, nominal_parameters
from threadlift.tissue.part import TissuePart, build_part
from threadlift.tissue.response import Response, join_responses
from threadlift.tissue.solver import SolverName, default_solver
from threadlift.tissue.thread import CableThread
from threadlift.tissue.validity import check_lift

Floats = NDArray[np.float64]
Progress = Callable[[str], None]
Pieces = Literal["whole", "halves"]
_MARGIN_MM = 8.0  # a thread must end so far before the edge of the strip over the midline


class TissueModel:
    """Answers threads on one face. Pieces of the face are meshed and factorised when they are first needed.

    ``pieces`` says in which pieces a face is solved: the whole face with PARDISO; with SuperLU, which would
    need a minute and 5 GB for that, each side on its own half plus a strip over the midline, unless a thread
    crosses it (``docs/decisions/0006-whole-face-or-halves.md``).
    """

    def __init__(
        self,
        anatomy: Anatomy,
        parameters: TissueParameters,
        *,
        solver: SolverName | None = None,
        pieces: Pieces | None = None,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.anatomy = anatomy
        self.parameters = parameters
        self._solver: SolverName = solver or default_solver()
        self.pieces: Pieces = pieces or ("whole" if self._solver == "pardiso" else "halves")
        self.cache = cache
        self._progress = progress or (lambda stage: None)
        self._parts: dict[Extent, TissuePart] = {}
        self._response: tuple[str, Response, float] | None = None

    def part(self, extent: Extent) -> TissuePart:
        """The factorised model of the face or of a half; built on first use."""
        if extent not in self._parts:
            self._progress(f"tissue model, {extent}")
            self._parts[extent] = build_part(self.anatomy, self.parameters, extent, self._solver)
        return self._parts[extent]

    def groups(self, threads: Sequence[CableThread]) -> dict[Extent, list[CableThread]]:
        """The threads by the piece of face that answers them."""
        return _by_extent(threads, self.pieces)

    def response_key(self, threads: Sequence[CableThread]) -> str:
        """Hash of everything on which the response of ``threads`` depends."""
        return response_key(self.anatomy, self.parameters, tuple(self.groups(threads)), threads)

    def response(self, threads: Sequence[CableThread]) -> Response:
        """Unit responses of ``threads``, from the cache when it has them. Raises ``InputError`` without
        threads and for two of the same name."""
        return self._respond(threads)[0]

    def lift(self, threads: Sequence[CableThread]) -> Lift:
        """Tension ``threads`` together and read the lift, with findings. No threads = no motion."""
        if not threads:
            return self._no_lift()
        response, thickness = self._respond(threads)
        reader = PatchReader(self.anatomy.face, response.modelled)
        lift = make_lift(self.anatomy.face, response, response.pull(threads), threads, reader)
        return replace(lift, findings=check_lift(lift, self.anatomy.face, thickness))

    def unit_responses(self, threads: Sequence[CableThread]) -> UnitResponses:
        """Displacement per newton of each thread alone, linearised at this plan under its nominal tensions.

        Each ligament piece becomes a two-way spring with its secant stiffness in the plan: full where it
        stays taut, none where it is slack all along, a share of it where the lift unloads it. So tension
        times response, summed over the threads, gives the lift of the plan itself, as long as no barb slips;
        for other tensions it is an estimate. (The tangent at the plan would forget that the pieces held until
        they went slack, and give too much.)
        """
        response = self.response(threads)
        reader = PatchReader(self.anatomy.face, response.modelled)
        pull = response.pull(threads)
        linear = response.linearise(pull.secant_stiffness_n_per_mm)
        fields = linear.unit_moves(threads, pull.barb_force_n <= 0)
        return UnitResponses(
            thread_ids=response.thread_ids,
            landmarks=reader.landmarks,
            displacement_mm_per_n=fields,
            point_mm_per_n=np.array([reader.read(field) for field in fields]),
        )

    def _respond(self, threads: Sequence[CableThread]) -> tuple[Response, float]:
        if not threads:
            raise InputError("there is no lifting thread to simulate", where="plan")
        if len({thread.id for thread in threads}) != len(threads):
            raise InputError("two threads have the same name", where="plan")
        groups = self.groups(threads)
        key = self.response_key(threads)
        if self._response is not None and self._response[0] == key:
            return self._response[1], self._response[2]
        found = load_response(self.cache, key) if self.cache else None
        if found is None:
            found = self._compute(groups, threads)
            if self.cache:
                store_response(self.cache, key, *found)
        self._response = (key, *found)
        return found

    def _compute(
        self, groups: dict[Extent, list[CableThread]], threads: Sequence[CableThread]
    ) -> tuple[Response, float]:
        parts = [(self.part(extent), group) for extent, group in groups.items()]
        self._progress("threads in the tissue")
        response = join_responses([part.respond(group) for part, group in parts])
        order = [response.thread_ids.index(thread.id) for thread in threads]
        thickness = min(float(part.mesh.kept_thickness.min()) for part, _ in parts)
        return response.in_order(order), thickness

    def _no_lift(self) -> Lift:
        count = len(self.anatomy.face.vertices_mm)
        empty = np.zeros(count)
        lift = Lift(
            displacement_mm=np.zeros((count, 3)),
            modelled=np.zeros(count, dtype=bool),
            points=(),
            threads=(),
            strain_max=empty,
            strain_min=empty,
            area_above_cm2={},
            findings=(),
        )
        return replace(lift, findings=check_lift(lift, self.anatomy.face, 1.0))


def build_tissue(
    anatomy: Anatomy,
    parameters: TissueParameters | None = None,
    *,
    solver: SolverName | None = None,
    pieces: Pieces | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> TissueModel:
    """The tissue model of a face. Cheap by itself: what is expensive happens when threads are asked for.

    ``cache`` is a folder for responses; ``progress`` is told the stage. ``parameters`` default to the nominal
    set.
    """
    return TissueModel(
        anatomy,
        parameters or nominal_parameters(),
        solver=solver,
        pieces=pieces,
        cache=cache,
        progress=progress,
    )


def _by_extent(threads: Sequence[CableThread], pieces: Pieces) -> dict[Extent, list[CableThread]]:
    """Threads by the piece of face that answers them; one thread over the midline takes all to the whole
    face."""
    if pieces == "whole":
        return {"full": list(threads)}
    reach = STRIP_MM - _MARGIN_MM
    groups: dict[Extent, list[CableThread]] = {}
    for thread in threads:
        across = thread.points_mm[:, 0] * (1.0 if thread.side == "left" else -1.0)
        if across.min() < -reach:
            return {"full": list(threads)}
        groups.setdefault("left" if thread.side == "left" else "right", []).append(thread)
    return groups
