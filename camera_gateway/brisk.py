"""A try that is given up early: for cameras that were there a moment ago and are promised to be back in seconds.

A camera that has just come up answers the next connection, and never the one it knows nothing of. So where a connection
was accepted and its handshake then hears nothing for `BRISK_S`, it is over. Runs within its puller's task, with one
more that is over with the handshake.
"""

from __future__ import annotations

import asyncio
from dataclasses import astuple, is_dataclass

from camera_gateway.sources.base import Sink, Source
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

# With the waits and the ramp five seconds from a camera's coming up to its picture; half of what a source allows.
BRISK_S = 2.5
_LOOK_S = 0.25


async def run_briskly(source: Source, sink: Sink, clock: Clock) -> None:
    """Run it; raises what it raises, and TIMEOUT `camera_gateway.no_answer` when its handshake stands still."""
    try:
        async with asyncio.timeout(None) as patience:
            watching = asyncio.create_task(_watch(source, clock, patience), name="brisk")
            try:
                await source.run(sink)
            finally:
                watching.cancel()
    except TimeoutError as error:
        if not patience.expired():
            raise
        raise HubError(ErrorKind.TIMEOUT, "camera_gateway.no_answer", method="RTSP") from error


async def _watch(source: Source, clock: Clock, patience: asyncio.Timeout) -> None:
    """End the patience when a step takes too long; over with the handshake: a camera that plays has no task more."""
    heard, heard_s = _steps(source), clock.monotonic()
    while heard is not None:
        await clock.sleep(_LOOK_S)
        steps = _steps(source)
        if steps != heard:
            heard, heard_s = steps, clock.monotonic()
        elif clock.monotonic() - heard_s >= BRISK_S:
            patience.reschedule(asyncio.get_running_loop().time())
            return


def heard_to_its_end(source: Source) -> bool:
    """Whether its handshake is over: whatever the camera had shown since would have been taken."""
    return _steps(source) is None


def heard_nothing(source: Source) -> bool:
    """Whether its camera accepted the connection, and never said a word of RTSP over it."""
    handshake = getattr(source, "handshake", None)
    return bool(getattr(handshake, "connected", False)) and not getattr(handshake, "spoke_rtsp", True)


def _steps(source: Source) -> tuple[object, ...] | None:
    """How far its handshake is; None when it is over, or where a source does not tell: it has its own patience then."""
    handshake = getattr(source, "handshake", None)
    if not is_dataclass(handshake) or isinstance(handshake, type):
        return None
    if getattr(handshake, "playing", False):
        return None
    # Before it is connected the connection has its own, shorter, time-out, which says more.
    return astuple(handshake) if getattr(handshake, "connected", False) else (object(),)
