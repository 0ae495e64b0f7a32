"""Our solves beside those of other codes, on one mesh in one process: `python benchmarks/peers.py`.

scikit-fem and PyMFEM assemble the plain wedges of the whole face; SuperLU, PARDISO or MFEM's own conjugate
gradients solve. Each is measured from scratch after one thread is moved, and with its factor kept, which is
the best that a user of that library would do; all of them in alternation, one thread each. Needs `mfem` and
`scikit-fem` (`make performance` installs them). Asserts nothing but that all answers agree.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version

import live
import mfem.ser as mfem
import numpy as np
from machine import describe_machine, measure_bandwidth, median_and_p95, tell, timed
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import block_diag

from threadlift.anatomy import Anatomy
from threadlift.tissue.assembly import assemble_stiffness
from threadlift.tissue.cable import CableGeometry, build_cables
from threadlift.tissue.grip import balance
from threadlift.tissue.live.plan import LivePlan
from threadlift.tissue.live.response import LiveResponse, Precision
from threadlift.tissue.parameter import nominal_parameters
from threadlift.tissue.part import TissuePart, build_part, dilatation_groups
from threadlift.tissue.solver import Factorisation, SolverName
from threadlift.tissue.thread import CableThread
from threadlift.tissue.verification import demonstration as demo
from threadlift.tissue.verification.agreement import face_model
from threadlift.tissue.verification.export import ExportedModel
from threadlift.tissue.verification.mfem_oracle import assemble_mesh, solve_with_mfem
from threadlift.tissue.verification.plain import plain_stiffness
from threadlift.tissue.verification.skfem_oracle import assemble_with_skfem

Floats = NDArray[np.float64]
RUNS, FEW_RUNS, FAST_RUNS = 5, 1, 30  # of seconds; of what takes longest or only checks; of fast ones
GATE = 1e-8
GOAL_SCRATCH, GOAL_KEPT = 300.0, 15.0
BARBS = 15
STARTS = (demo.TEMPLE, demo.UPPER_TEMPLE, demo.PREAURICULAR)
ENDS = (demo.JOWL, demo.JOWL_FRONT, demo.MARIONETTE, demo.MIDFACE)
OURS = "ours"
PRECISIONS: tuple[Precision, ...] = ("float32", "float64")
TEXT = """## Beside other codes

scikit-fem {skfem} and PyMFEM {mfem} in the same process, in alternation, on the same wedges of the whole
face: {unknowns:,} unknowns, the same supports with the ligaments that are taut in the scan, twenty threads of
{barbs} barbs, the last of them moved. Median / 95th percentile; one thread throughout. *From scratch* is
assembly, factorisation and one right side with known barb forces: the least that any such re-solve costs.
*Factor kept* is {barbs} fresh right sides for the moved thread, the barb forces of all twenty, and the whole
skin from the kept columns of the others. Reading meshes, adding supports and laying threads into the tissue
is in no figure of another code. The wheel of PyMFEM has no direct solver; its conjugate gradients
(Gauss-Seidel) keep no factor. SuperLU and PARDISO are called as we call them, for symmetric and for positive
definite matrices and PARDISO without steps of refinement: up to four times faster than their defaults.

| Way | Assembly | Factorisation | One right side | From scratch | Factor kept |
|---|---|---|---|---|---|
{ways}

Our fast path (`threadlift.tissue.live`) answers a thread put in a new place, laying it into the tissue, slip
and slack ligaments included:

| Precision | One move |
|---|---|
{live}

| Ratio of medians | float32 | float64 | Goal | |
|---|---|---|---|---|
{ratios}

One move in float32 reads at least {least:.0f} MB of operators
([decision 10](decisions/0010-live-response.md)), which takes {bound:.1f} ms at the rate measured below:
{cause}

Other codes cannot average the dilatation over pairs of wedges. Their figures are of plain wedges, which leave
fewer entries to factorise than our pairs; the fast path answers the model with pairs. How far apart the
answers are, largest difference over the largest value (of each set the first is the reference):

| Compared | Difference |
|---|---|
{gaps}

