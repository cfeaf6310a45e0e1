"""What a stream showed while it was watched for some seconds: a sink that remembers what the verdicts need.

Called on the source's loop; keeps sizes and times, never a picture; bounded however long it is watched.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.media_clock import TICKS_PER_S

_KEYFRAMES_ENOUGH: Final = 3
_KEYFRAMES_MAX: Final = 256
_SHORT_S: Final = 2.0


@dataclass(slots=True)
class Watched:
    """A Sink. `done` is set when `enough_s` were watched, or earlier when three keyframes came."""

    enough_s: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    format: VideoFormat | None = None
    units: int = 0
    bytes: int = 0
    first: AccessUnit | None = None
    last: AccessUnit | None = None
    b_frames: int = 0  # shown before what was sent before them
    keyframes: list[tuple[int, int]] = field(default_factory=list)  # media time, number of the unit
    _latest: int = -1  # presentation time so far

    def on_format(self, fmt: VideoFormat) -> None:
        self.format = fmt

    def on_unit(self, unit: AccessUnit) -> None:
        self.units += 1
        self.bytes += len(unit.data)
        self.first = self.first or unit
        self.last = unit
        shown = unit.media_time + unit.presentation_offset
        self.b_frames += shown < self._latest
        self._latest = max(self._latest, shown)
        if unit.keyframe and len(self.keyframes) < _KEYFRAMES_MAX:
            self.keyframes.append((unit.media_time, self.units))
        seconds = self.seconds
        if seconds >= self.enough_s or (seconds >= _SHORT_S and len(self.keyframes) >= _KEYFRAMES_ENOUGH):
            self.done.set()

    @property
    def seconds(self) -> float:
        """Between the first and the last unit, on our clock."""
        if self.first is None or self.last is None:
            return 0.0
        return (self.last.captured_at_us - self.first.captured_at_us) / 1e6

    @property
    def media_seconds(self) -> float:
        """The same by the camera's timestamps."""
        if self.first is None or self.last is None:
            return 0.0
        return (self.last.media_time - self.first.media_time) / TICKS_PER_S

    @property
    def frame_rate(self) -> float | None:
        """Units a second; None for too few."""
        return (self.units - 1) / self.seconds if self.units >= 5 and self.seconds >= 1.0 else None

    @property
    def kbps(self) -> float:
        """What came, in kbit/s."""
        return self.bytes * 8 / 1000 / self.seconds if self.seconds else 0.0

    @property
    def gops_s(self) -> list[float]:
        """Between one keyframe and the next, in seconds."""
        return [(later[0] - earlier[0]) / TICKS_PER_S for earlier, later in pairwise(self.keyframes)]

    @property
    def gops_frames(self) -> list[int]:
        """The same in frames."""
        return [later[1] - earlier[1] for earlier, later in pairwise(self.keyframes)]
