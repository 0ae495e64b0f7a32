"""The reduced model of a plan: what its threads do to the landmarks of this face, for any tissue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.tissue.lift import PatchReader
from threadlift.tissue.model import TissueModel
from threadlift.tissue.reduced.build import Reduction, share_pull
from threadlift.tissue.reduced.part import ReducedPart
from threadlift.tissue.reduced.prior import prior_spread
from threadlift.tissue.reduced.store import load_reduced, reduced_key, store_reduced
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReducedPlan:
    """Parts of a face that hardly know of each other (left and right threads), read at common ``landmarks``.

    ``members`` gives for every part the positions of its threads in ``thread_ids``.
    """

    thread_ids: tuple[str, ...]
    landmarks: tuple[str, ...]
    names: tuple[str, ...]
    parts: tuple[ReducedPart, ...]
    members: tuple[tuple[int, ...], ...]

    def lifts(self, logs: Floats, carried_n: Floats) -> Floats:
        """What each thread adds to the motion of each landmark (samples, threads, landmarks, 3), mm.

        ``logs`` (samples, parameters) are logarithms of parameter factors in the order of ``names``,
        ``carried_n`` (samples, threads) what each thread carries. Raises ``InputError`` for other shapes.
        """
        if logs.shape != (len(carried_n), len(self.names)) or carried_n.shape[1] != len(self.thread_ids):
            raise InputError("samples do not belong to this plan", where="reduced model")
        found = np.zeros((len(logs), len(self.thread_ids), len(self.landmarks), 3))
        ligament = np.exp(logs[:, self.names.index("ligament_factor")])
        for part, members in zip(self.parts, self.members, strict=True):
            for sample, row in enumerate(logs):
                moved = part.lift(row, float(ligament[sample]), carried_n[sample, members])
                found[sample, members] = moved
        return found

    def nominal_mm(self, carried_n: Floats) -> Floats:
        """Motion of each landmark (landmarks, 3) with nominal tissue when threads carry ``carried_n``."""
        logs = np.zeros((1, len(self.names)))
        return np.asarray(self.lifts(logs, carried_n[None])[0].sum(axis=0))


def reduce_plan(model: TissueModel, threads: Sequence[CableThread], landmarks: Sequence[str]) -> ReducedPlan:
    """The reduced model of ``threads`` on the face of ``model``, read at ``landmarks`` that it models.

    Taken from the model's cache when it holds it. Raises ``InputError`` without threads.
    """
    response = model.response(threads)
    reader = PatchReader(model.anatomy.face, response.modelled)
    places = tuple(name for name in landmarks if name in reader.landmarks)
    key = reduced_key(model.response_key(threads), places)
    kept = load_reduced(model.cache, key) if model.cache else None
    if kept is not None:
        return ReducedPlan(tuple(t.id for t in threads), places, tuple(prior_spread()), *kept)
    rows = reader.rows(places)
    order = {thread.id: position for position, thread in enumerate(threads)}
    shares = {one.thread.id: one for one in share_pull(response, threads)}
    parts, members = [], []
    for extent, group in model.groups(threads).items():
        part = model.part(extent)
        for side in ("left", "right"):
            own = [thread for thread in group if thread.side == side]
            if own:
                reduction = Reduction(
                    part, model.anatomy, model.parameters, [shares[thread.id] for thread in own]
                )
                parts.append(reduction.reduce(rows[:, part.mesh.source]))
                members.append(tuple(order[thread.id] for thread in own))
    found = ReducedPlan(tuple(order), places, tuple(prior_spread()), tuple(parts), tuple(members))
    if model.cache:
        store_reduced(model.cache, key, found.parts, found.members)
    return found
