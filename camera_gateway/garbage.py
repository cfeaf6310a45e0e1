"""Looks for garbage in all of the heap now and then: what lived long and died in a cycle is found by nothing else.

The thresholds of the process are so high (fifteen thousand units a second, none of them in a cycle) that Python's
oldest generation would never be looked at. Runs on the gateway's loop, which stands still meanwhile: see `EVERY_S`.
"""

from __future__ import annotations

import gc

from hub.clock import Clock

# A pause of some ten milliseconds with 600 cameras, against what viewers who came and went have left by then.
EVERY_S = 300.0


async def collect(clock: Clock) -> None:
    """For ever."""
    while True:
        await clock.sleep(EVERY_S)
        gc.collect()
