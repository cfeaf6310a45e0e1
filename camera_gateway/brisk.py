"""A try that is given up early: for cameras that were there a moment ago and are promised to be back in seconds.

A camera that has just come up answers the next connection, and never the one it knows nothing of. So where a connection
was accepted and its handshake then hears nothing for `BRISK_S`, it is over. Runs within its puller's task.
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
_GOODBYE_S = 1.5


async def run_briskly(source: Source, sink: Sink, clock: Clock) -> None:
    """Run it; raises what it raises, and TIMEOUT `camera_gateway.no_answer` when its handshake stands still."""
    running = asyncio.ensure_future(source.run(sink))
    heard, heard_s = _steps(source), clock.monotonic()
    try:
        while heard is not None and not running.done():
            timer = asyncio.ensure_future(clock.sleep(_LOOK_S))
            try:
                await asyncio.wait({running, timer}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
            steps = _steps(source)
            if steps != heard:
                heard, heard_s = steps, clock.monotonic()
            elif clock.monotonic() - heard_s >= BRISK_S and not running.done():
                raise HubError(ErrorKind.TIMEOUT, "camera_gateway.no_answer", method="RTSP")
        await running
    finally:
        if not running.done():
            running.cancel()
            await asyncio.wait({running}, timeout=_GOODBYE_S)


def heard_to_its_end(source: Source) -> bool:
    """Whether its handshake is over: whatever the camera had shown since would have been taken."""
    return _steps(source) is None


def _steps(source: Source) -> tuple[object, ...] | None:
    """How far its handshake is; None when it is over, or where a source does not tell: it has its own patience then."""
    handshake = getattr(source, "handshake", None)
    if not is_dataclass(handshake) or isinstance(handshake, type):
        return None
    if getattr(handshake, "playing", False):
        return None
    # Before it is connected the connection has its own, shorter, time-out, which says more.
    return astuple(handshake) if getattr(handshake, "connected", False) else (object(),)
