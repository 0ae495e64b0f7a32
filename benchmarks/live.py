"""How fast a plan answers while a thread is dragged: python benchmarks/live.py [--moves N] [--json FILE]

The whole demonstration face, 20 threads (10 a side), one thread of BLAS (the script starts itself again where
that is not set). Everything is measured in this process; a full solve of the same model is the reference.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from threadlift.tissue import CableThread, nominal_parameters
from threadlift.tissue.cable import build_cables
from threadlift.tissue.live import LivePlan, LiveResponse, live_key
from threadlift.tissue.live.store import live_path
from threadlift.tissue.part import TissuePart, build_part
from threadlift.tissue.verification.demonstration import demonstration_anatomy, four_threads

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
GOALS = {"move": (3.0, 6.0), "retension": (1.0, None), "toggle": (1.0, None)}
TOLERANCE = {"float32": 1e-5, "float64": 1e-8}


def twenty_threads() -> list[CableThread]:
    """Ten threads a side: the four of the demonstration face and neighbours of theirs, 1 N, some at the limit
    of what they hold."""
    anatomy, found = demonstration_anatomy(), []
    for side in ("left", "right"):
        four = four_threads(anatomy, side)
        for number in range(10):
            thread = four[number % 4]
            aside = np.array([0.0, 3.0, 1.0]) * (-1, 0, 1)[number // 4]
            found.append(
                replace(
                    thread,
                    id=f"{side}-{number}",
                    points_mm=thread.points_mm + aside,
                    holding_force_n=1.1 if number % 2 else 2.0,
                )
            )
    return found


def some_move(thread: CableThread, random: np.random.Generator) -> CableThread:
    """The thread up to 2 mm away along the skin of its side, with a tension between 0.6 and 1 N."""
    shift = random.uniform(-2, 2, 3) * [0.3, 1.0, 1.0]
    return replace(thread, points_mm=thread.points_mm + shift, tension_n=random.uniform(0.6, 1.0))


def spread(name: str, run: Callable[[], object], times: int) -> dict[str, Any]:
    """Median and 95th percentile of ``times`` runs, in ms: by the clock and of this thread's own work."""
    clock, own = [], []
    run()
    for _ in range(times):
        start, busy = time.perf_counter(), time.thread_time()
        run()
        clock.append(time.perf_counter() - start)
        own.append(time.thread_time() - busy)
    wall, work = (np.percentile(np.array(values) * 1e3, [50, 95]) for values in (clock, own))
    return {
        "what": name,
        "runs": times,
        "median_ms": float(wall[0]),
        "p95_ms": float(wall[1]),
        "own_median_ms": float(work[0]),
        "own_p95_ms": float(work[1]),
    }


def seconds(run: Callable[[], Any]) -> tuple[Any, float, float]:
    """What ``run`` gives, the seconds by the clock and those of this process."""
    start, busy = time.perf_counter(), time.process_time()
    answer = run()
    return answer, time.perf_counter() - start, time.process_time() - busy


def bandwidth_gb_per_s() -> float:
    """What a matrix-vector product of 400 MB reads a second."""
    matrix, vector = np.ones((10_000, 10_000), dtype=np.float32), np.ones(10_000, dtype=np.float32)
    best = min(seconds(lambda: matrix @ vector)[1] for _ in range(5))
    return float(matrix.nbytes / best / 1e9)


def disagreement(part: TissuePart, plan: LivePlan) -> dict[str, float]:
    """Largest difference of the plan's frame from a full solve in double precision, over the largest
    motion."""
    threads = list(plan.threads)
    pull = part.respond(threads).pull(threads)
    cables = build_cables(threads, part.spreading, part.ball_radius_mm)
    change = pull.piece_force_n - part.restraints.rest_force_n
    load = cables.coupling @ pull.segment_tension_n + part.restraints.coupling @ change
    expected = np.zeros((part.vertex_count, 3))
    expected[part.mesh.source] = part.skin(-part.factorisation.solve(load[:, None]))[:, :, 0]
    frame = plan.frame()
    return {
        "error": float(np.abs(frame.displacement_mm - expected).max() / np.abs(expected).max()),
        "largest_mm": float(np.abs(expected).max()),
        "barbs_slipping": int(frame.barbs_slipping.sum()),
        "pieces_slack": len(frame.slack),
    }


def bytes_of_a_move(response: LiveResponse, thread: CableThread) -> int:
    """What one move must read at least: the operators on the thread's path once, and all that lead down to
    the skin."""
    path = response.cable(thread).risen.load
    fronts, patches = response.face.operators.fronts, response.face.operators.patches
    inside = {number for patch in patches for number in range(patch.first, patch.last + 1)}
    total = sum(fronts[number].inverse.nbytes + fronts[number].follow.nbytes for number in path)
    total += sum(front.follow.nbytes for i, front in enumerate(fronts) if i not in inside and i not in path)
    return total + sum(patch.surface.nbytes for patch in patches)


