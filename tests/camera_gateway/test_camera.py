"""One camera's life with a source that does what the test says; the clock stands still between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from camera_gateway.camera import Camera
from camera_gateway.knock import Knocker
from camera_gateway.opening import Ramp
from camera_gateway.sources.base import Sink, VideoFormat
from camera_gateway.surroundings import Surroundings
from camera_gateway.uplink import Uplinks
from hub.addresses import AddressPolicy, PinnedAddress
from hub.contracts.camera import CameraKind, CameraSpec, CameraState, CameraStatus, Cause
from hub.contracts.frame import FrameReason
from hub.errors import ErrorKind, HubError
from hub.settings import GatewaySettings
from tests.support.clock import FakeClock, settle
from tests.support.gateway import spec_of
from tests.support.units import unit

FORMAT = VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), 640, 360, "avc1.4d401f", 25.0)
URL = "rtsp://10.0.0.7/live"


class Site:
    """A camera with everything around it faked; counts what is done to it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.opened: list[tuple[PinnedAddress, str | None, str | None]] = []
        self.running = 0
        self.goodbyes = 0
        self.failure: Exception | None = None
        self.sink: Sink | None = None
        self.statuses: list[CameraStatus] = []
        self.offered: list[FrameReason] = []
        self.around = Surroundings(
            settings=GatewaySettings(),
            clock=clock,
            policy=AddressPolicy(),
            ramp=Ramp(clock, 1000, 1000),
            uplinks=Uplinks(clock),
            knocker=Knocker(clock, AddressPolicy()),
            make_source=self.make,
            open_password=lambda spec: spec.sealed_password and spec.sealed_password.split("#")[0],
            statuses=self,  # type: ignore[arg-type]
            frames=self,  # type: ignore[arg-type]
            rng=random.Random(1),
        )
        self.camera: Camera | None = None

    def make(self, address: PinnedAddress, spec: CameraSpec, password: str | None) -> Site:
        self.opened.append((address, spec.username, password))
        return self

    async def run(self, sink: Sink) -> None:
        if self.failure is not None:
            raise self.failure
        self.sink = sink
        self.running += 1
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.running -= 1
            self.goodbyes += 1

    def changed(self, camera_id: str, tell: Callable[[], CameraStatus]) -> None:
        self.statuses.append(tell())

    def forget(self, camera_id: str) -> None: ...

    def withdraw(self, camera_id: str) -> None: ...

    def offer(self, camera_id: str, revision: int, unit: Any, reason: FrameReason, codec: str) -> None:
        self.offered.append(reason)

    async def put(self, **more: Any) -> Camera:
        self.camera = Camera(spec_of("cam_1", more.pop("url", URL), **more), self.around)
        self.camera.begin()
        await self.pass_s(0.25)
        return self.camera

    async def pass_s(self, seconds: float, media: bool = False) -> None:
        """Time goes by, with the ticks that a manager gives."""
        for _ in range(round(seconds * 4)):
            await self.clock.advance(0.25)
            if media and self.sink is not None and self.running:
                self.sink.on_format(FORMAT)
                self.sink.on_unit(unit(0, keyframe=True))
            assert self.camera is not None
            self.camera.tick(self.clock.now(), self.clock.monotonic())
            await settle()

    @property
    def told(self) -> tuple[CameraState, Cause]:
        return self.statuses[-1].state, self.statuses[-1].cause


@pytest.fixture
def site(clock: FakeClock) -> Site:
    return Site(clock)


def refusal(kind: ErrorKind = ErrorKind.REFUSED, name: str = "login_refused") -> HubError:
    return HubError(kind, f"camera_gateway.{name}")


async def test_it_is_told_starting_then_online(site: Site) -> None:
    await site.put()
    await site.pass_s(1, media=True)
    assert [(one.state, one.cause) for one in site.statuses[:2]] == [
        (CameraState.OFFLINE, Cause.STARTING),
        (CameraState.ONLINE, Cause.NONE),
    ]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"enabled": False}, (CameraState.OFF, Cause.DISABLED)),
        ({"kind": CameraKind.HOUSEHOLD}, (CameraState.PAUSED, Cause.NO_CONSENT)),
    ],
)
async def test_what_must_not_be_pulled_is_not_even_opened(
    site: Site, more: dict[str, Any], told: tuple[CameraState, Cause]
) -> None:
    await site.put(**more)
    await site.pass_s(5)
    assert site.opened == []
    assert site.told == told


