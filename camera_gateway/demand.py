"""Who wants one camera's picture now, and how much: people, the machine's next look, or nobody for a while.

Runs on the gateway's loop, one for each camera, which alone asks it. Decides from what is held and from the time given;
opens nothing. Whoever wants a picture holds a `Hold` for as long, whatever the camera's `watch` says.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Self
from zlib import crc32

from camera_gateway.uplink import Rank
from hub.contracts.watch import Watch, WatchMode

# A look is given up after so long: GOPs of H.264+ have twenty seconds, and the picture begins with the next keyframe.
LOOK_S = 30.0
# The first looks after a start, or after a change, are spread over at most so long: what is there is known soon.
FIRST_LOOKS_S = 60.0
# A look that failed is repeated earlier than an hour's interval would: an outage is told when it is over, too.
FAILED_AGAIN_S = 300.0


class Want(StrEnum):
    """What somebody wants a picture for."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    SWEEP = "sweep"  # the machine's, ordered by a round


class Hold:
    """As long as it is held the camera is to be open. A context manager; letting go twice is harmless."""

    __slots__ = ("_let_go", "want")

    def __init__(self, want: Want, let_go: Callable[[Hold], None]) -> None:
        self.want = want
        self._let_go = let_go

    def release(self) -> None:
        """It is wanted no more for this."""
        self._let_go(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        self.release()


class Looks:
    """When a camera that is watched every N minutes is looked at: each at its own moment of the interval."""

    def __init__(self, camera_id: str) -> None:
        self._place = crc32(camera_id.encode()) / 0x1_0000_0000  # 0..1, the same in every life of the gateway
        self._every_s = 0.0
        self.next_s: float | None = None
        self.began_s: float | None = None

    def due(self, every_s: float, now_s: float) -> bool:
        """Whether it should be open for a look now."""
        if self.began_s is not None:
            return True
        if self.next_s is None or every_s != self._every_s:
            self._every_s = every_s
            self.next_s = now_s + self._place * min(every_s, FIRST_LOOKS_S)
        if now_s < self.next_s:
            return False
        self.began_s = now_s
        return True

    def over(self, now_s: float, *, well: bool) -> None:
        """It was looked at, or that failed."""
        self.began_s = None
        if not well and self._every_s > FAILED_AGAIN_S:
            self.next_s = now_s + FAILED_AGAIN_S * (0.75 + self._place / 2)
            return
        # The next of its own moments, but not one that comes right after this look.
        laps = (now_s + self._every_s / 2) / self._every_s - self._place
        self.next_s = (int(laps) + 1 + self._place) * self._every_s

    def at_once(self, now_s: float) -> None:
        """Do not wait for the moment: the camera that failed is back."""
        if self.began_s is None and self.next_s is not None:
            self.next_s = min(self.next_s, now_s)

    def forget(self) -> None:
        """It is watched in another way, or not at all."""
        self.next_s = self.began_s = None


class Demand:
    """All that wants one camera open."""

    def __init__(
        self, camera_id: str, linger_s: float, now_s: Callable[[], float], changed: Callable[[], None]
    ) -> None:
        self._linger_s = linger_s
        self._now_s = now_s
        self._changed = changed
        self._holds: set[Hold] = set()
        self._lingers_until_s = float("-inf")
        self.looks = Looks(camera_id)

    @property
    def held(self) -> int:
        """How many hold it."""
        return len(self._holds)

    def want(self, want: Want) -> Hold:
        """Ask for the picture; released by the holder."""
        hold = Hold(want, self._release)
        self._holds.add(hold)
        self._changed()
        return hold

    def rank(self, watch: Watch, now_s: float) -> Rank | None:
        """What its picture is worth now; None: it may rest."""
        looking = False
        if watch.mode is WatchMode.INTERVAL:
            looking = self.looks.due(watch.every_min * 60.0, now_s)
        elif self.looks.next_s is not None:
            self.looks.forget()
        if any(hold.want is not Want.SWEEP for hold in self._holds):
            return Rank.WATCHED
        if looking or self._holds:
            return Rank.LOOK
        if watch.mode is WatchMode.CONTINUOUS:
            return Rank.CONTINUOUS
        return Rank.LINGERING if now_s < self._lingers_until_s else None

    def no_linger(self) -> None:
        """Nobody looks and somebody else needs the line: it closes now."""
        self._lingers_until_s = float("-inf")

    def _release(self, hold: Hold) -> None:
        if hold not in self._holds:
            return
        self._holds.discard(hold)
        # Nobody comes back to the picture of a sweep, and another camera waits for the place.
        if not self._holds and hold.want is not Want.SWEEP:
            self._lingers_until_s = self._now_s() + self._linger_s
        self._changed()
