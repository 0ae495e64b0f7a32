"""What a prediction hangs on: how much of the spread of the lift each unknown is to blame for.

The logarithm of the sampled lift is fitted by Hermite polynomials of the standard normal unknowns z, which
are independent::

    ln lift = c_0 + sum_i (c_i z_i + c_ii (z_i^2 - 1) / sqrt(2)) + sum_{i<j} c_ij z_i z_j + rest

The polynomials are orthonormal, so variances add up: unknown i alone makes (c_i^2 + c_ii^2) / variance, its
first-order Sobol index, and together with others (its total index) also the c_ij^2. A coefficient that is
only the noise of a finite sample is taken off by its expected square. The samples of the prediction serve;
nothing is computed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.language import Text
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.forecast import HangsOn, Influence
from threadlift.planning.proposal import load_proposal_data
from threadlift.planning.sampling import LiftSamples
from threadlift.tissue.reduced import parameter_names

Values = NDArray[np.float64]
_PAIRED = 8  # so many of the unknowns that count most may also act in pairs
_SURPLUS = 2  # samples for each coefficient


@dataclass(frozen=True)
class Indices:
    """Sobol indices: shares (0 to 1) of the variance by unknown, alone and with all its company.

    ``rest`` is what no unknown of the list explains.
    """

    first: Mapping[str, float]
    total: Mapping[str, float]
    rest: float


def rank_unknowns(drawn: LiftSamples, goals: Sequence[str], months: Sequence[float]) -> tuple[HangsOn, ...]:
    """The ranking at the places of ``goals``, for those of the asked ``months`` that it is told for.

    The mean over these places; over the places that move most where no goal names one. Nothing for fewer
    samples than it needs.
    """
    about = load_assumptions().spreads["ranking"]
    columns = _places(drawn, goals, about["least_share"])
    if len(drawn.study_effect) < samples_needed(len(drawn.drivers)) or not columns:
        return ()
    names = {**parameter_names(), **load_assumptions().drivers}
    found = []
    for month in about["months"]:
        if month in months:
            held = np.log(np.maximum(drawn.held_mm([month])[:, 0], about["least_mm"]))
            each = [
                sobol_from_samples(
                    {
                        name: values if values.ndim == 1 else values[:, column]
                        for name, values in drawn.drivers.items()
                        if month > 0 or name != "study"
                    },
                    held[:, column],
                )
                for column in columns
            ]
            found.append(_tell(month, [drawn.landmarks[column] for column in columns], each, names))
    return tuple(found)


def _places(drawn: LiftSamples, goals: Sequence[str], least_share: float) -> list[int]:
    """Columns of the landmarks that the goals are read at, else of those that move most."""
    now = np.median(drawn.held_mm([0.0])[:, 0], axis=0)
    moved = {name: now[i] >= least_share * now.max(initial=0.0) for i, name in enumerate(drawn.landmarks)}
    wished = {load_proposal_data().goals[goal].place for goal in goals if goal in load_proposal_data().goals}
    named = [i for i, name in enumerate(drawn.landmarks) if moved[name] and name.rsplit("_", 1)[0] in wished]
    return named or [i for i, name in enumerate(drawn.landmarks) if moved[name]]


def _tell(
    month: float, landmarks: Sequence[str], each: Sequence[Indices], names: Mapping[str, Text]
) -> HangsOn:
    alone = {name: float(np.mean([one.first[name] for one in each])) for name in each[0].first}
    in_all = {name: float(np.mean([one.total[name] for one in each])) for name in alone}
    order = sorted(alone, key=lambda name: -in_all[name])
    return HangsOn(
        month=month,
        landmarks=tuple(landmarks),
        influences=tuple(
            Influence(id=name, name=names[name], alone=round(alone[name], 3), in_all=round(in_all[name], 3))
            for name in order
        ),
        rest=round(float(np.mean([one.rest for one in each])), 3),
    )


def samples_needed(unknowns: int) -> int:
    """Fewest samples from which so many unknowns can be ranked."""
    paired = min(_PAIRED, unknowns)
    return _SURPLUS * (1 + 2 * unknowns + paired * (paired - 1) // 2)


def sobol_from_samples(drivers: Mapping[str, Values], values: Values) -> Indices:
    """Indices of ``values`` (N,) from independent standard normal ``drivers`` (N,) each.

    Raises ``InputError`` for too few samples.
    """
    names = list(drivers)
    z = np.column_stack([drivers[name] for name in names])
    alone = np.column_stack([z, (z**2 - 1) / np.sqrt(2)])
    pairs_wanted = min(_PAIRED, len(names))
    if len(values) < samples_needed(len(names)):
        raise InputError(
            f"{len(values)} samples are too few to rank {len(names)} unknowns",
            where="samples",
            remedy=f"Take at least {samples_needed(len(names))}.",
        )
    ones = np.ones((len(values), 1))
    guess = np.linalg.lstsq(np.column_stack([ones, alone]), values, rcond=None)[0][1:]
    size = len(names)
    strength = guess[:size] ** 2 + guess[size:] ** 2
    strong = np.sort(np.argsort(-strength, kind="stable")[:pairs_wanted])
    pairs = [(int(i), int(j)) for k, i in enumerate(strong) for j in strong[k + 1 :]]
    together = np.column_stack([z[:, i] * z[:, j] for i, j in pairs]) if pairs else ones[:, :0]
    design = np.column_stack([ones, alone, together])
    coefficient = np.linalg.lstsq(design, values, rcond=None)[0]
    left = values - design @ coefficient
    variance = float(values.var())
    noise = float(left @ left) / (len(values) - design.shape[1]) / len(values)
    share = np.maximum(coefficient[1:] ** 2 - noise, 0.0) / max(variance, 1e-300)
    first = share[:size] + share[size : 2 * size]
    total = first.copy()
    for (i, j), both in zip(pairs, share[2 * size :], strict=True):
        total[i] += both
        total[j] += both
    return Indices(
        first=dict(zip(names, map(float, first), strict=True)),
        total=dict(zip(names, map(float, total), strict=True)),
        rest=float(np.clip(1 - share.sum(), 0.0, 1.0)),
    )
