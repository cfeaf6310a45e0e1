"""What waits to be drawn anew: put by the gateway's loop in a plain call, taken by one drawing thread.

Bounded. Full, it throws away what waits and all that comes until the next keyframe, and counts it, so a thread that is
slow draws fewer pictures and never broken ones. A beginning is never thrown away.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from camera_gateway.live.budget import Plan
from camera_gateway.sources.base import AccessUnit, VideoFormat

MOST_UNITS = 60
MOST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Beginning:
    """What follows is of this format and is to become this; `kept` is what was before it, to start from."""

    number: int
    fmt: VideoFormat
    plan: Plan
    kept: tuple[AccessUnit, ...]
    complete: bool  # the next unit follows upon `kept`; else only a keyframe can be decoded


class Inbox:
    """The loop calls `begin`, `put`, `want_keyframe` and `close`; the thread calls `take` and `keyframe_wanted`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._begin: Beginning | None = None  # stands before all units that wait
        self._units: deque[AccessUnit] = deque()
        self._bytes = 0
        self._until_keyframe = False
        self._keyframe_wanted = False
        self._closed = False
        self.dropped = 0
        self.newest_us = 0

    def begin(self, beginning: Beginning) -> None:
        """What waits is of the past."""
        with self._changed:
            self._begin = beginning
            self._clear()
            self._until_keyframe = not beginning.complete
            self._changed.notify()

    def put(self, unit: AccessUnit) -> None:
        """Queue it, or drop."""
        with self._changed:
            self.newest_us = unit.captured_at_us
            if unit.keyframe:
                self._until_keyframe = False
            elif self._until_keyframe:
                self.dropped += 1
                return
            if len(self._units) >= MOST_UNITS or self._bytes + len(unit.data) > MOST_BYTES:
                self.dropped += len(self._units)
                self._clear()
                if not unit.keyframe:
                    self.dropped += 1
                    self._until_keyframe = True
                    return
            self._units.append(unit)
            self._bytes += len(unit.data)
            self._changed.notify()

    def want_keyframe(self) -> None:
        """The next picture that is drawn must stand for itself."""
        with self._changed:
            self._keyframe_wanted = True

    def close(self) -> None:
        """`take` gives no more."""
        with self._changed:
            self._closed = True
            self._begin = None
            self._clear()
            self._changed.notify()

    @property
    def closed(self) -> bool:
        """Whether the thread should end."""
        return self._closed

    def take(self) -> Beginning | AccessUnit | None:
        """The next; waits for one. None: it is over."""
        with self._changed:
            while not self._closed:
                if self._begin is not None:
                    beginning, self._begin = self._begin, None
                    return beginning
                if self._units:
                    unit = self._units.popleft()
                    self._bytes -= len(unit.data)
                    return unit
                self._changed.wait()
        return None

    def keyframe_wanted(self) -> bool:
        """Whether one was asked for since the last question."""
        with self._changed:
            wanted, self._keyframe_wanted = self._keyframe_wanted, False
            return wanted

    def _clear(self) -> None:
        self._units.clear()
        self._bytes = 0
