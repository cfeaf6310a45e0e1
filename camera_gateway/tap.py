"""Which keyframes of one camera are worth a look: told from sizes and times, never from pixels.

A listener of the camera's stream on the gateway's loop; costs well under a microsecond a frame. A keyframe goes when
something moved since the one before, when the longest time without a look is over, or always where sizes do not tell
(the pixel gate of the detector decides then). Deterministic: its only time is the units' own.
"""

from __future__ import annotations

from collections.abc import Callable

from camera_gateway.activity import ActivityMeter, Telling
from camera_gateway.sources.base import AccessUnit, VideoFormat
from hub.contracts.frame import FrameReason

# Somebody who stopped moving is still there: keyframes go on for so long after the last activity, which is longer than
# the shortest time a rule asks for by default (4 s), and the first quiet ones show the judge an empty scene again.
LINGER_US = 8_000_000

Offer = Callable[[AccessUnit, FrameReason], None]
Take = Callable[[AccessUnit], None]


class Tap:
    """Watches one camera's sizes; calls `offer` for each keyframe that should be looked at."""

    __slots__ = (
        "_active_at",
        "_asked",
        "_heartbeat_us",
        "_interval_us",
        "_looked_at",
        "_meter",
        "_offer",
        "_take",
        "looks",
    )

    def __init__(self, offer: Offer, heartbeat_s: float, look_interval_s: float) -> None:
        self._offer = offer
        self._heartbeat_us = int(heartbeat_s * 1e6)
        self._interval_us = int(look_interval_s * 1e6)
        self._meter = ActivityMeter()
        self._looked_at: int | None = None
        self._active_at: int | None = None
        self._asked = False
        self._take: Take | None = None
        self.looks = 0

    def look_next(self) -> None:
        """Offer the next keyframe whatever its size tells: the camera is opened for this look."""
        self._asked = True

    def give_next(self, take: Take | None) -> None:
        """Give the next keyframe to `take` in place of offering it, whatever its size tells; None: no more."""
        self._take = take

    def on_format(self, fmt: VideoFormat) -> None:
        """Another size or encoder: what was learned no longer holds."""
        self._meter = ActivityMeter()

    def on_unit(self, unit: AccessUnit) -> None:
        """Measure it; at a keyframe decide."""
        if not unit.keyframe:
            self._meter.frame(len(unit.data), unit.media_time)
            return
        telling = self._meter.keyframe(len(unit.data), unit.media_time)
        now = unit.captured_at_us
        if telling is Telling.ACTIVE:
            self._active_at = now
        if self._take is not None:
            take, self._take = self._take, None
            self._asked = False
            self._looked_at = now
            self.looks += 1
            take(unit)
            return
        reason = self._reason(telling, now)
        if reason is None and self._asked:
            reason = FrameReason.HEARTBEAT
        if reason is not None:
            self._asked = False
            self._looked_at = now
            self.looks += 1
            self._offer(unit, reason)

    def _reason(self, telling: Telling, now: int) -> FrameReason | None:
        since_look = None if self._looked_at is None else now - self._looked_at
        if since_look is not None and 0 <= since_look < self._interval_us:
            return None
        if telling is Telling.BLIND:
            return FrameReason.BLIND
        # A wall clock that was set back makes times negative: look, rather than wait for it to catch up.
        if self._active_at is not None and 0 <= now - self._active_at <= LINGER_US:
            return FrameReason.ACTIVITY
        if since_look is None or since_look < 0 or since_look >= self._heartbeat_us:
            return FrameReason.HEARTBEAT
        return None
