"""Turns RTP timestamps (90 kHz, 32 bits, of a clock that steps) into media times that only grow. Pure; one a source.

Cameras wrap, reset, jump by hours, repeat a timestamp, or send none at all; with B-frames they count back and forth
within a second. Whatever they send, the media time grows, and grows as the receiver's clock does where theirs broke.
"""

from __future__ import annotations

import bisect
from typing import Final

TICKS_PER_S: Final = 90_000
JUMP_TICKS: Final = 10 * TICKS_PER_S  # a longer step forward between two pictures is a step of the clock
REORDER_TICKS: Final = 1 * TICKS_PER_S  # a shorter step back is a B-frame
REORDER_MAX: Final = 4  # frames; more than any camera


class MediaClock:
    """Owned by one depacketiser; called once an access unit, in decoding order."""

    def __init__(self) -> None:
        self._raw = -1  # the last timestamp; -1: none yet
        self._shown = 0  # its unwrapped presentation time
        self._last = -1  # the last media time given
        self._received = 0.0  # when, in the receiver's seconds
        self._waiting: list[int] = []  # presentation times not yet used as a decoding time, sorted
        self.may_reorder = True  # False: the parameter set rules B-frames out, so a step back is one of the clock
        self.reorder_frames = 0  # learned: cameras tell more than they do, and each costs a frame of delay

    def stamp(self, timestamp: int, received_s: float) -> int:
        """The media time (decoding time) of the picture with this RTP timestamp, received at `received_s`.

        The presentation time is `presentation` afterwards: later than or equal to the media time.
        """
        raw = self._raw
        self._raw = timestamp
        if raw >= 0:
            step = (timestamp - raw) & 0xFFFF_FFFF
            shown = self._shown + step if 0 < step <= JUMP_TICKS else self._stepped(step, received_s)
        else:
            shown = 0
        self._shown = shown
        self._received = received_s
        if self.reorder_frames:
            return self._reordered(shown)
        self._last = media_time = shown if shown > self._last else self._last + 1
        return media_time

    @property
    def presentation(self) -> int:
        """When the picture stamped last is to be shown, in ticks; never before its media time."""
        return max(self._shown, self._last)

    def _stepped(self, step: int, received_s: float) -> int:
        """The presentation time after a step that no camera clock would make."""
        back = 0x1_0000_0000 - step
        if self.may_reorder and step and back <= REORDER_TICKS and self._shown - back >= 0:
            if not self._known_late(self._shown - back):
                self.reorder_frames = min(self.reorder_frames + 1, REORDER_MAX)
            return self._shown - back
        newest = max(self._shown, self._last)
        self._waiting.clear()
        return newest + max(1, min(JUMP_TICKS, int((received_s - self._received) * TICKS_PER_S)))

    def _known_late(self, shown: int) -> bool:
        """Whether the present reorder depth already allows a picture with this presentation time."""
        return self.reorder_frames > 0 and shown > self._last

    def _reordered(self, shown: int) -> int:
        """The smallest of the last `reorder_frames` + 1 presentation times is the decoding time, as in FFmpeg."""
        waiting = self._waiting
        bisect.insort(waiting, shown)
        media_time = waiting.pop(0) if len(waiting) > self.reorder_frames else self._last + 1
        self._last = media_time = media_time if media_time > self._last else self._last + 1
        return media_time
