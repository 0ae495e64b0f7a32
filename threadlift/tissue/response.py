"""The response of a face to a set of threads, before they are tensioned.

Without its one-way ligaments the tissue is linear, so everything it can do under these threads is the surface
displacement for a unit force in each cable segment and each ligament piece, and the compliance among them.
Tension, thread and barb stiffness, slip and slack come after, in one small problem: with N = S f the segment
tensions and t the piece forces (t_ref in the scanned state),

    u = -K0^-1 (B N + D (t - t_ref)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, cho_factor, cho_solve

from threadlift.errors import InputError
from threadlift.tissue.grip import AT_NOTHING, FREE, ActiveSet, settle, unit_shares
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
_NO_CHANGE_MM = 1e-9


@dataclass(frozen=True)
class Response:
    """Unit answers of one face to the segments (M) of several threads and to its ligament pieces (L).

    ``surface_mm_per_n`` (n, 3, M + L) is the displacement of the face's vertices, zero outside ``modelled``
    (n,); ``compliance_mm_per_n`` (M + L, M + L) is how much each segment or piece shortens: segments first,
    then pieces, which are described as ``Restraints`` does. The rest describes segments and barbs as
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
    piece_ids: tuple[str, ...]
    piece_stiffness_n_per_mm: Floats
    piece_rest_stretch_mm: Floats

    @property
    def piece_rest_force_n(self) -> Floats:
        """What each piece carries in the scanned state (L,), N."""
        return np.asarray(self.piece_stiffness_n_per_mm * np.maximum(self.piece_rest_stretch_mm, 0.0))

    def flexibility(self, threads: Sequence[CableThread]) -> Floats:
        """A (F + L, F + L): tissue, cable stretch, barb springs and ligament fibres together."""
        axial = np.array([thread.axial_stiffness_n for thread in threads])[self.segment_thread]
        barb = np.array([thread.barb_stiffness_n_per_mm for thread in threads])[self.barb_thread]
        give = np.r_[self.segment_mm / axial, 1 / self.piece_stiffness_n_per_mm]
        inner = self.compliance_mm_per_n + np.diag(give)
        collect = self._collect_all()
        own = np.r_[1 / barb, np.zeros(len(self.piece_ids))]
        return np.asarray(collect.T @ inner @ collect + np.diag(own))

    def rest_stretch(self) -> Floats:
        """q (F + L,): stretch without any barb or piece force, from the weight that the pieces carry now."""
        segments = len(self.segment_mm)
        from_weight = self.compliance_mm_per_n[:, segments:] @ self.piece_rest_force_n
        from_weight[segments:] += self.piece_rest_stretch_mm
        return np.asarray(self._collect_all().T @ from_weight)

    def _collect_all(self) -> Floats:
        """S for the barbs, 1 for each piece: (M + L, F + L)."""
        return np.asarray(block_diag(self.collect, np.eye(len(self.piece_ids))))

    def linearise(self, piece_stiffness_n_per_mm: Floats) -> Response:
        """The same with its pieces as two-way springs of given stiffness (L,), N/mm; 0 takes one away.

        Woodbury on the columns at hand: with E = C_DD + 1 / k over the pieces kept,

            C = C_BB - C_BD E^-1 C_DB,   the same for the surface.

        The stiffness of the taut pieces, and 0 for the slack ones, gives the tangent at some state;
        ``Pull.secant_stiffness_n_per_mm`` the linear model that gives the same lift as that pull.
        """
        kept = np.flatnonzero(piece_stiffness_n_per_mm)
        segments = len(self.segment_mm)
        rows = segments + kept
        held = self.compliance_mm_per_n[np.ix_(rows, rows)] + np.diag(1 / piece_stiffness_n_per_mm[kept])
        across = self.compliance_mm_per_n[rows, :segments]
        share = cho_solve(cho_factor(held), across) if len(kept) else across
        surface = self.surface_mm_per_n
        return replace(
            self,
            compliance_mm_per_n=self.compliance_mm_per_n[:segments, :segments] - across.T @ share,
            surface_mm_per_n=surface[..., :segments] - surface[..., rows] @ share.astype(np.float32),
            piece_ids=(),
            piece_stiffness_n_per_mm=np.empty(0),
            piece_rest_stretch_mm=np.empty(0),
        )

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

    def pull(self, threads: Sequence[CableThread], start: ActiveSet | None = None) -> Pull:
        """Tension the threads: barb forces, slip, slack ligaments, pull-in and surface displacement.

        ``start`` is the active set of an earlier pull of these threads: it saves steps, never changes the
        answer. Raises ``InputError`` for threads other than those of this response, or in another order.
        """
        if tuple(thread.id for thread in threads) != self.thread_ids:
            raise InputError("threads do not belong to this response", where="thread response")
        row_thread = np.zeros(int(self.row_of.max()) + 1, dtype=np.int64)
        row_thread[self.row_of] = self.barb_thread
        in_row = np.bincount(self.row_of)
        holding = np.array([thread.holding_force_n for thread in threads])
        capacity = holding[self.barb_thread] / in_row[self.row_of]
        carried = np.minimum(np.array([thread.tension_n for thread in threads]), holding)
        flexibility, stretch = self.flexibility(threads), self.rest_stretch()
        rest = self.piece_rest_force_n
        if start is None:
            start = np.r_[np.full(len(capacity), FREE), np.where(rest > 0, FREE, AT_NOTHING)]
        settled = settle(flexibility, stretch, self.row_of, carried[row_thread], capacity, start)
        force, piece = np.split(settled.force_n, [len(capacity)])
        tension = self.collect @ force
        travel = (flexibility @ settled.force_n - stretch)[: len(capacity)]
        change = self._piece_change(tension, piece)
        return Pull(
            displacement_mm=self._move(np.r_[tension, piece - rest]),
            segment_tension_n=tension,
            barb_force_n=force,
            barb_slips=(force >= capacity * (1 - 1e-6)) & (force > 0),
            carried_n=carried,
            pull_in_mm=self._pull_in(threads, travel, force),
            piece_force_n=piece,
            piece_change_mm=change,
            secant_stiffness_n_per_mm=self._secant(piece, change),
            active=settled.active,
        )

    def unit_moves(self, threads: Sequence[CableThread], loose: Mask) -> Floats:
        """Surface displacement (k, n, 3) for 1 N in each thread, of a response without one-way pieces.

        Barbs (F,) that are ``loose`` hold nothing; no barb slips or lets go. Raises ``ValueError`` while
        there are pieces: ``linearise`` first.
        """
        if self.piece_ids:
            raise ValueError("one-way pieces have no unit response")
        shares = unit_shares(self.flexibility(threads), self.row_of, loose)
        of_thread = np.zeros((shares.shape[1], len(threads)))
        of_thread[self.row_of, self.barb_thread] = 1.0
        return np.moveaxis(self._move(self.collect @ shares @ of_thread), 2, 0)

    def _move(self, force_n: Floats) -> Floats:
        """Surface displacement (n, 3, ...) for forces in segments and pieces (M + L, ...)."""
        return np.asarray(self.surface_mm_per_n.astype(np.float64) @ force_n)

    def _piece_change(self, tension: Floats, piece: Floats) -> Floats:
        """By how much each piece is stretched more than in the scanned state (L,), mm: D^T u."""
        force = np.r_[tension, piece - self.piece_rest_force_n]
        return np.asarray(-self.compliance_mm_per_n[len(tension) :] @ force)

    def _secant(self, piece: Floats, change_mm: Floats) -> Floats:
        """Change of force over change of stretch (L,): between 0 (slack all along) and k (taut all along)."""
        stiffness = self.piece_stiffness_n_per_mm
        moved = np.abs(change_mm) > _NO_CHANGE_MM
        secant = np.where(piece > 0, stiffness, 0.0)
        secant[moved] = (piece - self.piece_rest_force_n)[moved] / change_mm[moved]
        return np.asarray(np.clip(secant, 0.0, stiffness))

    def _pull_in(self, threads: Sequence[CableThread], travel_mm: Floats, force: Floats) -> Floats:
        """Thread drawn out (fixed) or taken up between its two holds (floating), mm: (k,).

        The travel is the same for all barbs of a row that neither slip nor hang loose, and less for those
        that slip.
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
    thread.

    Of each ligament piece (L,): the force that it carries now, the change of its stretch from the scanned
    state, and the secant stiffness, change of force over change of stretch. ``active`` may start a similar
    pull.
    """

    displacement_mm: Floats
    segment_tension_n: Floats
    barb_force_n: Floats
    barb_slips: Mask
    carried_n: Floats
    pull_in_mm: Floats
    piece_force_n: Floats
    piece_change_mm: Floats
    secant_stiffness_n_per_mm: Floats
    active: ActiveSet


