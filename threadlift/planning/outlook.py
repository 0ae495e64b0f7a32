"""What the samples of a prediction say: bands and odds by landmark, month and thread, beside studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.face.face import Side
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.comparison import compare_with_studies
from threadlift.planning.forecast import (
    Band,
    Grade,
    GradeOdds,
    LandmarkPrediction,
    MonthPrediction,
    ThreadPrediction,
)
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.ranking import rank_unknowns
from threadlift.planning.sampling import LiftSamples
from threadlift.threads import Catalogue, RetentionCurve, retention
from threadlift.tissue import Lift

Values = NDArray[np.float64]


def tell_lift(
    drawn: LiftSamples,
    plan: Plan,
    threads: Sequence[PlannedThread],
    lift: Lift,
    worded: set[str],
    months: Sequence[float],
    catalogue: Catalogue,
) -> dict[str, Any]:
    """The parts of a prediction that come from its samples; places in ``worded`` get no millimetres."""
    samples, seed = len(drawn.study_effect), drawn.seed
    curves = _retention_curves(threads, months, catalogue, samples, seed)
    landmarks = _landmarks(drawn, lift, curves, months, worded)
    in_mm = any(entry.form == "mm" for entry in landmarks)
    return {
        "landmarks": landmarks,
        "threads": _threads(threads, drawn, catalogue),
        "retention": curves,
        "comparisons": compare_with_studies(drawn, samples, seed, in_mm=in_mm),
        "hangs_on": rank_unknowns(drawn, plan.goals, months),
    }


def _landmarks(
    drawn: LiftSamples,
    lift: Lift,
    curves: Sequence[RetentionCurve],
    months: Sequence[float],
    worded: set[str],
) -> tuple[LandmarkPrediction, ...]:
    held, change = drawn.held_mm(months), drawn.change_mm(months)
    nominal = {point.landmark: point.total_mm for point in lift.points}
    found = []
    for column, name in enumerate(drawn.landmarks):
        side: Side = "left" if name.endswith("_l") else "right" if name.endswith("_r") else "midline"
        in_mm = name not in worded
        rows = tuple(
            MonthPrediction(
                month=month,
                held_mm=band_of(held[:, row, column]) if in_mm else None,
                change_mm=band_of(change[:, row, column]) if in_mm else None,
                odds_visible=_share(change[:, row, column] >= drawn.threshold_mm),
                grade=_grade(change[:, row, column], drawn.threshold_mm),
                measured=all(curve.measured[row] for curve in curves),
                extrapolated=any(curve.extrapolated[row] for curve in curves),
            )
            for row, month in enumerate(months)
        )
        found.append(
            LandmarkPrediction(
                landmark=name,
                side=side,
                form="mm" if in_mm else "words",
                nominal_mm=round(nominal[name], 2) if in_mm and name in nominal else None,
                months=rows,
            )
        )
    return tuple(found)


def _grade(change_mm: Values, threshold_mm: Values) -> GradeOdds:
    clear_factor = load_assumptions().spreads["visible_change"]["clear_factor"]
    clear = _share(change_mm >= clear_factor * threshold_mm)
    visible = _share(change_mm >= threshold_mm)
    word: Grade = "none" if visible < 0.5 else "slight" if clear < 0.5 else "clear"
    return GradeOdds(none=round(1 - visible, 3), slight=round(visible - clear, 3), clear=clear, word=word)


def _threads(
    lifting: Sequence[PlannedThread], drawn: LiftSamples, catalogue: Catalogue
) -> tuple[ThreadPrediction, ...]:
    by_id = {thread.id: thread for thread in lifting}
    rows = []
    for column, name in enumerate(drawn.threads):
        kind = catalogue.kind(by_id[name].kind)
        rows.append(
            ThreadPrediction(
                thread=name,
                kind=kind.id,
                material=kind.material,
                tension_n=by_id[name].tension_n,
                holding_n=kind.holding_force_n or (0.0, 0.0),
                odds_slip=_share(drawn.slips[:, column]),
                carried_n=band_of(drawn.carried_n[:, column]),
            )
        )
    return tuple(rows)


def _retention_curves(
    lifting: Sequence[PlannedThread], months: Sequence[float], catalogue: Catalogue, samples: int, seed: int
) -> tuple[RetentionCurve, ...]:
    groups = dict.fromkeys((catalogue.kind(thread.kind).material, thread.anchoring) for thread in lifting)
    return tuple(
        retention(material, anchoring, months, samples=samples, seed=seed + 1)
        for material, anchoring in groups
    )


def band_of(values: Values) -> Band:
    """10th percentile, median and 90th percentile of samples (N,)."""
    low, median, high = (round(float(value), 2) for value in np.quantile(values, [0.1, 0.5, 0.9]))
    return Band(low10=low, median=median, high90=high)


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 3)
