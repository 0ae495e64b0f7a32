"""A plan whose threads can be moved, tensioned and switched while the face answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.tissue.grip import AT_NOTHING, FREE, ActiveSet, settle
from threadlift.tissue.live.response import LiveResponse
from threadlift.tissue.live.sweep import Gathered
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Frame:
    """One answer of a plan.

    ``displacement_mm`` (n, 3) of the face's vertices, in the precision of the response; per thread (k) what
    was asked and is carried, in N, how many barbs slip and how many lie outside the tissue and hold fast;
    ``slack`` names the ligament pieces that carried weight before and now hang loose. ``barb_force_n`` (F,)
    and ``piece_force_n`` (L,) in the order of the threads.
    """

    displacement_mm: Reals
    thread_ids: tuple[str, ...]
    asked_n: Floats
    carried_n: Floats
    barbs_slipping: NDArray[np.int64]
    barbs_outside: NDArray[np.int64]
    barb_force_n: Floats
    piece_force_n: Floats
    slack: tuple[str, ...]


class LivePlan:
    """The threads of one plan on one face.

    Everything that does not move is kept: the flexibility A of barbs and pieces, and the motion of the skin
    for each segment and piece. Moving a thread renews its rows of A and its skin motion alone. The first move
    of another thread than before costs more (its skin motion is needed for each segment from then on).
    """

    def __init__(self, response: LiveResponse, threads: Sequence[CableThread]) -> None:
        """Raises ``InputError`` without threads, for two of the same id or one outside the tissue."""
        if not threads:
            raise InputError("there is no lifting thread to simulate", where="plan")
        if len({thread.id for thread in threads}) != len(threads):
            raise InputError("two threads have the same name", where="plan")
        self._response = response
        self._threads = {thread.id: thread for thread in threads}
        self._cables = {thread.id: response.cable(thread) for thread in threads}
        self._off: set[str] = set()
        self._skin = {name: self._skin_of(name) for name in self._threads}
        self._grabbed: str | None = None
        self._others: tuple[str, Gathered, Floats] | None = None
        self._arrange()

    @property
    def threads(self) -> tuple[CableThread, ...]:
        """The threads as they are now; one that is off has its tension still."""
        return tuple(self._threads.values())

    def frame(self) -> Frame:
        """The answer to the plan as it is."""
        return self._answer()

    def move(self, thread: CableThread) -> Frame:
        """Put ``thread`` in the place of the one with its id, with any path, barbs or tension.

        Raises ``InputError`` for an unknown id or a thread outside the tissue; the plan is then as before.
        """
        self._known(thread.id)
        cable = self._response.cable(thread)
        before = self._cables[thread.id]
        if thread.id != self._grabbed:
            self._let_go()
            self._grabbed, self._others = thread.id, None
        self._threads[thread.id], self._cables[thread.id] = thread, cable
        self._skin.pop(thread.id, None)
        if not np.array_equal(cable.geometry.row_of, before.geometry.row_of):  # other barbs in its rows
            self._arrange()
        else:
            self._renew(thread.id)
        return self._answer()

    def retension(self, thread_id: str, tension_n: float) -> Frame:
        """Pull a thread with another tension (N). Raises ``InputError`` for one below zero or an unknown
        id."""
        self._known(thread_id)
        changed = replace(self._threads[thread_id], tension_n=tension_n)
        self._let_go()
        self._threads[thread_id] = changed
        return self._answer()

    def toggle(self, thread_id: str) -> Frame:
        """Switch a thread off, or on again: a thread that is off does not pull."""
        self._known(thread_id)
        self._let_go()
        self._off ^= {thread_id}
        return self._answer()

    def _known(self, thread_id: str) -> None:
        if thread_id not in self._threads:
            raise InputError(f"no thread {thread_id[:40]!r}", where="plan")

    def _skin_of(self, name: str) -> Reals:
        risen = self._cables[name].risen
        return self._response.skin_mm(risen, np.eye(risen.count))

    def _arrange(self) -> None:
        """Give every barb, row, segment and piece its place and fill A, q and the skin's motions."""
        cables = list(self._cables.values())
        pieces = self._response.face.restraints
        self._barbs = _slices([cable.geometry.collect.shape[1] for cable in cables])
        self._segments = _slices([cable.risen.count for cable in cables])
        rows = np.cumsum([0] + [int(cable.geometry.row_of.max()) + 1 for cable in cables])
        self._row_of = np.concatenate([cable.geometry.row_of + rows[i] for i, cable in enumerate(cables)])
        self._thread_of = np.repeat(np.arange(len(cables)), [part.stop - part.start for part in self._barbs])
        self._row_thread = np.zeros(int(self._row_of.max()) + 1, dtype=np.int64)
        self._row_thread[self._row_of] = self._thread_of
        self._count, count = len(self._row_of), len(self._row_of) + len(pieces)
        self._flexibility = np.zeros((count, count))
        self._flexibility[self._count :, self._count :] = self._response.face.piece_compliance + np.diag(
            1 / pieces.stiffness_n_per_mm
        )
        rest = pieces.rest_force_n
        self._stretch = np.zeros(count)
        self._stretch[self._count :] = self._response.face.piece_compliance @ rest + pieces.rest_stretch_mm
        loose = np.where(rest > 0, FREE, AT_NOTHING).astype(np.int8)
        self._active: ActiveSet = np.r_[np.full(self._count, FREE, dtype=np.int8), loose]
        self._others = None
        skin = [self._skin.get(name) for name in self._threads]
        width, dtype = self._segments[-1].stop, self._response.face.operators.dtype
        self._motion = np.zeros((len(self._response.face.piece_skin), width + len(pieces)), dtype=dtype)
        self._motion[:, width:] = self._response.face.piece_skin
        for part, motion in zip(self._segments, skin, strict=True):
            if motion is not None:
                self._motion[:, part] = motion
        for name in self._threads:
            self._renew(name)
        self._others = None

    def _let_go(self) -> None:
        """Complete the skin's motions for the thread that was moved last."""
        name = self._grabbed
        if name is not None and name not in self._skin:
            self._skin[name] = self._skin_of(name)
            self._motion[:, self._segments[self._index(name)]] = self._skin[name]

    def _index(self, name: str) -> int:
        return list(self._threads).index(name)

    def _renew(self, name: str) -> None:
        """Rows and columns of A, and the entries of q, of one thread."""
        cable, thread, own = self._cables[name], self._threads[name], self._barbs[self._index(name)]
        if self._others is None or self._others[0] != name:
            self._others = (name, *self._gather(name))
        _, gathered, collect = self._others
        geometry, risen = cable.geometry, cable.risen
        across = risen.compliance(gathered)  # (M, other segments and pieces)
        inner = risen.compliance(risen) + np.diag(geometry.segment_mm / thread.axial_stiffness_n)
        self._flexibility[own] = 0.0
        rows = geometry.collect.T @ across @ collect
        rest = np.r_[np.arange(own.start), np.arange(own.stop, len(self._flexibility))]
        self._flexibility[own, rest] = rows
        self._flexibility[rest, own] = rows.T
        self._flexibility[own, own] = geometry.collect.T @ (inner + inner.T) @ geometry.collect / 2
        self._flexibility[own, own] += np.eye(own.stop - own.start) / thread.barb_stiffness_n_per_mm
        held = self._response.face.restraints.rest_force_n
        self._stretch[own] = rows[:, rows.shape[1] - len(held) :] @ held

    def _gather(self, name: str) -> tuple[Gathered, Floats]:
        """All threads but one, and the pieces, side by side, and how barb forces add up to their segments."""
        others = [cable for other, cable in self._cables.items() if other != name]
        gathered = Gathered.of([*(cable.risen for cable in others), self._response.pieces])
        collect = np.zeros(
            (gathered.count, len(self._flexibility) - self._cables[name].geometry.collect.shape[1])
        )
        row = column = 0
        for cable in others:
            part = cable.geometry.collect
            collect[row : row + part.shape[0], column : column + part.shape[1]] = part
            row, column = row + part.shape[0], column + part.shape[1]
        collect[row:, column:] = np.eye(self._response.pieces.count)
        return gathered, collect

    def _answer(self) -> Frame:
        threads = self.threads
        asked = np.array([0.0 if thread.id in self._off else thread.tension_n for thread in threads])
        holding = np.array([thread.holding_force_n for thread in threads])
        in_row = np.bincount(self._row_of)
        capacity = holding[self._thread_of] / in_row[self._row_of]
        carried = np.minimum(asked, holding)
        settled = settle(
            self._flexibility, self._stretch, self._row_of, carried[self._row_thread], capacity, self._active
        )
        self._active = settled.active
        force, piece = np.split(settled.force_n, [self._count])
        slips = (force >= capacity * (1 - 1e-6)) & (force > 0)
        held = self._response.face.restraints
        return Frame(
            displacement_mm=self._response.on_face(self._skin_motion(force, piece - held.rest_force_n)),
            thread_ids=tuple(self._threads),
            asked_n=asked,
            carried_n=carried,
            barbs_slipping=np.bincount(self._thread_of[slips], minlength=len(threads)),
            barbs_outside=np.concatenate([cable.geometry.barbs_outside for cable in self._cables.values()]),
            barb_force_n=force,
            piece_force_n=piece,
            slack=tuple(held.ids[i] for i in np.flatnonzero((piece <= 0) & (held.rest_force_n > 0))),
        )

    def _skin_motion(self, force: Floats, change: Floats) -> Reals:
        """Motion of the skin (s,) for barb forces and the change of the piece forces."""
        tension = [
            cable.geometry.collect @ force[part]
            for cable, part in zip(self._cables.values(), self._barbs, strict=True)
        ]
        moving = self._grabbed if self._grabbed is not None and self._grabbed not in self._skin else None
        extra: Reals | None = None
        if moving is not None:
            index = self._index(moving)
            extra = self._response.skin_mm(self._cables[moving].risen, tension[index][:, None])[:, 0]
            tension[index] = np.zeros_like(tension[index])
        acting = np.concatenate([*tension, change]).astype(self._motion.dtype)
        motion: Reals = self._motion @ acting
        return motion if extra is None else motion + extra


def _slices(sizes: Sequence[int]) -> list[slice]:
    ends = np.cumsum([0, *sizes]).tolist()
    return [slice(start, stop) for start, stop in pairwise(ends)]