async def test_a_consent_begins_and_ends_by_the_clock(site: Site) -> None:
    now = site.clock.now()
    consent = {"consent_from": now + timedelta(seconds=10), "consent_until": now + timedelta(seconds=20)}
    camera = await site.put(kind=CameraKind.HOUSEHOLD, **consent)
    await site.pass_s(9)
    assert site.opened == []
    await site.pass_s(2, media=True)
    assert site.running == 1
    await site.pass_s(10, media=True)
    assert site.running == 0
    assert camera.stream.keyframe is None
    assert site.told == (CameraState.PAUSED, Cause.NO_CONSENT)


async def test_a_wrong_password_is_tried_once_a_minute_at_most(site: Site) -> None:
    site.failure = refusal()
    await site.put()
    await site.pass_s(59)
    assert len(site.opened) == 1
    await site.pass_s(600)
    assert len(site.opened) <= 5
    assert site.told == (CameraState.OFFLINE, Cause.LOGIN_REFUSED)


async def test_a_corrected_password_is_tried_at_once(site: Site) -> None:
    site.failure = refusal()
    camera = await site.put(username="admin", sealed_password="wrong")
    await site.pass_s(10)
    site.failure = None
    camera.apply(spec_of("cam_1", URL, revision=2, username="admin", sealed_password="right"))
    await site.pass_s(1, media=True)
    assert [password for _, _, password in site.opened] == ["wrong", "right"]
    assert site.told == (CameraState.ONLINE, Cause.NONE)


async def test_another_name_or_the_same_password_sealed_anew_is_no_reason_to_connect_anew(site: Site) -> None:
    camera = await site.put(username="admin", sealed_password="right#1")
    await site.pass_s(2, media=True)
    camera.apply(spec_of("cam_1", URL, revision=2, name="new", username="admin", sealed_password="right#2"))
    await site.pass_s(2, media=True)
    assert len(site.opened) == 1
    camera.apply(spec_of("cam_1", URL + "2", revision=3, username="admin", sealed_password="right#2"))
    await site.pass_s(2, media=True)
    assert len(site.opened) == 2
    assert site.goodbyes == 1
    assert site.running == 1


async def test_a_forbidden_address_is_never_opened(site: Site) -> None:
    await site.put(url="rtsp://127.0.0.1/live")
    await site.pass_s(30)
    assert site.opened == []
    assert site.told == (CameraState.OFFLINE, Cause.FORBIDDEN_ADDRESS)


async def test_a_failure_that_nobody_foresaw_is_one_failed_try_and_no_more(site: Site) -> None:
    site.failure = ZeroDivisionError("a bug of ours")
    await site.put()
    await site.pass_s(5)
    assert len(site.opened) > 2
    assert site.statuses[-1].detail == "camera_gateway.broken"
    site.failure = None
    await site.pass_s(5, media=True)
    assert site.told == (CameraState.ONLINE, Cause.NONE)


async def test_a_connection_that_gives_no_media_does_not_reset_the_waits(site: Site) -> None:
    site.failure = refusal(ErrorKind.TIMEOUT, "no_media")
    await site.put()
    await site.pass_s(300)
    # First quick, soon every 3 s, after a minute of silence slower still.
    assert 20 <= len(site.opened) <= 40


async def test_a_status_carries_no_sentence_with_holes(site: Site) -> None:
    site.failure = HubError(ErrorKind.UNREACHABLE, "camera_gateway.unreachable", host="10.0.0.7", port=554)
    await site.put()
    assert site.statuses[-1].detail == "camera_gateway.cause_unreachable"


async def test_a_life_that_a_bug_ended_is_begun_anew(site: Site) -> None:
    camera = await site.put()
    await site.pass_s(1, media=True)
    assert camera.puller._task is not None
    camera.puller._task.cancel()
    await settle()
    await site.pass_s(1, media=True)
    assert site.running == 1


async def test_closing_says_goodbye_and_nothing_comes_back_to_life(site: Site) -> None:
    from camera_gateway.live.viewer import End

    camera = await site.put()
    await site.pass_s(1, media=True)
    await camera.close(End.CAMERA_REMOVED)
    assert (site.running, site.goodbyes) == (0, 1)
    await site.pass_s(60)
    assert len(site.opened) == 1