def join_responses(parts: Sequence[Response]) -> Response:
    """Responses of separate pieces of the same face (left and right half) as one, without coupling between
    them."""
    threads = np.cumsum([0] + [len(part.thread_ids) for part in parts])
    segments = np.cumsum([0] + [len(part.segment_mm) for part in parts])
    rows = np.cumsum([0] + [int(part.row_of.max()) + 1 for part in parts])
    columns = np.cumsum([0] + [len(part.compliance_mm_per_n) for part in parts])
    order = np.concatenate(  # all segments before all ligament pieces
        [columns[i] + np.arange(len(part.segment_mm)) for i, part in enumerate(parts)]
        + [np.arange(columns[i] + len(part.segment_mm), columns[i + 1]) for i, part in enumerate(parts)]
    )

    def shifted(name: str, shift: Indices) -> Indices:
        return np.concatenate([getattr(part, name) + shift[i] for i, part in enumerate(parts)])

    def joined(name: str) -> Floats:
        return np.concatenate([getattr(part, name) for part in parts])

    return Response(
        thread_ids=tuple(name for part in parts for name in part.thread_ids),
        modelled=np.logical_or.reduce([part.modelled for part in parts]),
        surface_mm_per_n=np.ascontiguousarray(
            np.concatenate([part.surface_mm_per_n for part in parts], axis=2)[..., order]
        ),
        compliance_mm_per_n=block_diag(*[part.compliance_mm_per_n for part in parts])[np.ix_(order, order)],
        collect=block_diag(*[part.collect for part in parts]),
        segment_mm=joined("segment_mm"),
        segment_thread=shifted("segment_thread", threads),
        barb_thread=shifted("barb_thread", threads),
        row_of=shifted("row_of", rows),
        pulled_segment=shifted("pulled_segment", segments),
        barbs_outside=np.concatenate([part.barbs_outside for part in parts]),
        piece_ids=tuple(name for part in parts for name in part.piece_ids),
        piece_stiffness_n_per_mm=joined("piece_stiffness_n_per_mm"),
        piece_rest_stretch_mm=joined("piece_rest_stretch_mm"),
    )
