"""What died in a cycle is found, however seldom Python itself looks."""

from __future__ import annotations

import asyncio
import gc
import weakref

from camera_gateway.garbage import EVERY_S, collect
from tests.support.clock import FakeClock


class Knot:
    """Holds itself."""

    def __init__(self) -> None:
        self.itself = self


async def test_a_cycle_that_is_old_is_found_within_minutes(clock: FakeClock) -> None:
    knot = Knot()
    seen = weakref.ref(knot)
    gc.collect()  # it lives in the oldest generation now
    collecting = asyncio.create_task(collect(clock))
    try:
        del knot
        await clock.advance(EVERY_S - 1)
        assert seen() is not None
        await clock.advance(2)
        assert seen() is None
    finally:
        collecting.cancel()
