"""Time as an argument: logic asks a Clock and never the system. Tests hand in `tests.support.clock.FakeClock`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


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
