"""What Linux tells of the whole machine under /proc. Reads files of the kernel: quick, never waits for a disk."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")


class Ticks(NamedTuple):
    """Processor time of all cores since the start, in the kernel's ticks."""

    busy: int
    all: int


def ticks(proc: Path = _PROC) -> Ticks | None:
    """The first line of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal …; None without it."""
    try:
        fields = [int(field) for field in (proc / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    return Ticks(sum(fields) - fields[3] - fields[4], sum(fields)) if len(fields) >= 5 else None


def memory(proc: Path = _PROC) -> tuple[int, int] | None:
    """Total and used (total less available) in bytes, by /proc/meminfo; None without it."""
    try:
        lines = (proc / "meminfo").read_text().splitlines()
        known = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
        return known["MemTotal"], known["MemTotal"] - known["MemAvailable"]
    except (OSError, ValueError, KeyError, IndexError):
        return None
