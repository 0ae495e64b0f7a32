"""Sums of powers: how a piece of stiffness or load follows the parameters.

    theta(p) = sum_q  c_q  prod_i p_i^{a_qi}        p_i = parameter over its nominal value

so that everything that a reduced model keeps is numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Powers = Mapping[str, float]

SHARE_NODES = (0.0, 0.3, 0.7, 1.0)
THIN, THICK = 0.65, 1.55  # 1.7 standard deviations of a thickness


@dataclass(frozen=True)
class Factor:
    """theta(p) as pairs of coefficient and powers."""

    terms: tuple[tuple[float, Powers], ...]

    @classmethod
    def of(cls, **powers: float) -> Factor:
        """One product of powers."""
        return cls(((1.0, powers),))

    def times(self, other: Factor) -> Factor:
        """The product of two."""
        return Factor(
            tuple(
                (c * d, {name: p.get(name, 0.0) + q.get(name, 0.0) for name in {**p, **q}})
                for c, p in self.terms
                for d, q in other.terms
            )
        )

    @property
    def nominal(self) -> float:
        """Its value where every parameter is nominal."""
        return sum(coefficient for coefficient, _ in self.terms)

    def slope(self, name: str) -> float:
        """Derivative by ln p_name where every parameter is nominal."""
        return sum(coefficient * powers.get(name, 0.0) for coefficient, powers in self.terms)


def mixture(first: str, second: str | None) -> tuple[Factor, ...]:
    """Factors of the parts at ``SHARE_NODES`` of a logarithmic mixture f_1^(1-a) f_2^a of two parameters."""
    if second is None:
        return (Factor.of(**{first: 1.0}),)
    return tuple(Factor.of(**{first: 1 - node, second: node}) for node in SHARE_NODES)


def share_weights(share: Floats) -> Floats:
    """Weights (nodes, m) of shares (m,) that interpolate a smooth function of the share between the nodes.

    Exact at shares of 0 and 1, and for cubics; adds up to 1.
    """
    weight = np.ones((len(SHARE_NODES), len(share)))
    for j, here in enumerate(SHARE_NODES):
        for k, there in enumerate(SHARE_NODES):
            if j != k:
                weight[j] *= (share - there) / (here - there)
    return weight


def thickness_functions(name: str) -> tuple[Factor, Factor]:
    """Functions of a thickness factor s that are 1 at THIN (at THICK), 0 at the other and at 1.

    They lie in the span of s, 1 and 1/s, by which stretching along a layer, mixed terms and shear through it
    go with its thickness.
    """
    inverse = np.linalg.inv(np.array([[s, 1.0, 1 / s] for s in (THIN, 1.0, THICK)]))
    thin, thick = (
        Factor(
            tuple((float(c), {name: power}) for c, power in zip(inverse[:, k], (1.0, 0.0, -1.0), strict=True))
        )
        for k in (0, 2)
    )
    return thin, thick


def linear_function(name: str) -> Factor:
    """The function of a thickness factor s that is 0 at 1 and 1 at THICK."""
    step = 1 / (THICK - 1)
    return Factor(((step, {name: 1.0}), (-step, {})))


class Collected:
    """Arrays that enter with factors, added up by power."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._sum: dict[tuple[float, ...], Floats] = {}

    def add(self, factor: Factor, array: Floats) -> None:
        """Add theta(p) x array."""
        for coefficient, powers in factor.terms:
            unknown = set(powers) - set(self._names)
            if unknown:
                raise KeyError(sorted(unknown)[0])
            key = tuple(powers.get(name, 0.0) for name in self._names)
            self._sum[key] = self._sum.get(key, 0.0) + coefficient * array

    def nominal(self) -> Floats:
        """The sum where every parameter is nominal."""
        return np.asarray(sum(self._sum.values()))

    def stacked(self) -> tuple[Floats, Floats]:
        """Powers (q, parameters) and arrays (q, ...)."""
        return np.array(list(self._sum)), np.array(list(self._sum.values()))
