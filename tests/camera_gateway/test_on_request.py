"""An on-request camera of the simulator, from a browser: opened for a picture, closed again, nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from zlib import crc32

import pytest

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.bus import Topic
from hub.contracts.camera import CameraState, Cause
from hub.contracts.frame import Frame
from hub.contracts.ticket import TicketAction
from hub.contracts.uplink import Uplink
from hub.contracts.watch import Watch, WatchMode
from hub.settings import Settings
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until

ON_REQUEST = Watch(mode=WatchMode.ON_REQUEST)


@pytest.fixture
async def fleet() -> AsyncIterator[SimulatedFleet]:
    async with SimulatedFleet([SimulatedCamera(), SimulatedCamera(), SimulatedCamera(own_port=True)]) as running:
        yield running


@pytest.fixture
async def running(redis_settings: Settings) -> AsyncIterator[RunningGateway]:
    quick = {"linger_s": 1.0, "opens_per_address_s": 100.0, "knock_s": 0.5, "restart_grace_s": 0.0}
    async with running_gateway(gateway_settings(redis_settings, **quick)) as gateway:
        yield gateway


def is_(running: RunningGateway, camera_id: str, state: CameraState, cause: Cause) -> bool:
    camera = running.gateway.manager.cameras.get(camera_id)
    return camera is not None and (camera.condition.state, camera.condition.cause) == (state, cause)


async def rests(running: RunningGateway, camera_id: str) -> None:
    await until(lambda: is_(running, camera_id, CameraState.ONLINE, Cause.RESTING), within_s=8)


async def test_a_live_picture_opens_it_and_after_the_last_viewer_no_session_is_left(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    await running.bus.put_spec(spec_of("cam_1", fleet.url(0), watch=ON_REQUEST))
    await rests(running, "cam_1")
    assert fleet.counts().sessions == 0
    watched = await running.watch("cam_1")
    await watched.until(lambda one: len(one.binaries) > 10)
    assert watched.texts[0]["type"] == "init"
    assert is_(running, "cam_1", CameraState.ONLINE, Cause.NONE)
    assert fleet.counts().sessions == 1
    await watched.socket.close()
    await until(lambda: fleet.counts().sessions == 0, within_s=8)
    assert is_(running, "cam_1", CameraState.ONLINE, Cause.RESTING)
    assert running.gateway.ramp.opens == 1


async def test_a_snapshot_opens_it_waits_for_the_picture_and_closes_it(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    await running.bus.put_spec(spec_of("cam_1", fleet.url(0), watch=ON_REQUEST))
    await rests(running, "cam_1")

    async def take() -> int:
        ticket = running.ticket("cam_1", TicketAction.SNAPSHOT)
        async with running.http.get(running.url(f"/snapshot/cam_1.jpg?ticket={ticket}")) as answer:
            assert (await answer.read())[:2] == b"\xff\xd8" or answer.status != 200
            return answer.status

    assert await asyncio.gather(*(take() for _ in range(8))) == [200] * 8
    assert running.gateway.ramp.opens == 1  # one opening for all of them
    await until(lambda: fleet.counts().sessions == 0, within_s=8)
    assert running.gateway.manager.cameras["cam_1"].demand.held == 0


async def test_one_that_does_not_answer_is_told_to_whoever_wants_to_look(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    await running.bus.put_spec(spec_of("cam_3", fleet.url(2), watch=ON_REQUEST))
    await rests(running, "cam_3")
    await fleet.set_faults(2, "refuse")
    watched = await running.watch("cam_3")
    await watched.until(lambda one: one.end == "camera_offline")
    ticket = running.ticket("cam_3", TicketAction.SNAPSHOT)
    async with running.http.get(running.url(f"/snapshot/cam_3.jpg?ticket={ticket}")) as answer:
        assert (answer.status, (await answer.json())["code"]) == (503, "camera_gateway.no_picture")
    await until(lambda: is_(running, "cam_3", CameraState.OFFLINE, Cause.UNREACHABLE), within_s=8)
    await fleet.set_faults(2)
    await rests(running, "cam_3")  # a knock tells


async def test_a_test_of_one_that_rests_opens_it_for_the_test_alone(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    await running.bus.put_spec(spec_of("cam_1", fleet.url(0), watch=ON_REQUEST))
    await rests(running, "cam_1")
    ticket = running.ticket("cam_1", TicketAction.TEST)
    async with running.http.post(running.url(f"/test/cam_1?ticket={ticket}")) as answer:
        rows = {row["check"]: row["status"] for row in (await answer.json())["verdicts"]}
    assert rows["media"] == "ok"
    await until(lambda: fleet.counts().sessions == 0)
    assert is_(running, "cam_1", CameraState.ONLINE, Cause.RESTING)


async def test_an_interval_camera_gives_one_keyframe_to_the_detectors_and_is_closed(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    watch = Watch(mode=WatchMode.INTERVAL, every_min=10)
    # Its own moment is early in the minute over which first looks are spread.
    camera_id = min((f"cam_{n}" for n in range(400)), key=lambda name: crc32(name.encode()))
    await running.bus.put_spec(spec_of(camera_id, fleet.url(0), watch=watch))
    (frame,) = await running.published(Topic.FRAMES, Frame, 1, within_s=15)
    assert frame.camera_id == camera_id
    await rests(running, camera_id)
    await until(lambda: fleet.counts().sessions == 0)
    assert running.gateway.manager.cameras[camera_id].stream.units < 200


async def test_on_a_line_of_one_connection_a_viewer_takes_the_place_and_a_second_hears_that_it_is_full(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    village = (Uplink(uplink_id="village", name="村", connections=1),)
    await running.bus.put_spec(spec_of("cam_1", fleet.url(0), uplinks=village))
    await until(lambda: is_(running, "cam_1", CameraState.ONLINE, Cause.NONE))
    await running.bus.put_spec(spec_of("cam_2", fleet.url(1), uplinks=village))
    await until(lambda: is_(running, "cam_2", CameraState.DEGRADED, Cause.WAITING), within_s=8)
    watched = await running.watch("cam_2")
    await watched.until(lambda one: len(one.binaries) > 3)
    assert fleet.counts().sessions == 1
    refused = await running.watch("cam_1")
    await refused.until(lambda one: one.end == "uplink_full" and one.socket.closed)
    assert refused.socket.close_code == 4010
    ticket = running.ticket("cam_1", TicketAction.SNAPSHOT)
    async with running.http.get(running.url("/metrics")) as answer:
        text = await answer.text()
    assert 'probe_gateway_uplink_connections{uplink_id="village"} 1.0' in text
    assert 'probe_gateway_uplink_waiting{uplink_id="village"} 1.0' in text
    assert 'probe_gateway_cameras_by_cause{cause="waiting",state="degraded"} 1.0' in text
    await watched.socket.close()
    # Its viewer has gone: a snapshot of the other has the place now.
    await until(lambda: not running.gateway.manager.cameras["cam_2"].demand.held)
    async with running.http.get(running.url(f"/snapshot/cam_1.jpg?ticket={ticket}")) as answer:
        assert answer.status == 200
    await until(lambda: fleet.counts().sessions == 1)
