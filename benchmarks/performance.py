"""How long things take: `python benchmarks/performance.py [-o PAGE]` measures all of it and makes one page.

Every section comes from a module of its own beside this one. `make performance` keeps docs/performance.md,
with one thread of BLAS (OMP_NUM_THREADS and its like set to 1) as everywhere in the project. Some minutes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import full_model
import live
import main_job
import peers
from machine import describe_machine

HEAD = """# How long things take

Made by `make performance` (`benchmarks/performance.py`) on one machine: {machine}. Seconds belong to it.
"""


def main() -> None:
    """Measure every section; print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, help="write the page there")
    chosen = parser.parse_args()
    parts = [HEAD.format(machine=describe_machine())]
    for module in (main_job, full_model, live, peers):
        print(module.__name__, file=sys.stderr, flush=True)
        parts.append(module.section().strip() + "\n")
    page = "\n".join(parts)
    if chosen.output:
        chosen.output.write_text(page, encoding="utf-8")
    else:
        print(page, end="")


if __name__ == "__main__":
    main()
