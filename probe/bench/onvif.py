"""`probe bench onvif`: what so many cameras' ONVIF costs one process: memory and time for each.

The devices are in a process of their own, each client at an address of its own on loopback (Linux). Runs in the bench's
process, whose memory and CPU are read from /proc: what is told are differences.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from probe.bench.json_child import JsonChild
from probe.bench.processes import cpu_s, descriptors, memory_mb, processor

if TYPE_CHECKING:
    from camera_gateway.onvif.client import OnvifClient

AT_ONCE: Final = 50
_COUNTED: Final = 100
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
        files = descriptors(os.getpid())
        # One of another address, so that what is made once for all is not counted to the first of these.
        (spare,) = await _clients(1, port, wire, first=clients)
        await spare.call(Service.DEVICE, "GetDeviceInformation")
        await stream_profiles(spare)
        made = await _clients(clients, port, wire)
        before = _Reading()

        async def get_to_know(client: OnvifClient) -> None:
            await client.call(Service.DEVICE, "GetDeviceInformation")
            if len(await stream_profiles(client)) != 3:
                raise ChildProcessError("a device told other profiles than it has")

        await _each(made, get_to_know)
        known = before.since()
        say(f"got to know: {known}")
        before = _Reading()

        async def ask(client: OnvifClient) -> None:
            await client.call(Service.PTZ, "GetPresets", {"ProfileToken": "main"})

        await _each(made, ask)
        asked = before.since()
        whole_mb = memory_mb([os.getpid()])
        held_kb = await _held_kb(port, wire, clients + 1, get_to_know)
        sockets = descriptors(os.getpid()) - files
    return {
        "clients": clients,
        "at_once": AT_ONCE,
        "documents_s": round(documents.seconds, 3),
        "documents_mb": round(documents.memory_mb, 1),
        "known_s": round(known.seconds, 2),
        "known_cpu_ms_per_client": round(known.cpu_s * 1000 / clients, 2),
        "held_kb_per_client": round(held_kb, 1),
        "sockets_at_rest": sockets,
        "call_cpu_ms": round(asked.cpu_s * 1000 / clients, 2),
        "call_wall_ms": round(asked.seconds * 1000 / clients, 2),
        "memory_mb": round(whole_mb, 1),
        "processor": processor(),
    }


async def _held_kb(port: int, wire: object, first: int, work: Callable[[OnvifClient], Awaitable[None]]) -> float:
    """What Python holds for a client that knows its device and is asked nothing: by its own count, of a hundred more.

    /proc cannot tell it: they live in what parsing the documents left free.
    """
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        more = await _clients(_COUNTED, port, wire, first)
        await _each(more, work)
        await asyncio.sleep(_QUIET_S)
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / 1000 / len(more)
    finally:
        tracemalloc.stop()


async def _clients(count: int, port: int, wire: object, first: int = 0) -> list[OnvifClient]:
    from camera_gateway.onvif.client import OnvifClient
    from camera_gateway.onvif.wire import OnvifWire

    assert isinstance(wire, OnvifWire)  # noqa: S101 - its module is imported late
    policy, clock = AddressPolicy(["127.0.0.0/8"]), SystemClock()
    return [
        await OnvifClient.open(
            f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/onvif/device_service",
            "admin", "bench-of-devices", wire=wire, policy=policy, clock=clock,
        )
        for number in range(first, first + count)
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
