"""A source that is run only until its sink has seen enough: one look at a camera, then goodbye.

On its caller's loop; the connection is over when it returns, whatever ended it.
"""

from __future__ import annotations

import asyncio
import contextlib

from camera_gateway.sources.base import Sink, Source
from hub.errors import HubError


async def run_until(source: Source, sink: Sink, enough: asyncio.Event) -> None:
    """Run it until `enough` is set. Raises what the source ends with before that."""
    running = asyncio.ensure_future(source.run(sink))
    waiting = asyncio.ensure_future(enough.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        waiting.cancel()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, HubError):
            await running
