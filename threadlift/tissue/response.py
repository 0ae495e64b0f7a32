"""The response of a face to a set of threads, before they are tensioned.

The tissue is linear, so everything it can do under these threads is the surface displacement for a unit
tension in each cable segment, and the compliance among segments. Tension, thread and barb stiffness and slip
come after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from threadlift.tissue.grip import balance
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Response:
    """Unit answers of one face to the segments (M) of several threads.

    ``surface_mm_per_n`` (n, 3, M) is the displacement of the face's vertices, zero outside ``modelled`` (n,).
    ``compliance_mm_per_n`` (M, M) is how much each segment shortens. The rest describes segments and barbs as
    ``CableGeometry`` does.
    """

    thread_ids: tuple[str, ...]
    modelled: Mask
    surface_mm_per_n: NDArray[np.float32]
    compliance_mm_per_n: Floats
    collect: Floats
    segment_mm: Floats
    segment_thread: Indices
    barb_thread: Indices
    row_of: Indices
    pulled_segment: Indices
    barbs_outside: Indices

    def flexibility(self, threads: Sequence[CableThread]) -> Floats:
        """A (F, F): tissue, cable stretch and barb springs together; see ``threadlift.tissue.cable``."""
        axial = np.array([thread.axial_stiffness_n for thread in threads])[self.segment_thread]
        barb = np.array([thread.barb_stiffness_n_per_mm for thread in threads])[self.barb_thread]
        inner = self.compliance_mm_per_n + np.diag(self.segment_mm / axial)
        return np.asarray(self.collect.T @ inner @ self.collect + np.diag(1 / barb))

    def in_order(self, order: Sequence[int]) -> Response:
        """The same with its threads renumbered: thread ``order[i]`` becomes thread i."""
        rank = np.empty(len(order), dtype=np.int64)
        rank[list(order)] = np.arange(len(order))
        return replace(
            self,
            thread_ids=tuple(self.thread_ids[i] for i in order),
            segment_thread=rank[self.segment_thread],
            barb_thread=rank[self.barb_thread],
            pulled_segment=self.pulled_segment[list(order)],
            barbs_outside=self.barbs_outside[list(order)],
        )

    def pull(self, threads: Sequence[CableThread]) -> Pull:
        """Tension the threads: barb forces, slip, pull-in and surface displacement."""
        flexibility = self.flexibility(threads)
        row_thread = np.zeros(int(self.row_of.max()) + 1, dtype=np.int64)
        row_thread[self.row_of] = self.barb_thread
        in_row = np.bincount(self.row_of)
        holding = np.array([thread.holding_force_n for thread in threads])[self.barb_thread]
        capacity = holding / in_row[self.row_of]
        asked = np.array([thread.tension_n for thread in threads])
        carried = np.minimum(asked, np.array([thread.holding_force_n for thread in threads]))
        force, _ = balance(flexibility, self.row_of, carried[row_thread], capacity)
        tension = self.collect @ force
        shortening = flexibility @ force  # per barb: travel of the thread there for a fixed tie
        return Pull(
            displacement_mm=self.surface_mm_per_n.astype(np.float64) @ tension,
            segment_tension_n=tension,
            barb_force_n=force,
            barb_slips=(force >= capacity * (1 - 1e-6)) & (force > 0),
            carried_n=carried,
            pull_in_mm=self._pull_in(threads, tension, shortening, force),
        )

    def _pull_in(
        self, threads: Sequence[CableThread], tension: Floats, travel_mm: Floats, force: Floats
    ) -> Floats:
        """Thread drawn out (fixed) or taken up between its two holds (floating), mm: (k,).

        A f is the same for all barbs of a row that neither slip nor hang loose, and less for those that slip.
        """
        drawn = np.zeros(len(threads))
        for row in range(int(self.row_of.max()) + 1):
            members = np.flatnonzero((self.row_of == row) & (force > 0))
            if len(members):
                drawn[self.barb_thread[members[0]]] += float(travel_mm[members].max())
        return drawn


@dataclass(frozen=True)
class Pull:
    """What happens when the threads of a response are tensioned. Arrays per vertex (n, 3), segment, barb,
    thread."""

    displacement_mm: Floats
    segment_tension_n: Floats
    barb_force_n: Floats
    barb_slips: Mask
    carried_n: Floats
    pull_in_mm: Floats


def join_responses(parts: Sequence[Response]) -> Response:
    """Responses of separate pieces of the same face (left and right half) as one, without coupling between
    them."""
    threads = np.cumsum([0] + [len(part.thread_ids) for part in parts])
    segments = np.cumsum([0] + [len(part.segment_mm) for part in parts])
    rows = np.cumsum([0] + [int(part.row_of.max()) + 1 for part in parts])

    def shifted(name: str, shift: Indices) -> Indices:
        return np.concatenate([getattr(part, name) + shift[i] for i, part in enumerate(parts)])

    return Response(
        thread_ids=tuple(name for part in parts for name in part.thread_ids),
        modelled=np.logical_or.reduce([part.modelled for part in parts]),
        surface_mm_per_n=np.concatenate([part.surface_mm_per_n for part in parts], axis=2),
        compliance_mm_per_n=block_diag(*[part.compliance_mm_per_n for part in parts]),
        collect=block_diag(*[part.collect for part in parts]),
        segment_mm=np.concatenate([part.segment_mm for part in parts]),
        segment_thread=shifted("segment_thread", threads),
        barb_thread=shifted("barb_thread", threads),
        row_of=shifted("row_of", rows),
        pulled_segment=shifted("pulled_segment", segments),
        barbs_outside=np.concatenate([part.barbs_outside for part in parts]),
    )
