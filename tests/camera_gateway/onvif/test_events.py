"""What cameras report by themselves: subscribed, pulled, renewed, and all of it anew after whatever cameras do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from camera_gateway.onvif import pull_point
from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.events import EventWatch
from camera_gateway.onvif.pull_point import LIVES_S, PullPoint
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.topics import read
from hub.backoff import Backoff
from hub.bus import Topic
from hub.clock import SystemClock
from hub.contracts.base import Message
from hub.contracts.camera import CameraKind
from hub.contracts.camera_event import CameraEvent, CameraEventKind
from hub.contracts.watch import Watch, WatchMode
from hub.errors import ErrorKind, HubError
from tests.support.clock import FakeClock
from tests.support.gateway import until
from tests.support.onvif_camera import Met, met


class Ear:
    """A pull point and what it was told, changes alone."""

    def __init__(self, at: Met) -> None:
        self.heard: list[tuple[CameraEventKind, bool | None]] = []

        async def client() -> Any:
            return await at.devices.client(at.spec)

        backoff = Backoff(0.05, 0.2)
        self.point = PullPoint("cam_1", client, self._told, SystemClock(), backoff)

    def _told(self, notification: Answer) -> None:
        told = read(notification)
        if told is not None and not told.settles:
            self.heard.append((told.kind, told.active))


@asynccontextmanager
async def listening(*faults: str) -> AsyncIterator[tuple[Met, Ear]]:
    async with met(*faults) as at:
        ear = Ear(at)
        task = asyncio.create_task(ear.point.run())
        try:
            yield at, ear
        finally:
            task.cancel()
            await asyncio.wait({task})


MOTION = (CameraEventKind.MOTION, True)


@pytest.mark.parametrize(
    "fault",
    [
        (),
        ("zero-host",),
        ("foreign-host",),
        ("needs-termination",),
        ("subscription-port",),
        ("subscription-relative",),
        ("clock-off:-8",),
        ("clock-dash",),
        ("undeclared-prefix",),
        ("no-services",),
    ],
)
async def test_an_event_is_heard_whatever_the_camera_says_of_itself(fault: tuple[str, ...]) -> None:
    async with listening(*fault) as (at, ear):
        await until(lambda: at.onvif.face(0).operations.count("PullMessages") >= 2)
        at.onvif.fire(0, "cell-motion")
        await until(lambda: MOTION in ear.heard)
        assert at.onvif.face(0).passwords_refused <= 2


async def test_a_pull_that_waits_holds_up_no_other_call_of_a_camera_without_a_login() -> None:
    async with met(login=False) as at:
        spec = at.spec.model_copy(update={"username": None})

        async def client() -> Any:
            return await at.devices.client(spec)

        task = asyncio.create_task(PullPoint("cam_1", client, lambda _: None, SystemClock()).run())
        try:
            await until(lambda: at.onvif.face(0).operations.count("PullMessages") >= 2, within_s=20)
            async with asyncio.timeout(10):  # the pull waits for thirty seconds
                await (await client()).call(Service.DEVICE, "GetDeviceInformation")
        finally:
            task.cancel()
            await asyncio.wait({task})


async def test_after_a_reboot_it_is_subscribed_anew() -> None:
    async with listening() as (at, ear):
        await until(lambda: at.onvif.face(0).subscriptions)
        at.onvif.reboot(0)
        await until(lambda: ear.point.subscribed == 2 and at.onvif.face(0).subscriptions)
        at.onvif.fire(0, "motion-alarm")
        await until(lambda: MOTION in ear.heard)


async def test_a_pull_that_is_closed_by_the_camera_is_asked_for_less_and_its_subscription_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pull_point, "SHORTEST_PULL_S", 0.2)
    async with listening("pull-closes:1.3") as (at, ear):
        await until(lambda: at.onvif.face(0).operations.count("PullMessages") >= 4, within_s=10)
        at.onvif.fire(0, "people")
        await until(lambda: (CameraEventKind.PERSON, True) in ear.heard)
        assert ear.point.subscribed == 1


async def test_a_subscription_whose_port_nobody_serves_is_tried_again_with_growing_pauses() -> None:
    async with listening("subscription-dead") as (at, ear):
        await until(lambda: ear.point.subscribed >= 2)
        at.onvif.set_faults(0)
        ear.point.came_back()
        await until(lambda: at.onvif.face(0).operations.count("PullMessages") >= 1)


async def test_whoever_ends_it_frees_the_cameras_place() -> None:
    async with listening() as (at, ear):
        await until(lambda: at.onvif.face(0).subscriptions)
        face = at.onvif.face(0)
    assert ear.point.subscribed == 1
    assert face.operations[-1] == "Unsubscribe"


async def test_a_subscription_is_renewed_at_half_its_life_and_made_anew_where_it_cannot_be() -> None:
    asked: list[tuple[str, object]] = []

    class Camera:
        """Answers a pull after a minute of the clock."""

        def __init__(self, clock: FakeClock) -> None:
            self.clock, self.renews = clock, True

        def endpoint(self, reference: Answer) -> object:
            return SimpleNamespace()

        async def call(self, service: object, operation: str, params: object = None, **rest: object) -> Answer:
            asked.append((operation, params))
            if operation == "PullMessages":
                await self.clock.sleep(60.0)
            if operation == "Renew" and not self.renews:
                raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.onvif_no_operation", operation="Renew", reason="")
            return Answer(operation + "Response")

    clock = FakeClock()
    camera = Camera(clock)

    async def client() -> Any:
        return camera

    point = PullPoint("cam_1", client, lambda _: None, clock)
    task = asyncio.create_task(point.run())
    await clock.advance(2 * LIVES_S)
    words = [operation for operation, _ in asked]
    assert (words.count("CreatePullPointSubscription"), words.count("Renew")) == (1, 3)
    camera.renews = False
    await clock.advance(2 * LIVES_S)
    words = [operation for operation, _ in asked]
    assert words.count("CreatePullPointSubscription") >= 2
    task.cancel()
    await asyncio.wait({task})


class Away:
    """A bus that is away until told otherwise."""

    def __init__(self) -> None:
        self.away = True
        self.told: list[CameraEvent] = []

    async def publish_many(self, topic: Topic, items: Sequence[tuple[Message, bytes | None]]) -> None:
        if self.away:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where="durable")
        assert topic is Topic.EVENTS
        self.told += [message for message, _ in items if isinstance(message, CameraEvent)]


async def test_only_cameras_that_should_be_followed_are_and_nothing_is_lost_while_redis_is_away() -> None:
    async with met() as at:
        bus, now = Away(), SystemClock().now()
        cameras = {"cam_1": SimpleNamespace(spec=at.spec, announced_s=0.0)}
        around: Any = SimpleNamespace(clock=SystemClock(), settings=SimpleNamespace(id="gateway-1"), rng=None)
        watch = EventWatch(around, at.devices, bus, cameras)  # type: ignore[arg-type]
        unwanted: list[dict[str, Any]] = [
            {"enabled": False},
            {"kind": CameraKind.HOUSEHOLD},
            {"watch": Watch(mode=WatchMode.ON_REQUEST)},
            {"onvif": at.spec.onvif.model_copy(update={"events": False}) if at.spec.onvif else None},
            {"onvif": None},
        ]
        for change in unwanted:
            cameras["cam_1"].spec = at.spec.model_copy(update=change)
            watch.review(now)
            assert watch.subscriptions == 0, change
        cameras["cam_1"].spec = at.spec
        watch.review(now)
        face = at.onvif.face(0)
        await until(lambda: face.operations.count("PullMessages") >= 2)
        at.onvif.fire(0, "storage")
        at.onvif.fire(0, "storage")
        await until(lambda: watch.waiting)
        with pytest.raises(HubError):
            await watch.flush()
        bus.away = False
        await watch.flush()
        assert [(event.kind, event.active, event.source) for event in bus.told] == [
            (CameraEventKind.STORAGE, True, "SD 1")
        ]
        del cameras["cam_1"]
        watch.review(now)
        assert watch.subscriptions == 0
        await watch.close()
        assert face.operations[-1] == "Unsubscribe"
