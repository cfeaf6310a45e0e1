"""The gateway as a process: it waits for Redis, outlives its absence, stops cleanly, closes what a kill left open."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.bus import Bus, Topic
from hub.clock import SystemClock
from hub.contracts.camera import CameraState
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.errors import HubError
from hub.secrets import MasterKey
from hub.settings import Settings
from tests.support.gateway import RunningGateway, Watched, gateway_settings, running_gateway, spec_of, until
from tests.support.redis import OwnRedis


@asynccontextmanager
async def gateway_process(settings: Settings, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`probe gateway run` as the supervisor starts it."""
    assert settings.redis_url is not None
    assert settings.frames_redis_url is not None
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PROBE_")} | {
        "PROBE_DATA_DIR": str(settings.data_dir),
        "PROBE_REDIS_URL": settings.redis_url.get_secret_value(),
        "PROBE_FRAMES_REDIS_URL": settings.frames_redis_url.get_secret_value(),
        "PROBE_REDIS_PREFIX": settings.redis_prefix,
        "PROBE_GATEWAY__PORT": str(port),
        "PROBE_GATEWAY__WEBRTC_PORT": "0",
        "PROBE_ADDRESSES__ALLOW": '["127.0.0.1"]',
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "probe.cli", "gateway", "run", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def answers(http: aiohttp.ClientSession, url: str, status: int = 200, within_s: float = 15.0) -> None:
    """Wait until GET `url` answers with `status`."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                async with http.get(url) as answer:
                    if answer.status == status:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def test_a_killed_gateway_leaves_no_viewing_open_and_its_successor_plays_again(
    redis_settings: Settings, unused_tcp_port: int
) -> None:
    key = MasterKey.load(redis_settings.key_path, create=True)
    base = f"http://127.0.0.1:{unused_tcp_port}"
    bus = await Bus.open(redis_settings, SystemClock())
    async with SimulatedFleet([SimulatedCamera()]) as fleet, aiohttp.ClientSession() as http:
        await bus.put_spec(spec_of("cam_1", fleet.url(0)))
        console = RunningGateway(None, bus, key, http)  # type: ignore[arg-type]

        async def watch() -> Watched:
            watched = Watched(await http.ws_connect(f"{base}/mse/cam_1?ticket={console.ticket('cam_1')}"))
            await watched.until(lambda one: len(one.binaries) > 3)
            return watched

        async with gateway_process(redis_settings, unused_tcp_port) as process:
            await answers(http, f"{base}/readyz")
            await watch()
            process.kill()
        async with gateway_process(redis_settings, unused_tcp_port) as process:
            await answers(http, f"{base}/readyz")
            viewings = await console.published(Topic.VIEWINGS, Viewing, 2)
            assert [one.moment for one in viewings][-1] is ViewingMoment.CLOSED
            assert viewings[-1].closed_because == "gateway"
            watched = await watch()
            process.send_signal(signal.SIGTERM)
            await watched.until(lambda one: one.end == "gateway_stopping", within_s=5)
            assert process.stderr is not None
            async with asyncio.timeout(5):
                log = (await process.stderr.read()).decode()
            assert await process.wait() == 0
            assert "gateway.ended" in log
            assert "ticket=" not in log
        last = await console.published(Topic.VIEWINGS, Viewing, 2)
        assert last[-1].closed_because == "gateway"
    await bus.close()


async def test_it_waits_patiently_for_redis_and_says_so(tmp_path: Path, unused_tcp_port: int) -> None:
    durable, frames = OwnRedis(tmp_path / "a"), OwnRedis(tmp_path / "b", durable=False)
    for server in (durable, frames):
        server.server.prepare()
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(durable.url), frames_redis_url=SecretStr(frames.url))
    MasterKey.load(settings.key_path, create=True)
    base = f"http://127.0.0.1:{unused_tcp_port}"
    async with gateway_process(settings, unused_tcp_port), aiohttp.ClientSession() as http:
        await answers(http, f"{base}/healthz")
        await answers(http, f"{base}/readyz", status=503)
        await answers(http, f"{base}/metrics", status=503)
        with durable, frames:
            await answers(http, f"{base}/readyz", within_s=8)


async def test_live_pictures_go_on_while_redis_is_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    durable, frames = OwnRedis(tmp_path / "a"), OwnRedis(tmp_path / "b", durable=False)
    with durable, frames:
        settings = gateway_settings(
            Settings(data_dir=tmp_path, redis_url=SecretStr(durable.url), frames_redis_url=SecretStr(frames.url))
        )
        async with (
            SimulatedFleet([SimulatedCamera()]) as fleet,
            running_gateway(settings) as running,
        ):
            await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
            cameras = running.gateway.manager.cameras
            await until(lambda: "cam_1" in cameras and cameras["cam_1"].condition.state is CameraState.ONLINE)
            watched = await running.watch("cam_1")
            await watched.until(lambda one: one.binaries)
            durable.kill()
            frames.kill()
            count = len(watched.binaries)
            await watched.until(lambda one: len(one.binaries) > count + 20)
            # A ticket made while Redis is away opens a picture too, once.
            ticket = running.ticket("cam_1")
            second = await running.watch("cam_1", ticket)
            await second.until(lambda one: one.binaries)
            third = await running.watch("cam_1", ticket)
            await third.until(lambda one: one.end == "ticket")
            await second.socket.close()
            durable.start()
            frames.start()
            viewings = await patiently_published(running, 3)
            assert [one.moment for one in viewings].count(ViewingMoment.OPENED) == 2
            assert [one.moment for one in viewings].count(ViewingMoment.CLOSED) == 1
            await running.bus.remove_spec("cam_1")
            await watched.until(lambda one: one.end == "camera_removed", within_s=5)


async def patiently_published(running: RunningGateway, count: int) -> list[Viewing]:
    found: list[Viewing] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            try:
                found += await running.published(Topic.VIEWINGS, Viewing, 1)
            except HubError:
                await asyncio.sleep(0.1)
    return found


async def test_a_taken_port_is_one_sentence(redis_settings: Settings) -> None:
    MasterKey.load(redis_settings.key_path, create=True)
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with gateway_process(redis_settings, port) as process:
        assert process.stderr is not None
        async with asyncio.timeout(15):
            said = (await process.stderr.read()).decode()
        assert await process.wait() == 1
    assert f"127.0.0.1:{port}" in said
    assert "Traceback" not in said
    taken.close()
    await taken.wait_closed()


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
