"""What counts as online, and for how long a camera should have been: docs/ref/online-rate.md in code. Pure.

A stretch of state gives, for each day of the centre, the time in which the camera was due and that in which it was
online. Due is all time but: off, paused by the owner, and its first connection. Online is `online` (also at rest:
reachable, and not pulled by intent), `degraded` for a cause under which pictures come, and a break of at most ten
seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.contracts.camera import CameraState, Cause

BLIP = timedelta(seconds=10)  # the same ten seconds after which a pane says "offline"
_NOT_DUE = frozenset({CameraState.OFF, CameraState.PAUSED})
_PICTURES_COME = frozenset({Cause.NONE, Cause.CLOCK, Cause.RESTING})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A camera was in this state from `since` until `until`; None: it still is."""

    state: CameraState
    cause: Cause
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the centre: from its midnight to the next, in UTC."""

    day: date
    begin: datetime
    end: datetime


@dataclass(slots=True)
class Share:
    """Time due and time online, of one camera or of many."""

    due: timedelta = timedelta(0)
    online: timedelta = timedelta(0)

    def add(self, other: Share) -> None:
        """Take in another."""
        self.due += other.due
        self.online += other.online

    @property
    def rate(self) -> float | None:
        """0..1; None where nothing was due."""
        return None if not self.due else self.online / self.due


def days_of(first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """Each day from `first` to `last`, by the clock on the wall: 23 or 25 hours long where the clock is put."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    borders = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    return [Day(*each) for each in zip(days[:-1], borders[:-1], borders[1:], strict=True)]


def is_due(stretch: Stretch) -> bool:
    """Whether the camera should have been online then."""
    return stretch.state not in _NOT_DUE and stretch.cause is not Cause.STARTING


def is_online(stretch: Stretch, now: datetime) -> bool:
    """Whether its picture could be had then."""
    if stretch.state is CameraState.ONLINE:
        return True
    if stretch.state is CameraState.DEGRADED and stretch.cause in _PICTURES_COME:
        return True
    return stretch.until is not None and stretch.until - stretch.since <= BLIP and stretch.cause is not Cause.WAITING


def shares(stretches: Iterable[Stretch], days: Sequence[Day], now: datetime) -> Iterator[tuple[int, Share]]:
    """(which day, share) of each piece of one camera's time; what is to come is not counted."""
    for stretch in stretches:
        if not is_due(stretch):
            continue
        online = is_online(stretch, now)
        until = now if stretch.until is None else min(stretch.until, now)
        for number, day in enumerate(days):
            lasted = min(until, day.end) - max(stretch.since, day.begin)
            if lasted > timedelta(0):
                yield number, Share(lasted, lasted if online else timedelta(0))
