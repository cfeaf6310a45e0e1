"""The lines that cameras share, and who may use them now: places in connections and Mbit/s that are never exceeded.

Runs on the gateway's loop; a plain ledger that opens and closes nothing. A camera's opening holds a `Claim`; it has a
place on all of its lines or waits for one. Who looks goes before what the machine looks at, and among equals the first
come; a camera that must make room is told so (`give_way`) and its place is free when its connection has really ended.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from hub.clock import Clock
from hub.contracts.uplink import Uplink

# What an opening is taken to need before anything is known: a usual main stream. Never more than its narrowest line,
# or it would never be tried; and no more than the fattest one known on its lines, for a village's cameras are alike.
UNKNOWN_KBPS = 2_000.0
# Two of the usual GOPs of two seconds and a bit: a keyframe alone must not look like a rate.
WINDOW_S = 5.0
# RTP, the interleaved frame, TCP and IP over access units: 12 + 4 + 52 bytes on about 1,400.
OVERHEAD = 1.05
# A new opening leaves this share free, for rates breathe; what is open may use all of it.
FILLED = 0.9
# Continuous cameras that do not all fit take turns of so long: each is seen, and none is opened all the time.
TURN_S = 300.0
# A rate measured longer ago is not believed: a camera that once was too fat for its line is tried again.
REMEMBERED_S = 600.0


class Rank(IntEnum):
    """What a place is used for; the higher goes first."""

    LINGERING = 0  # nobody looks any more
    CONTINUOUS = 1
    LOOK = 2  # the machine's, every N minutes
    WATCHED = 3  # a person waits for the picture


class Claim:
    """One opening's wish for a place on all of its lines. Made and read by its camera, changed by `Uplinks` alone."""

    __slots__ = (
        "asked_s",
        "camera_id",
        "give_way",
        "hopeless",
        "kbps",
        "leaving",
        "measured",
        "placed",
        "placed_s",
        "rank",
        "samples",
        "taken",
        "turn",
        "uplinks",
    )

    def __init__(
        self,
        camera_id: str,
        uplinks: Iterable[Uplink],
        rank: Rank,
        taken: Callable[[], int],
        give_way: Callable[[], None],
    ) -> None:
        self.camera_id = camera_id
        self.uplinks = _limited(uplinks)
        self.rank = rank
        self.taken = taken  # bytes of media so far, ever growing
        self.give_way = give_way  # end the connection, then `leave`; must not call back
        self.placed = False
        self.leaving = False  # it was told to give way
        self.hopeless = False  # it waits, and nobody on its lines gives way to it
        self.asked_s = self.placed_s = 0.0
        self.kbps = 0.0
        self.measured = False
        self.turn: asyncio.Future[None] | None = None
        self.samples: deque[tuple[float, int]] = deque(maxlen=int(WINDOW_S) + 3)

    def measure(self, now_s: float) -> bool:
        """Take a sample; True when `kbps` is what it really takes, or more than was thought."""
        samples = self.samples
        samples.append((now_s, self.taken()))
        while len(samples) > 2 and now_s - samples[1][0] >= WINDOW_S:
            samples.popleft()
        (began_s, at_first), (_, at_last) = samples[0], samples[-1]
        seconds = now_s - began_s
        if seconds <= 0:
            return False
        kbps = (at_last - at_first) * 8 / 1000 / seconds * OVERHEAD
        if seconds >= WINDOW_S:
            self.kbps, self.measured = kbps, True
        elif (so_far := kbps * seconds / WINDOW_S) > self.kbps:
            self.kbps = so_far
            return True
        return self.measured


@dataclass(frozen=True, slots=True)
class LineUse:
    """One line as it is now, for the figures."""

    uplink: Uplink
    kbps: float
    connections: int
    waiting: int


