"""设备事件: the pull points of this gateway's cameras, and the way of what they tell to topic `events`.

On the gateway's loop. `run` looks once a second at which cameras want one: those that are on, with a face whose events
are followed and a consent in force, and that are not on request. New ones begin a few a second; one whose camera
announced itself is tried at once. What is not yet published waits here, bounded, the oldest given up and counted: an
event is worth less than a camera's picture.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.devices import Access, Devices, access_of
from camera_gateway.onvif.happenings import Happenings
from camera_gateway.onvif.pull_point import CAP_S, FIRST_S, PullPoint
from camera_gateway.onvif.topics import read
from camera_gateway.surroundings import Surroundings
from hub import log
from hub.backoff import Backoff
from hub.bus import Bus, Topic
from hub.contracts.camera import CameraSpec
from hub.contracts.camera_event import CameraEvent
from hub.contracts.watch import WatchMode
from hub.errors import HubError

if TYPE_CHECKING:
    from camera_gateway.camera import Camera

logger = log.get("camera_gateway.events")

REVIEW_S: Final = 1.0
BEGIN_AT_ONCE: Final = 10  # six hundred in a minute
MOST_WAITING: Final = 2_000
_BATCH: Final = 200
_GOODBYE_S: Final = 1.2


@dataclass(slots=True)
class _Followed:
    access: Access
    point: PullPoint
    task: asyncio.Task[None]
    announced_s: float  # of its camera, as far as it was heeded


class EventWatch:
    """All of them. `published` and `given_up` count."""

    def __init__(self, around: Surroundings, devices: Devices, bus: Bus, cameras: Mapping[str, Camera]) -> None:
        self._around = around
        self._devices = devices
        self._bus = bus
        self._cameras = cameras
        self._followed: dict[str, _Followed] = {}
        self._happenings: dict[str, Happenings] = {}
        self._waiting: deque[CameraEvent] = deque()
        self._leaving: set[asyncio.Task[None]] = set()
        self.published = 0
        self.given_up = 0

    @property
    def subscriptions(self) -> int:
        """Cameras that are followed now."""
        return len(self._followed)

    @property
    def waiting(self) -> int:
        """Events not yet published."""
        return len(self._waiting)

    async def run(self) -> None:
        """Look and publish for ever."""
        clock = self._around.clock
        errors = log.RepeatedErrors(logger, clock)
        while True:
            try:
                self.review(clock.now())
                await self.flush()
            except HubError as error:
                errors.error("events.unpublished", error.code, code=error.code)
            except Exception as error:  # noqa: BLE001 - the top of the loop that follows all cameras
                errors.error("events.broken", repr(error), error=repr(error))
            await clock.sleep(REVIEW_S)

    def review(self, now: datetime) -> None:
        """Begin and end pull points as the specs say."""
        wanted = {key: camera.spec for key, camera in self._cameras.items() if _is_wanted(camera.spec, now)}
        for camera_id, one in list(self._followed.items()):
            spec = wanted.get(camera_id)
            if spec is None or access_of(spec) != one.access or one.task.done():
                self._end(camera_id)
            elif (announced_s := self._cameras[camera_id].announced_s) > one.announced_s:
                one.announced_s = announced_s
                self._devices.renew(camera_id)  # its services may be elsewhere now
                one.point.came_back()
        begun = 0
        for camera_id, spec in wanted.items():
            if camera_id not in self._followed and begun < BEGIN_AT_ONCE:
                begun += 1
                self._begin(spec)
        for camera_id in self._happenings.keys() - self._cameras.keys():
            del self._happenings[camera_id]
            self._devices.forget(camera_id)

    async def flush(self) -> None:
        """Publish what waits; raises HubError and keeps it when Redis is away."""
        while self._waiting:
            batch = [self._waiting[place] for place in range(min(_BATCH, len(self._waiting)))]
            await self._bus.publish_many(Topic.EVENTS, [(event, None) for event in batch])
            self.published += len(batch)
            said = {event.event_id for event in batch}  # some may have been given up meanwhile
            while self._waiting and self._waiting[0].event_id in said:
                self._waiting.popleft()

    async def close(self) -> None:
        """All end, and say so to their cameras: about a second."""
        for camera_id in list(self._followed):
            self._end(camera_id)
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=_GOODBYE_S)

    def _begin(self, spec: CameraSpec) -> None:
        camera_id = spec.camera_id
        known = self._happenings.setdefault(camera_id, Happenings(camera_id, self._around.settings.id))

        async def client() -> OnvifClient:
            return await self._devices.client(spec)

        def told(notification: Answer) -> None:
            self._hear(known, notification)

        backoff = Backoff(FIRST_S, CAP_S, self._around.rng)
        point = PullPoint(camera_id, client, told, self._around.clock, backoff)
        task = asyncio.create_task(point.run(), name=f"events {camera_id}")
        self._followed[camera_id] = _Followed(access_of(spec), point, task, self._cameras[camera_id].announced_s)

    def _end(self, camera_id: str) -> None:
        task = self._followed.pop(camera_id).task
        task.cancel()
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _hear(self, known: Happenings, notification: Answer) -> None:
        told = read(notification)
        if told is None:
            return
        clock = self._around.clock
        event = known.take(told, clock.now(), clock.monotonic())
        if event is None:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.given_up += 1
        self._waiting.append(event)


def _is_wanted(spec: CameraSpec, now: datetime) -> bool:
    return (
        spec.onvif is not None
        and spec.onvif.events
        and spec.enabled
        and spec.watch.mode is not WatchMode.ON_REQUEST
        and spec.consent_in_force(now)
    )
