"""The search: choose with the estimated influence, compute the choice exactly, correct, choose again.

Estimates share the pull among barbs as usual and hold ligaments at the secant of the last plan. After each
round the exact model's figures replace them: of the chosen threads each by itself, of all others by the mean
ratio; limits that it found passed become rows. It ends when the exact model agrees with the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from threadlift.planning.optimise.candidate import Candidate
from threadlift.planning.optimise.check import (
    MOUTH,
    Checked,
    check_exactly,
    find_cuts,
    stacked,
)
from threadlift.planning.optimise.goal import Goal, optimiser_record
from threadlift.planning.optimise.option import Option
from threadlift.planning.optimise.problem import Problem, Solution
from threadlift.planning.optimise.reading import Reading, spread_places
from threadlift.planning.optimise.target import Target
from threadlift.planning.path import ResolvedThread, resolve_plan
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.proposal import load_proposal_data
from threadlift.tissue import TissueModel
from threadlift.tissue.validity import threshold_of

Floats = NDArray[np.float64]
_RATIO_LIMITS = (0.4, 2.5)
_MARGIN = 1.005  # asked for a little more once the exact model fell short
_STEP_N = 0.001  # pulls are written in whole millinewtons, rounded up


@dataclass(frozen=True, eq=False)
class Found:
    """A choice with its estimate and what the exact model says about it."""

    solution: Solution
    estimated_mm: Floats
    checked: Checked
    threads: tuple[ResolvedThread, ...]
    columns: list[int]
    is_met: bool
    keeps_limits: bool

    @property
    def objective(self) -> float:
        """What the choice costs, in the terms of the problem."""
        return self.solution.objective

    @property
    def is_good(self) -> bool:
        """Whether the exact model has nothing against it."""
        return self.is_met and self.keeps_limits


@dataclass
class Search:
    """The options with everything known about them so far; ``run`` improves it round by round."""

    goal: Goal
    target: Target
    model: TissueModel
    options: Sequence[Option]
    cliques: tuple[frozenset[int], ...]
    use_cost: Floats
    pull_cost: Floats
    count_rows: Floats
    at_most: Floats
    reading: Reading
    members: Floats
    own_mm: dict[int, Floats] = field(default_factory=dict)
    ratio: Floats | None = None
    together: Floats | None = None
    cut_scale: list[float] = field(default_factory=list)
    cut_limit: list[float] = field(default_factory=list)
    cut_is_skin: list[bool] = field(default_factory=list)
    refused: list[frozenset[int]] = field(default_factory=list)
    places: int = 0
    margin: float = 1.0
    first_s: float | None = None
    within_s: float | None = None
    stopped: bool = False

    def prepare(self) -> None:
        """Read-outs of the wishes, of both corners of the mouth, and of strain over the treated skin."""
        record, face = optimiser_record("search"), self.model.anatomy.face
        self.reading.add(
            self.reading.motion([face.landmark(name) for name in (*self.target.landmarks, *MOUTH)])
        )
        places = spread_places(
            face, self.reading.modelled, self.goal, int(record["patches"]), record["patch_reach_mm"]
        )
        self.places = len(places) * int(record["strain_directions"])
        self.reading.add(self.reading.strains(places, int(record["strain_directions"])))

    def lift_per_n(self) -> Floats:
        """Estimated lift (p, options) along each wish per newton, corrected by what the exact model said."""
        p = len(self.target.landmarks)
        raw = self.reading.per_newton()[: 3 * p].reshape(p, 3, -1)
        gain = np.einsum("pxk,px->pk", raw, self.target.directions)
        if self.ratio is not None:
            gain = gain * self.ratio[:, None]
        for column, own in self.own_mm.items():
            gain[:, column] = own
        if self.together is not None:
            gain = gain * self.together[:, None]
        return np.asarray(gain @ self.members)

    def mouth_per_n(self) -> Floats:
        """Estimated motion (2, 3, options) of the corners of the mouth per newton."""
        p = len(self.target.landmarks)
        raw = self.reading.per_newton()[3 * p : 3 * p + 6]
        return np.asarray((raw @ self.members).reshape(2, 3, -1))

    def problem(self) -> Problem:
        """The mixed-integer problem as things stand."""
        limits = self._limits()
        return Problem(
            low_n=np.array([option.first.low_n for option in self.options]),
            high_n=np.array([option.first.high_n for option in self.options]),
            use_cost=self.use_cost,
            pull_cost=self.pull_cost,
            gain_mm_per_n=self.lift_per_n(),
            wish_mm=self.target.needed_mm * self.margin,
            most_mm=self.target.most_mm,
            limit_rows=limits[0],
            limits=limits[1],
            count_rows=self.count_rows,
            at_most=self.at_most,
            cliques=self.cliques,
            refused=tuple(self.refused),
            material=self._materials(),
        )

    def _materials(self) -> NDArray[np.int64]:
        """Number of the material of each option: a plan is of one material."""
        names = [option.first.kind.material for option in self.options]
        return np.array([sorted(set(names)).index(name) for name in names])

    def _limits(self) -> tuple[Floats, Floats]:
        """Rows of the mouth first, then what the exact model found, then strain over the treated skin."""
        rows = self.reading.per_newton() @ self.members
        start = 3 * len(self.target.landmarks)
        mouth = rows[start : start + 6]
        skin = rows[start + 6 : start + 6 + self.places]
        cuts = rows[start + 6 + self.places :] * np.array(self.cut_scale)[:, None]
        stretch, bunching = skin_limits()
        most = self.goal.mouth_mm
        parts = [mouth, -mouth, cuts, skin, -skin]
        limits = [
            np.full(6, most),
            np.full(6, most),
            np.array(self.cut_limit),
            np.full(len(skin), stretch),
            np.full(len(skin), bunching),
        ]
        return np.vstack(parts), np.concatenate(limits)

    def skin_rows(self) -> NDArray[np.bool_]:
        """Which rows of ``problem().limits`` are about the skin, not the mouth."""
        return np.concatenate(
            [np.zeros(12, bool), np.array(self.cut_is_skin, dtype=bool), np.ones(2 * self.places, bool)]
        )

    def take(self, solution: Solution, face: str) -> tuple[Plan, tuple[ResolvedThread, ...], list[int]]:
        """The plan of a solution, its threads, and the candidate columns that they are."""
        everyone = self.candidates()
        used = np.flatnonzero(self.members[:, list(solution.used)].any(axis=1))
        columns = sorted(map(int, used), key=lambda column: everyone[column].thread.side)
        pull = self.members @ solution.pull_n
        planned: list[PlannedThread] = []
        counts: dict[str, int] = {}
        for column in columns:
            one = everyone[column]
            counts[one.thread.id] = number = counts.get(one.thread.id, 0) + 1
            tension = min(float(np.ceil(pull[column] / _STEP_N - 1e-6) * _STEP_N), one.high_n)
            update = {"id": f"{one.thread.id}{number}", "tension_n": round(tension, 3)}
            planned.append(one.thread.model_copy(update=update))
        plan = Plan(face=face, goals=(), origin="optimiser", threads=tuple(planned))
        resolved = resolve_plan(plan, self.model.anatomy)
        return plan, resolved, columns

    def look(self, solution: Solution, face: str) -> Found:
        """Compute a choice exactly, and learn from it."""
        plan, threads, columns = self.take(solution, face)
        estimated = self.lift_per_n() @ solution.pull_n
        checked = check_exactly(plan, threads, self.model)
        met = self.target.is_met(self.target.reached(checked))
        self.learn(solution, checked, columns)
        return Found(solution, estimated, checked, threads, columns, met, is_within(checked, self.goal))

    def learn(self, solution: Solution, checked: Checked, columns: Sequence[int]) -> None:
        """Put the exact figures in the place of estimates; add rows for the limits found passed."""
        self.reading.take_stiffness(checked.secant_n_per_mm, checked.extents)
        alone = self.target.reached_alone(checked)
        p = len(self.target.landmarks)
        raw = self.reading.per_newton()[: 3 * p].reshape(p, 3, -1)[:, :, columns]
        guessed = np.einsum("pxk,px->pk", raw, self.target.directions)
        tension = np.array([thread.tension_n for thread in checked.plan.threads])
        self.ratio = np.clip(_share(alone @ tension, guessed @ tension), *_RATIO_LIMITS)
        self.own_mm |= {column: alone[:, i] for i, column in enumerate(columns)}
        self.together = np.clip(_share(self.target.reached(checked), alone @ tension), *_RATIO_LIMITS)
        if not self.target.is_met(self.target.reached(checked)):
            self.margin = min(self.margin * _MARGIN, 1.03)
        cuts = find_cuts(checked, self.reading, self.goal.mouth_mm, self.model)
        if cuts:
            before = len(self.reading.per_newton())
            self.reading.add(stacked(cuts))
            read = self.reading.per_newton()[before:][:, columns] @ tension
            for cut, value in zip(cuts, read, strict=True):
                self.cut_scale.append(float(np.clip(cut.value / max(value, 1e-9), *_RATIO_LIMITS)))
                self.cut_limit.append(cut.limit)
                self.cut_is_skin.append(cut.skin)
        self._refuse_drags(solution, checked)

    def _refuse_drags(self, solution: Solution, checked: Checked) -> None:
        """Options of one technique that drag its entry too far are not used together again."""
        for excess in checked.excess:
            if excess.at_mm is None:
                mine = [j for j in solution.used if self.options[j].first.design[0] == excess.techniques[0]]
                if mine:
                    self.refused.append(frozenset(mine))

    def candidates(self) -> list[Candidate]:
        """The candidates behind the columns of the read-outs."""
        return [one for option in self.options for one in option.members]


def member_matrix(options: Sequence[Option]) -> Floats:
    """Which candidates (k) belong to which option (n): (k, n)."""
    sizes = [len(option.members) for option in options]
    matrix = np.zeros((sum(sizes), len(options)))
    matrix[np.arange(sum(sizes)), np.repeat(np.arange(len(options)), sizes)] = 1.0
    return matrix


def skin_limits() -> tuple[float, float]:
    """Most stretch and most bunching of the skin over a patch that a plan may show."""
    return (
        threshold_of("LIFT-STRETCH") / 100,
        float(load_proposal_data().limits["pull"]["most_bunching_percent"]) / 100,
    )


def is_within(checked: Checked, goal: Goal) -> bool:
    """Whether the exact model finds no limit passed."""
    return not checked.excess and checked.mouth_mm <= 1.005 * goal.mouth_mm


def _share(exact: Floats, guessed: Floats) -> Floats:
    safe = np.where(np.abs(guessed) > 1e-6, guessed, 1.0)
    return np.asarray(np.where(np.abs(guessed) > 1e-6, exact / safe, 1.0))
