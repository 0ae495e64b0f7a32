"""A face that answers a moving thread at once: its whole factorisation, kept and read as it lies on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.anatomy import Anatomy
from threadlift.errors import ThreadliftError
from threadlift.tissue.cable import CableGeometry, build_cables, join_cables
from threadlift.tissue.domain import Extent
from threadlift.tissue.live.dissection import column_graph, dissect
from threadlift.tissue.live.face import LiveFace
from threadlift.tissue.live.operators import (
    Operators,
    bytes_needed,
    eliminate,
    elimination_order,
    make_patches,
)
from threadlift.tissue.live.store import live_key, load_live, store_live
from threadlift.tissue.live.sweep import Gathered, Risen, Sweep
from threadlift.tissue.memory import require_bytes
from threadlift.tissue.mesh import LEVELS, SKIN_LEVEL, TissueMesh
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.part import TissuePart, build_part, layered_mesh
from threadlift.tissue.response import Response
from threadlift.tissue.spreading import Spreading
from threadlift.tissue.thread import CableThread

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]
Indices = NDArray[np.int64]
Precision = Literal["float32", "float64"]
Progress = Callable[[float], None]
Cancel = Callable[[], bool]


class CancelledError(ThreadliftError):
    """The computation was stopped on request; nothing was written."""

    code = "threadlift.cancelled"


@dataclass(frozen=True, eq=False)
class LiveCable:
    """One thread in the tissue: its segments and barbs, and what its segments do on the way to the root."""

    geometry: CableGeometry
    risen: Risen


class LiveResponse:
    """Answers threads anywhere on one face (or half), without a solver. Get one by ``open``."""

    def __init__(
        self, face: LiveFace, mesh: TissueMesh, spreading: Spreading, radius_mm: float, vertex_count: int
    ) -> None:
        self.face = face
        self._spreading = spreading
        self._radius_mm = radius_mm
        self.source, self.vertex_count = mesh.source, vertex_count
        skin = 3 * mesh.level(SKIN_LEVEL)[:, None] + np.arange(3)
        self.sweep = Sweep(face.operators, face.rank[skin.ravel()])
        self.pieces = self._rise(face.restraints.coupling)

    @classmethod
    def open(
        cls,
        anatomy: Anatomy,
        parameters: TissueParameters,
        folder: Path | None,
        *,
        extent: Extent = "full",
        precision: Precision = "float32",
        progress: Progress = lambda share: None,
        cancel: Cancel = lambda: False,
    ) -> LiveResponse:
        """The response of a face from ``folder``, without a solver when it is there; else see ``of_part``."""
        key = live_key(anatomy, parameters, extent)
        found = load_live(folder, key, precision) if folder else None
        if found is None:
            part = build_part(anatomy, parameters, extent)
            return cls.of_part(part, key, folder, precision=precision, progress=progress, cancel=cancel)
        mesh = layered_mesh(anatomy, parameters, extent)
        spreading = Spreading(mesh.nodes_mm, mesh.wedges)
        progress(1.0)
        return cls(found, mesh, spreading, parameters.barb_ball_radius, len(anatomy.face.vertices_mm))

    @classmethod
    def of_part(
        cls,
        part: TissuePart,
        key: str,
        folder: Path | None,
        *,
        precision: Precision = "float32",
        progress: Progress = lambda share: None,
        cancel: Cancel = lambda: False,
    ) -> LiveResponse:
        """The response of ``part`` from ``folder``, or computed and stored there.

        ``key`` is a hash of all that the part was made of (``live_key``). A file that is damaged, cut short
        or of another face is not used. A folder that cannot be written to leaves the response in memory.
        Raises ``CancelledError`` when ``cancel`` says so; ``progress`` is told the share done.
        """
        found = load_live(folder, key, precision) if folder else None
        if found is None:
            face = compute_live(part, precision, progress, cancel)
            found = (store_live(folder, key, precision, face) if folder else None) or face
        progress(1.0)
        return cls(found, part.mesh, part.spreading, part.ball_radius_mm, part.vertex_count)

    def cable(self, thread: CableThread) -> LiveCable:
        """Lay a thread into the tissue. Raises ``InputError`` for one that runs outside of it."""
        geometry = build_cables([thread], self._spreading, self._radius_mm)
        return LiveCable(geometry, self._rise(geometry.coupling))

    def skin_mm(self, risen: Risen, force_n: Floats) -> Reals:
        """Motion (s, j) of the skin's unknowns for combinations (k, j) of the forces of a cable."""
        return -self.sweep.fall(risen, force_n)

    def on_face(self, skin_mm: Reals) -> Reals:
        """Motion (s, ...) of the skin's unknowns as motion (n, 3, ...) of the face's vertices."""
        face = np.zeros((self.vertex_count, 3, *skin_mm.shape[1:]), dtype=skin_mm.dtype)
        face[self.source] = skin_mm.reshape(-1, 3, *skin_mm.shape[1:])
        return face

    def response(self, threads: Sequence[CableThread]) -> Response:
        """The same as ``TissuePart.respond``."""
        cables = [self.cable(thread) for thread in threads]
        geometry = join_cables([cable.geometry for cable in cables])
        risen = [*(cable.risen for cable in cables), self.pieces]
        gathered = Gathered.of(risen)
        compliance = np.vstack([one.compliance(gathered) for one in risen])
        skin = [self.skin_mm(one, np.eye(one.count)) for one in risen[:-1]]
        surface = np.concatenate([*skin, self.face.piece_skin], axis=1)
        modelled = np.zeros(self.vertex_count, dtype=bool)
        modelled[self.source] = True
        return Response(
            thread_ids=tuple(thread.id for thread in threads),
            modelled=modelled,
            surface_mm_per_n=self.on_face(surface).astype(np.float32),
            compliance_mm_per_n=(compliance + compliance.T) / 2,
            collect=geometry.collect,
            segment_mm=geometry.segment_mm,
            segment_thread=geometry.segment_thread,
            barb_thread=geometry.barb_thread,
            row_of=geometry.row_of,
            pulled_segment=geometry.pulled_segment,
            barbs_outside=geometry.barbs_outside,
            piece_ids=self.face.restraints.ids,
            piece_stiffness_n_per_mm=self.face.restraints.stiffness_n_per_mm,
            piece_rest_stretch_mm=self.face.restraints.rest_stretch_mm,
        )

    def _rise(self, coupling: sparse.csc_array) -> Risen:
        rows = np.unique(coupling.indices)
        local = sparse.csc_array(
            (coupling.data, np.searchsorted(rows, coupling.indices), coupling.indptr),
            shape=(len(rows), coupling.shape[1]),
        )
        return self.sweep.rise(self.face.rank[rows], local.toarray())


