"""The mixed-integer problem handed to HiGHS: best so far told as it comes, stopped when asked.

SciPy's ``milp`` runs the same solver, but tells nothing before it ends and cannot be stopped.
"""

from __future__ import annotations

import math
import time
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from threadlift.planning.optimise.problem import Problem, Report, Solution, Standing, rows_of

Floats = NDArray[np.float64]
CLOSE_GAP = 0.05  # the gap whose time is told
_WAIT_S = 0.05
_DONE = (highspy.HighsModelStatus.kOptimal,)
_NONE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


class _Highs(highspy.Highs):
    """HiGHS without the line that it prints about itself as soon as it is made."""

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS's own name
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class _Watch:
    """Notes when the first choice came and when the gap was small; passes every better choice on."""

    def __init__(self, report: Report | None) -> None:
        self.first_s = self.within_s = math.nan
        self._report = report

    def __call__(self, event: Any) -> None:
        data = event.data_out
        found, bound = data.objective_function_value, data.mip_dual_bound
        if math.isnan(self.first_s):
            self.first_s = data.running_time
        if math.isnan(self.within_s) and _gap(found, bound) <= CLOSE_GAP:
            self.within_s = data.running_time
        if self._report is not None:
            self._report(found, bound, data.running_time)


def solve_problem(
    problem: Problem, *, seconds: float, gap: float = 1e-4, report: Report | None = None
) -> tuple[Solution, bool]:
    """The best choice of ``problem`` within ``seconds``, and whether somebody stopped the search (Ctrl-C).

    ``gap`` is the share at which the search ends; ``report`` hears objective, bound and seconds of every
    better choice.
    """
    start = time.perf_counter()
    watch = _Watch(report)
    solver = _Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("time_limit", max(seconds, 0.1)),
        ("mip_rel_gap", gap),
        ("threads", 1),
        ("random_seed", 0),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_model(problem))
    solver.cbMipImprovingSolution.subscribe(watch)
    solver.HandleUserInterrupt = True
    stopped = _run(solver)
    return _read(problem, solver, watch, time.perf_counter() - start), stopped


def _run(solver: highspy.Highs) -> bool:
    """Run to the end or to Ctrl-C; whether it was stopped."""
    solver.startSolve()
    stopped = False
    while True:
        try:
            while not solver.wait(_WAIT_S)[0]:
                pass
            return stopped
        except KeyboardInterrupt:
            stopped = True
            solver.cancelSolve()  # type: ignore[no-untyped-call]


def _model(problem: Problem) -> highspy.HighsLp:
    n, m = problem.size, problem.materials
    miss = np.zeros(0) if problem.miss_cost is None else problem.miss_cost
    matrix, low, high = rows_of(problem)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_ = np.concatenate([problem.use_cost, problem.pull_cost, np.zeros(m), miss])
    model.col_lower_ = np.zeros(matrix.shape[1])
    model.col_upper_ = np.concatenate([np.ones(n), problem.high_n, np.ones(m), np.full(len(miss), np.inf)])
    whole, parts = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * n + [parts] * n + [whole] * m + [parts] * len(miss)
    model.row_lower_, model.row_upper_ = low, high
    rows = sparse.csr_array(matrix)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        rows.indptr,
        rows.indices,
        rows.data,
    )
    return model


def _read(problem: Problem, solver: highspy.Highs, watch: _Watch, seconds: float) -> Solution:
    n, p = problem.size, len(problem.wish_mm)
    info, status = solver.getInfo(), solver.getModelStatus()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    standing: Standing = "none_found"
    if found:
        standing = "optimal" if status in _DONE else "best_so_far"
    elif status in _NONE:
        standing = "infeasible"
    values = np.array(solver.getSolution().col_value) if found else np.zeros(2 * n + problem.materials + p)
    used = tuple(int(j) for j in np.flatnonzero(values[:n] > 0.5))
    pull = np.zeros(n)
    pull[list(used)] = values[n : 2 * n][list(used)]
    missing = values[2 * n + problem.materials :] if problem.miss_cost is not None else np.zeros(p)
    objective = info.objective_function_value if found else math.inf
    bound = info.mip_dual_bound if found else -math.inf
    within = watch.within_s
    if math.isnan(within) and found and _gap(objective, bound) <= CLOSE_GAP:
        within = seconds
    return Solution(
        standing=standing,
        used=used,
        pull_n=pull,
        missing_mm=np.maximum(missing, 0.0),
        objective=objective,
        bound=bound,
        gap=_gap(objective, bound),
        first_s=watch.first_s if found and not math.isnan(watch.first_s) else seconds,
        within_s=within,
        seconds=seconds,
    )


def _gap(found: float, bound: float) -> float:
    if not (math.isfinite(found) and math.isfinite(bound)):
        return math.inf
    return max(0.0, found - bound) / max(abs(found), 1e-9)
