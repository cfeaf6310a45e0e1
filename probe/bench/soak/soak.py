"""The run: a gateway, two fleets and viewers for hours, a sample each ten seconds, a kill each minute.

One task samples, one kills, on the bench's loop. The record is written every five minutes and at the end, however it
ends, so that a machine that goes down leaves what there was.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from probe.bench.faulty_fleet import FaultyFleet, Plan
from probe.bench.hub_under_test import GatewayUnderTest
from probe.bench.json_child import JsonChild
from probe.bench.processes import anonymous_mb, cpu_s, descriptors, memory_mb, processor, threads
from probe.bench.soak.kills import Killer, Victims
from probe.bench.soak.record import Kill, Record, Sample

_FPS: Final = 12.5
_SAMPLE_S: Final = 10.0
_LOOK_S: Final = 1.0  # the gateway tells the lag of its last tick alone
_WRITE_S: Final = 300.0
_OPEN_S: Final = 120.0
_BACK_S: Final = 60.0
_SMALL_SHARE: Final = 10  # a tenth of the cameras are in the process that is killed
_OWN_PORTS: Final = 20
_VIEWERS: Final = 12
_WORKS: Final = {"PROBE_GATEWAY__RESTART_GRACE_S": "0", "PROBE_GATEWAY__VIEWERS": "100"}

Say = Callable[[str], None]


class Soak:
    """One run."""

    def __init__(self, gateway: GatewayUnderTest, viewers: JsonChild, record: Record, killer: Killer, say: Say) -> None:
        self._gateway, self._viewers, self._record, self._killer, self._say = gateway, viewers, record, killer, say
        self._began = time.monotonic()
        self._cpu = (self._began, cpu_s([gateway.pid]))

    async def run(self, seconds: float, kill_each_s: float, folder: Path) -> None:
        """Until the time is up. Raises whatever ended it earlier."""
        until = self._began + seconds
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sample(until, folder))
            tasks.create_task(self._kill(until, kill_each_s))

    @property
    def _minute(self) -> float:
        return round((time.monotonic() - self._began) / 60, 3)

    async def _sample(self, until: float, folder: Path) -> None:
        write_at = time.monotonic() + _WRITE_S
        while (began := time.monotonic()) < until:
            lag = 0.0
            while time.monotonic() < began + _SAMPLE_S:
                await asyncio.sleep(_LOOK_S)
                lag = max(lag, await self._gateway.metric("loop_lag_seconds"))
            self._record.samples.append(await self._look(lag))
            if began >= write_at:
                write_at = began + _WRITE_S
                self._record.viewers = await self._viewers.ask({})
                self._record.write(folder)
        self._record.viewers = await self._viewers.ask({})

    async def _look(self, lag_s: float) -> Sample:
        pid = self._gateway.pid
        at, used = time.monotonic(), cpu_s([pid])
        before_at, before = self._cpu
        self._cpu = (at, used)
        return Sample(
            minute=self._minute,
            pss_mb=round(memory_mb([pid]), 2),
            own_mb=round(anonymous_mb(pid), 2),
            descriptors=descriptors(pid),
            threads=threads(pid),
            tasks=round(await self._gateway.metric("tasks")),
            online=round(await self._gateway.metric("cameras", 'state="online"')),
            viewers=round(await self._gateway.metric("viewers")),
            loop_lag_ms=round(lag_s * 1000, 1),
            cpu_percent=round(100 * (used - before) / (at - before_at), 1),
        )

    async def _kill(self, until: float, each_s: float) -> None:
        at = self._began + each_s
        while at < until:
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            what, kill = self._killer.next()
            minute = self._minute
            await kill()
            back_s = await self._back()
            self._record.kills.append(Kill(minute, what, back_s))
            self._say(f"minute {minute:.0f}: {what}; all online after {back_s} s")
            at = max(at + each_s, time.monotonic() + 1.0)

    async def _back(self) -> float | None:
        began = time.monotonic()
        while time.monotonic() < began + _BACK_S:
            if await self._gateway.metric("cameras", 'state="online"') >= self._record.cameras:
                return round(time.monotonic() - began, 1)
            await asyncio.sleep(0.25)
        return None


async def soak(cameras: int, hours: float, out: Path, folder: Path, say: Say, kill_each_s: float = 60.0) -> Record:
    """The whole of it; the record is written to `out` and given back."""
    small = max(1, cameras // _SMALL_SHARE)
    large = cameras - small
    own_ports = (0, min(_OWN_PORTS, large))
    record = Record(cameras, processor=processor(), date=datetime.now(UTC).date().isoformat())
    plan = Plan(large, own_ports=(own_ports,), fps=_FPS)
    async with (
        FaultyFleet(plan, folder / "clips") as fleet,
        FaultyFleet(Plan(small, fps=_FPS), folder / "clips") as killed,
        GatewayUnderTest(folder / "hub", [*fleet.urls, *killed.urls], opens_per_s=40.0, environment=_WORKS) as gateway,
    ):
        await gateway.wait_online(cameras, _OPEN_S)
        say(f"{cameras} cameras online; {hours:g} h, a kill each {kill_each_s:g} s; written to {out}")
        arguments = (gateway.address, str(gateway.key_path), str(cameras), str(_VIEWERS))
        async with JsonChild("probe.bench.soak.viewers", *arguments) as viewers:
            killer = Killer(Victims(gateway, fleet, killed, large, own_ports), random.Random())  # noqa: S311 - no secret
            run = Soak(gateway, viewers, record, killer, say)
            try:
                await run.run(hours * 3600, kill_each_s, out)
            except* (ChildProcessError, FileNotFoundError, httpx.HTTPError) as errors:
                record.died = "; ".join(f"{type(error).__name__}: {error}" for error in errors.exceptions)
            finally:
                if record.samples:
                    record.write(out)
    return record
