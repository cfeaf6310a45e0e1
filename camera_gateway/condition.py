"""How one camera does: starting, online, degraded while media is missing, offline; with the cause and since when.

Pure: it is told of ticks and failures with their times and never asks a clock. A picture that stopped is stale after
`stale_after_s` and the camera offline after `offline_after_s`, whatever its connection says.
"""

from __future__ import annotations

from datetime import datetime

from camera_gateway.stream import Stream
from hub.contracts.camera import CameraState, Cause, StreamFacts

# Rates are told over at least this long: five GOPs of two seconds.
_FACTS_S = 10.0


class Condition:
    """The state of one camera; its methods return True when state or cause became another."""

    def __init__(self, stale_after_s: float, offline_after_s: float, now: datetime) -> None:
        self._stale_after_s = stale_after_s
        self._offline_after_s = offline_after_s
        self._units = 0
        self._media_at: float | None = None  # monotonic; None: never since it started
        self._flowing_since: float | None = None
        self._started_at: float | None = None
        self._failure: tuple[Cause, str] | None = None
        self._counted: tuple[float, int, int, int] | None = None  # monotonic, units, bytes, keyframes
        self.state = CameraState.OFFLINE
        self.cause = Cause.STARTING
        self.detail: str | None = None
        self.since = now
        self.last_media_at: datetime | None = None
        self.facts = StreamFacts()

    def starting(self, now: datetime) -> None:
        """It is allowed (again), or its address or login changed."""
        self._media_at = self._flowing_since = self._started_at = self._failure = self._counted = None
        self.facts = StreamFacts()
        self.is_now(CameraState.OFFLINE, Cause.STARTING, None, now)

    def tick(self, stream: Stream, now: datetime, monotonic: float) -> bool:
        """Look whether units came since the last tick."""
        if self._started_at is None:
            self._started_at = monotonic
        if stream.units != self._units:
            self._units = stream.units
            self._media_at = monotonic
            self.last_media_at = now
            self._failure = None
            if self._flowing_since is None:
                self._flowing_since = monotonic
                self._counted = None
            told = self._measure(stream, monotonic)
            return self.is_now(CameraState.ONLINE, Cause.NONE, None, now) or told
        silent_s = self.silent_s(monotonic)
        if silent_s > self._stale_after_s:
            self._flowing_since = None
        if self._media_at is None:
            return self._never_came(now, silent_s)
        if silent_s <= self._stale_after_s:
            return False
        cause, detail = self._failure or (Cause.NO_MEDIA, "camera_gateway.no_media")
        if self.state is not CameraState.OFFLINE:
            state = CameraState.OFFLINE if silent_s > self._offline_after_s else CameraState.DEGRADED
            return self.is_now(state, cause, detail, now)
        return False

    def failed(self, cause: Cause, detail: str, now: datetime, monotonic: float) -> bool:
        """A try ended. A camera whose picture flowed a moment ago is given until `offline_after_s` to come back."""
        self._failure = (cause, detail)
        self._flowing_since = None
        if self._media_at is not None and self.silent_s(monotonic) <= self._offline_after_s:
            return self.is_now(CameraState.DEGRADED, cause, detail, now)
        return self.is_now(CameraState.OFFLINE, cause, detail, now)

    def is_now(self, state: CameraState, cause: Cause, detail: str | None, now: datetime) -> bool:
        """Become this; `since` moves with the state and not with the cause alone."""
        if (state, cause, detail) == (self.state, self.cause, self.detail):
            return False
        if state is not self.state:
            self.since = now
        self.state, self.cause, self.detail = state, cause, detail
        return True

    def silent_s(self, monotonic: float) -> float:
        """Seconds since media was seen, or since it started when there was none."""
        at = self._media_at if self._media_at is not None else self._started_at
        return 0.0 if at is None else monotonic - at

    def flowing_s(self, monotonic: float) -> float:
        """Seconds of media without a break of `stale_after_s`."""
        return 0.0 if self._flowing_since is None else monotonic - self._flowing_since

    def _never_came(self, now: datetime, silent_s: float) -> bool:
        """Connected or connecting, and nothing yet: after the time to go offline it is no longer "starting"."""
        if self.cause is Cause.STARTING and silent_s > self._offline_after_s:
            return self.is_now(CameraState.OFFLINE, Cause.NO_MEDIA, "camera_gateway.no_media", now)
        return False

    def _measure(self, stream: Stream, monotonic: float) -> bool:
        fmt = stream.fmt
        if self._counted is None:
            self._counted = (monotonic, stream.units, stream.bytes, stream.keyframes)
            if fmt is None or self.facts.codec is not None:
                return False
            self.facts = StreamFacts(
                codec=fmt.codec, width_px=fmt.width_px, height_px=fmt.height_px, frame_rate=fmt.frame_rate
            )
            return True
        at, units, size, keyframes = self._counted
        seconds = monotonic - at
        if seconds < _FACTS_S:
            return False
        self._counted = (monotonic, stream.units, stream.bytes, stream.keyframes)
        first = self.facts.bit_rate_kbps is None
        self.facts = StreamFacts(
            codec=fmt.codec if fmt else None,
            width_px=fmt.width_px if fmt else None,
            height_px=fmt.height_px if fmt else None,
            frame_rate=round((stream.units - units) / seconds, 1),
            bit_rate_kbps=round((stream.bytes - size) * 8 / seconds / 1000, 1),
            gop_s=round(seconds / (stream.keyframes - keyframes), 2) if stream.keyframes > keyframes else None,
        )
        return first
