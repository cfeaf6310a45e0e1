"""A sweep of simulated cameras through the gateway's own door: what is taken, what is told, what is left open."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.bus import Bus, Topic
from hub.clock import SystemClock
from hub.contracts.camera import CameraKind, CameraState, Cause
from hub.contracts.frame import Frame, FrameReason
from hub.contracts.spec import Revoked
from hub.contracts.sweep import SweepOutcome, SweptCamera
from hub.contracts.ticket import TicketAction
from hub.contracts.uplink import Uplink
from hub.contracts.watch import Watch, WatchMode
from hub.secrets import MasterKey
from hub.settings import Settings
from tests.camera_gateway.test_service import answers, gateway_process
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until

ON_REQUEST = Watch(mode=WatchMode.ON_REQUEST)
SWEPT, FAILED, SKIPPED = SweepOutcome.SWEPT, SweepOutcome.FAILED, SweepOutcome.SKIPPED


@pytest.fixture
async def fleet() -> AsyncIterator[SimulatedFleet]:
    async with SimulatedFleet([SimulatedCamera(own_port=number >= 6) for number in range(8)]) as running:
        yield running


@pytest.fixture
async def running(redis_settings: Settings) -> AsyncIterator[RunningGateway]:
    quick = {"opens_per_address_s": 100.0, "opens_per_s": 100.0, "knock_s": 0.2, "restart_grace_s": 0.0}
    async with running_gateway(gateway_settings(redis_settings, **quick)) as gateway:
        yield gateway


async def put(running: RunningGateway, fleet: SimulatedFleet, *numbers: int, **more: Any) -> list[str]:
    """Cameras of the fleet, at rest (or as `more` says) when they are known."""
    ids = [f"cam_{number}" for number in numbers]
    for number, camera_id in zip(numbers, ids, strict=True):
        await running.bus.put_spec(spec_of(camera_id, fleet.url(number), **{"watch": ON_REQUEST, **more}))
    cameras = running.gateway.manager.cameras
    await until(lambda: all(camera_id in cameras for camera_id in ids))
    await until(lambda: all(cameras[camera_id].condition.cause is not Cause.STARTING for camera_id in ids), 8)
    return ids


@asynccontextmanager
async def asked(
    running: RunningGateway,
    camera_ids: list[str],
    *,
    second_after_s: float = 0.5,
    at_once: int | None = None,
    **more: Any,
) -> AsyncIterator[aiohttp.ClientResponse]:
    body = {"sweep_id": "sweep_1", "camera_ids": camera_ids, "second_after_s": second_after_s, "at_once": at_once}
    ticket = running.ticket("gateway:gateway-1", TicketAction.SWEEP, **more)
    async with running.http.post(running.url(f"/sweep?ticket={ticket}"), json=body) as answer:
        yield answer


async def lines(answer: aiohttp.ClientResponse) -> AsyncIterator[SweptCamera]:
    assert answer.status == 200, await answer.text()
    async for line in answer.content:
        if line.strip():
            yield SweptCamera.model_validate_json(line)


async def sweep(running: RunningGateway, camera_ids: list[str], **more: Any) -> dict[str, SweptCamera]:
    async with asyncio.timeout(20), asked(running, camera_ids, **more) as answer:
        return {one.camera_id: one async for one in lines(answer)}


async def test_each_camera_at_rest_gives_two_pictures_so_far_apart_and_is_closed_between_and_after(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    ids = await put(running, fleet, 0, 1, 2)
    told = await sweep(running, ids, second_after_s=1.0)
    assert {one.outcome for one in told.values()} == {SWEPT}
    for one in told.values():
        assert one.first_at is not None
        assert one.second_at is not None
        assert one.second_at - one.first_at >= timedelta(seconds=1)
    await until(lambda: fleet.counts().sessions == 0)
    assert running.gateway.ramp.opens == 6
    assert fleet.counts().sent < 6 * 12  # half a second each at the most, of the whole that was open
    frames = await running.published(Topic.FRAMES, Frame, 6)
    assert {(frame.reason, frame.sweep_id) for frame in frames} == {(FrameReason.SWEEP, "sweep_1")}
    assert {(f.camera_id, f.captured_at) for f in frames} == {
        (one.camera_id, at) for one in told.values() for at in (one.first_at, one.second_at)
    }
    cameras = running.gateway.manager.cameras
    assert {cameras[one].condition.cause for one in ids} == {Cause.RESTING}
    assert {cameras[one].stream.keyframe for one in ids} == {None}


async def test_a_camera_that_is_pulled_all_the_time_gives_its_next_keyframe_and_is_not_opened_again(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    (camera_id,) = await put(running, fleet, 0, watch=Watch())
    await until(lambda: fleet.counts().sessions == 1)
    began = datetime.now(UTC)
    told = await sweep(running, [camera_id])
    assert told[camera_id].outcome is SWEPT
    first_at = told[camera_id].first_at
    assert told[camera_id].second_at is None  # its own looks go on
    assert first_at is not None
    assert first_at >= began
    assert (running.gateway.ramp.opens, fleet.counts().sessions) == (1, 1)
    await until(lambda: running.gateway.frames.published >= 2)
    frames = [f for f in await running.published(Topic.FRAMES, Frame, 2) if f.sweep_id]
    assert [frame.captured_at for frame in frames] == [first_at]


async def test_the_dead_are_told_with_their_causes_and_hold_nobody_up(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    for number, fault in {1: "login", 2: "not-found", 3: "one-session", 4: "reset:0", 6: "refuse"}.items():
        await fleet.set_faults(number, fault)
    await fleet.set_faults(7, "black-hole")
    ids = await put(running, fleet, *range(8))
    cameras = running.gateway.manager.cameras
    opens = running.gateway.ramp.opens
    told = await sweep(running, [*ids, "cam_nobody"])
    causes = {one.camera_id: (one.outcome, one.cause) for one in told.values()}
    assert causes == {
        "cam_0": (SWEPT, Cause.NONE),
        "cam_1": (FAILED, Cause.LOGIN_REFUSED),
        "cam_2": (FAILED, Cause.NOT_FOUND),
        "cam_3": (SWEPT, Cause.NONE),
        "cam_4": (FAILED, causes["cam_4"][1]),
        "cam_5": (SWEPT, Cause.NONE),
        "cam_6": (FAILED, Cause.UNREACHABLE),
        "cam_7": (FAILED, Cause.UNREACHABLE),
        "cam_nobody": (SKIPPED, Cause.NONE),
    }
    assert causes["cam_4"][1] is not Cause.NONE
    # Six that answer; those whom knocks found dead were not tried at all.
    assert running.gateway.ramp.opens - opens == 6 + 3
    assert cameras["cam_1"].condition.state is CameraState.OFFLINE  # a sweep tells the states, too
    again = await sweep(running, ["cam_1"])
    assert again["cam_1"].cause is Cause.LOGIN_REFUSED
    assert fleet.passwords_refused(1) <= 1  # not tried again so soon: cameras lock accounts


async def test_a_village_line_of_one_connection_is_never_exceeded_and_another_village_does_not_wait(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    village = (Uplink(uplink_id="village", name="村", connections=1),)
    narrow = await put(running, fleet, 0, 1, 2, 3, uplinks=village)
    free = await put(running, fleet, 4, 5)
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, sum(fleet.counts(number).sessions for number in range(4)))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    async with asyncio.timeout(20), asked(running, [*narrow, *free]) as answer:
        order = [one.camera_id async for one in lines(answer)]
    watching.cancel()
    assert most == 1
    assert set(order) == {*narrow, *free}
    assert order.index("cam_4") < order.index("cam_3")


async def test_a_person_on_a_full_line_goes_before_and_its_other_cameras_are_told_to_wait_in_vain(
    running: RunningGateway, fleet: SimulatedFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_gateway.sweep_room.PLACE_S", 0.5)
    monkeypatch.setattr("camera_gateway.sweep_room.FULL_S", 0.1)
    village = (Uplink(uplink_id="village", name="村", connections=1),)
    ids = await put(running, fleet, 0, 1, 2, uplinks=village)
    watched = await running.watch("cam_0")
    await watched.until(lambda one: len(one.binaries) > 3)
    told = await sweep(running, ids)
    assert {one.camera_id: one.cause for one in told.values() if one.outcome is FAILED} == {
        "cam_1": Cause.WAITING,
        "cam_2": Cause.WAITING,
    }
    assert told["cam_1"].detail == "camera_gateway.uplink_full"
    assert told["cam_0"].outcome is SWEPT  # its picture is here anyway
    assert not watched.socket.closed
    await watched.socket.close()


async def test_no_more_cameras_are_open_at_once_than_were_asked_for(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    ids = await put(running, fleet, *range(6))
    for number in range(6):
        await fleet.set_faults(number, "slow:0.05")
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            pullers = [camera.puller for camera in running.gateway.manager.cameras.values()]
            most = max(most, sum(puller.running or puller.leaving for puller in pullers), fleet.counts().sessions)
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    told = await sweep(running, ids, at_once=2)
    watching.cancel()
    assert {one.outcome for one in told.values()} == {SWEPT}
    assert most == 2


async def test_a_killed_gateway_ends_its_answer_and_its_successor_sweeps(
    redis_settings: Settings, fleet: SimulatedFleet, unused_tcp_port: int
) -> None:
    key = MasterKey.load(redis_settings.key_path, create=True)
    bus = await Bus.open(redis_settings, SystemClock())
    base = f"http://127.0.0.1:{unused_tcp_port}"
    body = {"sweep_id": "sweep_1", "camera_ids": ["cam_0", "cam_nobody"], "second_after_s": 1}
    async with aiohttp.ClientSession() as http:
        await bus.put_spec(spec_of("cam_0", fleet.url(0), watch=ON_REQUEST))
        console = RunningGateway(None, bus, key, http)  # type: ignore[arg-type]
        for killed in (True, False):
            ticket = console.ticket("gateway:gateway-1", TicketAction.SWEEP)
            async with gateway_process(redis_settings, unused_tcp_port) as process:
                await answers(http, f"{base}/readyz")
                async with http.post(f"{base}/sweep?ticket={ticket}", json=body) as answer:
                    told = lines(answer)
                    assert (await anext(told)).camera_id == "cam_nobody"
                    if killed:
                        await until(lambda: fleet.counts(0).sessions == 1)
                        process.kill()
                        with pytest.raises(aiohttp.ClientError):
                            await anext(told)
                    else:
                        assert (await anext(told)).outcome is SWEPT
            await until(lambda: fleet.counts().sessions == 0)
    await bus.close()


async def test_a_household_without_consent_is_skipped_and_one_that_withdraws_in_the_middle_too(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    since = datetime.now(UTC) - timedelta(days=1)
    await put(running, fleet, 0, kind=CameraKind.HOUSEHOLD)
    await put(running, fleet, 1, kind=CameraKind.HOUSEHOLD, consent_from=since)
    async with asyncio.timeout(20), asked(running, ["cam_0", "cam_1"], second_after_s=3) as answer:
        told = lines(answer)
        never = await anext(told)
        (frame,) = await running.published(Topic.FRAMES, Frame, 1)
        withdrawn = spec_of(
            "cam_1", fleet.url(1), watch=ON_REQUEST, kind=CameraKind.HOUSEHOLD, consent_from=since,
            consent_until=datetime.now(UTC), revision=2,
        )  # fmt: skip
        await running.bus.put_spec(withdrawn)
        midway = await anext(told)
    assert (never.camera_id, never.outcome, never.cause) == ("cam_0", SKIPPED, Cause.NO_CONSENT)
    assert (midway.camera_id, midway.outcome, midway.cause) == ("cam_1", SKIPPED, Cause.NO_CONSENT)
    assert midway.first_at == frame.captured_at
    assert midway.second_at is None
    assert fleet.counts().sessions == 0
    assert running.gateway.ramp.opens == 1


async def test_when_the_caller_goes_the_sweep_ends_and_closes_what_it_opened(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    ids = await put(running, fleet, 0, 1, 2)
    for number in range(3):
        await fleet.set_faults(number, "no-keyframe:60")
    async with asked(running, ids) as answer:
        await until(lambda: fleet.counts().sessions == 3)
        async with asked(running, ids) as second:
            assert second.status == 429
            assert (await second.json())["code"] == "camera_gateway.sweep_busy"
        answer.close()
    await until(lambda: not running.gateway.sweeps.running, within_s=5)
    await until(lambda: fleet.counts().sessions == 0)
    assert {camera.demand.held for camera in running.gateway.manager.cameras.values()} == {0}


async def test_a_right_that_is_withdrawn_ends_the_sweep_of_whoever_had_it(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    ids = await put(running, fleet, 0)
    async with asyncio.timeout(10), asked(running, ids, second_after_s=60, user_id="usr_gone") as answer:
        await running.published(Topic.FRAMES, Frame, 1)
        await running.bus.revoke(Revoked(user_id="usr_gone", at=datetime.now(UTC)))
        assert [one async for one in lines(answer)] == []
    await until(lambda: not running.gateway.sweeps.running)


@pytest.mark.parametrize("wrong", ["another camera", "another action", "used"])
async def test_without_its_own_ticket_nothing_is_swept(running: RunningGateway, wrong: str) -> None:
    ticket = {
        "another camera": running.ticket("gateway:another", TicketAction.SWEEP),
        "another action": running.ticket("gateway:gateway-1", TicketAction.SNAPSHOT),
        "used": running.ticket("gateway:gateway-1", TicketAction.SWEEP),
    }[wrong]
    body = {"sweep_id": "sweep_1", "camera_ids": []}
    if wrong == "used":
        async with running.http.post(running.url(f"/sweep?ticket={ticket}"), json=body) as answer:
            assert (answer.status, (await answer.read()).strip()) == (200, b"")
    async with running.http.post(running.url(f"/sweep?ticket={ticket}"), json=body) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("body", [b"", b"[]", b'{"sweep_id": "../x", "camera_ids": []}', b" " * 1_100_000])
async def test_an_order_that_is_none_is_refused(running: RunningGateway, body: bytes) -> None:
    ticket = running.ticket("gateway:gateway-1", TicketAction.SWEEP)
    async with running.http.post(running.url(f"/sweep?ticket={ticket}"), data=io.BytesIO(body)) as answer:
        assert (answer.status, json.loads(await answer.text())["code"]) == (400, "camera_gateway.sweep_order")
