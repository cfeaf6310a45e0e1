"""Where a camera's sound stands on the time line of its fragments: beside the picture that was captured with it.

Pure; one a broadcast with sound. Sound and picture have clocks of their own and meet only in when they came. What came
with the least delay tells best when it was captured, so each clock is read by its best arrival of the last seconds.
"""

from __future__ import annotations

from typing import Final

from camera_gateway.sources.base import AudioUnit

_VIDEO_HZ: Final = 90_000
_WINDOW_US: Final = 2_000_000
_JUMPED_US: Final = 1_000_000  # a reading so far from the last is of another clock
_STEP_US: Final = 100_000  # further off than that: moved at once
_DRIFT_US: Final = 20_000  # further off than that: moved by a 25th of a frame with each frame, which nobody hears
_PER_FRAME: Final = 25


class ClockReading:
    """How far a media clock is ahead of the hub's, by the least delayed arrival of two to four seconds."""

    __slots__ = ("_before", "_connection", "_now", "_until_us")

    def __init__(self) -> None:
        self._connection: int | None = None
        self._now = self._before = 0
        self._until_us = 0

    @property
    def known(self) -> bool:
        """Whether anything was read yet."""
        return self._connection is not None

    @property
    def ahead_us(self) -> int:
        """So far."""
        return max(self._now, self._before)

    def read(self, media_us: int, captured_at_us: int, connection: int) -> None:
        """This stood on the clock when it came."""
        ahead = media_us - captured_at_us
        if connection != self._connection or abs(ahead - self.ahead_us) > _JUMPED_US:
            self._connection = connection
            self._now = self._before = ahead
            self._until_us = captured_at_us + _WINDOW_US
        elif captured_at_us >= self._until_us:
            self._before, self._now = self._now, ahead
            self._until_us = captured_at_us + _WINDOW_US
        elif ahead > self._now:
            self._now = ahead


class SoundLine:
    """Decode times of frames, in samples; they only grow."""

    def __init__(self, rate_hz: int, frame_samples: int) -> None:
        self.rate_hz = rate_hz
        self.frame_samples = frame_samples
        self.end: int | None = None  # where the next frame belongs; None: there was none
        self._picture = ClockReading()
        self._sound = ClockReading()
        self._shift_us: int | None = None

    def saw(self, shown: int, captured_at_us: int, connection: int) -> None:
        """A picture that is shown at `shown` (90 kHz) on our line."""
        self._picture.read(shown * 1_000_000 // _VIDEO_HZ, captured_at_us, connection)

    def samples(self, shown: int) -> int:
        """A picture's time in samples."""
        return shown * self.rate_hz // _VIDEO_HZ

    def at(self, unit: AudioUnit, connection: int) -> int | None:
        """Where this frame belongs; None while no picture says it, or where something stands there already."""
        media_us = unit.media_time * 1_000_000 // self.rate_hz
        frame_us = self.frame_samples * 1_000_000 // self.rate_hz
        self._sound.read(media_us + frame_us, unit.captured_at_us, connection)  # it came when it was complete
        if not self._picture.known:
            return None
        at = (media_us + self._shifted(frame_us)) * self.rate_hz // 1_000_000
        if at < 0 or (self.end is not None and at < self.end - self.frame_samples // 2):
            return None
        return at

    def _shifted(self, frame_us: int) -> int:
        wanted = self._picture.ahead_us - self._sound.ahead_us
        shift = self._shift_us
        if shift is None or abs(wanted - shift) > _STEP_US:
            shift = wanted
        elif abs(wanted - shift) > _DRIFT_US:
            most = frame_us // _PER_FRAME
            shift += max(-most, min(most, wanted - shift))
        self._shift_us = shift
        return shift
