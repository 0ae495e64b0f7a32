"""A treated person of a file of outcomes: plan and face read, lift computed, its samples at measured days.

Validation and learning ask the same of a case, so that they cannot answer about different models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from threadlift.case.planned import PlannedCase, read_planned_case
from threadlift.errors import InputError
from threadlift.finding import Severity
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.cable import cables_of
from threadlift.planning.clearance import check_placement
from threadlift.planning.form import choose_form
from threadlift.planning.path import resolve_plan
from threadlift.planning.plan import PlannedThread
from threadlift.planning.prediction import draw_prediction, predicted_places
from threadlift.planning.sampling import LiftModel, LiftSamples
from threadlift.threads import load_catalogue
from threadlift.threads.retention import WEEKS_PER_MONTH
from threadlift.tissue import Lift, build_tissue
from threadlift.tissue.reduced import reduce_plan
from threadlift.tissue.validation.outcome import Component, OutcomeCase

Floats = NDArray[np.float64]


class Skipped(BaseModel):
    """A case or group for which nothing is predicted, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    why: str


@dataclass(frozen=True, eq=False)
class Treated:
    """A case with its lift computed; ``threads`` are those that pull, ``tissue`` answers for any tissue."""

    planned: PlannedCase
    threads: tuple[PlannedThread, ...]
    lift: Lift
    tissue: LiftModel

    def draw(self, samples: int, seed: int, tissue: Floats | None = None) -> LiftSamples:
        """Samples as a prediction draws them; ``tissue`` are logarithms of parameters drawn already."""
        return draw_prediction(
            self.threads,
            self.planned.anatomy.face,
            self.lift,
            self.tissue,
            load_catalogue(),
            samples=samples,
            seed=seed,
            tissue_logs=tissue,
        )

    def share(self, landmark: str, component: Component) -> float:
        """Share of the motion of a landmark that a measurement of ``component`` sees.

        ``up`` takes the direction of the computed lift: samples differ in size far more than in direction.
        """
        if component == "total":
            return 1.0
        point = self.lift.point(landmark)
        return point.up_mm / point.total_mm if point.total_mm > 0 else 0.0

    def refuse_outside(self, landmarks: Iterable[str], name: str) -> None:
        """Raises ``InputError`` for a landmark that the model does not read."""
        outside = sorted(set(landmarks) - set(self.tissue.landmarks))
        if outside:
            raise InputError(
                f"{outside[0]} lies outside the modelled face",
                where=f"outcomes, {name}",
                remedy="Leave it out.",
            )


def treat(name: str, planned: PlannedCase, landmarks: Sequence[str], cache: Path | None) -> Treated | Skipped:
    """The lift of a case and its tissue read at ``landmarks`` too, or why nothing is predicted for it.

    Raises ``InputError`` for a plan that was made on another face or lies off this one.
    """
    resolved = resolve_plan(planned.plan, planned.anatomy)
    for finding in check_placement(planned.plan, resolved, planned.anatomy):
        if finding.severity is Severity.STOP:
            raise InputError(finding.what.en, where=f"outcomes, {name}", remedy="Name its own face.")
    cables, _ = cables_of(resolved)
    if not cables:
        return Skipped(id=name, why="the plan has no lifting thread")
    model = build_tissue(planned.anatomy, cache=cache)
    able = {thread.id: thread for thread in planned.plan.threads}
    pulling = tuple(able[cable.id] for cable in cables)
    lift = model.lift(cables)
    form, why = choose_form(
        planned.plan, pulling, planned.anatomy.face, lift, load_catalogue(), load_assumptions()
    )
    if form == "refused":
        return Skipped(id=name, why=" ".join(reason.what.en for reason in why))
    places = tuple(dict.fromkeys((*predicted_places(), *landmarks)))
    return Treated(planned, pulling, lift, reduce_plan(model, cables, places))


def read_outcome_case(case: OutcomeCase, folder: Path) -> PlannedCase:
    """The face and plan of a case; its paths are relative to ``folder``."""
    if case.case is not None:
        return read_case_folder(case.id, folder / case.case)
    face, plan = case.face or Path(), case.plan or Path()
    return read_planned_case(folder / plan, folder / face, folder / case.intake if case.intake else None)


def read_case_folder(name: str, folder: Path) -> PlannedCase:
    """The case in ``folder``, asked for under ``name``. Raises ``InputError`` when there is none."""
    if not folder.is_dir():
        raise InputError(
            "no such case folder",
            where=f"outcomes, {name}",
            remedy="Paths count from the folder of the outcome file; `threadlift plan` makes a case.",
        )
    return read_planned_case(folder, None, None)


def month_of(day: int) -> float:
    """Months after so many days."""
    return day / 7 / WEEKS_PER_MONTH