@dataclass(slots=True)
class _Line:
    """One line with who is on it. All but `uplink`, `claims` and `placed` is counted anew by each settling."""

    uplink: Uplink
    claims: dict[Claim, None] = field(default_factory=dict)  # all that come over it
    placed: dict[Claim, None] = field(default_factory=dict)  # … and are open, or may be
    free_connections: float = 0.0
    free_kbps: float = 0.0
    coming_connections: int = 0  # of those who were told to give way
    coming_kbps: float = 0.0
    alike_kbps: float = 0.0  # the fattest measured
    blocked: bool = False  # somebody before us waits for it
    yielding: dict[Rank, bool] = field(default_factory=dict)  # whether anybody gives way, or is about to

    @property
    def budget_kbps(self) -> float:
        """Infinite where it is not limited so."""
        return float("inf") if self.uplink.mbit_s is None else self.uplink.mbit_s * 1000

    def count(self) -> None:
        leaving = [claim for claim in self.placed if claim.leaving]
        most = self.uplink.connections
        self.free_kbps = self.budget_kbps - sum(claim.kbps for claim in self.placed)
        self.free_connections = float("inf") if most is None else most - len(self.placed)
        self.coming_connections = len(leaving)
        self.coming_kbps = sum(claim.kbps for claim in leaving)
        self.alike_kbps = max((claim.kbps for claim in self.placed if claim.measured), default=0.0)
        self.blocked = False
        self.yielding.clear()

    def within(self) -> bool:
        """Whether its budgets hold once all who were told to have given way."""
        return self.free_kbps + self.coming_kbps >= 0 and self.free_connections + self.coming_connections >= 0

    def reserve_kbps(self) -> float:
        """What a new opening must leave free; the only one on a line may have all of it."""
        if self.uplink.mbit_s is None or len(self.placed) <= self.coming_connections:
            return 0.0
        return (1 - FILLED) * self.budget_kbps

    def fits(self, kbps: float) -> bool:
        return self.free_connections >= 1 and self.free_kbps - self.reserve_kbps() >= kbps

    def told_to_leave(self, claim: Claim) -> None:
        self.coming_connections += 1
        self.coming_kbps += claim.kbps

    def yields_to(self, claim: Claim, now_s: float) -> bool:
        """Whether waiting for it is not in vain."""
        known = self.yielding.get(claim.rank)
        if known is None:
            known = self.coming_connections > 0 or any(_yields(one, claim, now_s) for one in self.placed)
            self.yielding[claim.rank] = known
        return known


