"""A sweep by the clock alone: ten seconds between two pictures, and how long each kind of nothing is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from camera_gateway.demand import Want
from camera_gateway.frames import Ordered
from camera_gateway.sources.base import AccessUnit
from camera_gateway.sweep import Sweep
from camera_gateway.sweep_room import FULL_S, Room
from camera_gateway.taking import PATIENCE_S, PLACE_S, PUBLISH_S, Taking
from hub.contracts.camera import Cause
from hub.contracts.sweep import SweepOrder, SweepOutcome, SweptCamera
from hub.contracts.uplink import Uplink
from hub.contracts.watch import Watch, WatchMode
from tests.camera_gateway.test_camera import FORMAT, Site, refusal
from tests.support.clock import FakeClock, settle
from tests.support.gateway import spec_of
from tests.support.units import unit

ON_REQUEST = Watch(mode=WatchMode.ON_REQUEST)


class SweptSite(Site):
    """Keyframes are dated by the clock; what a sweep ordered is published at once, unless `away`."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.away = False
        self.sent: list[float] = []
        self.recalled = 0

    def send(self, camera_id: str, revision: int, sent: AccessUnit, order: Ordered, codec: str) -> None:
        self.sent.append(self.clock.monotonic())
        if not self.away:
            order.published()

    def recall(self, order: Ordered) -> None:
        self.recalled += 1

    async def goes_by(self, seconds: float, media: bool = True) -> None:
        assert self.camera is not None
        for _ in range(round(seconds * 4)):
            await self.clock.advance(0.25)
            if media and self.sink is not None and self.running:
                self.sink.on_format(FORMAT)
                at_us = round(self.clock.now().timestamp() * 1e6)
                self.sink.on_unit(AccessUnit(at_us, 0, True, unit(0, keyframe=True).data))
            self.camera.tick(self.clock.now(), self.clock.monotonic())
            await settle()


@pytest.fixture
def site(clock: FakeClock) -> SweptSite:
    return SweptSite(clock)


@asynccontextmanager
async def sweeping(site: SweptSite, *camera_ids: str, **more: Any) -> AsyncIterator[Sweep]:
    assert site.camera is not None
    order = SweepOrder(sweep_id="sweep_1", camera_ids=camera_ids or ("cam_1",), **more)
    sweep = Sweep(order, {"cam_1": site.camera}, site.around)
    task = asyncio.create_task(sweep.run())
    yield sweep
    task.cancel()
    await asyncio.wait({task})


async def done(sweep: Sweep) -> SweptCamera | None:
    return await sweep.next(0)


async def test_ten_seconds_lie_between_the_two_pictures_and_the_camera_is_closed_meanwhile(site: SweptSite) -> None:
    await site.put(watch=ON_REQUEST)
    async with sweeping(site) as sweep:
        await site.goes_by(2)
        assert (len(site.opened), site.running, len(site.sent)) == (1, 0, 1)
        await site.goes_by(7)
        assert (len(site.opened), site.running, await done(sweep)) == (1, 0, None)
        await site.goes_by(3)
        assert (len(site.opened), site.running, len(site.sent)) == (2, 0, 2)
        told = await done(sweep)
        assert told is not None
        assert told.outcome is SweepOutcome.SWEPT
        assert told.first_at is not None
        assert told.second_at is not None
        assert 10 <= (told.second_at - told.first_at).total_seconds() < 11
        await site.goes_by(1)
        assert sweep.over
    assert site.offered == []  # the tap gives the same picture to nobody else


async def test_one_that_somebody_watches_gives_both_pictures_from_the_connection_that_is_there(site: SweptSite) -> None:
    camera = await site.put(watch=ON_REQUEST)
    with camera.want(Want.LIVE):
        await site.goes_by(2)
        async with sweeping(site) as sweep:
            await site.goes_by(12)
            told = await done(sweep)
        assert told is not None
        assert told.second_at is not None
        assert (len(site.opened), site.running) == (1, 1)


