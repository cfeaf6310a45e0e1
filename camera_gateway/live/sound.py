"""One camera's sound to those who watch it by MSE and may hear it: AAC as the camera sends it, beside the picture.

Runs on the gateway's loop; hears the camera only while somebody here does. A browser plays no further than its shortest
track, so sound that is late for a second, or missing between two frames, is filled with silence until it is there
again: it never holds the picture up. Never decodes, never awaits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from camera_gateway.live.fmp4 import Fragmenter
from camera_gateway.live.fmp4_audio import audio_fragment, frame_samples, silence
from camera_gateway.live.sound_line import SoundLine
from camera_gateway.live.viewer import Viewer, binary_frame
from camera_gateway.sources.base import AccessUnit, AudioFormat, AudioUnit
from camera_gateway.stream import Stream

_LATE_US: Final = 1_000_000
_AHEAD: Final = 9_000  # 90 kHz: silence reaches so far beyond the newest picture
_MOST_FILLED_S: Final = 5  # a longer hole stays one
_KEPT: Final = 512  # fragments since the keyframe, for who comes


class Sound:
    """Those viewers of one broadcast who hear it; the broadcast tells it of each picture while there are any."""

    def __init__(self, heard: Stream, reopen: Callable[[], None]) -> None:
        """`reopen` is called when another sound begins: all who hear need another init segment."""
        self.viewers: tuple[Viewer, ...] = ()
        self.fmt: AudioFormat | None = None  # None: there is none that goes by MSE
        self._heard = heard
        self._reopen = reopen
        self._line: SoundLine | None = None
        self._numbers: Fragmenter | None = None
        self._silence = b""
        self._kept: deque[bytes] = deque(maxlen=_KEPT)
        self._heard_at_us = 0  # when the last frame came; 0: none yet

    def join(self, viewer: Viewer) -> None:
        """It may hear; `kept` is for it."""
        if not self.viewers:
            self._heard.hear(self)
            self._take(self._heard.audio_fmt)
        self.viewers = (*self.viewers, viewer)

    def leave(self, viewer: Viewer) -> None:
        """It hears no more; with the last one this hears no more either."""
        if viewer not in self.viewers:
            return
        self.viewers = tuple(one for one in self.viewers if one is not viewer)
        if not self.viewers:
            self._heard.unhear(self)
            self._take(None)

    @property
    def kept(self) -> tuple[bytes, ...]:
        """What belongs to the kept GOP."""
        return tuple(self._kept)

    def follow(self, numbers: Fragmenter, unit: AccessUnit, connection: int) -> None:
        """The picture that `numbers` made a fragment of."""
        self._numbers = numbers
        line = self._line
        if line is None:
            return
        if unit.keyframe:
            self._kept.clear()
        line.saw(numbers.shown, unit.captured_at_us, connection)
        if not self._heard_at_us:
            self._heard_at_us = unit.captured_at_us
        elif unit.captured_at_us - self._heard_at_us > _LATE_US:
            until = line.samples(numbers.shown + _AHEAD)
            if line.end is None:
                line.end = max(0, until - line.rate_hz)
            self._fill(line, numbers, until)

    def on_audio_format(self, fmt: AudioFormat) -> None:
        """Sound begins, or is another."""
        if fmt != self.fmt:
            before = self.fmt
            self._take(fmt)
            if self.fmt != before:
                self._reopen()

    def on_audio(self, unit: AudioUnit) -> None:
        """One frame, to each who hears."""
        line, numbers = self._line, self._numbers
        if line is None or numbers is None or not unit.data:
            return
        at = line.at(unit, self._heard.connection)
        self._heard_at_us = unit.captured_at_us
        if at is None:
            return
        if line.end is not None:
            self._fill(line, numbers, at - line.frame_samples // 2)
        self._send(line, numbers, at, unit.data)

    def _take(self, fmt: AudioFormat | None) -> None:
        samples = None if fmt is None else frame_samples(fmt)
        self._kept.clear()
        self._heard_at_us = 0
        if fmt is None or samples is None:
            self.fmt = self._line = None
            return
        self.fmt = fmt
        self._line = SoundLine(fmt.sample_rate_hz, samples)
        self._silence = silence(fmt.channels)

    def _fill(self, line: SoundLine, numbers: Fragmenter, until: int) -> None:
        """Silence from the end to `until`."""
        at = line.end or 0
        if until - at > _MOST_FILLED_S * line.rate_hz:
            at = until - line.frame_samples
        while at < until:
            self._send(line, numbers, at, self._silence)
            at += line.frame_samples

    def _send(self, line: SoundLine, numbers: Fragmenter, at: int, data: bytes) -> None:
        frame = binary_frame(audio_fragment(numbers.next_number(), at, line.frame_samples, data))
        line.end = at + line.frame_samples
        self._kept.append(frame)
        for viewer in self.viewers:
            viewer.push_sound(frame)