Memory of this machine ({machine}): one thread reads {read:.1f} GB/s and copies {copy:.1f} GB/s.
"""


def plan_of_twenty(anatomy: Anatomy) -> list[CableThread]:
    """Ten threads a side of 15 barbs and 1 N each, between three entries and four ends."""
    ways = [(start, end) for start in STARTS for end in ENDS][:10]
    return [
        demo.thread_between(anatomy, f"way-{number}", start, end, side=side, barbs=BARBS, barbed_mm=50.0)
        for side in ("left", "right")
        for number, (start, end) in enumerate(ways)
    ]


def displaced(thread: CableThread, random: np.random.Generator) -> CableThread:
    """The same thread a millimetre or two beside its place."""
    return replace(thread, points_mm=thread.points_mm + random.uniform(-1.5, 1.5, 3) * [1.0, 1.0, 0.2])


@dataclass(frozen=True, eq=False)
class Plan:
    """The cables of a plan whose last thread has just been moved; ``skin`` numbers the surface's unknowns."""

    threads: list[CableThread]
    kept: CableGeometry
    moved: CableGeometry
    skin: NDArray[np.int64]

    @classmethod
    def lay(cls, part: TissuePart, threads: list[CableThread]) -> Plan:
        """Couple ``threads`` to the tissue; no timing of another code contains this."""
        kept, moved = (
            build_cables(some, part.spreading, part.ball_radius_mm) for some in (threads[:-1], threads[-1:])
        )
        size = 3 * len(part.mesh.nodes_mm)
        return cls(threads, kept, moved, np.arange(size - 3 * part.mesh.columns, size))

    @property
    def load_n(self) -> Floats:
        """1 N in every thread, its barbs alike: the one right side that a solve from scratch needs."""
        loads = [-(some.coupling @ (some.collect.sum(axis=1) / BARBS)) for some in (self.kept, self.moved)]
        return np.asarray(loads[0] + loads[1])

    def share(self, compliance: Floats) -> Floats:
        """Tension of each segment for 1 N in every thread, each barb between nothing and its hold."""
        first = self.threads[0]
        collect = block_diag(self.kept.collect, self.moved.collect)
        lengths = np.concatenate([self.kept.segment_mm, self.moved.segment_mm])
        row_of = np.concatenate([self.kept.row_of, self.moved.row_of + self.kept.row_of.max() + 1])
        inner = (compliance + compliance.T) / 2 + np.diag(lengths / first.axial_stiffness_n)
        flexibility = collect.T @ inner @ collect + np.eye(len(row_of)) / first.barb_stiffness_n_per_mm
        capacity = np.full(len(row_of), first.holding_force_n / BARBS)
        return np.asarray(collect @ balance(flexibility, row_of, np.ones(len(self.threads)), capacity)[0])


def solve_unchecked(factor: Factorisation, right_sides: Floats) -> Floats:
    """Without our check of the residual, which a user of another library need not pay for."""
    return factor._factor.solve(np.asfortranarray(right_sides))


class KeptFactor:
    """What a factor is good for: the columns of the other threads stay, only the moved one's are new."""

    def __init__(self, factor: Factorisation, plan: Plan) -> None:
        coupling = plan.kept.coupling.toarray()
        answers = solve_unchecked(factor, -coupling)
        self._factor, self._plan, self._answers = factor, plan, answers
        self._skin = np.ascontiguousarray(answers[plan.skin])
        self._compliance = -(plan.kept.coupling.T @ answers)

    def move(self) -> Floats:
        """15 fresh columns, barb forces of all threads, and the motion of the whole skin (3 columns,)."""
        plan = self._plan
        fresh = solve_unchecked(self._factor, -plan.moved.coupling.toarray())
        across = -(plan.kept.coupling.T @ fresh)
        own = -(plan.moved.coupling.T @ fresh)
        tension = plan.share(np.block([[self._compliance, across], [across.T, own]]))
        segments = self._skin.shape[1]
        return np.asarray(self._skin @ tension[:segments] + fresh[plan.skin] @ tension[segments:])


@dataclass
class Assembly:
    """Who assembles, the seconds of each run, and the matrix of the last one."""

    name: str
    assemble: Callable[[], sparse.csr_array]
    seconds: list[float] = field(default_factory=list)
    matrix: sparse.csr_array = field(default_factory=lambda: sparse.csr_array((0, 0)))

    def run(self) -> None:
        """Assemble once more."""
        self.matrix, spent = timed(self.assemble)
        self.seconds.append(spent)


