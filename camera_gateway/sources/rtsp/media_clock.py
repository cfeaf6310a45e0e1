"""Turns RTP timestamps (90 kHz, 32 bits, of a clock that steps) into media times that only grow. Pure; one a source.

Cameras wrap, reset, jump by hours, step back by a moment, repeat a timestamp, or send none at all; with B-frames they
count back and forth within a second. Whatever they send, the media time grows, and grows as the receiver's clock does
where theirs broke.
"""

from __future__ import annotations

import bisect
from typing import Final

TICKS_PER_S: Final = 90_000
JUMP_TICKS: Final = 10 * TICKS_PER_S  # a longer step forward between two pictures is a step of the clock
REORDER_TICKS: Final = 1 * TICKS_PER_S  # a shorter step back may be a B-frame
REORDER_MAX: Final = 4  # frames; more than any camera
LEARN_S: Final = 10.0  # B-frames show in each group: a first step back after so long without is one of the clock
FORGET_S: Final = 60.0  # and after so long without one, what was taken for B-frames was none
PROVE_S: Final = 1.0  # for B-frames that a parameter set announces: many cameras announce what they never send


class MediaClock:
    """Owned by one depacketiser; called once an access unit, in decoding order."""

    def __init__(self) -> None:
        self._raw = -1  # the last timestamp; -1: none yet
        self._shown = 0  # its unwrapped presentation time
        self._last = -1  # the last media time given
        self._received = 0.0  # when, in the receiver's seconds
        self._ahead = 0  # how far repeated timestamps were shown after the time they tell
        self._learning_since = 0.0
        self._turned_back = 0.0  # when a B-frame came last
        self._waiting: list[int] = []  # presentation times not yet used as a decoding time, sorted
        self._proven = True  # False: they are only announced
        self._frame = TICKS_PER_S // 25  # about as long as a picture is shown; only to leave room by
        self.may_reorder = True  # False: the parameter set rules B-frames out, so a step back is one of the clock
        self.reorder_frames = 0  # announced and proven, or learned
        self.oddities = 0  # timestamps that repeat, step back or jump; B-frames are none

    def expect(self, reorder_frames: int | None, frame_rate: float | None) -> None:
        """What new parameter sets tell, before their first picture; None: nothing."""
        self.may_reorder = reorder_frames != 0
        if frame_rate:
            self._frame = round(TICKS_PER_S / min(max(frame_rate, 10.0), 100.0))  # some tell 0.1 or 240
        if reorder_frames == 0:
            self.reorder_frames = 0
            self._waiting.clear()
        elif reorder_frames and reorder_frames > self.reorder_frames:
            self.reorder_frames = min(reorder_frames, REORDER_MAX)
            self._proven = False
            self._turned_back = self._received

    def stamp(self, timestamp: int, received_s: float) -> int:
        """The media time (decoding time) of the picture with this RTP timestamp, received at `received_s`.

        The presentation time is `presentation` afterwards: later than or equal to the media time.
        """
        raw = self._raw
        self._raw = timestamp
        if raw >= 0:
            step = (timestamp - raw) & 0xFFFF_FFFF
            shown = self._shown + step if 0 < step <= JUMP_TICKS and not self._ahead else self._odd(step, received_s)
        else:
            shown = self.reorder_frames * self._frame  # so that as many decoding times find room before it
            self._learning_since = self._turned_back = received_s
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

    def _odd(self, step: int, received_s: float) -> int:
        """The presentation time after a step that is not a plain one forward."""
        if not step:
            return self._repeated(received_s)
        if step <= JUMP_TICKS:  # forward, after repeated timestamps: their time is caught up with
            forward = max(1, step - self._ahead)
            self._ahead = max(0, self._ahead - step)
            return self._shown + forward
        back = 0x1_0000_0000 - step
        if self.may_reorder and back <= REORDER_TICKS and self._shown - back >= 0 and not self._ahead:
            late = self._shown - back
            if self.reorder_frames and late > self._last:
                self._turned_back = received_s
                self._proven = True
                return late
            if received_s - self._learning_since < LEARN_S:
                self.reorder_frames = min(self.reorder_frames + 1, REORDER_MAX)
                self._turned_back = received_s
                self._proven = True
                return late
        self.oddities += 1
        self._learning_since = received_s  # had it been a B-frame all the same, the next ones are taken for such
        self._ahead = 0
        self._waiting.clear()
        return self._newest() + self._passed(received_s)

    def _repeated(self, received_s: float) -> int:
        """The same timestamp again: two pictures of one (their time is told by the next), or a clock that stands."""
        self.oddities += 1
        passed = self._passed(received_s)
        self._ahead = self._ahead + passed if self._ahead + passed < TICKS_PER_S else 0
        return self._newest() + passed

    def _newest(self) -> int:
        return max(self._shown, self._last)

    def _passed(self, received_s: float) -> int:
        """What went by since the picture before, on the receiver's clock."""
        return max(1, min(JUMP_TICKS, round((received_s - self._received) * TICKS_PER_S)))

    def _reordered(self, shown: int) -> int:
        """The smallest of the last `reorder_frames` + 1 presentation times is the decoding time, as in FFmpeg."""
        waiting = self._waiting
        bisect.insort(waiting, shown)
        missing = self.reorder_frames + 1 - len(waiting)
        # Too few to tell: a place between the last one and the first that waits, evenly, for players dislike bursts.
        media_time = self._last + (waiting[0] - self._last) // (missing + 1) if missing > 0 else waiting.pop(0)
        self._last = media_time = media_time if media_time > self._last else self._last + (self._frame >> 3)
        if self._received - self._turned_back > (FORGET_S if self._proven else PROVE_S):
            self.reorder_frames = 0
            self._learning_since = self._received
            waiting.clear()
        return media_time
