"""What a plan does to this face now and over 24 months, with 80 % bands. Not validated in people.

Millimetres are given for a scanned face within the validity of the model. A face from photographs, a poor
fit, or a place of over-stretched skin gets a grade in words with its odds instead; a refused face or a plan
without lifting threads gets no prediction. Smooth threads are told about as graded evidence on skin quality.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.errors import InputError
from threadlift.face.face import Face, Side
from threadlift.planning.assumption import Assumptions, load_assumptions
from threadlift.planning.cable import cables_of
from threadlift.planning.comparison import compare_with_studies
from threadlift.planning.forecast import (
    Band,
    Grade,
    GradeOdds,
    LandmarkPrediction,
    MonthPrediction,
    Prediction,
    SkinQuality,
    ThreadPrediction,
)
from threadlift.planning.form import choose_form, find_large, find_overstretched, is_overstretched
from threadlift.planning.path import resolve_thread
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.ranking import rank_unknowns
from threadlift.planning.sampling import LiftModel, LiftSamples, draw_lift
from threadlift.planning.sentence import Reason
from threadlift.threads import Catalogue, RetentionCurve, last_month, load_catalogue, retention
from threadlift.tissue import Lift, TissueModel
from threadlift.tissue.reduced import reduce_plan

__all__ = ["Prediction", "draw_prediction", "predict", "predict_with_model"]

Values = NDArray[np.float64]
DEFAULT_SAMPLES = 1000


def predict(
    plan: Plan,
    model: TissueModel,
    lift: Lift,
    *,
    months: Sequence[float] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int,
    catalogue: Catalogue | None = None,
) -> Prediction:
    """Predict ``plan`` on the face of ``model`` from its nominal ``lift``.

    ``months`` ascend from 0 to 24 (default: now, 1, 3, 6, 12, 18, 24). Raises ``InputError`` for other
    months, an unknown thread kind, or a landmark that the face does not have.
    """
    resolved = [resolve_thread(thread, model.anatomy) for thread in plan.threads]
    cables, _ = cables_of(resolved, catalogue)
    return predict_with_model(
        plan,
        model.anatomy.face,
        lift,
        reduce_plan(model, cables, predicted_places()) if cables else None,
        months=months,
        samples=samples,
        seed=seed,
        catalogue=catalogue,
    )


def predict_with_model(
    plan: Plan,
    face: Face,
    lift: Lift,
    tissue: LiftModel | None,
    *,
    months: Sequence[float] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int,
    catalogue: Catalogue | None = None,
) -> Prediction:
    """``predict`` with the reduced model of the cables at hand (None when no thread of the plan lifts).

    Raises ``InputError`` also for the model of another plan.
    """
    catalogue = catalogue or load_catalogue()
    assumptions = load_assumptions()
    months = tuple(months if months is not None else assumptions.spreads["schedule"]["months"])
    _refuse_months(months)
    threads = _lifting_threads(plan, tissue, catalogue)
    form, why = choose_form(plan, threads, face, lift, catalogue, assumptions)
    parts: dict[str, Any] = {
        "landmarks": (),
        "threads": (),
        "retention": (),
        "comparisons": (),
        "hangs_on": (),
    }
    curves: tuple[RetentionCurve, ...] = ()
    if form != "refused" and tissue is not None:
        drawn = draw_prediction(threads, face, lift, tissue, catalogue, samples=samples, seed=seed)
        curves = _retention_curves(threads, months, catalogue, samples, seed)
        large = find_large(drawn)
        worded = set(drawn.landmarks)
        if form == "mm":
            worded = find_overstretched(face, lift, drawn.landmarks) | large
        if large:
            why = (*why, assumptions.sentences.say("words_large"))
        landmarks = _landmarks(drawn, lift, curves, months, worded)
        form = "mm" if any(entry.form == "mm" for entry in landmarks) else "words"
        parts = {
            "landmarks": landmarks,
            "threads": _threads(threads, drawn, catalogue),
            "retention": curves,
            "comparisons": compare_with_studies(drawn, samples, seed, in_mm=form == "mm"),
            "hangs_on": rank_unknowns(drawn, plan.goals, months),
        }
    return Prediction(
        form=form,
        why=why,
        samples=samples,
        seed=seed,
        assumptions_version=assumptions.version,
        skin_quality=_skin_quality(plan, catalogue, assumptions),
        notes=_notes(curves, assumptions),
        **parts,
    )


def predicted_places() -> tuple[str, ...]:
    """Landmarks for which anything is predicted."""
    bases = load_assumptions().spreads["schedule"]["landmarks"]
    return tuple(f"{name}{ending}" for name in bases for ending in ("_l", "_r", ""))


def _refuse_months(months: Sequence[float]) -> None:
    if not months or min(months) < 0 or max(months) > last_month():
        raise InputError(
            f"months must lie between 0 and {last_month():.0f}",
            where="months",
            remedy="No absorbable thread was followed longer, so nothing is claimed.",
        )


def _lifting_threads(plan: Plan, tissue: LiftModel | None, catalogue: Catalogue) -> list[PlannedThread]:
    """The threads of the plan that pull, in the order of ``tissue``."""
    able = {thread.id: thread for thread in plan.threads if catalogue.kind(thread.kind).can_lift}
    pulling = tissue.thread_ids if tissue is not None else ()
    if not set(pulling) <= able.keys():
        raise InputError(
            "do not belong to the lifting threads of this plan",
            where="reduced model",
            remedy="Compute them from the same plan.",
        )
    return [able[name] for name in pulling]


def draw_prediction(
    threads: Sequence[PlannedThread],
    face: Face,
    lift: Lift,
    tissue: LiftModel,
    catalogue: Catalogue,
    *,
    samples: int,
    seed: int,
    tissue_logs: Values | None = None,
) -> LiftSamples:
    """The samples that a prediction rests on; ``lift`` tells how far the linear model may be trusted.

    ``tissue_logs`` as in ``draw_lift``.
    """
    spreads = load_assumptions().spreads
    wide = spreads["validity"]["overstretched_sd_ln"]
    return draw_lift(
        threads,
        catalogue.kinds,
        tissue,
        position_sd_mm=face.quality.position_sd_mm,
        model_sd_ln=wide if is_overstretched(lift) else spreads["spread_linearisation"]["sd_ln"],
        samples=samples,
        seed=seed,
        tissue=tissue_logs,
    )


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
                held_mm=_band(held[:, row, column]) if in_mm else None,
                change_mm=_band(change[:, row, column]) if in_mm else None,
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
                carried_n=_band(drawn.carried_n[:, column]),
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


def _skin_quality(plan: Plan, catalogue: Catalogue, assumptions: Assumptions) -> tuple[SkinQuality, ...]:
    kinds = [catalogue.kind(thread.kind) for thread in plan.threads]
    materials = {kind.material for kind in kinds}
    smooth = any(not kind.can_lift for kind in kinds) or "skin_quality" in plan.goals
    found = []
    for sentence in assumptions.sentences.by_id.values():
        if sentence.grade is None:
            continue
        concerns_smooth = sentence.id == "skin_mono"
        if smooth if concerns_smooth else materials & set(sentence.materials):
            found.append(SkinQuality(grade=sentence.grade, evidence=assumptions.sentences.say(sentence.id)))
    return tuple(found)


def _notes(curves: Sequence[RetentionCurve], assumptions: Assumptions) -> tuple[Reason, ...]:
    say = assumptions.sentences.say
    notes = [say("not_validated")]
    if curves:
        notes.append(say("band_of_what"))
        if not all(all(curve.measured) for curve in curves):
            notes.append(say("hatched_months"))
        notes.append(say("horizon", months=f"{last_month():.0f}"))
    return tuple(notes)


def _band(values: Values) -> Band:
    low, median, high = (round(float(value), 2) for value in np.quantile(values, [0.1, 0.5, 0.9]))
    return Band(low10=low, median=median, high90=high)


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 3)
