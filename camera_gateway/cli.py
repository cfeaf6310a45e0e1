"""`probe gateway run`: one camera gateway as a process of its own.

Runs on uvloop's loop on the main thread. Starts answering at once and waits patiently for Redis; SIGTERM ends it within
five seconds: viewers are told, cameras get a goodbye, the register is written.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import suppress

import typer

app = typer.Typer(help="One camera gateway.", no_args_is_help=True)


@app.callback()
def _gateway() -> None:
    """One camera gateway."""


@app.command()
def run() -> None:
    """Pull this gateway's cameras and serve their pictures, until SIGTERM."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run())


async def _run() -> None:
    from hub.starting import without_collecting

    with without_collecting():
        from camera_gateway.service import GatewayService
        from hub import log
        from hub.clock import SystemClock
        from hub.settings import Settings

    settings = Settings()
    log.configure(settings.log, "gateway")
    # Fifteen thousand short-lived units a second, none of them in a cycle: look for garbage seldom, at what is new.
    gc.set_threshold(50_000, 20, 50)
    service = GatewayService(settings, SystemClock())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(service.run(), name="gateway")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
    await service.close()
    if serving.done() and not serving.cancelled() and (error := serving.exception()) is not None:
        raise error
