"""The whole path of a picture drawn anew: a camera with masks, a ticket with a name, browsers that get no other."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

import av
import cv2
import numpy as np
import pytest

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub import picture
from hub.bus import Topic
from hub.clock import SystemClock
from hub.contracts.camera import CameraKind, CameraState
from hub.contracts.ticket import TicketAction
from hub.contracts.viewing import Viewing
from hub.settings import Settings
from tests.support.gateway import RunningGateway, Watched, gateway_settings, running_gateway, spec_of, until

CORNER = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
FOOT = ((0.0, 0.7), (1.0, 0.7), (1.0, 1.0), (0.0, 1.0))
NEARLY_BLACK = 40


@pytest.fixture
async def fleet() -> AsyncIterator[SimulatedFleet]:
    async with SimulatedFleet([SimulatedCamera()]) as running:
        yield running


@pytest.fixture
async def running(redis_settings: Settings, fleet: SimulatedFleet) -> AsyncIterator[RunningGateway]:
    async with running_gateway(gateway_settings(redis_settings)) as gateway:
        await put(gateway, fleet, 1, masks=(CORNER,))
        yield gateway


async def put(running: RunningGateway, fleet: SimulatedFleet, revision: int, **more: object) -> None:
    await running.bus.put_spec(spec_of("cam_1", fleet.url(0), revision=revision, **more))
    cameras = running.gateway.manager.cameras
    await until(lambda: "cam_1" in cameras and cameras["cam_1"].spec.revision == revision)
    await until(lambda: cameras["cam_1"].condition.state is CameraState.ONLINE)


def played(binaries: Iterable[bytes]) -> list[picture.Picture]:
    """The pictures in an init segment and its fragments."""
    with av.open(io.BytesIO(b"".join(binaries)), "r") as container:
        frames = list(container.decode(video=0))
    return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames]


def played_all(watched: Watched) -> list[picture.Picture]:
    """The same where several init segments came: each begins a file of its own."""
    starts = [number for number, data in enumerate(watched.binaries) if data[4:8] == b"ftyp"]
    ends = [*starts[1:], len(watched.binaries)]
    parts = [watched.binaries[start:end] for start, end in zip(starts, ends, strict=True)]
    return [one for part in parts if len(part) > 1 for one in played(part)]


def corner(shown: picture.Picture) -> picture.Picture:
    height, width = shown.shape[:2]
    return shown[: height // 2 - 3, : width // 2 - 3]


async def test_a_camera_with_masks_is_shown_live_and_black_beneath_them(running: RunningGateway) -> None:
    watched = await running.watch("cam_1")
    await watched.until(lambda one: len(one.binaries) >= 25)
    shown = played_all(watched)
    assert len(shown) == 24
    assert all(corner(one).max() <= NEARLY_BLACK for one in shown)
    assert all(one[-40:].mean() > NEARLY_BLACK for one in shown)
    assert str(watched.texts[0]["codec"]).startswith("avc1.42c0")


async def test_masks_that_are_drawn_while_it_is_open_are_on_the_next_picture_and_nobody_is_cut_off(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    watched = await running.watch("cam_1")
    await watched.until(lambda one: len(one.binaries) >= 8)
    await put(running, fleet, 2, masks=(CORNER, FOOT))
    before = len(watched.binaries)
    late = await running.watch("cam_1")
    await late.until(lambda one: len(one.binaries) >= 8)
    await watched.until(lambda one: len(one.binaries) >= before + 12)
    assert watched.end is None
    assert all(corner(one).max() <= NEARLY_BLACK for one in played_all(watched))
    # Who comes after the change gets no picture of before it, not even from what is kept.
    assert all(one[-40:].max() <= NEARLY_BLACK for one in (*played_all(late), *played_all(watched)[-8:]))
    assert running.gateway.transcodings.running == 1


async def test_the_first_mask_ends_the_open_picture_and_the_next_ticket_opens_the_masked_one(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    await put(running, fleet, 2)
    open_ = await running.watch("cam_1")
    await open_.until(lambda one: one.binaries)
    assert running.gateway.transcodings.running == 0
    await put(running, fleet, 3, masks=(CORNER,))
    await open_.until(lambda one: one.end == "revoked" and one.socket.closed, within_s=2)
    again = await running.watch("cam_1")
    await again.until(lambda one: len(one.binaries) >= 8)
    assert all(corner(one).max() <= NEARLY_BLACK for one in played_all(again))


async def test_without_a_mask_left_the_viewer_is_sent_to_the_cameras_own_picture(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    watched = await running.watch("cam_1")
    await watched.until(lambda one: one.binaries)
    await put(running, fleet, 2)
    await watched.until(lambda one: one.end == "ticket" and one.socket.closed, within_s=3)
    again = await running.watch("cam_1")
    await again.until(lambda one: len(one.binaries) >= 2)
    assert running.gateway.transcodings.running == 0
    assert running.gateway.transcodings.budget.used_pixels_s == 0


async def test_a_ticket_with_a_name_opens_a_marked_picture_and_one_without_shares_the_plain(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    await put(running, fleet, 2)
    plain = await running.watch("cam_1")
    marked = await running.watch("cam_1", running.ticket("cam_1", watermark="王小明 · 综治中心"))
    for one in (plain, marked):
        await one.until(lambda one: len(one.binaries) >= 12)
    assert running.gateway.transcodings.running == 1
    differ = np.abs(played_all(plain)[-1].astype(int) - played_all(marked)[-1]).max(axis=2) > 30
    assert 0.01 < differ.mean() < 0.5


async def test_above_the_budget_it_is_refused_with_a_code_and_nobody_else_is_touched(
    redis_settings: Settings, fleet: SimulatedFleet
) -> None:
    # 320x180 at 10 a second are 576,000 pixels a second.
    async with running_gateway(gateway_settings(redis_settings, transcode_mpixel_s=0.6)) as running:
        await put(running, fleet, 1, masks=(CORNER,))
        first = await running.watch("cam_1")
        await first.until(lambda one: one.binaries)
        shares = await running.watch("cam_1")
        refused = await running.watch("cam_1", running.ticket("cam_1", watermark="李四"))
        await refused.until(lambda one: one.end == "transcode_limit" and one.socket.closed)
        assert refused.socket.close_code == 4009
        assert refused.binaries == []
        await shares.until(lambda one: len(one.binaries) >= 5)
        assert first.end is None
        async with running.http.get(running.url("/metrics")) as answer:
            text = await answer.text()
        assert "probe_gateway_transcodings 1.0" in text
        assert "probe_gateway_transcode_used_mpixel_s 0.576" in text
        assert "probe_gateway_transcodings_refused_total 1.0" in text


async def test_without_a_budget_masks_close_the_live_picture_and_stay_on_the_snapshot(
    redis_settings: Settings, fleet: SimulatedFleet
) -> None:
    async with running_gateway(gateway_settings(redis_settings, transcode_mpixel_s=0.0)) as running:
        await put(running, fleet, 1)
        watched = await running.watch("cam_1")
        await watched.until(lambda one: one.binaries)
        await put(running, fleet, 2, masks=(CORNER,))
        await watched.until(lambda one: one.end == "live_off", within_s=2)
        refused = await running.watch("cam_1")
        await refused.until(lambda one: one.end == "live_off")
        assert refused.binaries == []
        ticket = running.ticket("cam_1", TicketAction.SNAPSHOT)
        async with running.http.get(running.url(f"/snapshot/cam_1.jpg?ticket={ticket}")) as answer:
            assert answer.status == 200
            assert answer.headers["X-Captured-At"].endswith("Z")
            shown = cv2.imdecode(np.frombuffer(await answer.read(), np.uint8), cv2.IMREAD_COLOR)
        assert shown is not None
        height, width = shown.shape[:2]
        assert shown[: height // 2 - 4, : width // 2 - 4].max() < 40  # JPEG rings a little at the edge
        assert shown[height // 2 + 8 :, :].mean() > 40


async def test_with_the_consent_the_drawn_picture_ends_and_nothing_of_it_is_kept(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    now = SystemClock().now()
    consent = {"consent_from": now - timedelta(days=1), "consent_until": now + timedelta(seconds=3)}
    await put(running, fleet, 2, masks=(CORNER,), kind=CameraKind.HOUSEHOLD, **consent)
    watched = await running.watch("cam_1")
    await watched.until(lambda one: one.binaries)
    await watched.until(lambda one: one.end == "no_consent", within_s=5)
    await until(lambda: running.gateway.transcodings.running == 0, within_s=1)


async def test_a_viewer_of_a_drawn_picture_is_written_down_and_counted_as_any_other(running: RunningGateway) -> None:
    watched = await running.watch("cam_1")
    await watched.until(lambda one: len(one.binaries) >= 4)
    assert running.gateway.manager.viewers == 1
    await watched.socket.close()
    _, closed = await running.published(Topic.VIEWINGS, Viewing, 2)
    assert closed.closed_because == "viewer"
    assert closed.frames_sent >= 3
    assert running.gateway.manager.viewers == 0
