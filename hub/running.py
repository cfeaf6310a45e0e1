"""Which hubs run on this machine for this user: each `up` or `demo` says so in a file that it keeps locked.

The lock goes with the process, so a killed hub is not listed and its number may be another's. Files of mode 0600 in
the user's runtime directory; no secret in them. Blocking, short.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from hub.runtime_dir import private_dir, runtime_dir


@dataclass(frozen=True, slots=True)
class RunningHub:
    """One that answers now, or is about to."""

    pid: int
    data_dir: str
    console_url: str
    gateway_url: str


@contextlib.contextmanager
def announced(hub: RunningHub) -> Iterator[None]:
    """List `hub` while the block runs (or until this process dies)."""
    path = _folder() / f"{hub.pid}-{os.urandom(4).hex()}.json"
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, json.dumps(asdict(hub)).encode())
        draft.rename(path)
        yield
    finally:
        path.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
        os.close(handle)


def find() -> list[RunningHub]:
    """All that run, oldest first; what the dead left is removed."""
    found: list[tuple[float, RunningHub]] = []
    for path in _folder().glob("*.json"):
        try:
            with path.open("rb") as file:
                if _abandoned(file.fileno()):
                    path.unlink(missing_ok=True)
                    continue
                found.append((path.stat().st_mtime, RunningHub(**json.load(file))))
        except (OSError, ValueError, TypeError):
            continue  # gone meanwhile, or not ours
    return [hub for _, hub in sorted(found, key=lambda pair: pair[0])]


def _folder() -> Path:
    return private_dir(runtime_dir() / "running")


def _abandoned(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
