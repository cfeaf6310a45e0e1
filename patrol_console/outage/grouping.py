"""Which dark cameras are one outage: of one gateway, one subnet or one village, gone within a minute. Pure.

Of all scopes that would explain a group the one is taken that is (nearly) dark as a whole and largest; where none is,
the one of whose cameras the greatest share is dark. Nothing here knows of a database or a clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NEARLY_WHOLE = 0.9  # of a scope's cameras: one that hangs on a battery does not make the village another cause


class Scope(StrEnum):
    """What the cameras of an outage share."""

    GATEWAY = "gateway"
    SUBNET = "subnet"
    AREA = "area"


# Between equals: of what is wholly dark the widest, of what is partly dark the narrowest is named.
_WHOLE = (Scope.GATEWAY, Scope.SUBNET, Scope.AREA)
_PART = (Scope.SUBNET, Scope.AREA, Scope.GATEWAY)


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One gateway, subnet or area; `root` keeps what lies in different trees apart."""

    scope: Scope
    ref: str
    root: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera hangs, as far as outages go."""

    gateway_id: str
    subnet: str | None
    area_id: str
    root: str

    def line(self, scope: Scope) -> Line | None:
        """Its line of this scope."""
        ref = {Scope.GATEWAY: self.gateway_id, Scope.SUBNET: self.subnet, Scope.AREA: self.area_id}[scope]
        return None if ref is None else Line(scope, ref, self.root)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All its lines."""
        return tuple(line for scope in Scope if (line := self.line(scope)) is not None)


@dataclass(frozen=True, slots=True)
class Dark:
    """A camera that is dark although it should not be."""

    camera_id: str
    since: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Group:
    """Cameras that went together, in the order in which they went."""

    line: Line
    cameras: tuple[Dark, ...]
    whole: bool  # every due camera of the line is dark

    @property
    def began_at(self) -> datetime:
        """When the first one went."""
        return self.cameras[0].since

    def is_ripe(self, now: datetime, settle: timedelta, window: timedelta) -> bool:
        """Whether no more are likely to come: time to tell of it, with the whole list and the right name."""
        return now - self.cameras[-1].since >= settle or now - self.began_at >= window


def lines_of(places: Iterable[Place]) -> Counter[Line]:
    """How many cameras each line has."""
    return Counter(line for place in places for line in place.lines)


def groups(
    dark: Sequence[Dark], due: Mapping[Line, int], gone: Mapping[Line, int], least: int, window: timedelta
) -> list[Group]:
    """The outages among `dark`, each camera in one at most.

    `due` counts the cameras of each line that should be on now; `gone` those of them that are dark, also such as are
    not in `dark` because another outage has them.
    """
    left = sorted(dark, key=lambda each: (each.since, each.camera_id))
    found: list[Group] = []
    while True:
        held: dict[Line, list[Dark]] = {}
        for each in left:
            for line in each.place.lines:
                held.setdefault(line, []).append(each)
        chains = [
            (line, chain)
            for line, cameras in held.items()
            if len(cameras) >= least
            for chain in _chains(cameras, window)
            if _went_together(chain, least, window)
        ]
        if not chains:
            return found
        line, chain = min(chains, key=lambda each: _rank(each[0], each[1], due))
        found.append(Group(line, tuple(chain), gone.get(line, 0) >= due.get(line, 0) > 0))
        taken = {each.camera_id for each in chain}
        left = [each for each in left if each.camera_id not in taken]


def joiners(line: Line, began_at: datetime, last_at: datetime, dark: Iterable[Dark], window: timedelta) -> list[Dark]:
    """Those of `dark` that belong to an outage already told of: on its line, gone within the window of its last one."""
    found: list[Dark] = []
    for each in sorted(dark, key=lambda each: (each.since, each.camera_id)):
        if line in each.place.lines and began_at - window <= each.since <= last_at + window:
            found.append(each)
            last_at = max(last_at, each.since)
    return found


def _chains(cameras: Sequence[Dark], window: timedelta) -> list[list[Dark]]:
    """Cut where more than the window passes between one and the next; `cameras` are in order."""
    chains: list[list[Dark]] = []
    for each in cameras:
        if chains and each.since - chains[-1][-1].since <= window:
            chains[-1].append(each)
        else:
            chains.append([each])
    return chains


def _went_together(chain: Sequence[Dark], least: int, window: timedelta) -> bool:
    """Whether in some window so many went."""
    return any(last.since - first.since <= window for first, last in zip(chain, chain[least - 1 :], strict=False))


def _rank(line: Line, chain: Sequence[Dark], due: Mapping[Line, int]) -> tuple[bool, float, int, int, Line]:
    """The best explanation is the least of these."""
    share = len(chain) / max(due.get(line, 0), len(chain))
    nearly = share >= NEARLY_WHOLE
    order = (_WHOLE if nearly else _PART).index(line.scope)
    return (not nearly, -len(chain) if nearly else -share, order, -len(chain), line)
