"""The tissue planes of the face, from shallow to deep."""

from __future__ import annotations

from enum import StrEnum


class Plane(StrEnum):
    """Tissue plane in which a thread runs or a structure lies, from shallow to deep."""

    INTRADERMAL = "intradermal"
    SUBDERMAL = "subdermal"
    SUPERFICIAL_FAT = "superficial_fat"
    SUPRA_SMAS = "supra_smas"  # deep part of the superficial fat, just superficial to the SMAS
    SMAS = "smas"
    SUB_SMAS = "sub_smas"
    DEEP_FASCIA = "deep_fascia"  # on deep temporal fascia or periosteum

    @property
    def order(self) -> int:
        """0 for the shallowest plane, 6 for the deepest."""
        return PLANES.index(self)


PLANES: tuple[Plane, ...] = tuple(Plane)
