"""The stack of layers at places on the skin, and the depths at which each tissue plane lies there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from threadlift.anatomy.plane import Plane

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Layering:
    """Layer thickness in mm with one standard deviation each, at k places (arrays (k,)).

    ``deep_fascia_share`` says how far down the deep layer the deep fascia or periosteum begins;
    ``subdermal_share`` and ``supra_smas_share`` are the parts of the superficial fat that count as those
    planes.
    """

    skin_mm: Numbers
    superficial_fat_mm: Numbers
    smas_mm: Numbers
    deep_mm: Numbers
    skin_sd_mm: Numbers
    superficial_fat_sd_mm: Numbers
    smas_sd_mm: Numbers
    deep_sd_mm: Numbers
    deep_fascia_share: Numbers
    subdermal_share: float
    supra_smas_share: float

    @property
    def total_mm(self) -> Numbers:
        """Depth of the bone, the fascia or the mouth under each place."""
        return self.skin_mm + self.superficial_fat_mm + self.smas_mm + self.deep_mm

    @property
    def smas_top_mm(self) -> Numbers:
        """Depth of the SMAS (temple: temporoparietal fascia; neck: platysma)."""
        return self.skin_mm + self.superficial_fat_mm

    @property
    def bottoms_mm(self) -> Numbers:
        """Depth at which each of the seven planes ends, (7, k), from shallow to deep."""
        fat, smas_top = self.superficial_fat_mm, self.smas_top_mm
        smas_bottom = smas_top + self.smas_mm
        return np.stack(
            [
                self.skin_mm,
                self.skin_mm + self.subdermal_share * fat,
                smas_top - self.supra_smas_share * fat,
                smas_top,
                smas_bottom,
                smas_bottom + self.deep_fascia_share * self.deep_mm,
                self.total_mm,
            ]
        )

    @property
    def bottom_sd_mm(self) -> Numbers:
        """Standard deviation of each of those depths, (7, k); layers vary independently."""
        skin, fat = self.skin_sd_mm**2, self.superficial_fat_sd_mm**2
        smas, deep = self.smas_sd_mm**2, self.deep_sd_mm**2
        above_smas = (1.0 - self.supra_smas_share) ** 2
        return np.sqrt(
            np.stack(
                [
                    skin,
                    skin + self.subdermal_share**2 * fat,
                    skin + above_smas * fat,
                    skin + fat,
                    skin + fat + smas,
                    skin + fat + smas + self.deep_fascia_share**2 * deep,
                    skin + fat + smas + deep,
                ]
            )
        )

    def plane_depth(self, plane: Plane) -> tuple[Numbers, Numbers]:
        """Depth in mm from which and to which ``plane`` reaches at each place."""
        bottoms = self.bottoms_mm
        top = bottoms[plane.order - 1] if plane.order else np.zeros_like(bottoms[0])
        return top, bottoms[plane.order]

    def nominal_depth(self, plane: Plane) -> Numbers:
        """Depth in mm at which a thread of ``plane`` is taken to run: its middle; the deep fascia: its
        top.
        """
        top, bottom = self.plane_depth(plane)
        return top if plane is Plane.DEEP_FASCIA else (top + bottom) / 2.0

    def plane_at(self, depth_mm: ArrayLike) -> NDArray[np.int64]:
        """Order (k,) of the plane at ``depth_mm`` (k,); on a border the deeper one; 7 = deeper than the
        tissue.
        """
        reached = np.asarray(depth_mm, dtype=np.float64)[None, :] >= self.bottoms_mm
        order: NDArray[np.int64] = reached.sum(axis=0).astype(np.int64)
        return order

    def planes_possible(self, depth_mm: ArrayLike, sigmas: float) -> NDArray[np.bool_]:
        """(7, k): may ``depth_mm`` lie in that plane when every border may be off by ``sigmas``
        deviations?
        """
        depth = np.asarray(depth_mm, dtype=np.float64)[None, :]
        bottoms, doubt = self.bottoms_mm, sigmas * self.bottom_sd_mm
        above_bottom = depth <= bottoms + doubt
        above_bottom[-1] = True
        below_top = np.ones_like(above_bottom)
        below_top[1:] = depth >= (bottoms - doubt)[:-1]
        return above_bottom & below_top
