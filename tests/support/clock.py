"""A clock that stands still until a test moves it.

`await clock.advance(s)` wakes the sleepers in the order of their deadlines and lets the loop settle after each, so that
what they do next (sleep again, say) still happens inside the same advance. Runs on the test's loop; never waits itself.
"""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
_SETTLE_ROUNDS = 12


class FakeClock:
    """Implements `hub.clock.Clock`; `step` moves the wall clock alone, as NTP does."""

    def __init__(self, start: datetime = START) -> None:
        self._wall = start
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return self._wall

    def monotonic(self) -> float:
        """Seconds that never step."""
        return self._monotonic

    @property
    def sleepers(self) -> int:
        """How many wait now."""
        return sum(1 for _, _, future in self._sleepers if not future.done())

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was moved so far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._monotonic + seconds, self._count, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move both clocks by `seconds`, waking on the way whoever is due."""
        target = self._monotonic + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            deadline, _, future = heapq.heappop(self._sleepers)
            self._move_to(max(deadline, self._monotonic))
            if not future.done():
                future.set_result(None)
                await settle()
        self._move_to(target)
        await settle()

    def step(self, seconds: float) -> None:
        """The wall clock alone jumps (also backwards)."""
        self._wall += timedelta(seconds=seconds)

    def _move_to(self, monotonic: float) -> None:
        self._wall += timedelta(seconds=monotonic - self._monotonic)
        self._monotonic = monotonic


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(_SETTLE_ROUNDS):
        await asyncio.sleep(0)
