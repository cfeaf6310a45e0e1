"""A source that runs for as long as a test looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from camera_gateway.sources.base import Sink
from camera_gateway.sources.rtsp.client import RtspSource


@asynccontextmanager
async def pulling(source: RtspSource, sink: Sink) -> AsyncIterator[asyncio.Task[None]]:
    """`source` runs into `sink`; cancelled after, and over within two seconds."""
    task = asyncio.ensure_future(source.run(sink))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done()
