"""detect on a real Redis: frames become looks, unknown cameras and masks never do, Redis may go and come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from analytics.detect import Detect
from analytics.looker import Looker
from hub import metrics
from hub.bus import Bus, Topic
from hub.clock import SystemClock
from hub.contracts.camera import CameraSpec
from hub.contracts.frame import Frame
from hub.contracts.look import Look
from hub.errors import HubError
from hub.picture import Picture
from hub.settings import AnalyticsSettings, Settings
from tests.analytics.makers import CAMERA, frame, keyframe, rule, scene, spec
from tests.support.redis import OwnRedis

WATCHED = spec(rules=(rule(labels=("motion",)),))


@asynccontextmanager
async def detecting(settings: Settings) -> AsyncIterator[Bus]:
    """A bus to talk to a worker that runs beside."""
    clock = SystemClock()
    own, bus = await Bus.open(settings, clock), await Bus.open(settings, clock)
    looker = Looker(AnalyticsSettings(), clock, None, name="motion", with_motion=False)
    detect = Detect(own, clock, looker, consumer="worker-1", batch=4)
    task = asyncio.create_task(detect.run())
    try:
        yield bus
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await own.close()
        await bus.close()


async def looks(bus: Bus, count: int, within_s: float = 10.0) -> list[Look]:
    found: list[Look] = []
    async with asyncio.timeout(within_s):
        while len(found) < count:
            try:
                deliveries = await bus.read(Topic.RESULTS, "test", "test", block_ms=50)
                await bus.ack(Topic.RESULTS, "test", [delivery.id for delivery in deliveries])
            except HubError:
                await asyncio.sleep(0.05)
                continue
            found += [delivery.parse(Look) for delivery in deliveries]
    return found


def shot(ago_s: float = 0.0, **changes: object) -> Frame:
    return frame(0, captured_at=SystemClock().now() - timedelta(seconds=ago_s), **changes)


async def send(bus: Bus, one: Frame, picture: Picture) -> None:
    await bus.publish(Topic.FRAMES, one, keyframe(picture, one.codec))


def dropped(why: str) -> float:
    return metrics.registry.get_sample_value("probe_detect_frames_dropped_total", {"why": why}) or 0.0


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - a counter of Prometheus has no event
            await asyncio.sleep(0.02)


async def test_a_frame_becomes_a_look_and_its_picture_is_kept_only_in_memory(redis_settings: Settings) -> None:
    async with detecting(redis_settings) as bus:
        await bus.put_spec(WATCHED)
        await send(bus, shot(4), scene())
        await send(bus, shot(2), scene(150))
        first, second = await looks(bus, 2)
        assert (first.gate_open, first.boxes, first.picture_key) == (True, (), None)
        assert [box.label for box in second.boxes] == ["motion"]
        assert (second.detector, second.width_px, second.height_px) == ("motion", 320, 192)
        assert second.picture_key is not None
        kept = await bus.picture(second.picture_key)
        assert kept is not None
        assert kept.startswith(b"\xff\xd8")
        deliveries = await bus.read(Topic.RESULTS, "again", "again", block_ms=50) or await bus.read(
            Topic.RESULTS, "again", "again", block_ms=50
        )
        assert all(delivery.data is None and b"\xff\xd8" not in delivery.body for delivery in deliveries)


async def test_an_h265_camera_is_looked_at_as_any_other(redis_settings: Settings) -> None:
    async with detecting(redis_settings) as bus:
        await bus.put_spec(WATCHED)
        await send(bus, shot(4, codec="h265"), scene())
        await send(bus, shot(2, codec="h265"), scene(150))
        _, second = await looks(bus, 2)
        assert [box.label for box in second.boxes] == ["motion"]
        assert (second.width_px, second.height_px) == (320, 192)


@pytest.mark.parametrize(
    ("camera", "made", "why"),  # made when the test runs: what was made at its collection may be late by then
    [
        (None, shot, "unknown_camera"),
        (spec(revision=1), partial(shot, spec_revision=2), "unknown_camera"),  # masks of revision 2 are not known
        (spec(enabled=False), shot, "not_allowed"),
        (spec(kind="household"), shot, "not_allowed"),
        (spec(), partial(shot, 120), "late"),
        (spec(), partial(shot, version=9), "message"),
    ],
    ids=["no such camera", "newer masks", "switched off", "no consent", "late", "a later version"],
)
async def test_a_frame_that_may_not_be_looked_at_is_dropped_and_counted(
    redis_settings: Settings, camera: CameraSpec | None, made: Callable[[], Frame], why: str
) -> None:
    before = dropped(why)
    async with detecting(redis_settings) as bus:
        if camera is not None:
            await bus.put_spec(camera)
        await send(bus, made(), scene())
        await until(lambda: dropped(why) == before + 1)
        assert await bus.read(Topic.RESULTS, "test", "test", block_ms=50) == []


async def test_a_frame_that_runs_ahead_of_its_new_masks_is_looked_at_with_the_new_ones(
    redis_settings: Settings,
) -> None:
    async with detecting(redis_settings) as bus:
        await bus.put_spec(WATCHED)
        await send(bus, shot(4), scene())
        await looks(bus, 1)
        masked = ((0.3, 0.2), (0.7, 0.2), (0.7, 0.95), (0.3, 0.95))
        await bus.put_spec(WATCHED.model_copy(update={"revision": 2, "masks": (masked,)}))
        for ago in (3, 2):
            await send(bus, shot(ago, spec_revision=1), scene(150))  # the gateway has not heard of it yet
        assert [(one.spec_revision, one.boxes) for one in await looks(bus, 2)] == [(2, ()), (2, ())]


async def test_bytes_that_are_no_picture_are_counted_and_the_next_frame_is_looked_at(redis_settings: Settings) -> None:
    before = dropped("undecodable")
    async with detecting(redis_settings) as bus:
        await bus.put_spec(WATCHED)
        for data in (b"", b"\0\0\0\1\x65garbage", bytes(5000)):
            await bus.publish(Topic.FRAMES, shot(3), data)
        await send(bus, shot(1), scene())
        assert (await looks(bus, 1))[0].camera_id == CAMERA
        assert dropped("undecodable") == before + 3


async def test_both_redis_may_die_and_come_back_and_looking_goes_on(tmp_path: Path) -> None:
    with OwnRedis(tmp_path / "durable") as durable, OwnRedis(tmp_path / "frames", durable=False) as lossy:
        settings = Settings.model_validate(
            {"data_dir": tmp_path, "redis_url": durable.url, "frames_redis_url": lossy.url}
        )
        async with detecting(settings) as bus:
            await bus.put_spec(WATCHED)
            await asyncio.sleep(1.2)  # the append-only file is written each second
            for server in (lossy, durable):
                await send(bus, shot(), scene())
                assert len(await looks(bus, 1)) == 1
                server.kill()
                await asyncio.sleep(0.3)
                server.start()
            await send(bus, shot(), scene())
            assert len(await looks(bus, 1)) == 1
