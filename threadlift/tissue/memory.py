"""Whether there is memory for a factorisation, asked before it starts: a process that is killed half way
explains nothing."""

from __future__ import annotations

import os
from pathlib import Path

from threadlift.errors import InputError

_MEMINFO = Path("/proc/meminfo")
_CONTAINER = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current"))
_CONTAINER_STAT = Path("/sys/fs/cgroup/memory.stat")
_MIB = 2**20
BYTES_PER_ENTRY = {"pardiso": 110, "superlu": 300}
"""Memory of factor and workspace per stored entry of the matrix. Measured with 5.8 and 8.4 million entries:
PARDISO 73 and 79, and 20 for the loads solved at a time; SuperLU 172 in the factors alone (5.8 million)."""


def free_bytes() -> int | None:
    """Memory that this process may still take, or None where the system does not tell."""
    known = [value for value in (_system_bytes(), _limit_bytes(), _container_bytes()) if value is not None]
    return min(known, default=None)


def require_memory(entries: int, unknowns: int, solver: str) -> None:
    """Raise ``InputError`` when a matrix of so many stored entries will not fit once it is factorised."""
    require_bytes(BYTES_PER_ENTRY[solver] * entries, unknowns)


def require_bytes(needed: int, unknowns: int) -> None:
    """Raise ``InputError`` when so many bytes are not free for a model of so many unknowns."""
    free = free_bytes()
    if free is not None and needed > free:
        raise InputError(
            f"needs about {needed / _MIB:,.0f} MiB of memory for {unknowns:,} unknowns, "
            f"and {free / _MIB:,.0f} MiB are free",
            where="tissue model",
            remedy="Close other programs, or use a machine with more memory.",
        )


def _system_bytes() -> int | None:
    """What the system could give: free memory where it says so, all of it elsewhere."""
    try:
        told = _MEMINFO.read_text().split()
        return 1024 * int(told[told.index("MemAvailable:") + 1])
    except (OSError, IndexError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not a POSIX system
        return None


def _limit_bytes() -> int | None:
    """What a limit on the address space of the process (``ulimit -v``) leaves."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        used = 0
    return max(limit - used, 0)


def _container_bytes() -> int | None:
    """What the container's limit leaves, if there is one; files that are only kept at hand give way."""
    try:
        most, used = (path.read_text().strip() for path in _CONTAINER)
    except OSError:
        return None
    if not (most.isdigit() and used.isdigit()):
        return None
    return max(int(most) - max(int(used) - _kept_at_hand(), 0), 0)


def _kept_at_hand() -> int:
    """Files in the container's memory that nobody has used lately: they count as used, but need not stay."""
    try:
        told = _CONTAINER_STAT.read_text().split()
        return int(told[told.index("inactive_file") + 1])
    except (OSError, IndexError, ValueError):
        return 0
