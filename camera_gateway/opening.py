"""The ramp: how fast cameras may be opened, over all and at one address, and who goes first.

Six hundred connections at once bring down a recorder, a village uplink and our own loop; thirty-two cameras behind one
recorder share its address. Runs on the gateway's loop: callers wait in two rows, and one task serves them while there
are any; in each row the camera goes first that nobody has looked at for longest. Holds no camera; a caller who is
cancelled leaves no gap behind.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from hub.clock import Clock

_REMEMBERED_ADDRESSES = 10_000  # more than any gateway has cameras; the oldest are forgotten when their turn is past
# Of so many openings one is of a camera that keeps failing, also while hopeful ones stand in the row; but not before
# one of them has stood there for so long: when a village's line is back, all its cameras are, and theirs is the turn.
_PATIENT_EVERY = 4
_PATIENT_FOR_S = 4.0
# A timer that fires late is made up for, or 40 a second would be 37, and 30 on a machine with much else to do.
_LATE_S = 0.05


class _Waiter:
    __slots__ = ("address", "came_s", "looked_s", "turn", "urgent")

    def __init__(
        self, address: str, came_s: float, looked_s: float, urgent: Callable[[], bool], turn: asyncio.Future[None]
    ) -> None:
        self.address = address
        self.came_s = came_s
        self.looked_s = looked_s
        self.urgent = urgent
        self.turn = turn


class Ramp:
    """Gives each opening its turn: at most `per_s` a second over all and `per_address_s` at one address."""

    def __init__(self, clock: Clock, per_s: float, per_address_s: float) -> None:
        self._clock = clock
        self._gap_s = 1 / per_s
        self._address_gap_s = 1 / per_address_s
        self._next_s = 0.0
        self._next_at: dict[str, float] = {}
        self._hopeful: deque[_Waiter] = deque()
        self._patient: deque[_Waiter] = deque()
        self._serving: asyncio.Task[None] | None = None
        self.opens = 0

    @property
    def waiting(self) -> int:
        """Openings whose turn has not come."""
        return len(self._hopeful) + len(self._patient)

    async def turn(
        self,
        address: str,
        hopeful: bool = True,
        looked_s: float | None = None,
        urgent: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wait until it is this address's turn.

        Not `hopeful` is a camera that failed again and again: hundreds of them must not delay those that work.
        `looked_s`, monotonic: until when it is known that the camera showed nothing; None: until now. A try that was
        refused at once knows that of its beginning, one that waited in vain for pictures of its end, and can bear to
        wait longer. `urgent` is asked each time somebody's turn has come: a person may begin to wait for the picture
        of a camera that already stands in the row, and goes before all that the machine opens.
        """
        now_s = self._clock.monotonic()
        since_s = now_s if looked_s is None else looked_s
        waiter = _Waiter(address, now_s, since_s, urgent, asyncio.get_running_loop().create_future())
        row = self._hopeful if hopeful else self._patient
        row.append(waiter)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve(), name="ramp")
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in row:
                row.remove(waiter)
            raise

    async def _serve(self) -> None:
        while self._hopeful or self._patient:
            now_s = self._clock.monotonic()
            if self._next_s > now_s:
                await self._clock.sleep(self._next_s - now_s)
                continue
            waiter = self._first(now_s)
            if waiter is None:
                # Each address that is asked for has just been opened; others may come meanwhile.
                await self._clock.sleep(min(self._gap_s, self._soonest_s(now_s)))
                continue
            self._next_s = max(self._next_s, now_s - _LATE_S) + self._gap_s
            self._next_at[waiter.address] = now_s + self._address_gap_s
            if len(self._next_at) > _REMEMBERED_ADDRESSES:
                self._next_at = {key: when for key, when in self._next_at.items() if when > now_s}
            self.opens += 1
            waiter.turn.set_result(None)

    def _first(self, now_s: float) -> _Waiter | None:
        """The first whose address may be opened; taken out of its row."""
        rows = (self._hopeful, self._patient)
        for row in rows:
            waiter = self._ready((one for one in row if one.urgent()), now_s)
            if waiter is not None:
                row.remove(waiter)
                return waiter
        theirs = self.opens % _PATIENT_EVERY == _PATIENT_EVERY - 1
        if theirs and self._patient and now_s - self._patient[0].came_s >= _PATIENT_FOR_S:  # in the order of coming
            rows = (self._patient, self._hopeful)
        for row in rows:
            waiter = self._ready(row, now_s)
            if waiter is not None:
                row.remove(waiter)
                return waiter
        return None

    def _soonest_s(self, now_s: float) -> float:
        asked = (self._next_at.get(one.address, 0.0) for row in (self._hopeful, self._patient) for one in row)
        return max(0.001, min(asked, default=now_s) - now_s)

    def _ready(self, row: Iterable[_Waiter], now_s: float) -> _Waiter | None:
        ready = (one for one in row if self._next_at.get(one.address, 0.0) <= now_s and not one.turn.done())
        return min(ready, key=lambda one: one.looked_s, default=None)
