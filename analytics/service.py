"""One role of analytics as a process: bus, health, the role itself, a clean end at SIGTERM or SIGINT.

Owns the event loop of its process. Waits for Redis, never ends because it is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from hub import log
from hub.bus import Bus
from hub.clock import Clock
from hub.health import HealthServer
from hub.settings import Settings
from hub.starting import without_collecting


class Role(StrEnum):
    """What a process of analytics does."""

    DETECT = "detect"
    JUDGE = "judge"


class _Runs(Protocol):
    is_ready: bool

    async def run(self) -> None: ...


async def serve(role: Role, settings: Settings, clock: Clock) -> None:
    """Run the role until a signal. Raises HubError where it cannot start or another judge has taken over."""
    logger = log.get(f"analytics.{role}")
    make: Callable[[Bus], _Runs] = _detect(settings, clock) if role is Role.DETECT else _judge(settings, clock)
    bus = await Bus.open(settings, clock, check=False)
    try:
        running = make(bus)
        port = settings.analytics.detect_port if role is Role.DETECT else settings.analytics.judge_port

        async def is_ready() -> bool:
            await bus.ping()
            return running.is_ready

        async with HealthServer(port, is_ready):
            await _until_signal(running, logger.info)
    finally:
        await bus.close()


async def _until_signal(running: _Runs, say: Callable[[str], object]) -> None:
    work = asyncio.create_task(running.run(), name="analytics-role")
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, work.cancel)
    say("service.started")
    with contextlib.suppress(asyncio.CancelledError):
        await work
    say("service.stopped")


def _detect(settings: Settings, clock: Clock) -> Callable[[Bus], _Runs]:
    with without_collecting():  # each role takes in what it needs and no more: a killed one has to be back soon
        import cv2

        from analytics.detect import Detect
        from analytics.detectors.chosen import choose, load
        from analytics.looker import Looker
        from analytics.weights import Weights

    cv2.setNumThreads(settings.analytics.threads)
    weights = Weights(settings.models_path)
    choice = choose(settings.analytics, weights)
    log.get("analytics.detect").info("detector.chosen", detector=choice.name, reason=choice.reason)
    looker = Looker(
        settings.analytics,
        clock,
        load(choice, settings.analytics, weights),
        name=choice.name,
        with_motion=choice.with_motion,
    )
    consumer = f"{socket.gethostname()}-{os.getpid()}"
    return lambda bus: Detect(bus, clock, looker, consumer=consumer, batch=settings.analytics.batch)


def _judge(settings: Settings, clock: Clock) -> Callable[[Bus], _Runs]:
    with without_collecting():
        from analytics.judge import Judge

    return lambda bus: Judge(bus, clock, settings)
