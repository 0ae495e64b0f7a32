"""Conversions at the edges. Inside, everything is mm, N, s and hence MPa (N/mm2)."""

from __future__ import annotations

MPA_PER_KPA = 1e-3
N_PER_KGF = 9.80665
MM_PER_UNIT = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4}


def mpa_from_kpa(stiffness_kpa: float) -> float:
    """Stiffness in MPa from kPa, the unit in which tissue values are quoted."""
    return stiffness_kpa * MPA_PER_KPA


def n_from_kgf(force_kgf: float) -> float:
    """Force in N from kilogram-force."""
    return force_kgf * N_PER_KGF