def measure(moves: int = 100) -> dict[str, Any]:
    """All figures of this page."""
    anatomy, parameters, threads = demonstration_anatomy(), nominal_parameters(), twenty_threads()
    part, part_s, part_cpu_s = seconds(lambda: build_part(anatomy, parameters, "full"))
    random, key = np.random.default_rng(3), live_key(anatomy, parameters, "full")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, make_s, make_cpu_s = seconds(lambda: LiveResponse.of_part(part, key, folder))
        response, open_s, open_cpu_s = seconds(lambda: LiveResponse.open(anatomy, parameters, folder))
        disk = live_path(folder, key, "float32").stat().st_size
        plan, plan_s, plan_cpu_s = seconds(lambda: LivePlan(response, threads))
        dragged, tensions = threads[1], iter(random.uniform(0.5, 1.0, 10 * moves))
        rows = [spread("move", lambda: plan.move(some_move(dragged, random)), moves)]
        agreement = {"float32": [disagreement(part, plan)]}
        for number in (6, 13):
            plan.move(some_move(threads[number], random))
            agreement["float32"].append(disagreement(part, plan))
        rows.append(spread("retension", lambda: plan.retension("left-1", next(tensions)), moves))
        rows.append(spread("toggle", lambda: plan.toggle("right-3"), moves))
        least = bytes_of_a_move(response, dragged)
        count = sum(len(geometry.row_of) for geometry in [response.cable(t).geometry for t in threads])
    exact = LivePlan(LiveResponse.of_part(part, key, None, precision="float64"), threads)
    agreement["float64"] = []
    for number in (1, 13):
        exact.move(some_move(threads[number], random))
        agreement["float64"].append(disagreement(part, exact))
    speed = bandwidth_gb_per_s()
    return {
        "unknowns": int(part.factorisation.matrix.shape[0]),
        "threads": len(threads),
        "barbs": count,
        "pieces": len(part.restraints),
        "seconds": {
            "model (mesh, stiffness, PARDISO, pieces)": (part_s, part_cpu_s),
            "live response of the whole face, computed and written": (make_s, make_cpu_s),
            "the same opened again from disk": (open_s, open_cpu_s),
            "plan of 20 threads opened": (plan_s, plan_cpu_s),
        },
        "disk_mb": disk / 1e6,
        "rows": rows,
        "agreement": agreement,
        "read_mb": least / 1e6,
        "bandwidth_gb_per_s": speed,
        "bound_ms": least / speed / 1e6,
        "load": os.getloadavg()[0],
    }


def section() -> str:
    """The figures as a part of docs/performance.md, measured in a process with one thread of BLAS."""
    done = subprocess.run(
        [sys.executable, __file__],
        env=os.environ | dict.fromkeys(ONE_THREAD, "1"),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def describe(found: dict[str, Any]) -> str:
    """Figures of ``measure`` as text and tables."""
    lines = [
        "## Live response",
        "",
        f"Whole demonstration face, {found['unknowns']:,} unknowns, {found['threads']} threads with "
        f"{found['barbs']} barbs, {found['pieces']} ligament pieces, one BLAS thread "
        f"(`python benchmarks/live.py`; load of the machine meanwhile {found['load']:.1f}). *Own* is "
        "processor time of the answering thread; where it differs from the clock, the processor was shared.",
        "",
        "| step | seconds | own seconds |",
        "|---|---|---|",
        *(f"| {name} | {wall:.1f} | {own:.1f} |" for name, (wall, own) in found["seconds"].items()),
        "",
        "| action | median / p95, ms | own median / p95, ms | goal, ms | reached |",
        "|---|---|---|---|---|",
        *(_row(row) for row in found["rows"]),
        "",
        f"One move reads at least {found['read_mb']:.0f} MB of operators: {found['bound_ms']:.1f} ms at "
        f"{found['bandwidth_gb_per_s']:.0f} GB/s, measured beside it. On disk {found['disk_mb']:.0f} MB "
        "(limit 2,500), the whole face, no corridors. Why a move is not faster: "
        "`docs/decisions/0010-live-response.md`.",
        "",
        "| precision | worst error against a full solve | limit | barbs slipping | pieces slack |",
        "|---|---|---|---|---|",
        *(_agreement(name, cases) for name, cases in found["agreement"].items()),
    ]
    return "\n".join(lines) + "\n"


def _row(row: dict[str, Any]) -> str:
    median, p95 = GOALS[row["what"]]
    met = row["median_ms"] <= median and (p95 is None or row["p95_ms"] <= p95)
    goal = f"{median:g}" if p95 is None else f"{median:g} / {p95:g}"
    return (
        f"| {row['what']} ({row['runs']} runs) | {row['median_ms']:.1f} / {row['p95_ms']:.1f} | "
        f"{row['own_median_ms']:.1f} / {row['own_p95_ms']:.1f} | {goal} | {'yes' if met else 'no'} |"
    )


def _agreement(name: str, cases: list[dict[str, float]]) -> str:
    worst = max(case["error"] for case in cases)
    slips = ", ".join(str(case["barbs_slipping"]) for case in cases)
    slack = ", ".join(str(case["pieces_slack"]) for case in cases)
    return f"| {name} | {worst:.1e} | {TOLERANCE[name]:.0e} | {slips} | {slack} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | dict.fromkeys(ONE_THREAD, "1"))
    found = measure(chosen.moves)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(describe(found), end="")


if __name__ == "__main__":
    main()
