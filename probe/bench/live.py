"""`probe bench live`: what a viewer costs, and how long a first picture takes, against floors in the same run.

The real gateway with one simulated camera (720p, 25 a second, 1.5 Mbit/s, GOP 4 s); viewers in a process of their own,
with real tickets, handshakes and sockets, not counted. Costs are the gateway's CPU from /proc while all watch, without
what it takes when nobody does. Each floor is measured before and after, and is the mean of the two.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Final

from camera_gateway.live.fmp4 import Fragmenter
from camera_gateway.live.viewer import binary_frame
from camera_gateway.sources.base import AccessUnit
from hub.errors import ErrorKind, HubError
from probe.bench.fleet import FPS, FleetProcess, live_clip
from probe.bench.floor import PEERS
from probe.bench.hub_under_test import GatewayUnderTest
from probe.bench.live_viewers import Opened, ViewersProcess
from probe.bench.processes import exact_cpu_s, processor

PROFILE: Final = "SRTP_AES128_CM_SHA1_80"
_SETTLE_S: Final = 2.0
_FLOOR_S: Final = 5.0
_PAYLOAD: Final = 1_200
_FRAGMENT_HEAD: Final = 116  # of the fragment and of its WebSocket message

Say = Callable[[str], None]


async def run(viewers: int, seconds: float, looks: int, profile: str, folder: Path, say: Say) -> dict[str, object]:
    """The whole bench; the answer is what `--json` prints."""
    load = os.getloadavg()[0]
    async with FleetProcess(1, folder / "clips", "live") as fleet:
        frame_bytes = round(fleet.kbps * 1000 / 8 / FPS)
        say(f"1280x720, 25 a second, {fleet.kbps:g} kbit/s, GOP 4 s, {viewers} viewers")
        floors = [await _floors(viewers, profile, frame_bytes)]
        port = _free_udp_port()
        async with (
            GatewayUnderTest(folder / "hub", fleet.urls, webrtc_port=port) as gateway,
            ViewersProcess(profile) as watching,
        ):
            await gateway.wait_online(1, 30)
            whep = _Way("whep", gateway, watching, viewers, seconds)
            mse = _Way("mse", gateway, watching, viewers, seconds)
            await asyncio.sleep(_SETTLE_S)
            idle = await whep.cpu_share()
            await whep.measure(looks, idle)
            say(f"whep: {whep.us:.2f} us a packet, first pictures {sorted(whep.first_ms)[-1]:.0f} ms at worst")
            await mse.measure(looks, idle)
            say(f"mse: {mse.us:.2f} us a fragment, first pictures {sorted(mse.first_ms)[-1]:.0f} ms at worst")
            gateway_p95 = await gateway.metric("webrtc_first_picture_p95_seconds")
            dropped = await gateway.metric("viewer_frames_dropped_total")
        floors.append(await _floors(viewers, profile, frame_bytes))
    webrtc_floor, mse_floor = (fmean(one[n] for one in floors) for n in (0, 1))
    return {
        "viewers": viewers,
        "webrtc_us_per_packet": round(whep.us, 2),
        "webrtc_floor_us": round(webrtc_floor, 2),
        "webrtc_ratio": round(whep.us / webrtc_floor, 2),
        "mse_us_per_fragment": round(mse.us, 2),
        "mse_floor_us": round(mse_floor, 2),
        "mse_ratio": round(mse.us / mse_floor, 2),
        "mse_mux_us_per_frame": round(_mux_us(folder / "clips"), 2),
        "first_picture_p95_ms": round(_p95(whep.first_ms), 1),
        "mse_first_picture_p95_ms": round(_p95(mse.first_ms), 1),
        "gateway_first_picture_p95_ms": round(gateway_p95 * 1000, 1),
        "first_pictures": len(whep.first_ms),
        "idle_us_per_s": round(idle * 1e6),
        "webrtc_packets": whep.sent,
        "webrtc_packets_received": whep.received,
        "mse_fragments": mse.received,
        "frames_dropped": round(dropped),
        "floors": [[round(us, 2) for us in one] for one in floors],
        "srtp_profile": whep.profile,
        "load": [round(load, 2), round(os.getloadavg()[0], 2)],
        "processor": processor(),
    }


class _Way:
    """One of the two ways to watch."""

    def __init__(
        self, name: str, gateway: GatewayUnderTest, watching: ViewersProcess, viewers: int, seconds: float
    ) -> None:
        self._name, self._gateway, self._watching = name, gateway, watching
        self._viewers, self._seconds = viewers, seconds
        self.us = 0.0
        self.sent = self.received = 0
        self.first_ms: list[float] = []
        self.profile = ""

    async def measure(self, looks: int, idle: float) -> None:
        """All open; what it costs while they watch; then more look in, one by one, anywhere within a GOP."""
        for _ in range(self._viewers):
            self._note(await self._watching.open(self._name, [self._url()]))
        await asyncio.sleep(_SETTLE_S)
        sent, came = await self._packets_sent(), (await self._watching.counts())[self._name]
        began, share = time.monotonic(), await self.cpu_share()
        lasted = time.monotonic() - began
        self.sent = await self._packets_sent() - sent
        self.received = (await self._watching.counts())[self._name] - came
        units = self.sent if self._name == "whep" else self.received
        self.us = (share - idle) * lasted * 1e6 / units
        for _ in range(looks):
            await asyncio.sleep(random.uniform(0.05, 0.35))  # noqa: S311 - a moment within a GOP
            self._note(await self._watching.open(self._name, [self._url()], only_to_look=True))
        await self._watching.close()
        await asyncio.sleep(_SETTLE_S)

    async def cpu_share(self) -> float:
        """CPU seconds a second of the gateway, over the bench's time."""
        began, cpu = time.monotonic(), exact_cpu_s(self._gateway.pid)
        await asyncio.sleep(self._seconds)
        return (exact_cpu_s(self._gateway.pid) - cpu) / (time.monotonic() - began)

    def _note(self, opened: list[Opened]) -> None:
        self.first_ms += [one.first_picture_ms for one in opened]
        self.profile = opened[-1].profile

    async def _packets_sent(self) -> int:
        return round(await self._gateway.metric("webrtc_packets_total"))

    def _url(self) -> str:
        address = self._gateway.address
        if self._name == "mse":
            address = "ws" + address.removeprefix("http")
        return f"{address}/{self._name}/cam-0001?ticket={self._gateway.ticket()}"