async def test_one_that_plays_and_shows_nothing_is_given_up(site: SweptSite) -> None:
    await site.put(watch=ON_REQUEST)
    async with sweeping(site) as sweep:
        await site.goes_by(PATIENCE_S - 1, media=False)
        assert (await done(sweep), site.running) == (None, 1)
        await site.goes_by(2, media=False)
        told = await done(sweep)
    assert told is not None
    assert (told.outcome, told.cause, site.running) == (SweepOutcome.FAILED, Cause.NO_MEDIA, 0)


async def test_a_picture_that_cannot_be_handed_on_is_no_picture(site: SweptSite) -> None:
    await site.put(watch=ON_REQUEST)
    site.away = True
    async with sweeping(site) as sweep:
        await site.goes_by(3)
        assert (len(site.sent), site.running) == (1, 0)  # the camera need not wait for Redis
        await site.goes_by(PUBLISH_S)
        told = await done(sweep)
    assert told is not None
    assert (told.outcome, told.detail, site.recalled) == (SweepOutcome.FAILED, "camera_gateway.frames_away", 1)


async def test_a_refused_login_is_told_and_not_tried_again_by_the_next_sweep(site: SweptSite) -> None:
    site.failure = refusal()
    await site.put(watch=ON_REQUEST)
    for _ in range(3):
        async with sweeping(site) as sweep:
            await site.goes_by(2)
            told = await done(sweep)
        assert told is not None
        assert (told.outcome, told.cause) == (SweepOutcome.FAILED, Cause.LOGIN_REFUSED)
    assert len(site.opened) == 1


async def test_one_that_is_switched_off_while_it_is_open_is_skipped_and_closed(site: SweptSite) -> None:
    camera = await site.put(watch=ON_REQUEST)
    async with sweeping(site) as sweep:
        await site.goes_by(1, media=False)
        assert site.running == 1
        camera.apply(spec_of("cam_1", camera.spec.url, watch=ON_REQUEST, enabled=False, revision=2))
        await site.goes_by(1)
        told = await done(sweep)
    assert told is not None
    assert (told.outcome, told.cause, site.running, site.sent) == (SweepOutcome.SKIPPED, Cause.DISABLED, 0, [])


async def test_each_camera_is_told_once_however_often_it_was_named(site: SweptSite) -> None:
    await site.put(watch=ON_REQUEST)
    async with sweeping(site, "cam_1", "cam_gone", "cam_1", "cam_gone", second_after_s=0) as sweep:
        await site.goes_by(5)
        told = [one for one in [await done(sweep) for _ in range(5)] if one is not None]
    assert [(one.camera_id, one.outcome) for one in told] == [
        ("cam_gone", SweepOutcome.SKIPPED),
        ("cam_1", SweepOutcome.SWEPT),
    ]


async def test_behind_one_that_waited_in_vain_the_others_of_its_line_wait_briefly_until_one_has_its_picture(
    site: SweptSite,
) -> None:
    camera = await site.put(watch=ON_REQUEST, uplinks=(Uplink(uplink_id="village", name="村", connections=1),))
    room = Room(site.around.settings, 32)
    in_vain = Taking(camera, "sweep_1", site.around)
    in_vain.begin()
    assert room.place_s(camera) == PLACE_S
    room.is_full(camera)
    in_vain.end()
    room.count([in_vain], 0.0)
    assert room.place_s(camera) == FULL_S
    in_vain.captured_at = site.clock.now()
    room.count([in_vain], 0.0)
    assert room.place_s(camera) == PLACE_S


async def test_cameras_behind_one_recorder_are_begun_few_at_a_time(site: SweptSite) -> None:
    camera = await site.put(watch=ON_REQUEST)
    room = Room(site.around.settings, 32)  # two openings a second at one address
    room.count([], 0.0)
    begun = 0
    for tick in range(40):
        while room.left and room.fits(camera):
            room.take(camera)
            begun += 1
        if tick == 0:
            assert begun == 1  # no burst at the beginning
        assert begun <= 4
        room._credit += 1
    assert begun == 4
