"""How much of the lift is left after some months: thread strength, anchorage, collagen, and their spread.

Time in weeks, all states dimensionless, t = 0 is the day of the procedure. For every sample of parameters:

    S = exp(-(t/lambda_S)^beta_S)            strength of the thread;  M likewise for its mass
    f = S (1 + s) / (S + s)                  share of the load that it still carries (working load is small)
    A = 1 - sum_i phi_i (1 - exp(-t/tau_i))  anchorage: settling, barbs cutting through, slow creep
    I = (t/tau) exp(1 - t/tau) + eta M       stimulus;  C3, C1 early and mature collagen
    H = f A + gamma (C1 + 0.3 C3)            support
    dR/dt = -max(0, R - H (1 + rho)/(H + rho)) / tau_R,  R(0) = 1

R is the retained share: it never rises. Between studies lies more spread than between parameters: a normal
effect on logit R, one draw a sample. Nothing past 24 months; nothing for threads that are not absorbed. Not
validated in people. Source: the model of the evidence review; the parameters and their standing are in
``data/retention.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.files import load_data
from threadlift.frozen import Frozen

Anchoring = Literal["fixed", "floating", "unspecified"]
Values = NDArray[np.float64]

WEEKS_PER_MONTH = 365.25 / 12 / 7
STEP_WK = 0.5  # Runge-Kutta step; the fastest state has a time constant of a week
EARLY_COLLAGEN_WEIGHT = 0.3
MAX_SAMPLES = 10_000


class RetentionCurve(Frozen):
    """Retained share of the lift at each month: nominal without, bands with the spread between studies.

    ``measured[i]``: were millimetres of lift of this material ever measured as late as that month?
    """

    material: str
    anchoring: Anchoring
    months: tuple[float, ...]
    nominal: tuple[float, ...]
    low10: tuple[float, ...]
    median: tuple[float, ...]
    high90: tuple[float, ...]
    measured: tuple[bool, ...]
    extrapolated: tuple[bool, ...]
    samples: int
    seed: int
    sources: tuple[str, ...]


def retention(
    material: str, anchoring: Anchoring, months: Sequence[float], *, samples: int = 400, seed: int
) -> RetentionCurve:
    """Retained share of the lift of one material at ``months`` (ascending, 0 to 24), with an 80 % band.

    Raises ``InputError`` for a month outside 0 to 24, months out of order, and a material that is not
    absorbed or not known: for those no claim is made.
    """
    drawn = sample_retention(material, anchoring, months, samples=samples, seed=seed)
    low, median, high = np.quantile(drawn, [0.1, 0.5, 0.9], axis=0)
    entry = _entry(material)
    weeks = np.asarray(months) * WEEKS_PER_MONTH
    last_measured = max(entry["measured_mm_weeks"], default=-1.0)
    return RetentionCurve(
        material=material,
        anchoring=anchoring,
        months=tuple(float(month) for month in months),
        nominal=tuple(nominal_retention(material, anchoring, weeks).tolist()),
        low10=tuple(low.tolist()),
        median=tuple(median.tolist()),
        high90=tuple(high.tolist()),
        measured=tuple(bool(week <= last_measured) for week in weeks),
        extrapolated=tuple(bool(month > entry["extrapolated_from_months"]) for month in months),
        samples=samples,
        seed=seed,
        sources=tuple(entry["sources"]),
    )


def sample_retention(
    material: str,
    anchoring: Anchoring,
    months: Sequence[float],
    *,
    samples: int,
    seed: int,
    study_effect: Values | None = None,
) -> Values:
    """Retained share (samples, months) with parameters drawn evenly from their ranges and the study effect.

    ``study_effect`` (samples,) in standard deviations lets several threads share one draw; default: drawn.
    """
    weeks = _check_months(months) * WEEKS_PER_MONTH
    if not 2 <= samples <= MAX_SAMPLES:
        raise InputError(f"samples must be 2 to {MAX_SAMPLES}", where="samples")
    rng = np.random.default_rng(seed)
    drawn = {
        name: rng.uniform(low, high, samples) for name, (_, low, high) in _ranges(material, anchoring).items()
    }
    effect = rng.standard_normal(samples) if study_effect is None else study_effect
    return shift_logit(_integrate(drawn, weeks), effect[:, None] * study_logit_sd())


def nominal_retention(material: str, anchoring: Anchoring, weeks: Values) -> Values:
    """R at ``weeks`` (ascending) with every parameter at its nominal value and no study effect."""
    values = {name: np.array([value]) for name, (value, _, _) in _ranges(material, anchoring).items()}
    shares = _integrate(values, np.asarray(weeks, dtype=float))
    return np.asarray(shares[0], dtype=float)


def sample_parameter_band(
    material: str, anchoring: Anchoring, weeks: Values, *, samples: int, seed: int
) -> tuple[Values, Values]:
    """10th and 90th percentile of R from the parameters alone: what one study would show."""
    rng = np.random.default_rng(seed)
    drawn = {
        name: rng.uniform(low, high, samples) for name, (_, low, high) in _ranges(material, anchoring).items()
    }
    shares = _integrate(drawn, weeks)
    return np.quantile(shares, 0.1, axis=0), np.quantile(shares, 0.9, axis=0)


def shift_logit(share: Values, shift: Values) -> Values:
    """``share`` moved by ``shift`` on the logit scale; 0 and 1 stay where they are."""
    grown = share * np.exp(shift)
    return np.asarray(grown / (1 - share + grown), dtype=float)


def study_logit_sd() -> float:
    """Standard deviation of the effect between studies, on logit R."""
    return float(_data()["retention_spread"][0]["logit_sd"])


def last_month() -> float:
    """The last month for which anything is predicted."""
    return float(_data()["retention_horizon"][0]["last_month"])


def _check_months(months: Sequence[float]) -> Values:
    values = np.asarray(months, dtype=float)
    if values.ndim != 1 or values.size == 0 or not np.all(np.isfinite(values)):
        raise InputError("months must be a list of numbers", where="months")
    if values.min() < 0 or values.max() > last_month():
        raise InputError(
            f"months must lie between 0 and {last_month():.0f}",
            where="months",
            remedy="No outcome of an absorbable thread was measured later, so nothing is claimed.",
        )
    if np.any(np.diff(values) <= 0):
        raise InputError("months must ascend without repeats", where="months")
    return values


@cache
def _data() -> Mapping[str, Any]:
    return load_data("threadlift.threads", "retention.toml")


def _entry(material: str) -> Mapping[str, Any]:
    for entry in _data()["retention_material"]:
        if entry["material"] == material:
            return dict(entry)
    raise InputError(
        f"no retention is claimed for material {material[:60]!r}",
        where="material",
        remedy="Only absorbable materials are predicted: "
        + ", ".join(entry["material"] for entry in _data()["retention_material"])
        + ".",
    )


def _ranges(material: str, anchoring: Anchoring) -> dict[str, tuple[float, float, float]]:
    by_class = {entry["anchoring"]: entry for entry in _data()["retention_anchoring"]}
    if anchoring not in by_class:
        raise InputError(f"anchoring must be one of {', '.join(by_class)}", where="anchoring")
    tables = (_entry(material), _data()["retention_common"][0], by_class[anchoring])
    return {
        name: (value[0], value[1], value[2])
        for table in tables
        for name, value in table.items()
        if isinstance(value, list) and len(value) == 3 and name != "sources"
    }


def _integrate(p: Mapping[str, Values], weeks: Values) -> Values:
    """R (samples, times) at ``weeks``: classical Runge-Kutta on an even grid, read off by interpolation."""
    last = float(weeks[-1])
    steps = max(1, int(np.ceil(last / STEP_WK)))
    drive = _drive(p, np.linspace(0.0, last, 2 * steps + 1))
    h = last / steps
    state = np.zeros((3, p["recoil_ratio"].size))
    state[0] = 1.0
    course = [state[0]]
    for index in range(steps):
        start, middle, end = drive[2 * index], drive[2 * index + 1], drive[2 * index + 2]
        k1 = _slope(p, start, state)
        k2 = _slope(p, middle, state + h / 2 * k1)
        k3 = _slope(p, middle, state + h / 2 * k2)
        k4 = _slope(p, end, state + h * k3)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        course.append(state[0])
    place = weeks / h if h > 0 else np.zeros_like(weeks)
    before = np.minimum(place.astype(int), steps - 1)
    share = (place - before)[:, None]
    grid = np.array(course)
    read = (1 - share) * grid[before] + share * grid[before + 1]
    return np.asarray(np.clip(read.T, 0.0, 1.0), dtype=float)


def _drive(p: Mapping[str, Values], weeks: Values) -> Values:
    """Support by the thread and stimulus at times (t,), which do not depend on the state: (t, 2, samples)."""
    t = weeks[:, None]
    strength = np.exp(-((t / p["strength_lambda_wk"]) ** p["strength_beta"]))
    mass = np.exp(-((t / p["mass_lambda_wk"]) ** p["mass_beta"]))
    half = p["strength_half_saturation"]
    load_share = strength * (1 + half) / (strength + half)
    anchorage = (
        1
        - p["settling_share"] * (1 - np.exp(-t / p["settling_tau_wk"]))
        - p["cut_through_share"] * (1 - np.exp(-t / p["cut_through_tau_wk"]))
        - p["creep_share"] * (1 - np.exp(-t / p["creep_tau_wk"]))
    )
    relative = t / p["inflammation_tau_wk"]
    stimulus = relative * np.exp(1 - relative) + p["residual_stimulus"] * mass
    return np.stack([load_share * np.maximum(anchorage, 0), stimulus], axis=1)


def _slope(p: Mapping[str, Values], drive: Values, state: Values) -> Values:
    (by_thread, stimulus), (retained, early, mature) = drive, state
    support = by_thread + p["collagen_support"] * (mature + EARLY_COLLAGEN_WEIGHT * early)
    rest = support * (1 + p["recoil_ratio"]) / (support + p["recoil_ratio"])
    turnover = p["collagen_maturation_per_wk"]
    return np.stack(
        [
            -np.maximum(0, retained - rest) / p["relaxation_tau_wk"],
            p["collagen_production_per_wk"] * stimulus * (1 - early - mature)
            - (turnover + p["early_collagen_loss_per_wk"]) * early,
            turnover * early - p["late_collagen_loss_per_wk"] * mature,
        ]
    )
