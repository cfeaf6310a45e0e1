"""Lets connections that nobody watches rest between reads, so that a read brings several pictures instead of one.

With hundreds of cameras most of what a picture costs is waking up for it: a socket event, a read, a cold path. One
pacer for all sources of a loop, one timer. Below `from_sources` connections, and for a camera that somebody watches,
nothing is delayed; else a picture is at most `rest_s` later, on the hub's clock too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Protocol, runtime_checkable

REST_S: Final = 0.16
FROM_SOURCES: Final = 64
_TICK_S: Final = 0.03


@runtime_checkable
class Watched(Protocol):
    """A sink that knows whether somebody waits for each picture."""

    @property
    def watched(self) -> bool:
        """Whether the next picture should come at once."""
        ...


class Pacer:
    """Used on one event loop only."""

    def __init__(self, rest_s: float = REST_S, from_sources: int = FROM_SOURCES) -> None:
        self._rest_s = rest_s
        self._from_sources = from_sources
        self._sources = 0
        self._resting: deque[tuple[float, asyncio.Transport]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def joined(self) -> None:
        """A source plays."""
        self._sources += 1

    def left(self) -> None:
        """It does no more."""
        self._sources -= 1

    def rest(self, transport: asyncio.Transport) -> None:
        """Read nothing more from it for a moment; what comes waits in the socket."""
        if self._sources < self._from_sources or transport.is_closing():
            return
        loop = asyncio.get_running_loop()
        transport.pause_reading()
        self._resting.append((loop.time() + self._rest_s, transport))
        if self._timer is None:
            self._timer = loop.call_later(_TICK_S, self._wake)

    def _wake(self) -> None:
        loop = asyncio.get_running_loop()
        now, resting = loop.time(), self._resting
        while resting and resting[0][0] <= now:
            transport = resting.popleft()[1]
            if not transport.is_closing():
                transport.resume_reading()
        self._timer = loop.call_later(_TICK_S, self._wake) if resting else None
