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
from threadlift.face.face import Face
from threadlift.planning.assumption import Assumptions, load_assumptions
from threadlift.planning.cable import cables_of
from threadlift.planning.forecast import Prediction, SkinQuality
from threadlift.planning.form import choose_form, find_large, find_overstretched, is_overstretched
from threadlift.planning.outlook import tell_lift
from threadlift.planning.path import resolve_plan
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.sampling import LiftModel, LiftSamples, draw_lift
from threadlift.planning.sentence import Reason
from threadlift.threads import Catalogue, RetentionCurve, last_month, load_catalogue
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
    resolved = resolve_plan(plan, model.anatomy)
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
    parts: dict[str, Any] = dict.fromkeys(
        ("landmarks", "threads", "retention", "comparisons", "hangs_on"), ()
    )
    if form != "refused" and tissue is not None:
        drawn = draw_prediction(threads, face, lift, tissue, catalogue, samples=samples, seed=seed)
        worded, large = set(drawn.landmarks), find_large(drawn)
        if form == "mm":
            worded = find_overstretched(face, lift, drawn.landmarks) | large
        if large:
            why = (*why, assumptions.sentences.say("words_large"))
        parts = tell_lift(drawn, plan, threads, lift, worded, months, catalogue)
        form = "mm" if any(entry.form == "mm" for entry in parts["landmarks"]) else "words"
    return Prediction(
        form=form,
        why=why,
        samples=samples,
        seed=seed,
        assumptions_version=assumptions.version,
        skin_quality=_skin_quality(plan, catalogue, assumptions),
        notes=_notes(parts["retention"], assumptions),
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
