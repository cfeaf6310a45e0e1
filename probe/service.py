"""What the supervisor must know of one process: how it is started, when it is ready, how long it may take to end.

Pure data; the functions in it are called on the supervisor's loop and are short.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.errors import HubError


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One process. Those of a lower `stage` are ready before the next stage starts, and end after it."""

    name: str
    argv: tuple[str, ...]  # no secret: others see it
    env: Mapping[str, str] | None = None  # all of it; None: the supervisor's own
    cwd: Path | None = None
    stage: int = 1
    ports: tuple[tuple[str, int], ...] = ()  # (host, port) that must be free before anything is started
    prepare: Callable[[], None] | None = None  # before each start; may raise HubError
    pass_fds: Callable[[], tuple[int, ...]] | None = None
    ready: Callable[[], Awaitable[bool]] | None = None  # None: when it has started
    ready_within_s: float = 60.0
    alive: Callable[[], Awaitable[bool]] | None = None  # whether it still answers, once it was ready; None: not asked
    stop_within_s: float = 6.0
    explain: Callable[[list[str]], HubError] | None = None  # why it ended, from its last lines
    ended: Callable[[], None] | None = None  # after it was stopped for good
