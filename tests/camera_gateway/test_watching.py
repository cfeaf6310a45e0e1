"""Cameras that are not pulled all the time: every N minutes, on request, or when their line has a place for them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from camera_gateway.camera import REST_KNOCK_S
from camera_gateway.demand import FIRST_LOOKS_S, LOOK_S, Want
from camera_gateway.live.viewer import End
from camera_gateway.uplink import TURN_S
from hub.contracts.camera import CameraKind, CameraState, Cause
from hub.contracts.uplink import Uplink
from hub.contracts.watch import Watch, WatchMode
from hub.errors import ErrorKind, HubError
from tests.camera_gateway.test_camera import URL, Site, refusal
from tests.support.clock import FakeClock, settle
from tests.support.gateway import spec_of

ON_REQUEST = Watch(mode=WatchMode.ON_REQUEST)
EVERY_TEN = Watch(mode=WatchMode.INTERVAL, every_min=10)
ONE_PLACE = (Uplink(uplink_id="village", name="village", connections=1),)


@pytest.fixture
def site(clock: FakeClock) -> Site:
    return Site(clock)


async def knocked(site: Site, accepts: bool) -> None:
    assert site.camera is not None
    site.camera._knocked_at_rest(accepts)
    await settle()


async def test_on_request_nothing_is_opened_until_somebody_wants_it_and_it_is_closed_after(site: Site) -> None:
    camera = await site.put(watch=ON_REQUEST)
    await site.pass_s(30)
    assert site.opened == []
    hold = camera.want(Want.LIVE)
    await site.pass_s(2, media=True)
    assert (len(site.opened), site.running) == (1, 1)
    assert site.told == (CameraState.ONLINE, Cause.NONE)
    hold.release()
    await site.pass_s(14, media=True)
    assert site.running == 1
    await site.pass_s(2, media=True)
    assert (site.running, site.goodbyes) == (0, 1)
    assert site.told == (CameraState.ONLINE, Cause.RESTING)
    assert camera.stream.keyframe is None  # no picture is kept of a camera that nobody looks at


async def test_who_comes_while_it_lingers_finds_it_open(site: Site) -> None:
    camera = await site.put(watch=ON_REQUEST)
    with camera.want(Want.LIVE):
        await site.pass_s(2, media=True)
    await site.pass_s(10, media=True)
    hold = camera.want(Want.SNAPSHOT)
    await site.pass_s(30, media=True)
    assert (len(site.opened), site.goodbyes) == (1, 0)
    hold.release()


async def test_at_rest_a_knock_tells_whether_it_is_there_and_one_lost_packet_is_no_outage(site: Site) -> None:
    camera = await site.put(watch=ON_REQUEST)
    assert camera.condition.cause is Cause.STARTING
    assert site.around.knocker.watches("cam_1")
    await knocked(site, accepts=True)
    assert site.told == (CameraState.ONLINE, Cause.RESTING)
    await knocked(site, accepts=False)
    assert site.told == (CameraState.ONLINE, Cause.RESTING)
    await knocked(site, accepts=False)
    assert site.told == (CameraState.OFFLINE, Cause.UNREACHABLE)
    await knocked(site, accepts=True)
    assert site.told == (CameraState.ONLINE, Cause.RESTING)
    assert site.opened == []


async def test_a_knock_mends_no_refused_login_and_a_viewer_does_not_hammer_it(site: Site) -> None:
    site.failure = refusal()
    camera = await site.put(watch=ON_REQUEST)
    for _ in range(10):
        with camera.want(Want.LIVE):
            await site.pass_s(2)
    assert len(site.opened) == 1
    assert camera.live_refusal() is End.CAMERA_OFFLINE
    assert camera.unlikely() is not None
    await site.pass_s(20)
    await knocked(site, accepts=True)
    assert site.told == (CameraState.OFFLINE, Cause.LOGIN_REFUSED)


async def test_a_viewer_of_one_that_rests_is_not_refused_and_of_one_that_fails_is(site: Site) -> None:
    camera = await site.put(watch=ON_REQUEST)
    await knocked(site, accepts=False)
    await knocked(site, accepts=False)
    assert camera.live_refusal() is None  # it is tried for a person all the same
    site.failure = refusal(ErrorKind.UNREACHABLE, "unreachable")
    with camera.want(Want.LIVE):
        assert camera.live_refusal() is None
        await site.pass_s(1)
        assert camera.live_refusal() is End.CAMERA_OFFLINE


async def test_every_n_minutes_one_keyframe_is_looked_at_and_it_is_closed_again(site: Site) -> None:
    await site.put(watch=EVERY_TEN)
    await site.pass_s(FIRST_LOOKS_S + 5, media=True)
    assert (len(site.opened), site.running, len(site.offered)) == (1, 0, 1)
    assert site.told == (CameraState.ONLINE, Cause.RESTING)
    await site.pass_s(1800, media=True)
    assert 3 <= len(site.opened) <= 4
    assert len(site.offered) == len(site.opened)


async def test_a_look_that_brings_nothing_is_given_up_and_the_camera_is_offline_until_the_next(site: Site) -> None:
    await site.put(watch=EVERY_TEN)
    await site.pass_s(FIRST_LOOKS_S + LOOK_S + 5)
    assert len(site.opened) == 1
    assert site.running == 0
    assert site.told == (CameraState.OFFLINE, Cause.NO_MEDIA)
    await site.pass_s(600, media=True)
    assert site.told == (CameraState.ONLINE, Cause.RESTING)


async def test_somebody_who_watches_keeps_an_interval_camera_open(site: Site) -> None:
    camera = await site.put(watch=EVERY_TEN)
    with camera.want(Want.LIVE):
        await site.pass_s(120, media=True)
        assert (len(site.opened), site.running) == (1, 1)


@pytest.mark.parametrize("more", [{"enabled": False}, {"kind": CameraKind.HOUSEHOLD}])
async def test_no_wish_opens_what_must_not_be_pulled(site: Site, more: dict[str, Any]) -> None:
    camera = await site.put(watch=ON_REQUEST, **more)
    with camera.want(Want.LIVE), camera.want(Want.SWEEP):
        await site.pass_s(10)
        assert site.opened == []
        assert camera.unlikely() is not None


async def test_a_consent_that_ends_closes_it_under_whoever_holds_it(site: Site) -> None:
    now = site.clock.now()
    consent = {"consent_from": now - timedelta(days=1), "consent_until": now + timedelta(seconds=5)}
    camera = await site.put(watch=ON_REQUEST, kind=CameraKind.HOUSEHOLD, **consent)
    with camera.want(Want.LIVE):
        await site.pass_s(3, media=True)
        assert site.running == 1
        await site.pass_s(3, media=True)
        assert site.running == 0
        assert camera.stream.keyframe is None
        assert site.told == (CameraState.PAUSED, Cause.NO_CONSENT)
        await site.pass_s(60)
        assert len(site.opened) == 1


async def test_watched_in_another_way_it_is_closed_or_opened_without_delay(site: Site) -> None:
    camera = await site.put()
    await site.pass_s(2, media=True)
    camera.apply(spec_of("cam_1", URL, revision=2, watch=ON_REQUEST))
    await site.pass_s(1)
    assert (site.running, site.told) == (0, (CameraState.ONLINE, Cause.RESTING))
    camera.apply(spec_of("cam_1", URL, revision=3))
    await site.pass_s(1, media=True)
    assert (site.running, site.told) == (1, (CameraState.ONLINE, Cause.NONE))


@pytest.mark.parametrize("more", [{"transport": "udp"}, {"audio": True}, {"url": URL + "2"}])
async def test_what_a_connection_stands_on_makes_it_anew(site: Site, more: dict[str, Any]) -> None:
    camera = await site.put()
    await site.pass_s(2, media=True)
    camera.apply(spec_of("cam_1", more.pop("url", URL), revision=2, **more))
    await site.pass_s(2, media=True)
    assert (len(site.opened), site.running) == (2, 1)


async def test_on_a_full_line_it_waits_and_says_so(site: Site) -> None:
    first = await site.put(uplinks=ONE_PLACE)
    second = Site(site.clock)
    second.around = site.around.__class__(
        **{name: getattr(second.around, name) for name in second.around.__slots__} | {"uplinks": site.around.uplinks}
    )
    waiting = await second.put(uplinks=ONE_PLACE)
    for _ in range(4):
        await site.pass_s(1, media=True)
        await second.pass_s(0.25)
    assert (site.running, second.running) == (1, 0)
    assert second.told == (CameraState.DEGRADED, Cause.WAITING)
    # A person looks at the one that waits: the other, which nobody looks at, makes room.
    hold = waiting.want(Want.LIVE)
    for _ in range(4):
        await site.pass_s(0.25)
        await second.pass_s(0.25, media=True)
    assert (site.running, second.running) == (0, 1)
    assert site.told == (CameraState.DEGRADED, Cause.WAITING)
    assert second.told == (CameraState.ONLINE, Cause.NONE)
    # Another who looks at the first hears that the line is full.
    with first.want(Want.LIVE):
        await site.pass_s(0.5)
        error = first.unlikely()
        assert error is not None
        assert error.code == "camera_gateway.uplink_full"
    hold.release()
    for _ in range(round(TURN_S) + 20):
        await site.pass_s(0.5, media=True)
        await second.pass_s(0.5, media=True)
        site.around.uplinks.review()
    assert (site.running, second.running) == (1, 0)  # its turn


async def test_a_dead_camera_holds_no_place_while_it_is_not_tried(site: Site) -> None:
    site.failure = refusal(ErrorKind.UNREACHABLE, "unreachable")
    await site.put(uplinks=ONE_PLACE)
    await site.pass_s(30)
    (claims,) = [list(site.around.uplinks.lines())]
    assert [line.connections for line in claims] in ([], [0])


async def test_a_test_takes_a_place_on_the_line_too(site: Site) -> None:
    camera = await site.put(watch=ON_REQUEST, uplinks=ONE_PLACE)
    used: list[int] = []

    async def probe() -> list[Any]:
        used.extend(line.connections for line in site.around.uplinks.lines())
        return []

    await camera.lend(probe)
    assert used == [1]
    assert list(site.around.uplinks.lines()) == []
    assert site.running == 0  # it rests again


async def test_a_dark_camera_that_lets_a_knock_in_is_tried_at_once(site: Site) -> None:
    site.failure = HubError(ErrorKind.UNREACHABLE, "camera_gateway.unreachable", host="10.0.0.7", port=554)
    camera = await site.put()
    await site.pass_s(120)
    tries = len(site.opened)
    assert tries <= 12  # knocks stand in for most of them
    site.failure = None
    assert site.around.knocker.watches("cam_1")
    camera.puller._back.set()
    await site.pass_s(0.5, media=True)
    assert len(site.opened) == tries + 1
    assert site.told == (CameraState.ONLINE, Cause.NONE)


async def test_a_full_camera_is_asked_when_it_says_and_else_ever_more_seldom(site: Site) -> None:
    site.failure = HubError(ErrorKind.LIMITED, "camera_gateway.camera_busy", retry_after_s=40.0)
    await site.put()
    await site.pass_s(39)
    assert len(site.opened) == 1
    await site.pass_s(3)
    assert len(site.opened) == 2
    assert site.told == (CameraState.OFFLINE, Cause.SESSION_LIMIT)


async def test_the_knock_at_rest_is_a_cheap_one(site: Site) -> None:
    """A minute apart, and quicker only while it is out."""
    assert REST_KNOCK_S >= 60
    connects: list[float] = []

    async def connect(address: object) -> bool:
        connects.append(site.clock.monotonic())
        return True

    site.around.knocker._connect = connect
    running = asyncio.create_task(site.around.knocker.run())
    await site.put(watch=ON_REQUEST)
    await site.pass_s(600)
    assert 10 <= len(connects) <= 12
    assert site.told == (CameraState.ONLINE, Cause.RESTING)
    running.cancel()
    await asyncio.wait({running})
