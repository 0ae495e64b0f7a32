"""How far the linear model is off, by the size of the lift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from threadlift.errors import InputError
from threadlift.tissue.lift import PatchReader
from threadlift.tissue.model import TissueModel
from threadlift.tissue.nonlinear.face import NonlinearMode, face_potential
from threadlift.tissue.nonlinear.newton import NewtonSettings, find_equilibrium
from threadlift.tissue.nonlinear.potential import Potential
from threadlift.tissue.response import Response
from threadlift.tissue.thread import CableThread
from threadlift.tissue.wedge import Floats

_MOST_TENSION_N = 50.0


@dataclass(frozen=True)
class LiftError:
    """Linear against nonlinear answer for one size of lift.

    ``linear_mm`` and ``nonlinear_mm`` by place; ``tension_n`` of each thread; ``iterations`` of Newton's
    method.
    """

    wished_mm: float
    tension_n: float
    linear_mm: dict[str, float]
    nonlinear_mm: dict[str, float]
    iterations: int

    def excess(self, place: str) -> float:
        """By which share the linear answer is too large at ``place`` (negative: too small)."""
        return self.linear_mm[place] / self.nonlinear_mm[place] - 1


def linear_errors(
    model: TissueModel,
    threads: Sequence[CableThread],
    mode: NonlinearMode,
    lifts_mm: Sequence[float],
    places: Sequence[str],
    progress: Callable[[str], None] = lambda stage: None,
) -> list[LiftError]:
    """Errors at growing ``lifts_mm``, the largest skin motion of the linear model.

    ``places``: landmarks and ``largest``. ``threads`` must lie in one piece of the face; their tensions are
    scaled alike. Each answer starts from the one before.
    """
    ((extent, group),) = model.groups(threads).items()
    part, response = model.part(extent), model.response(threads)
    reader = PatchReader(model.anatomy.face, response.modelled)
    found, start, last = [], None, 0.0
    potential: Potential | None = None
    for wished in lifts_mm:
        if wished <= last:
            raise InputError("the lifts must grow", where="comparison")
        scaled = [replace(thread, tension_n=_tension_for(response, group, wished)) for thread in group]
        pull = response.pull(scaled)
        fresh = face_potential(model, part, scaled, pull.segment_tension_n, mode)
        potential = fresh if potential is None else replace(potential, load=fresh.load)
        settings = NewtonSettings(solver=part.factorisation.solver)
        solved = find_equilibrium(potential, settings, start_mm=start)
        start, last = solved.displacement_mm, wished
        skin = np.zeros_like(pull.displacement_mm)
        skin[part.mesh.source] = part.skin(start)[..., 0]
        progress(f"{wished:g} mm")
        found.append(
            LiftError(
                wished,
                scaled[0].tension_n,
                _read(reader, pull.displacement_mm, places),
                _read(reader, skin, places),
                solved.iterations,
            )
        )
    return found


def threshold_mm(errors: Sequence[LiftError], places: Sequence[str], share: float) -> float:
    """Lift at which the linear model is off by more than ``share`` at one of ``places``; between the computed
    lifts by straight lines, from no error at no lift. Infinite where it never is."""
    lifts = np.r_[0.0, [error.wished_mm for error in errors]]
    off = np.r_[0.0, [max(abs(error.excess(place)) for place in places) for error in errors]]
    beyond = np.flatnonzero(off > share)
    if not len(beyond):
        return float("inf")
    after = beyond[0]
    return float(np.interp(share, off[after - 1 : after + 1], lifts[after - 1 : after + 1]))


def _tension_for(response: Response, threads: Sequence[CableThread], largest_mm: float) -> float:
    """Tension of every thread at which the linear model's largest skin motion is ``largest_mm``."""

    def beyond(tension: float) -> float:
        moved = response.pull([replace(thread, tension_n=tension) for thread in threads]).displacement_mm
        return float(np.linalg.norm(moved, axis=1).max()) - largest_mm

    if beyond(_MOST_TENSION_N) < 0:
        raise InputError(f"no tension lifts by {largest_mm:g} mm", where="comparison")
    return float(brentq(beyond, 0.0, _MOST_TENSION_N, xtol=1e-6))


def _read(reader: PatchReader, displacement_mm: Floats, places: Sequence[str]) -> dict[str, float]:
    size = dict(zip(reader.landmarks, np.linalg.norm(reader.read(displacement_mm), axis=1), strict=True))
    size["largest"] = np.linalg.norm(displacement_mm, axis=1).max()
    return {place: float(size[place]) for place in places}
