"""What processes cost, read from /proc (Linux): CPU seconds and memory, the same way for us and for others.

Memory is PSS (proportional set size): private pages plus each shared page divided by those that share it, so that a
hundred processes of one program do not pay for its libraries a hundred times. Blocking and short.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_USER, _SYSTEM = 11, 12  # of /proc/PID/stat, counted behind the name


def cpu_s(pids: Iterable[int]) -> float:
    """User and system time of these processes, all their threads; one that is gone raises FileNotFoundError."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[_USER]) + int(fields[_SYSTEM])
    return total / _TICKS_A_SECOND


def exact_cpu_s(pid: int) -> float:
    """The same of one process's living threads, from the scheduler's own count in nanoseconds.

    `cpu_s` is sampled at the clock's ticks, which work that a timer starts in step with them escapes: half of it was
    missed in some runs. Where the kernel keeps no such count it is `cpu_s`.
    """
    try:
        return sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    except (OSError, IndexError):
        return cpu_s([pid])


def memory_mb(pids: Iterable[int]) -> float:
    """PSS in MB (10^6 bytes)."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total * 1024 / 1e6


def threads(pid: int) -> int:
    """How many threads the process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def descriptors(pid: int) -> int:
    """How many descriptors (files, sockets) it holds open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def anonymous_mb(pid: int) -> float:
    """Resident memory that no file stands behind, in MB: heaps and stacks, whoever else maps the same libraries."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise FileNotFoundError(f"/proc/{pid}/status has no RssAnon")


def processor() -> str:
    """The processor's name and how many of it there are, for the documents."""
    try:
        names = [
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ]
    except OSError:
        names = []
    return f"{names[0] if names else 'unknown'} x {len(os.sched_getaffinity(0))}"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one contender over a stretch of time, for each of its cameras."""

    cameras: int
    cpu_ms_per_camera_s: float
    rss_mb_per_camera: float  # PSS, see above

    @classmethod
    def of(cls, cameras: int, seconds: float, cpu: float, memory: float) -> Cost:
        """From totals: CPU seconds within `seconds`, MB."""
        return cls(cameras, round(cpu * 1000 / cameras / seconds, 4), round(memory / cameras, 4))
