"""Time as an argument: logic asks a Clock and never the system. Tests hand in `tests.support.clock.FakeClock`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

_Result = TypeVar("_Result")


class Clock(Protocol):
    """What logic may know about time."""

    def now(self) -> datetime:
        """The wall clock, in UTC and aware."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step; for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall clock, in UTC and aware."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never step."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(seconds)


async def within(clock: Clock, seconds: float, work: asyncio.Future[_Result]) -> _Result:
    """The result of `work`, or TimeoutError after `seconds` of `clock`; `work` is cancelled in either bad case."""
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        both: set[asyncio.Future[Any]] = {work, timer}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise TimeoutError
        return work.result()
    finally:
        timer.cancel()
        work.cancel()
