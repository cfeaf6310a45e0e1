"""How often a person may have something done that costs others: a burst, then an even rate. On the event loop.

The generic cell rate algorithm (ITU-T I.371): one number a person. Who comes a little early waits here, so that a list
of six hundred runs through by itself; who comes much too early is refused.
"""

from __future__ import annotations

import math
from collections import OrderedDict

from hub.clock import Clock
from hub.errors import ErrorKind, HubError

_MOST_PEOPLE = 1000  # the longest untouched is forgotten first


class Pace:
    """`burst` at once, then one each `every_s`; nobody waits longer than `patience_s`."""

    def __init__(self, clock: Clock, *, every_s: float, burst: int, patience_s: float, code: str) -> None:
        self._clock = clock
        self._every_s = every_s
        self._burst_s = every_s * burst
        self._patience_s = patience_s
        self._code = code
        self._next_s: OrderedDict[str, float] = OrderedDict()

    async def turn(self, who: str) -> None:
        """Wait for a turn. Raises HubError LIMITED with the seconds to wait where that is too long."""
        now_s = self._clock.monotonic()
        mine_s = max(self._next_s.get(who, now_s), now_s) + self._every_s
        early_s = mine_s - now_s - self._burst_s
        if early_s > self._patience_s:
            raise HubError(ErrorKind.LIMITED, self._code, seconds=math.ceil(early_s - self._patience_s))
        self._next_s[who] = mine_s
        self._next_s.move_to_end(who)
        if len(self._next_s) > _MOST_PEOPLE:
            self._next_s.popitem(last=False)
        if early_s > 0:
            await self._clock.sleep(early_s)
