"""`probe bench ingest`: what it costs to pull many cameras, our whole real path against one process a camera.

Ours is `gateway run` as a hub runs it (RTSP, access units, GOP kept, tap, keyframes published to Redis, status,
metrics); the two Redis servers are listed apart. Units are counted exactly: the fleet pauses, both sides are read.
A camera-second is 25 pictures that were sent: a fleet that the machine starves makes nobody look cheap.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from probe.bench.ffmpeg import FfmpegProcesses
from probe.bench.fleet import FPS, FleetProcess
from probe.bench.floor import FloorProcess
from probe.bench.hub_under_test import GatewayUnderTest
from probe.bench.processes import Cost, cpu_s, memory_mb, processor

_SETTLE_S: Final = 5.0
_QUIET_S: Final = 0.5
_OPEN_S: Final = 120.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one contender did between two instants."""

    cost: Cost
    seconds: float
    units_expected: int
    units_received: int
    redis_ms_per_camera_s: float
    keyframes_published: int


async def ours(fleet: FleetProcess, folder: Path, cameras: int, seconds: float) -> Stretch:
    """The gateway with `cameras` cameras for `seconds`."""
    async with GatewayUnderTest(folder, fleet.urls[:cameras]) as gateway:
        await fleet.wait_sessions(cameras, _OPEN_S)
        await gateway.wait_online(cameras, _OPEN_S)
        await asyncio.sleep(_SETTLE_S)
        await fleet.pause()
        await asyncio.sleep(_QUIET_S)
        sent, received = (await fleet.counts()).due, await gateway.metric("units_received_total")
        published = await gateway.metric("frames_published_total")
        await fleet.resume()
        cpu, redis, began = cpu_s([gateway.pid]), cpu_s(gateway.redis_pids), time.monotonic()
        await asyncio.sleep(seconds)
        cpu, redis = cpu_s([gateway.pid]) - cpu, cpu_s(gateway.redis_pids) - redis
        lasted = time.monotonic() - began
        memory = memory_mb([gateway.pid])
        await fleet.pause()
        await asyncio.sleep(_QUIET_S)
        expected = (await fleet.counts()).due - sent
        stretch = Stretch(
            cost=Cost.of(cameras, expected / FPS / cameras, cpu, memory),
            seconds=round(lasted, 2),
            units_expected=expected,
            units_received=round(await gateway.metric("units_received_total") - received),
            redis_ms_per_camera_s=round(redis * 1000 * FPS / expected, 4),
            keyframes_published=round(await gateway.metric("frames_published_total") - published),
        )
        await fleet.resume()
        return stretch


async def theirs(fleet: FleetProcess, cameras: int, seconds: float) -> Cost:
    """ffmpeg processes for `seconds`."""
    async with FfmpegProcesses(fleet.urls[:cameras]) as processes:
        await fleet.wait_sessions(cameras, _OPEN_S)
        cost = await _measured(fleet, processes.pids, cameras, seconds)
        if processes.alive != cameras or (await fleet.counts()).sessions != cameras:
            raise ChildProcessError("not all ffmpeg processes lived to the end")
        return cost


async def floor(fleet: FleetProcess, cameras: int, seconds: float) -> Cost:
    """The bare prototype for `seconds`."""
    async with FloorProcess(fleet.urls[:cameras]) as process:
        await fleet.wait_sessions(cameras, _OPEN_S)
        return await _measured(fleet, process.pids, cameras, seconds)


async def _measured(fleet: FleetProcess, pids: list[int], cameras: int, seconds: float) -> Cost:
    await asyncio.sleep(_SETTLE_S)
    sent, cpu = (await fleet.counts()).due, cpu_s(pids)
    await asyncio.sleep(seconds)
    sent, cpu = (await fleet.counts()).due - sent, cpu_s(pids) - cpu
    return Cost.of(cameras, sent / FPS / cameras, cpu, memory_mb(pids))


async def run(
    cameras: int, vs: str | None, vs_cameras: int, seconds: float, folder: Path, say: Say
) -> dict[str, object]:
    """The whole bench: ours, then theirs, against one fleet. The answer is what `--json` prints."""
    async with FleetProcess(max(cameras, vs_cameras), folder / "clips") as fleet:
        say(f"{cameras} cameras, 640x360, 25 a second, {fleet.kbps:g} kbit/s")
        mine = await ours(fleet, folder / "hub", cameras, seconds)
        answer: dict[str, object] = {
            "cameras": cameras,
            "seconds": mine.seconds,
            "units_expected": mine.units_expected,
            "units_received": mine.units_received,
            "units_per_camera_s": round(mine.units_expected / cameras / mine.seconds, 2),  # below 25: a starved fleet
            "cpu_ms_per_camera_s": mine.cost.cpu_ms_per_camera_s,
            "rss_mb_per_camera": mine.cost.rss_mb_per_camera,
            "redis_ms_per_camera_s": mine.redis_ms_per_camera_s,
            "keyframes_published": mine.keyframes_published,
            "memory_is": "PSS",
            "processor": processor(),
        }
        say(f"gateway: {mine}")
        if vs is not None:
            await fleet.wait_sessions(0, _OPEN_S, at_most=True)
            cost = await (theirs(fleet, vs_cameras, seconds) if vs == "ffmpeg" else floor(fleet, cameras, seconds))
            say(f"{vs}: {cost}")
            answer["vs"] = {"name": vs, **asdict(cost)}
            answer["cpu_ratio"] = round(mine.cost.cpu_ms_per_camera_s / cost.cpu_ms_per_camera_s, 4)
            answer["memory_ratio"] = round(mine.cost.rss_mb_per_camera / cost.rss_mb_per_camera, 4)
        return answer
