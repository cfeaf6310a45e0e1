"""`probe bench sweep`: two keyframes of each of many cameras at rest, some of them dead, by the gateway as it is.

The simulated cameras answer each request after 100 ms and begin with a keyframe, GOP 2 s; nobody else pulls them. What
is counted is the gateway's own CPU from the order to its last line; a reader in this process takes what reaches topic
`frames`. Beside it one `ffmpeg -frames:v 1` for each of some cameras, a single picture each.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hub.bus import Topic
from hub.contracts.camera import Cause
from hub.contracts.frame import Frame
from hub.contracts.sweep import SweepOrder, SweepOutcome, SweptCamera
from hub.contracts.watch import Watch, WatchMode
from probe.bench.faulty_fleet import FaultyFleet, Group, Plan
from probe.bench.ffmpeg import one_frame_each
from probe.bench.hub_under_test import GatewayUnderTest, camera_id
from probe.bench.processes import exact_cpu_s, processor

ANSWERS_AFTER: Final = "slow:0.1"
OPENS_PER_S: Final = 40.0  # as a gateway is set by default; per address too, for all of these have one
_REST_S: Final = 120.0
_QUIET_S: Final = 2.0
_SWEEP_ID: Final = "sweep_bench"

Say = Callable[[str], None]


async def run(
    cameras: int, dead_share: float, at_once: int | None, vs_cameras: int, folder: Path, say: Say
) -> dict[str, object]:
    """The whole bench. The answer is what `--json` prints."""
    dead = round(cameras * dead_share)
    alive = cameras - dead
    refusing, swallowing = (alive, alive + dead // 3), (alive + dead // 3, alive + 2 * dead // 3)
    silent = (swallowing[1], cameras)
    async with FaultyFleet(Plan(cameras, own_ports=(refusing, swallowing)), folder / "clips") as fleet:
        await _go_wrong(
            fleet, {(0, alive): ANSWERS_AFTER, refusing: "refuse", swallowing: "black-hole", silent: "silent"}
        )
        watch = Watch(mode=WatchMode.ON_REQUEST)
        async with GatewayUnderTest(folder / "hub", fleet.urls, opens_per_s=OPENS_PER_S, watch=watch) as gateway:
            await _wait_at_rest(gateway, alive + silent[1] - silent[0])
            await asyncio.sleep(_QUIET_S)
            frames: Counter[str] = Counter()
            reading = asyncio.create_task(_read(gateway, frames))
            order = SweepOrder(
                sweep_id=_SWEEP_ID, camera_ids=tuple(camera_id(index) for index in range(cameras)), at_once=at_once
            )
            cpu_s, began = exact_cpu_s(gateway.pid), time.monotonic()
            told = [one async for one in gateway.sweep(order)]
            seconds, cpu_s = time.monotonic() - began, exact_cpu_s(gateway.pid) - cpu_s
            await asyncio.sleep(_QUIET_S)
            reading.cancel()
            sessions = (await fleet.counts((0, cameras))).sessions
        swept = [one for one in told if one.outcome is SweepOutcome.SWEPT]
        answer: dict[str, object] = {
            "cameras": cameras,
            "swept": len(swept),
            "failed": sum(one.outcome is SweepOutcome.FAILED for one in told),
            "skipped": sum(one.outcome is SweepOutcome.SKIPPED for one in told),
            "failed_by_cause": dict(Counter(one.cause.value for one in told if one.cause is not Cause.NONE)),
            "seconds": round(seconds, 1),
            "least_between_s": _least_between_s(swept),
            "pictures_read": frames.total(),
            "left_open": sessions,
            "cpu_s": round(cpu_s, 2),
            "cpu_ms_per_camera": round(cpu_s * 1000 / max(1, len(swept)), 2),
            "processor": processor(),
        }
        say(f"gateway: {answer}")
        vs_cameras = min(vs_cameras, alive)
        theirs_s = await one_frame_each(fleet.urls[:vs_cameras]) / vs_cameras
        answer["vs"] = {"name": "ffmpeg", "cameras": vs_cameras, "cpu_s_per_camera": round(theirs_s, 4)}
        answer["cpu_ratio"] = round(cpu_s / max(1, len(swept)) / theirs_s, 4)
        return answer


async def _go_wrong(fleet: FaultyFleet, faults: dict[Group, str]) -> None:
    for group, fault in faults.items():
        await fleet.set_faults(group, fault)


async def _wait_at_rest(gateway: GatewayUnderTest, accepting: int) -> None:
    """Until those that accept connections are known to; the others are known to be dead some seconds later."""
    async with asyncio.timeout(_REST_S):
        while True:
            try:
                if await gateway.metric("cameras_by_cause", 'cause="resting"') >= accepting:
                    break
            except KeyError:  # none yet
                pass
            await asyncio.sleep(0.3)
        while await _starting(gateway):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.3)


async def _starting(gateway: GatewayUnderTest) -> float:
    try:
        return await gateway.metric("cameras_by_cause", 'cause="starting"')
    except KeyError:
        return 0.0


async def _read(gateway: GatewayUnderTest, frames: Counter[str]) -> None:
    """A reader that keeps up."""
    while True:
        for one in await gateway.bus.read(Topic.FRAMES, "bench", "bench", count=64, block_ms=200):
            frame = one.parse(Frame)
            if frame.sweep_id == _SWEEP_ID and one.data:
                frames[frame.camera_id] += 1


def _least_between_s(swept: list[SweptCamera]) -> float | None:
    """The shortest time between the two pictures of any camera."""
    both = [one.second_at - one.first_at for one in swept if one.first_at is not None and one.second_at is not None]
    return round(min(both).total_seconds(), 2) if both else None
