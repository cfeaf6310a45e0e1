"""Whether something moves before a camera, told from the sizes of its packets alone.

Pure: sizes and media times in, an answer at each keyframe out; the same sizes always give the same answer. One for each
camera. At constant quality the P-frames of a busy second are larger (correlation with moving pixels 0.82-0.89 on a real
corridor); at constant bit rate they hardly are (0.36-0.53), and this says so instead of guessing.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

# Sizes are averaged over spans of about a second of one GOP: a person who crosses in one second of a four-second GOP
# would be lost in the mean of the whole.
SPAN = 90_000
# Spans remembered: about two minutes. A night that falls or rain that begins is the new rest after that; until then
# every keyframe counts as active, which costs looks and loses nothing.
REMEMBERED = 128
# Fewer than this and nothing is known yet.
LEARNED = 16
# Rest is the lowest tenth of what was seen: right while the scene is empty for a tenth of two minutes.
REST_QUANTILE = 0.10
# Active: this share above rest, or this many times the spread of rest, or this many bytes, whichever is most.
ABOVE_REST = 0.30
SPREADS = 2.5
LEAST_BYTES = 80.0
# Sizes tell when P-frames at rest are tiny beside the keyframe (an encoder that aims at a bit rate would have filled
# them), or when spans differ by this much (it would have evened them out).
TINY_SHARE = 0.06
TELLING_RATIO = 2.0


class Telling(Enum):
    """What the sizes since the keyframe before say."""

    QUIET = "quiet"
    ACTIVE = "active"
    BLIND = "blind"  # not learned yet, or this camera's sizes do not tell


class ActivityMeter:
    """Learns one camera's rest and its spread; `unit` for each access unit, answering at keyframes."""

    __slots__ = ("_active", "_bytes", "_count", "_keyframe", "_means", "_span_end", "rest", "tells", "threshold")

    def __init__(self) -> None:
        self._means: deque[float] = deque(maxlen=REMEMBERED)
        self._bytes = 0
        self._count = 0
        self._span_end = 0
        self._active = False
        self._keyframe = 0.0  # mean size of keyframes
        self.rest = 0.0
        self.threshold = 0.0
        self.tells = False

    def frame(self, size: int, media_time: int) -> None:
        """A frame that is no keyframe."""
        if media_time >= self._span_end:
            if self._count:
                self._end_span()
            self._span_end = media_time + SPAN
        self._bytes += size
        self._count += 1

    def keyframe(self, size: int, media_time: int) -> Telling:
        """A keyframe; says how it was since the one before."""
        self._end_span()
        self._span_end = media_time + SPAN
        self._keyframe = size if not self._keyframe else self._keyframe + (size - self._keyframe) / 8
        active, self._active = self._active, False
        self._learn()
        if not self.tells:
            return Telling.BLIND
        return Telling.ACTIVE if active else Telling.QUIET

    def _end_span(self) -> None:
        if not self._count:
            return
        mean = self._bytes / self._count
        self._means.append(mean)
        if self.threshold and mean > self.threshold:
            self._active = True
        self._bytes = self._count = 0

    def _learn(self) -> None:
        known = len(self._means)
        if known < LEARNED:
            return
        means = sorted(self._means)
        self.rest = rest = means[int(known * REST_QUANTILE)]
        spread = rest - means[0]
        self.threshold = rest + max(ABOVE_REST * rest, SPREADS * spread, LEAST_BYTES)
        busy = means[int(known * (1 - REST_QUANTILE))]
        self.tells = rest <= TINY_SHARE * self._keyframe or busy >= TELLING_RATIO * rest
