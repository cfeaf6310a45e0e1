"""A right that goes while a picture is on its way, a mask that comes then, a person who takes all places."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from PIL import Image

from analytics.evidence import Caption, draw_evidence
from camera_gateway import snapshot
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.clock import SystemClock
from hub.contracts.base import Polygon
from hub.contracts.camera import CameraKind, CameraState
from hub.contracts.look import Box
from hub.contracts.severity import Severity
from hub.contracts.spec import Revoked
from hub.contracts.ticket import TicketAction
from hub.contracts.verdict import Verdict
from hub.errors import HubError
from hub.picture import encode_jpeg
from hub.settings import Settings
from probe.cli import main
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until

ALL: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture
async def fleet() -> AsyncIterator[SimulatedFleet]:
    async with SimulatedFleet([SimulatedCamera()]) as running:
        yield running


@pytest.fixture
async def running(redis_settings: Settings, fleet: SimulatedFleet) -> AsyncIterator[RunningGateway]:
    async with running_gateway(gateway_settings(redis_settings, viewers_per_user=2)) as gateway:
        await gateway.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        cameras = gateway.gateway.manager.cameras
        await until(lambda: "cam_1" in cameras and cameras["cam_1"].condition.state is CameraState.ONLINE)
        await until(lambda: cameras["cam_1"].stream.keyframe is not None)
        yield gateway


async def test_a_mask_that_is_drawn_while_a_snapshot_is_decoded_is_on_it(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera, make = running.gateway.manager.cameras["cam_1"], snapshot._make

    def slowly(data: bytes, codec: str, masks: tuple[Polygon, ...]) -> bytes:
        camera.spec = camera.spec.model_copy(update={"masks": (ALL,)})
        return make(data, codec, masks)

    monkeypatch.setattr(snapshot, "_make", slowly)
    shown = cv2.imdecode(np.frombuffer((await running.gateway.snapshots.take(camera)).jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.max() < 16


async def test_a_consent_that_ends_while_a_snapshot_is_decoded_is_obeyed(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera, make = running.gateway.manager.cameras["cam_1"], snapshot._make

    def slowly(data: bytes, codec: str, masks: tuple[Polygon, ...]) -> bytes:
        camera.spec = camera.spec.model_copy(update={"kind": CameraKind.HOUSEHOLD})
        return make(data, codec, masks)

    monkeypatch.setattr(snapshot, "_make", slowly)
    with pytest.raises(HubError, match="no_consent"):
        await running.gateway.snapshots.take(camera)


async def test_a_right_withdrawn_while_a_snapshot_is_decoded_shows_nothing(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, make = running.gateway, snapshot._make
    ticket = running.ticket("cam_1", TicketAction.SNAPSHOT)

    def slowly(data: bytes, codec: str, masks: tuple[Polygon, ...]) -> bytes:
        gateway.admission.revoke(Revoked(user_id="usr_1", at=SystemClock().now()))
        return make(data, codec, masks)

    monkeypatch.setattr(snapshot, "_make", slowly)
    async with running.http.get(running.url(f"/snapshot/cam_1.jpg?ticket={ticket}")) as answer:
        assert answer.status == 403
        assert not (await answer.read()).startswith(b"\xff\xd8")


async def test_one_person_cannot_take_all_places(running: RunningGateway) -> None:
    first, second = await running.watch("cam_1"), await running.watch("cam_1")
    for watched in (first, second):
        await watched.until(lambda one: one.binaries)
    third = await running.watch("cam_1")
    await third.until(lambda one: one.end == "limit")
    assert third.binaries == []
    other = await running.watch("cam_1", running.ticket("cam_1", user_id="usr_2"))
    await other.until(lambda one: one.binaries)
    await first.socket.close()
    await asyncio.sleep(0.2)
    again = await running.watch("cam_1")
    await again.until(lambda one: one.binaries)


async def test_a_revocation_of_an_hour_ago_that_the_gateway_could_not_hear_is_obeyed(running: RunningGateway) -> None:
    watched = await running.watch("cam_1")
    await watched.until(lambda one: one.binaries)
    manager, clock = running.gateway.manager, SystemClock()
    await stop_task(running, "specs")
    manager._heard_at = clock.now() - timedelta(hours=2)
    await running.bus.revoke(Revoked(user_id="usr_1", at=clock.now() - timedelta(hours=1)))
    following = asyncio.create_task(manager.follow())
    try:
        await watched.until(lambda one: one.end == "revoked")
    finally:
        following.cancel()
        await asyncio.wait({following})


async def stop_task(running: RunningGateway, name: str) -> None:
    """The gateway hears nothing any more."""
    (task,) = [task for task in running.gateway._tasks if task.get_name() == name]
    task.cancel()
    await asyncio.wait({task}, timeout=3)
    assert task.done()


async def test_what_a_browser_says_to_the_gateway_is_heard_by_nobody(running: RunningGateway) -> None:
    """Frigate CVE-2026-75607: commands over the media WebSocket without a role check."""
    watched = await running.watch("cam_1")
    await watched.until(lambda one: one.binaries)
    await watched.socket.send_str('{"type":"mse","value":"exec:id"}')
    await watched.socket.send_bytes(b"\x00" * 100)
    had = len(watched.binaries)
    await watched.until(lambda one: len(one.binaries) > had + 3)
    await watched.socket.send_bytes(b"\x00" * 100_000)  # more than it will read
    await watched.until(lambda one: one.socket.closed)
    after = await running.watch("cam_1")
    await after.until(lambda one: one.binaries)


async def test_a_camera_whose_consent_ended_during_a_test_is_not_opened_again(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    camera = running.gateway.manager.cameras["cam_1"]

    async def probe() -> list[Verdict]:
        past = SystemClock().now() - timedelta(seconds=1)
        ended = {"consent_from": past - timedelta(days=1), "consent_until": past}
        camera.apply(spec_of("cam_1", fleet.url(0), revision=2, kind=CameraKind.HOUSEHOLD, **ended))
        return []

    await camera.lend(probe)
    assert not camera.puller.running
    assert camera.stream.keyframe is None
    assert camera.condition.state is CameraState.PAUSED


async def test_figures_are_for_this_machine_and_not_for_whom_a_proxy_on_it_serves(running: RunningGateway) -> None:
    for headers, status in (({}, 200), ({"X-Forwarded-For": "127.0.0.1"}, 403), ({"X-Real-IP": "10.0.0.9"}, 403)):
        async with running.http.get(running.url("/metrics"), headers=headers) as answer:
            assert answer.status == status


async def test_every_camera_and_every_ticket_that_is_wrong_is_refused_alike(running: RunningGateway) -> None:
    """Whether a camera exists is not to be learnt without a ticket for it."""
    told = set()
    for way in ("/snapshot/cam_1.jpg", "/snapshot/cam_9.jpg", "/snapshot/..%2f..%2fetc%2fpasswd.jpg"):
        for ticket in ("", "t1.a.b", running.ticket("cam_5", TicketAction.SNAPSHOT)[:-3]):
            async with running.http.get(running.url(f"{way}?ticket={ticket}")) as answer:
                told.add((answer.status, await answer.text()))
    assert len(told) == 1
    assert next(iter(told))[0] == 403


def test_evidence_wears_the_masks_of_now_and_not_only_those_of_its_look() -> None:
    bright = np.full((384, 640, 3), 200, np.uint8)
    left: Polygon = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    caption = Caption(
        camera_name="c", rule_name="r", zone_name="z", captured_at=datetime(2026, 3, 2, tzinfo=UTC),
        local=ZoneInfo("Asia/Shanghai"), severity=Severity.RED, simulated=False, language="zh",
    )  # fmt: skip
    # A zone that runs into the mask tints nothing there, and no box is drawn upon it.
    across: Polygon = ((0.3, 0.5), (0.95, 0.5), (0.95, 0.9), (0.3, 0.9))
    box = Box(label="person", confidence=0.9, x1=0.4, y1=0.2, x2=0.7, y2=0.8)
    data = draw_evidence(encode_jpeg(bright), across, (box,), caption, (left,))
    with Image.open(io.BytesIO(data)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels[0:352, 0:300].max() <= 24
    assert pixels[10:60, 340:600].min() > 160


def test_whatever_the_command_writes_is_for_its_owner_alone() -> None:
    """SQLite makes its files by the mask of the process; they hold hashes and sealed passwords."""
    before = os.umask(0o022)
    try:
        assert main(["--version"]) == 0
    finally:
        now = os.umask(before)
    assert now == 0o077
