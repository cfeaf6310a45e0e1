"""Cameras that misbehave, seen from a browser: stale says so, offline ends, back within the time promised."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import av
import pytest

from camera_gateway.live.viewer import Viewer
from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.clock import SystemClock
from hub.contracts.camera import CameraState, Cause
from hub.contracts.ticket import TicketAction
from hub.secrets import MasterKey
from hub.settings import Settings
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until
from tests.support.gstreamer import gstreamer_camera, prepared_clip


@pytest.fixture
async def running(redis_settings: Settings) -> AsyncIterator[RunningGateway]:
    quick = {"stale_after_s": 1.0, "offline_after_s": 3.0, "opens_per_address_s": 100.0}
    async with running_gateway(gateway_settings(redis_settings, **quick)) as gateway:
        yield gateway


def is_(running: RunningGateway, camera_id: str, state: CameraState, cause: Cause | None = None) -> bool:
    camera = running.gateway.manager.cameras.get(camera_id)
    return camera is not None and camera.condition.state is state and cause in (None, camera.condition.cause)


async def test_a_picture_that_stops_says_stale_each_second_and_live_when_it_flows_again(
    running: RunningGateway,
) -> None:
    async with SimulatedFleet([SimulatedCamera()]) as fleet:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE))
        watched = await running.watch("cam_1")
        await watched.until(lambda one: one.binaries)
        fleet.pause()
        await watched.until(lambda one: [text["type"] for text in one.texts].count("stale") == 2)
        assert is_(running, "cam_1", CameraState.DEGRADED, Cause.NO_MEDIA)
        assert watched.texts[-1]["since_ms"] > 1900
        fleet.resume()
        await watched.until(lambda one: one.texts[-1]["type"] == "live")


async def test_a_camera_that_stays_away_is_offline_and_is_back_soon_after_it_returns(running: RunningGateway) -> None:
    async with SimulatedFleet([SimulatedCamera(own_port=True)]) as fleet:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE))
        watched = await running.watch("cam_1")
        await watched.until(lambda one: one.binaries)
        await fleet.set_faults(0, "refuse")
        fleet.drop_connections(0)
        await watched.until(lambda one: one.end == "camera_offline" and one.socket.closed)
        assert is_(running, "cam_1", CameraState.OFFLINE, Cause.UNREACHABLE)
        refused = await running.watch("cam_1")
        await refused.until(lambda one: one.end == "camera_offline")
        await fleet.set_faults(0)
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE), within_s=5)
        again = await running.watch("cam_1")
        await again.until(lambda one: len(one.binaries) > 3)


async def test_a_connection_cut_for_a_moment_goes_on_in_the_same_picture_without_a_hole(
    running: RunningGateway,
) -> None:
    async with SimulatedFleet([SimulatedCamera()]) as fleet:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE))
        watched = await running.watch("cam_1")
        await watched.until(lambda one: one.binaries)
        connection = running.gateway.manager.cameras["cam_1"].stream.connection
        fleet.drop_connections(0)
        await until(lambda: running.gateway.manager.cameras["cam_1"].stream.connection > connection)
        count = len(watched.binaries)
        await watched.until(lambda one: len(one.binaries) > count + 25)
        assert watched.end is None
        with av.open(io.BytesIO(b"".join(watched.binaries)), "r") as played:
            times = [float(frame.time or 0) for frame in played.decode(video=0)]
        assert times == sorted(times)
        assert max(later - earlier for earlier, later in pairwise(times)) < 1.0


async def test_other_parameters_in_mid_stream_reach_the_browser(running: RunningGateway) -> None:
    async with SimulatedFleet([SimulatedCamera(faults=("sps-change",))]) as fleet:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE))
        watched = await running.watch("cam_1")
        await watched.until(
            lambda one: len({text["width"] for text in one.texts if text["type"] == "init"}) == 2, within_s=20
        )


async def test_a_browser_that_does_not_read_loses_frames_and_nobody_else_does(running: RunningGateway) -> None:
    clip = moving_bar(seconds=2, width_px=320, height_px=180, fps=25)
    async with SimulatedFleet([SimulatedCamera(clip=clip)]) as fleet:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE))
        reading = await running.watch("cam_1")
        raw = socket.create_connection(("127.0.0.1", running.service.port))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ask = f"GET /mse/cam_1?ticket={running.ticket('cam_1')} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        ask += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        raw.send(ask.encode())
        camera = running.gateway.manager.cameras["cam_1"]
        await until(lambda: len(camera.broadcast.viewers) == 2)
        slow = camera.broadcast.viewers[1]
        assert isinstance(slow, Viewer)
        slow._limit_units = 5  # or the kernel's buffers would take half a minute to fill
        transport = slow._wire
        assert isinstance(transport, asyncio.Transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        await reading.until(lambda one: slow.frames_dropped > 20, within_s=20)
        assert camera.broadcast.viewers[0].frames_dropped == 0
        raw.close()
        await until(lambda: len(camera.broadcast.viewers) == 1, within_s=15)


async def test_a_wrong_password_is_told_and_tried_once(redis_settings: Settings, running: RunningGateway) -> None:
    key = MasterKey.load(redis_settings.key_path)
    login = {"username": "admin", "sealed_password": key.seal("wrong", "cam_1")}
    async with SimulatedFleet([SimulatedCamera(username="admin", password="secret")]) as fleet:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0), **login))
        await until(lambda: is_(running, "cam_1", CameraState.OFFLINE, Cause.LOGIN_REFUSED))
        await asyncio.sleep(2)
        assert running.gateway.ramp.opens == 1
        ticket = running.ticket("cam_1", TicketAction.TEST)
        async with running.http.post(running.url(f"/test/cam_1?ticket={ticket}")) as answer:
            rows = {row["check"]: row for row in (await answer.json())["verdicts"]}
        assert rows["login"]["status"] == "fail"
        assert rows["media"]["status"] == "unknown"
        right = {"username": "admin", "sealed_password": key.seal("secret", "cam_1")}
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0), revision=2, **right))
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE))


@contextmanager
def gstreamer(directory: Path, *login: str) -> Iterator[str]:
    with gstreamer_camera("--file", str(prepared_clip(directory)), "--fps", "10", *login) as url:
        yield url


@pytest.mark.material
@pytest.mark.gstreamer
@pytest.mark.parametrize("login", [(), ("--user", "admin", "--password", "secret", "--auth", "digest")])
async def test_a_camera_that_nobody_here_wrote_is_live_and_has_a_snapshot(
    redis_settings: Settings, running: RunningGateway, tmp_path_factory: pytest.TempPathFactory, login: tuple[str, ...]
) -> None:
    key = MasterKey.load(redis_settings.key_path)
    who = {"username": "admin", "sealed_password": key.seal("secret", "cam_1")} if login else {}
    with gstreamer(tmp_path_factory.getbasetemp(), *login) as url:
        began = SystemClock().monotonic()
        await running.bus.put_spec(spec_of("cam_1", url, **who))
        await until(lambda: is_(running, "cam_1", CameraState.ONLINE), within_s=10)
        assert SystemClock().monotonic() - began < 10
        watched = await running.watch("cam_1")
        await watched.until(lambda one: len(one.binaries) > 20)
        with av.open(io.BytesIO(b"".join(watched.binaries)), "r") as played:
            assert len(list(played.decode(video=0))) >= 19
        ticket = running.ticket("cam_1", TicketAction.SNAPSHOT)
        async with running.http.get(running.url(f"/snapshot/cam_1.jpg?ticket={ticket}")) as answer:
            assert answer.status == 200
            assert (await answer.read())[:2] == b"\xff\xd8"
