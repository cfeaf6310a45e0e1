"""How one camera does: starting, online, degraded, offline, at rest, waiting; with the cause and since when.

Pure: it is told of ticks and failures with their times and never asks a clock. A picture that stopped is stale after
`stale_after_s` and the camera dark after `offline_after_s`, whatever its connection says. Dark is called offline; but
until `grace_until_s`, while a gateway that has just started finds its cameras, one that it has not yet seen is called
degraded, with its cause, unless the camera itself answered with a refusal.
"""

from __future__ import annotations

from datetime import datetime

from camera_gateway.stream import Stream
from hub.contracts.camera import CameraState, Cause, StreamFacts

# Rates are told over at least this long: five GOPs of two seconds.
_FACTS_S = 10.0
# What a restart of ours brings about: everybody opens at once, sessions of our former self are still there. The other
# causes are the camera's own word, and a minute and a half of waiting makes them no truer.
_EXCUSED = (Cause.UNREACHABLE, Cause.NO_MEDIA, Cause.PROTOCOL, Cause.SESSION_LIMIT, Cause.STARTING)
_CLOCK = "camera_gateway.cause_clock"
_RESTING = "camera_gateway.cause_resting"
_WAITING = "camera_gateway.cause_waiting"


class Condition:
    """The state of one camera; its methods return True when state or cause became another."""

    def __init__(
        self, stale_after_s: float, offline_after_s: float, now: datetime, grace_until_s: float = float("-inf")
    ) -> None:
        self._stale_after_s = stale_after_s
        self._offline_after_s = offline_after_s
        self._grace_until_s = grace_until_s
        self._units = 0
        self._media_at: float | None = None  # monotonic; None: never since it started
        self._flowing_since: float | None = None
        self._started_at: float | None = None
        self._failure: tuple[Cause, str] | None = None
        self._counted: tuple[float, int, int, int] | None = None  # monotonic, units, bytes, keyframes
        self._seen = False  # a picture came since the gateway started
        self._answered = False  # … or at least a connection was accepted since `starting`
        self.untried = True  # it has not been `starting`, or was stopped since
        self.dark = False  # it should show a picture and shows none
        self.clock_astray = False
        self.state = CameraState.OFFLINE
        self.cause = Cause.STARTING
        self.detail: str | None = None
        self.since = now
        self.last_media_at: datetime | None = None
        self.facts = StreamFacts()

    def starting(self, now: datetime, monotonic: float) -> bool:
        """It is allowed (again), or its address or login changed."""
        self.opening()
        self._failure, self._answered, self.untried = None, False, False
        self.facts = StreamFacts()
        state = CameraState.DEGRADED if self._excused(Cause.STARTING, monotonic) else CameraState.OFFLINE
        return self.is_now(state, Cause.STARTING, None, now)

    def stopped(self, state: CameraState, cause: Cause, now: datetime) -> bool:
        """It may not be pulled."""
        self.opening()
        self.untried = True
        return self.is_now(state, cause, f"camera_gateway.{cause.value}", now)

    def opening(self) -> None:
        """It is opened after a rest: what it was called stands until there is something to tell."""
        self._media_at = self._flowing_since = self._started_at = self._counted = None
        self.dark = False

    def rests(self, now: datetime) -> bool:
        """It is not pulled now, and need not be. One that failed stays what it is, one not yet tried is starting."""
        self._media_at = self._flowing_since = self._started_at = self._counted = None
        if self._failure is not None or not self._answered:
            return False
        return self.is_now(CameraState.ONLINE, Cause.RESTING, _RESTING, now)

    def waits(self, now: datetime) -> bool:
        """It should be pulled, and its line is full. One that failed stays what it is."""
        if self._failure is not None:
            return False
        return self.is_now(CameraState.DEGRADED, Cause.WAITING, _WAITING, now)

    def knocked(self, accepts: bool, now: datetime, monotonic: float) -> bool:
        """What a bare connect says of a camera that is not pulled now. It tells nothing of logins and pictures."""
        if not accepts:
            return self.failed(Cause.UNREACHABLE, "camera_gateway.cause_unreachable", now, monotonic)
        self._answered = True
        if self._failure is not None and self._failure[0] is Cause.UNREACHABLE:
            self._failure, self.dark = None, False
        return False

    def tick(self, stream: Stream, now: datetime, monotonic: float) -> bool:
        """Look whether units came since the last tick."""
        if self._started_at is None:
            self._started_at = monotonic
        if stream.units != self._units:
            self._units = stream.units
            self._media_at = monotonic
            self.last_media_at = now
            self._failure = None
            self._seen, self._answered, self.dark = True, True, False
            if self._flowing_since is None:
                self._flowing_since = monotonic
                self._counted = None
            told = self._measure(stream, monotonic)
            return self._flows(now) or told
        silent_s = self.silent_s(monotonic)
        if silent_s > self._stale_after_s:
            self._flowing_since = None
        if self._media_at is None:
            return self._never_came(now, silent_s, monotonic)
        if silent_s <= self._stale_after_s:
            return False
        cause, detail = self._failure or (Cause.NO_MEDIA, "camera_gateway.no_media")
        if silent_s > self._offline_after_s:
            return not self.dark and self._is_dark(cause, detail, now, monotonic)
        return not self.dark and self.is_now(CameraState.DEGRADED, cause, detail, now)

    def grace_ends(self, now: datetime, monotonic: float) -> bool:
        """Call offline what has been dark all the time; since then, not since now."""
        if self.state is not CameraState.DEGRADED or not self.dark or self._excused(self.cause, monotonic):
            return False
        since = self.since
        changed = self.is_now(CameraState.OFFLINE, self.cause, self.detail, now)
        self.since = since
        return changed

    def failed(self, cause: Cause, detail: str, now: datetime, monotonic: float) -> bool:
        """A try ended. A camera whose picture flowed a moment ago is given until `offline_after_s` to come back."""
        self._failure = (cause, detail)
        self._flowing_since = None
        if self._media_at is not None and self.silent_s(monotonic) <= self._offline_after_s:
            return self.is_now(CameraState.DEGRADED, cause, detail, now)
        return self._is_dark(cause, detail, now, monotonic)

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

    def _flows(self, now: datetime) -> bool:
        if self.clock_astray:
            return self.is_now(CameraState.DEGRADED, Cause.CLOCK, _CLOCK, now)
        return self.is_now(CameraState.ONLINE, Cause.NONE, None, now)

    def _is_dark(self, cause: Cause, detail: str, now: datetime, monotonic: float) -> bool:
        self.dark = True
        self._failure = (cause, detail)
        state = CameraState.DEGRADED if self._excused(cause, monotonic) else CameraState.OFFLINE
        return self.is_now(state, cause, detail, now)

    def _excused(self, cause: Cause, monotonic: float) -> bool:
        return not self._seen and monotonic < self._grace_until_s and cause in _EXCUSED

    def _never_came(self, now: datetime, silent_s: float, monotonic: float) -> bool:
        """Connected or connecting, and nothing yet: after the time to go offline it is no longer "starting"."""
        if not self.dark and silent_s > self._offline_after_s:
            return self._is_dark(Cause.NO_MEDIA, "camera_gateway.no_media", now, monotonic)
        return False

    def _measure(self, stream: Stream, monotonic: float) -> bool:
        fmt = stream.fmt
        audio = stream.audio_fmt
        audio_codec = None if audio is None else audio.codec
        if self._counted is None:
            self._counted = (monotonic, stream.units, stream.bytes, stream.keyframes)
            if fmt is None or self.facts.codec is not None:
                return False
            self.facts = StreamFacts(
                codec=fmt.codec,
                width_px=fmt.width_px,
                height_px=fmt.height_px,
                frame_rate=fmt.frame_rate,
                audio_codec=audio_codec,
            )
            return True
        at, units, size, keyframes = self._counted
        seconds = monotonic - at
        if seconds < _FACTS_S:
            return False
        self._counted = (monotonic, stream.units, stream.bytes, stream.keyframes)
        first = self.facts.bit_rate_kbps is None or self.facts.audio_codec != audio_codec
        self.facts = StreamFacts(
            codec=fmt.codec if fmt else None,
            width_px=fmt.width_px if fmt else None,
            height_px=fmt.height_px if fmt else None,
            frame_rate=round((stream.units - units) / seconds, 1),
            bit_rate_kbps=round((stream.bytes - size) * 8 / seconds / 1000, 1),
            gop_s=round(seconds / (stream.keyframes - keyframes), 2) if stream.keyframes > keyframes else None,
            audio_codec=audio_codec,
        )
        return first
