"""`probe bench onvif`: what so many cameras' ONVIF costs one process: memory and time for each.

The devices are in a process of their own, each client at an address of its own on loopback (Linux). Runs in the bench's
process, whose memory and CPU are read from /proc: what is told are differences.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from probe.bench.json_child import JsonChild
from probe.bench.processes import cpu_s, memory_mb, processor

if TYPE_CHECKING:
    from camera_gateway.onvif.client import OnvifClient

AT_ONCE: Final = 50
_QUIET_S: Final = 6.0  # connections that are kept are closed by then

Say = Callable[[str], None]


async def run(clients: int, say: Say) -> dict[str, object]:
    """Import, first document, then each client: made, got to know, idle, asked again."""
    from camera_gateway.onvif.profiles import stream_profiles  # the import is measured apart
    from camera_gateway.onvif.service import Service
    from camera_gateway.onvif.wire import OnvifWire
    from camera_gateway.onvif.wsdl import WSDL

    before = _Reading()
    for service, operation in (
        (Service.DEVICE, "GetServices"),
        (Service.MEDIA, "GetProfiles"),
        (Service.PTZ, "GetNodes"),
    ):
        params = {"IncludeCapability": False} if operation == "GetServices" else {}
        await WSDL.write(service, operation, params)
    documents = before.since()
    say(f"documents: {documents}")
    async with JsonChild("probe.bench.onvif_devices") as devices, OnvifWire() as wire:
        port = int(devices.ready["port"])
        made = await _clients(clients, port, wire)
        first = made[0]
        await first.call(Service.DEVICE, "GetDeviceInformation")
        gc.collect()
        before = _Reading()

        async def get_to_know(client: OnvifClient) -> None:
            await client.call(Service.DEVICE, "GetDeviceInformation")
            if len(await stream_profiles(client)) != 3:
                raise ChildProcessError("a device told other profiles than it has")

        await _each(made, get_to_know)
        known = before.since()
        say(f"got to know: {known}")
        await asyncio.sleep(_QUIET_S)
        gc.collect()
        idle_mb = memory_mb([os.getpid()]) - before.memory_mb
        before = _Reading()

        async def ask(client: OnvifClient) -> None:
            await client.call(Service.PTZ, "GetPresets", {"ProfileToken": "main"})

        await _each(made, ask)
        asked = before.since()
    return {
        "clients": clients,
        "at_once": AT_ONCE,
        "documents_s": round(documents.seconds, 3),
        "documents_mb": round(documents.memory_mb, 1),
        "known_s": round(known.seconds, 2),
        "known_cpu_ms_per_client": round(known.cpu_s * 1000 / clients, 2),
        "idle_kb_per_client": round(idle_mb * 1000 / clients, 1),
        "call_cpu_ms": round(asked.cpu_s * 1000 / clients, 2),
        "call_wall_ms": round(asked.seconds * 1000 / clients, 2),
        "memory_mb": round(memory_mb([os.getpid()]), 1),
        "processor": processor(),
    }


async def _clients(count: int, port: int, wire: object) -> list[OnvifClient]:
    from camera_gateway.onvif.client import OnvifClient
    from camera_gateway.onvif.wire import OnvifWire

    assert isinstance(wire, OnvifWire)  # noqa: S101 - its module is imported late
    policy, clock = AddressPolicy(["127.0.0.0/8"]), SystemClock()
    return [
        await OnvifClient.open(
            f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/onvif/device_service",
            "admin", "bench-of-devices", wire=wire, policy=policy, clock=clock,
        )
        for number in range(count)
    ]  # fmt: skip


async def _each(clients: Sequence[OnvifClient], work: Callable[[OnvifClient], Awaitable[None]]) -> None:
    """Do `work` with each, so many at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(client: OnvifClient) -> None:
        async with room:
            await work(client)

    await asyncio.gather(*(one(client) for client in clients))


class _Spent:
    def __init__(self, seconds: float, cpu: float, memory: float) -> None:
        self.seconds, self.cpu_s, self.memory_mb = seconds, cpu, memory

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.cpu_s:.2f} s of CPU, {self.memory_mb:.1f} MB"


class _Reading:
    """Of this process, now."""

    def __init__(self) -> None:
        self.began_s, self.cpu_s, self.memory_mb = time.monotonic(), cpu_s([os.getpid()]), memory_mb([os.getpid()])

    def since(self) -> _Spent:
        now = _Reading()
        return _Spent(now.began_s - self.began_s, now.cpu_s - self.cpu_s, now.memory_mb - self.memory_mb)