@dataclass
class Way:
    """One way to the answer: an assembly, who solves (None: MFEM's conjugate gradients), and its times."""

    assembly: Assembly
    solver: SolverName | None
    runs: int
    factor_s: list[float] = field(default_factory=list)
    solve_s: list[float] = field(default_factory=list)
    kept_s: list[float] = field(default_factory=list)
    factor: Factorisation | None = None

    @property
    def name(self) -> str:
        """Both, in words."""
        solvers = {"superlu": "SuperLU", "pardiso": "PARDISO", None: "its conjugate gradients"}
        return f"{self.assembly.name}, {solvers[self.solver]}"

    @property
    def scratch_s(self) -> list[float]:
        """The three steps together, run by run."""
        return [sum(steps) for steps in zip(self.assembly.seconds, self.factor_s, self.solve_s, strict=False)]

    def solve(self, model: ExportedModel, load_n: Floats) -> Floats:
        """Factorise and solve one right side; adding the supports is not timed."""
        held = sparse.csr_array(self.assembly.matrix + model.held)
        solver, self.factor = self.solver, None
        if solver is None:
            answer, spent = timed(lambda: solve_with_mfem(held, load_n))
            self.factor_s.append(0.0)
        else:
            factor, spent = timed(lambda: Factorisation(held, solver))
            self.factor_s.append(spent)
            answer, spent = timed(lambda: solve_unchecked(factor, load_n[:, None])[:, 0])
            self.factor = factor
        self.solve_s.append(spent)
        return answer


class Contest:
    """All ways to the answer on the whole face."""

    def __init__(self) -> None:
        anatomy = demo.demonstration_anatomy()
        self.part = build_part(anatomy, nominal_parameters(), "full")
        self.model = face_model(anatomy, self.part)
        self.plan = Plan.lay(self.part, plan_of_twenty(anatomy))
        self.assemblies = self._make_assemblies()
        pairs, plain, skfem, pymfem = self.assemblies
        self.ways = [
            Way(pairs, "pardiso", RUNS),
            Way(plain, "pardiso", FEW_RUNS),
            Way(skfem, "superlu", FEW_RUNS),
            Way(skfem, "pardiso", RUNS),
            Way(pymfem, "pardiso", RUNS),
            Way(pymfem, None, FEW_RUNS),
        ]
        self.live_s: dict[str, list[float]] = {}
        self.gaps: dict[str, float] = {}
        self.least_bytes = 0

    def _make_assemblies(self) -> list[Assembly]:
        model, groups, foreign = self.model, dilatation_groups(self.part.mesh), mfem_mesh(self.model)
        where = model.nodes_mm, model.wedges, model.elasticity
        return [
            Assembly(f"{OURS}: pairs of wedges", lambda: assemble_stiffness(*where, groups)),
            Assembly(f"{OURS}: plain wedges", lambda: plain_stiffness(*where)),
            Assembly("scikit-fem", lambda: assemble_with_skfem(model)),
            Assembly("PyMFEM", lambda: assemble_mesh(foreign, model)),
        ]

    @property
    def alike(self) -> list[Way]:
        """Ways with the same discretisation: plain wedges."""
        return [way for way in self.ways if "pairs" not in way.name]

    @property
    def peers(self) -> list[Way]:
        """Ways of other codes."""
        return [way for way in self.ways if not way.name.startswith(OURS)]

    def run(self) -> None:
        """From scratch, with kept factors, and our fast path."""
        load, answers = self.plan.load_n, {}
        for number in range(RUNS):
            for assembly in self.assemblies:
                _say(f"run {number + 1}: {assembly.name}")
                assembly.run()
                for way in self.ways:
                    if way.assembly is assembly and number < way.runs:
                        answers[way.name] = way.solve(self.model, load)[self.plan.skin]
        self._note("from scratch", [answers[way.name] for way in self.alike])
        plain, *others = (assembly.matrix for assembly in self.assemblies[1:])
        largest = abs(plain).max()
        self.gaps["matrices"] = max(float(abs(other - plain).max() / largest) for other in others)
        self._run_kept()
        self._run_live()

    def _run_kept(self) -> None:
        _say("columns of the kept threads")
        states = {way.name: KeptFactor(way.factor, self.plan) for way in self.ways if way.factor}
        answers = {}
        for number in range(FAST_RUNS):
            for way in self.ways:
                if way.name in states and (way.solver != "superlu" or number < RUNS):
                    answers[way.name], spent = timed(states[way.name].move)
                    way.kept_s.append(spent)
        self._note("factor kept", [answers[way.name] for way in self.alike if way.name in answers])

    def _run_live(self) -> None:
        """Our fast path: a new place of the last thread each time, its laying into the tissue included."""
        plans: dict[str, LivePlan] = {}
        for precision in PRECISIONS:
            _say(f"fast path, {precision}")
            response = LiveResponse.of_part(self.part, "peers", None, precision=precision)
            if precision == "float32":
                self.least_bytes = live.bytes_of_a_move(response, self.plan.threads[-1])
            plans[precision] = LivePlan(response, self.plan.threads)
            plans[precision].move(self.plan.threads[-1])
            self.live_s[precision] = []
        random = np.random.default_rng(1)
        for _ in range(4 * FAST_RUNS):
            place = displaced(self.plan.threads[-1], random)
            for precision, plan in plans.items():
                self.live_s[precision].append(timed(partial(plan.move, place))[1])
        for precision, plan in plans.items():
            name = f"fast path in {precision} against our own full solve"
            self.gaps[name] = live.disagreement(self.part, plan)["error"]

    def _note(self, name: str, answers: Sequence[Floats]) -> None:
        """Largest difference to the first answer, over its largest entry."""
        scale = np.abs(answers[0]).max()
        self.gaps[name] = max(float(np.abs(other - answers[0]).max() / scale) for other in answers)