class Uplinks:
    """All lines of one gateway, its own among them."""

    def __init__(self, clock: Clock, own: Uplink | None = None) -> None:
        self._clock = clock
        self._own = _limited((own,)) if own is not None else ()
        self._lines: dict[str, _Line] = {}
        self._claims: dict[Claim, None] = {}  # those on a limited line, in the order of asking
        self._rates: dict[str, tuple[float, float]] = {}  # camera id: kbit/s, measured when
        self.gave_way = 0

    @property
    def waiting(self) -> int:
        """Openings that wait for a place."""
        return sum(not claim.placed for claim in self._claims)

    def lines(self) -> Iterator[LineUse]:
        """How each limited line is used."""
        for line in self._lines.values():
            open_ = len(line.placed)
            yield LineUse(line.uplink, sum(claim.kbps for claim in line.placed), open_, len(line.claims) - open_)

    async def place(self, claim: Claim) -> None:
        """Wait until it has a place on all of its lines; who is cancelled waits no more. Then `leave` is due."""
        claim.uplinks = _unique((*claim.uplinks, *self._own))
        claim.asked_s = self._clock.monotonic()
        if not claim.uplinks:
            self._grant(claim, ())
            return
        self._enter(claim)
        self._settle()
        if claim.placed:
            return
        claim.turn = asyncio.get_running_loop().create_future()
        try:
            await claim.turn
        except asyncio.CancelledError:
            self.leave(claim)
            raise

    def leave(self, claim: Claim) -> None:
        """Its connection is closed, or it wants none any more. Harmless a second time."""
        claim.placed = claim.leaving = False
        if claim not in self._claims:
            return
        self._take_off(claim)
        self._settle()

    def rank(self, claim: Claim, rank: Rank) -> None:
        """It is worth more or less from now on."""
        if claim.rank is not rank:
            claim.rank = rank
            self._settle()

    def move(self, claim: Claim, uplinks: Iterable[Uplink]) -> None:
        """It comes over these lines, or their budgets are others. What it uses is counted there at once."""
        wanted = _unique((*_limited(uplinks), *self._own))
        if wanted == claim.uplinks:
            return
        self._take_off(claim)
        claim.uplinks = wanted
        if wanted:
            self._enter(claim)
        elif not claim.placed:
            self._grant(claim, ())
        self._settle()

    def forget(self, camera_id: str) -> None:
        """The camera is gone, or another stands at its address."""
        self._rates.pop(camera_id, None)

    def review(self) -> None:
        """Each second: measure, make those give way who are too much, let others have their turn."""
        now_s = self._clock.monotonic()
        for claim in self._claims:
            if claim.placed and claim.measure(now_s):
                self._rates[claim.camera_id] = (claim.kbps, now_s)
        for line in self._lines.values():
            line.count()
            self._bring_within(line)
        self._settle()

    def _bring_within(self, line: _Line) -> None:
        """Rates grew or a budget shrank: the least valuable and newest give way until what is left fits."""
        staying = [claim for claim in line.placed if not claim.leaving]
        for claim in sorted(staying, key=lambda one: (one.rank, -one.placed_s)):
            if line.within():
                return
            self._make_leave(claim)
            line.told_to_leave(claim)

    def _settle(self) -> None:
        """Places to those who wait, the worthiest first; nobody is overtaken on a line that he waits for."""
        waiting = [claim for claim in self._claims if not claim.placed]
        if not waiting:
            return
        waiting.sort(key=lambda claim: (-claim.rank, claim.asked_s))
        for line in self._lines.values():
            line.count()
        now_s = self._clock.monotonic()
        for claim in waiting:
            lines = [self._lines[uplink.uplink_id] for uplink in claim.uplinks]
            claim.kbps = self._expected(claim, lines, now_s)
            tight = [line for line in lines if line.blocked or not line.fits(claim.kbps)]
            if not tight:
                self._grant(claim, lines)
            elif any(claim.kbps > line.budget_kbps for line in lines):
                claim.hopeless = True  # alone too much for its line: holds nobody up
            else:
                claim.hopeless = not self._make_room(claim, tight, now_s)
                for line in tight:
                    line.blocked = True

    def _make_room(self, claim: Claim, tight: list[_Line], now_s: float) -> bool:
        """Tell who must give way to it; False when it cannot have a place by that."""
        victims: dict[Claim, None] = {}
        for line in tight:
            if line.blocked:  # those before it are seen to first; it may ask when they have their places
                if not line.yields_to(claim, now_s):
                    return False
                continue
            short_kbps = claim.kbps - (line.free_kbps + line.coming_kbps - line.reserve_kbps())
            short_connections = 1 - (line.free_connections + line.coming_connections)
            for one in sorted(line.placed, key=lambda one: (one.rank, one.placed_s)):
                if short_kbps <= 0 and short_connections <= 0:
                    break
                if not one.leaving and _yields(one, claim, now_s):
                    victims[one] = None
                    short_kbps -= one.kbps
                    short_connections -= 1
            # With fewer beside it less is to be left free, so it may come out better than this; never worse.
            if short_kbps > 0 or short_connections > 0:
                return False
        for one in victims:
            self._make_leave(one)
            for uplink in one.uplinks:
                self._lines[uplink.uplink_id].told_to_leave(one)
        return True

    def _make_leave(self, claim: Claim) -> None:
        claim.leaving = True
        self.gave_way += 1
        claim.give_way()

    def _grant(self, claim: Claim, lines: Iterable[_Line]) -> None:
        claim.placed, claim.hopeless, claim.placed_s = True, False, self._clock.monotonic()
        claim.samples.append((claim.placed_s, claim.taken()))
        for line in lines:
            line.placed[claim] = None
            line.free_connections -= 1
            line.free_kbps -= claim.kbps
        if claim.turn is not None and not claim.turn.done():
            claim.turn.set_result(None)

    def _expected(self, claim: Claim, lines: list[_Line], now_s: float) -> float:
        """What it will need, in kbit/s."""
        known = self._rates.get(claim.camera_id)
        if known is not None and now_s - known[1] <= REMEMBERED_S:
            return known[0]
        narrowest = min((line.budget_kbps for line in lines), default=UNKNOWN_KBPS)
        alike = max((line.alike_kbps for line in lines), default=0.0)
        return min(alike or UNKNOWN_KBPS, UNKNOWN_KBPS, narrowest)

    def _enter(self, claim: Claim) -> None:
        self._claims[claim] = None
        for uplink in claim.uplinks:
            line = self._lines.setdefault(uplink.uplink_id, _Line(uplink))
            line.uplink = uplink  # the newest word on its budget
            line.claims[claim] = None
            if claim.placed:
                line.placed[claim] = None

    def _take_off(self, claim: Claim) -> None:
        self._claims.pop(claim, None)
        for uplink in claim.uplinks:
            if (line := self._lines.get(uplink.uplink_id)) is not None:
                line.claims.pop(claim, None)
                line.placed.pop(claim, None)
                if not line.claims:
                    del self._lines[uplink.uplink_id]


def _yields(one: Claim, claim: Claim, now_s: float) -> bool:
    """Whether `one` gives up its place for `claim`."""
    if one.rank < claim.rank:
        return True
    return one.rank is claim.rank is Rank.CONTINUOUS and now_s - one.placed_s >= TURN_S


def _limited(uplinks: Iterable[Uplink]) -> tuple[Uplink, ...]:
    return tuple(one for one in uplinks if one.mbit_s is not None or one.connections is not None)


def _unique(uplinks: Iterable[Uplink]) -> tuple[Uplink, ...]:
    return tuple({one.uplink_id: one for one in uplinks}.values())