def compute_live(
    part: TissuePart,
    precision: Precision,
    progress: Progress = lambda share: None,
    cancel: Cancel = lambda: False,
) -> LiveFace:
    """Dissect and eliminate the stiffness of ``part``; see ``LiveResponse.of_part`` for the callbacks."""
    columns, matrix = part.mesh.columns, part.factorisation.matrix
    column_of = np.arange(matrix.shape[0]) // 3 % columns
    fronts = dissect(column_graph(matrix, column_of), part.mesh.surface_mm)
    kind = np.float32 if precision == "float32" else np.float64
    require_bytes(bytes_needed(fronts, 3 * LEVELS, kind), matrix.shape[0])
    order = elimination_order(fronts, lambda of: _column_unknowns(of, columns))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))

    def step(done: int, total: int) -> None:
        if cancel():
            raise CancelledError("the live response was cancelled")
        progress(0.9 * done / total)

    operators = eliminate(
        sparse.csr_array(matrix[order][:, order]),
        fronts,
        lambda of: rank[_column_unknowns(of, columns)],
        kind,
        step,
    )
    patches = make_patches(fronts, operators, order // 3 // columns == SKIN_LEVEL)
    if cancel():
        raise CancelledError("the live response was cancelled")
    face = Operators(operators, patches, len(order))
    return LiveFace(face, rank, part.restraints, *_piece_answers(part, face.dtype))


def _column_unknowns(columns: Indices, count: int) -> Indices:
    """Unknowns of ``columns``, column by column, of a mesh with ``count`` columns."""
    nodes = np.arange(LEVELS) * count + columns[:, None]
    return np.asarray((3 * nodes[:, :, None] + np.arange(3)).ravel())


def _piece_answers(part: TissuePart, dtype: np.dtype[np.floating]) -> tuple[Reals, Floats]:
    """Motion of the skin (s, L) for 1 N in each ligament piece, and their compliance."""
    skin: Reals = part.pieces.skin_mm_per_n
    if dtype == np.float64 and len(part.restraints):  # the part keeps single precision
        moved = part.factorisation.solve(-part.restraints.coupling.toarray())
        skin = part.skin(moved)
    return skin.reshape(3 * len(skin), -1 if skin.size else 0).astype(dtype), part.pieces.compliance_mm_per_n
