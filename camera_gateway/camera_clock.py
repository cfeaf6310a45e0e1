"""Whether a camera's own clock can be trusted: one that steps again and again, or is far from ours, is told of.

Pure: it reads what a source knows of its camera's clock and is told the time. Pictures are dated by our clock all the
same; what suffers is what the camera writes into its picture, its own recordings, and certificates.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol, runtime_checkable

# One step is an NTP that took hold; three within a minute are a clock that cannot make up its mind.
STEPS = 3
STEPS_WITHIN_S = 60.0
# Somebody who looks for "a quarter past nine" in the camera's own recording still finds it within five minutes. It is
# well again somewhat earlier, so that a clock at the edge does not change the state all the time.
OFFSET_S = 300.0
OFFSET_WELL_S = 270.0


class ClockFacts(Protocol):
    """What a source saw of its camera's clock."""

    @property
    def offset_s(self) -> float | None:
        """The camera's wall clock less ours; None: it says nothing of it."""
        ...

    @property
    def steps(self) -> int:
        """How often its clock stepped since the source began."""
        ...


@runtime_checkable
class TellsClock(Protocol):
    """A source that knows something of its camera's clock."""

    @property
    def clock_facts(self) -> ClockFacts:
        """As of now."""
        ...


class CameraClock:
    """The judgement over one camera's clock."""

    def __init__(self) -> None:
        self._stepped: deque[float] = deque(maxlen=STEPS)
        self._steps = 0
        self._far = False

    def begin(self) -> None:
        """Another connection counts its steps from 0."""
        self._steps = 0

    def astray(self, source: TellsClock | None, now_s: float) -> bool:
        """Whether the clock is not to be trusted now; without a source by what was seen before."""
        if source is not None:
            facts = source.clock_facts
            for _ in range(min(STEPS, facts.steps - self._steps)):
                self._stepped.append(now_s)
            self._steps = facts.steps
            if (offset_s := facts.offset_s) is not None:
                self._far = abs(offset_s) > (OFFSET_WELL_S if self._far else OFFSET_S)
        stepping = len(self._stepped) == STEPS and now_s - self._stepped[0] <= STEPS_WITHIN_S
        return stepping or self._far
