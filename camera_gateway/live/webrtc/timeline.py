"""One RTP time line over all of a camera's connections: it has no holes that were not there. Pure."""

from __future__ import annotations


class Timeline:
    """Media times as they come; a jump, or another connection, goes on by the hub's clock."""

    __slots__ = ("_captured_at_us", "_connection", "_last", "_rate_hz", "_shift")

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._connection: int | None = None
        self._shift = 0
        self._last = 0  # on our line
        self._captured_at_us = 0

    def at(self, media_time: int, captured_at_us: int, connection: int) -> int:
        """Where this unit stands."""
        rate = self._rate_hz
        if self._connection is None:
            self._shift = -media_time
        else:
            step = media_time + self._shift - self._last
            if connection != self._connection or not -rate <= step <= 10 * rate:
                passed = (captured_at_us - self._captured_at_us) * rate // 1_000_000
                self._shift = self._last + max(passed, 1) - media_time
        self._connection = connection
        self._captured_at_us = captured_at_us
        self._last = media_time + self._shift
        return self._last