async def _floors(viewers: int, profile: str, frame_bytes: int) -> tuple[float, float]:
    """Microseconds a packet and a fragment, of the bare peers with frames of the same size."""
    rest = frame_bytes % _PAYLOAD
    sizes = [_PAYLOAD] * (frame_bytes // _PAYLOAD) + ([rest] if rest else [])
    webrtc = await _peer("webrtc_floor.py", profile, viewers, _FLOOR_S, *sizes)
    return webrtc, await _peer("mse_floor.py", viewers, _FLOOR_S, frame_bytes + _FRAGMENT_HEAD)


async def _peer(name: str, *arguments: object) -> float:
    if not (PEERS / name).is_file():
        raise HubError(ErrorKind.UNAVAILABLE, "bench.no_peers")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(PEERS / name), *map(str, arguments)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise ChildProcessError(name)
    return float(said)


def _mux_us(cache: Path) -> float:
    """Microseconds of CPU to make a fragment and to frame it for the WebSocket; the best of five."""
    units = [
        AccessUnit(0, n * 3600, picture.keyframe, b"".join(len(nal).to_bytes(4, "big") + nal for nal in picture.nals))
        for n, picture in enumerate(live_clip(cache).pictures)
    ]
    found = []
    for _ in range(5):
        fragmenter, began = Fragmenter(), time.process_time()
        for unit in units:
            binary_frame(*fragmenter.fragment(unit))
        found.append((time.process_time() - began) * 1e6 / len(units))
    return min(found)


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port
