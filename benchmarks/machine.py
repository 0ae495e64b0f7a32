"""What this machine is and how fast it reads memory; how timings are told."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

Answer = TypeVar("Answer")

_BYTES = 2**30
_REPEATS = 7


def describe_machine() -> str:
    """Processor, cores and Python, in words."""
    python = platform.python_version()
    return (
        f"{_processor()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {python}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def measure_bandwidth() -> tuple[float, float]:
    """GB/s of reading 1 GiB (a sum of squares) and of copying it (bytes read and written), one thread."""
    data = np.ones(_BYTES // 8)
    target = np.empty_like(data)
    read = min(timed(lambda: data @ data)[1] for _ in range(_REPEATS))
    copied = min(timed(lambda: np.copyto(target, data))[1] for _ in range(_REPEATS))
    return data.nbytes / read / 1e9, 2 * data.nbytes / copied / 1e9


def timed(task: Callable[[], Answer]) -> tuple[Answer, float]:
    """What a task gives, and its wall-clock seconds."""
    start = time.perf_counter()
    answer = task()
    return answer, time.perf_counter() - start


def median_and_p95(times_s: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return float(np.median(times_s)), float(np.percentile(times_s, 95))


def tell(times_s: Sequence[float]) -> str:
    """Median and 95th percentile in a unit that suits them, and the number of runs when it is small."""
    median, high = median_and_p95(times_s)
    few = "" if len(times_s) >= 5 else f" ({len(times_s)} run{'s' * (len(times_s) > 1)})"
    if median < 1:
        return f"{1000 * median:.3g} / {1000 * high:.3g} ms{few}"
    return f"{median:.3g} / {high:.3g} s{few}"