def mfem_mesh(model: ExportedModel) -> mfem.Mesh:
    """The wedges in MFEM's own mesh; no timing contains this."""
    mesh = mfem.Mesh(3, len(model.nodes_mm), len(model.wedges), 0, 3)
    for point in model.nodes_mm.tolist():
        mesh.AddVertex(*point)
    for number, wedge in enumerate(model.wedges.tolist()):
        mesh.AddWedge(*wedge, number + 1)
    mesh.FinalizeMesh(0, False)
    return mesh


def section() -> str:
    """The section of docs/performance.md."""
    contest = Contest()
    contest.run()
    for name in ("matrices", "from scratch", "factor kept"):
        if not contest.gaps[name] < GATE:
            sys.exit(f"the codes do not agree ({name}): {contest.gaps[name]:.2g}")
    return render(contest, *measure_bandwidth())


def render(contest: Contest, read_gb_s: float, copy_gb_s: float) -> str:
    """Timings of every way, ratios, and what memory allows."""
    fast = {name: median_and_p95(times)[0] for name, times in contest.live_s.items()}
    scratch = min(contest.peers, key=lambda way: median_and_p95(way.scratch_s)[0])
    kept = min((way for way in contest.peers if way.kept_s), key=lambda way: median_and_p95(way.kept_s)[0])
    ratios = {
        "best peer from scratch over the fast path": (scratch, scratch.scratch_s, GOAL_SCRATCH),
        "best peer with its factor kept over the fast path": (kept, kept.kept_s, GOAL_KEPT),
    }
    return TEXT.format(
        skfem=version("scikit-fem"),
        mfem=version("mfem"),
        unknowns=len(contest.plan.load_n),
        barbs=BARBS,
        ways="\n".join(_row(way) for way in contest.ways),
        live="\n".join(f"| {name} | {tell(times)} |" for name, times in contest.live_s.items()),
        ratios="\n".join(_ratio(name, *entry, fast) for name, entry in ratios.items()),
        least=contest.least_bytes / 1e6,
        bound=contest.least_bytes / read_gb_s / 1e6,
        cause=_cause(contest.least_bytes / read_gb_s / 1e9, ratios, fast["float32"]),
        gaps="\n".join(f"| {name} | {gap:.1e} |" for name, gap in contest.gaps.items()),
        read=read_gb_s,
        copy=copy_gb_s,
        machine=describe_machine(),
    )


def _cause(bound_s: float, ratios: dict[str, tuple[Way, list[float], float]], fast_s: float) -> str:
    """What keeps the fast path from its goals, if it misses any."""
    medians = {name: median_and_p95(times)[0] / goal for name, (_, times, goal) in ratios.items()}
    missed = [needed for needed in medians.values() if needed < fast_s]
    if not missed:
        return "both goals are reached."
    asked = f"the goals ask for {1000 * min(missed):.1f} ms"
    if min(missed) < bound_s:
        return f"{asked}, which memory alone forbids with so much to read."
    return f"{asked}; what lies between is arithmetic and small calls."


def _row(way: Way) -> str:
    factor = tell(way.factor_s) if any(way.factor_s) else "none"
    cells = (tell(way.assembly.seconds), factor, tell(way.solve_s), tell(way.scratch_s))
    return f"| {way.name} | {' | '.join(cells)} | {tell(way.kept_s) if way.kept_s else 'no factor'} |"


def _ratio(name: str, way: Way, times: Sequence[float], goal: float, fast: dict[str, float]) -> str:
    ratios = {precision: median_and_p95(times)[0] / spent for precision, spent in fast.items()}
    verdict = "reached" if ratios["float32"] >= goal else "**missed**"
    values = " | ".join(f"{ratio:.0f}" for ratio in ratios.values())
    return f"| {name} ({way.name}) | {values} | {goal:.0f} | {verdict} |"


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(section())
