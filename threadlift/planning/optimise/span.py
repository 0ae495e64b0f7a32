"""How far a plan may lift along each wish, in many faces like this one: no lift is told without its range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from threadlift.planning.assumption import load_assumptions
from threadlift.planning.cable import cables_of
from threadlift.planning.forecast import Band, Form
from threadlift.planning.form import choose_form
from threadlift.planning.optimise.target import Target
from threadlift.planning.outlook import band_of
from threadlift.planning.path import ResolvedThread
from threadlift.planning.plan import Plan
from threadlift.planning.prediction import DEFAULT_SAMPLES, draw_prediction, predicted_places
from threadlift.threads import Catalogue
from threadlift.tissue import Lift, TissueModel
from threadlift.tissue.reduced import reduce_plan


def span_wishes(
    plan: Plan,
    threads: Sequence[ResolvedThread],
    lift: Lift,
    target: Target,
    model: TissueModel,
    catalogue: Catalogue,
    *,
    seed: int,
) -> tuple[Form, tuple[Band | None, ...]]:
    """In which form the lifts of ``plan`` may be told, and the band of each wish of ``target`` right after
    the procedure.

    ``lift`` is the computed lift of ``threads``. The band is None where the form is not ``mm`` and at a
    landmark that the model does not read.
    """
    face = model.anatomy.face
    cables, _ = cables_of(threads, catalogue)
    able = {thread.id: thread for thread in plan.threads}
    pulling = [able[cable.id] for cable in cables]
    form, _ = choose_form(plan, pulling, face, lift, catalogue, load_assumptions())
    if form != "mm":
        return form, (None,) * len(target.landmarks)
    places = tuple(dict.fromkeys((*predicted_places(), *target.landmarks)))
    tissue = reduce_plan(model, cables, places)
    drawn = draw_prediction(pulling, face, lift, tissue, catalogue, samples=DEFAULT_SAMPLES, seed=seed)
    moved = np.sum(list(drawn.now_mm.values()), axis=0)  # (N, p, 3)
    at = {name: index for index, name in enumerate(drawn.landmarks)}
    return form, tuple(
        band_of(moved[:, at[name]] @ way) if name in at else None
        for name, way in zip(target.landmarks, target.directions, strict=True)
    )
