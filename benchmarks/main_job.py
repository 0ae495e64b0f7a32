"""Where the time of the main job goes: `python benchmarks/main_job.py [--json FILE] [options]`.

Runs `threadlift plan` in fresh processes: with nothing kept, with face and response kept, and with the solver
that stands in where PARDISO is missing. Options of `threadlift plan` (`--scan`, `--intake`, `--scale-mm` ...)
replace those of the demonstration patient. Asserts nothing; seconds belong to one machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "demo"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
START = "Start: Python and libraries"
TEXT = """## The main job

`threadlift plan` on the demonstration patient, each run in a fresh process. Goals: 60 s with nothing kept,
15 s with face and response kept, below 4 GiB, on two cores. Wall clock and processor time; where other work
runs beside it, processor time is the one to compare. One thread is used throughout, by PARDISO too.

{table}

*Nothing kept* is a first run. *Kept* is the same command into the same folder: the fitted face and the
tissue's answer to these threads are taken over where scan, person and threads are unchanged. *Without
PARDISO* is the fallback, SuperLU: each side of the face is then solved on its own half
([decision 6](decisions/0006-whole-face-or-halves.md))."""


@dataclass(frozen=True)
class Run:
    """One run of the main job: seconds by the wall clock and of the processor, in all and by stage."""

    name: str
    wall_s: float
    cpu_s: float
    peak_gib: float
    stages: dict[str, tuple[float, float]]


def main() -> None:
    """Measure and print."""
    if "--as-child" in sys.argv:
        _run_as_child()
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures there")
    chosen, options = parser.parse_known_args()
    runs = measure_all(options)
    if chosen.json:
        chosen.json.write_text(json.dumps([vars(run) for run in runs], indent=1) + "\n", encoding="utf-8")
    print(render(runs))


def section() -> str:
    """The section of docs/performance.md: the demonstration patient."""
    return render(measure_all([]))


def measure_all(options: list[str]) -> list[Run]:
    """A first run, a second one into the same folder, and a first one without PARDISO."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        return [
            measure("nothing kept", case, options),
            measure("face and response kept", case, options),
            measure("nothing kept, without PARDISO", Path(folder) / "slow", options, pardiso=False),
        ]


def measure(name: str, case: Path, options: list[str], *, pardiso: bool = True) -> Run:
    """Run ``threadlift plan`` into ``case`` in a process of its own."""
    marks = case.parent / "marks.json"
    defaults = {"--scan": EXAMPLES / "scan.ply", "--intake": EXAMPLES / "intake.toml"}
    given = [str(word) for pair in defaults.items() if pair[0] not in options for word in pair]
    command = [sys.executable, __file__, "--as-child", str(marks), *given, *options, "-o", str(case)]
    settings = {name: os.environ.get(name, "1") for name in ONE_THREAD}
    if not pardiso:
        settings["THREADLIFT_SOLVER"] = "superlu"
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **settings})
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"threadlift plan ended with {process.returncode}")
    peak_gib = usage.ru_maxrss / (1024**2 if sys.platform != "darwin" else 1024**3)
    return Run(name, wall_s, usage.ru_utime + usage.ru_stime, peak_gib, _stages(marks, wall_s, usage))


def render(runs: list[Run]) -> str:
    """The section with the table of all runs."""
    names = list(dict.fromkeys(name for run in runs for name in run.stages))
    rows = [
        f"| Stage, wall / processor s | {' | '.join(run.name for run in runs)} |",
        "|---" * (len(runs) + 1) + "|",
    ]
    for name in names:
        cells = [
            f"{run.stages[name][0]:.1f} / {run.stages[name][1]:.1f}" if name in run.stages else ""
            for run in runs
        ]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    rows.append(f"| **In all** | {' | '.join(f'**{run.wall_s:.1f} / {run.cpu_s:.1f}**' for run in runs)} |")
    rows.append(f"| Peak memory, GiB | {' | '.join(f'{run.peak_gib:.2f}' for run in runs)} |")
    return TEXT.format(table="\n".join(rows))


def _stages(marks: Path, wall_s: float, usage: resource.struct_rusage) -> dict[str, tuple[float, float]]:
    """Seconds between the marks that the child set; what came before the first is the start."""
    rows = json.loads(marks.read_text(encoding="utf-8"))
    ends = [*rows[1:], ["", rows[0][1] + wall_s, usage.ru_utime + usage.ru_stime]]
    stages: dict[str, tuple[float, float]] = {}
    for (name, wall, cpu), (_, next_wall, next_cpu) in zip(rows, ends, strict=True):
        so_far = stages.get(name, (0.0, 0.0))
        stages[name] = (so_far[0] + next_wall - wall, so_far[1] + next_cpu - cpu)
    return stages


def _run_as_child() -> None:
    """`threadlift plan` with a mark at each stage that it tells."""
    marks: list[tuple[str, float, float]] = [(START, time.time() - time.process_time(), 0.0)]

    def mark(name: str) -> None:
        if name != marks[-1][0]:
            marks.append((name, time.time(), time.process_time()))

    _, _, path, *arguments = sys.argv
    from threadlift.cli import plan as job
    from threadlift.cli.app import main as run_command

    build, write = job.build_case, job.write_report

    def marked_build(request: Any, *, progress: Any) -> Any:
        def tell(stage: Any, share: float) -> None:
            mark(stage.en)
            progress(stage, share)

        return build(request, progress=tell)

    def marked_write(*given: Any) -> Any:
        mark("Writing the report")
        return write(*given)

    job.build_case, job.write_report = marked_build, marked_write
    sys.argv = ["threadlift", "plan", *arguments]
    try:
        run_command()
    finally:
        Path(path).write_text(json.dumps(marks), encoding="utf-8")


if __name__ == "__main__":
    main()
