"""Reads of unwatched cameras rest: nothing is lost, fewer reads are made, a watched camera is not delayed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.pacer import Pacer
from hub.addresses import AddressPolicy
from hub.clock import SystemClock

CLIP = moving_bar(seconds=2.0, fps=25.0)


class Gulps:
    """Counts units, and how many came apart from each other."""

    def __init__(self, *, watched: bool) -> None:
        self.watched = watched
        self.units: list[AccessUnit] = []
        self.gulps = 0
        self._at = 0

    def on_format(self, fmt: VideoFormat) -> None:
        pass

    def on_unit(self, unit: AccessUnit) -> None:
        if unit.captured_at_us - self._at > 20_000:
            self.gulps += 1
        self._at = unit.captured_at_us
        self.units.append(unit)


async def pulled(sinks: list[Gulps], pacer: Pacer, until: Callable[[], bool]) -> None:
    clock, policy = SystemClock(), AddressPolicy(("127.0.0.1",))
    async with SimulatedFleet([SimulatedCamera(clip=CLIP)] * len(sinks)) as fleet, asyncio.timeout(10):
        tasks = []
        for index, sink in enumerate(sinks):
            source = RtspSource(await policy.resolve(fleet.url(index)), None, None, clock, None, pacer)
            tasks.append(asyncio.create_task(source.run(sink)))
        while not until():  # noqa: ASYNC110 - it waits for a camera
            await asyncio.sleep(0.02)
        fleet.pause()
        await asyncio.sleep(0.4)
        assert sum(len(sink.units) for sink in sinks) == fleet.counts().sent
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert fleet.methods(0)[-1] == "TEARDOWN"


async def test_an_unwatched_camera_is_read_in_gulps_and_a_watched_one_at_once() -> None:
    rested, watched = Gulps(watched=False), Gulps(watched=True)
    await pulled([rested, watched], Pacer(0.12, from_sources=1), lambda: len(watched.units) >= 40)
    assert rested.gulps < 0.6 * len(rested.units)
    assert watched.gulps > 0.7 * len(watched.units)


async def test_a_few_cameras_are_never_delayed() -> None:
    sink = Gulps(watched=False)
    await pulled([sink], Pacer(), lambda: len(sink.units) >= 20)
    assert sink.gulps > 0.7 * len(sink.units)
