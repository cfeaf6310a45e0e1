"""All cameras of this gateway: what the console says of them is compared with what is, and applied.

Runs on the gateway's loop and is the only one to add or remove a camera. A change of one never touches another. When
Redis is away everything goes on as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from camera_gateway.admission import Admission, names
from camera_gateway.camera import Camera, Surroundings
from camera_gateway.live.viewer import End
from hub import log
from hub.bus import Bus
from hub.contracts.camera import CameraSpec
from hub.contracts.spec import Revoked, SpecChanged, SpecMessage, SpecRemoved
from hub.errors import HubError

logger = log.get("camera_gateway.manager")

TICK_S = 0.25
AWAY_S = 0.5
# How often what the lines carry is measured and their budgets are looked at.
REVIEW_S = 1.0
# Older revocations name tickets that are over.
_REVOCATIONS_S = 600.0


class Manager:
    """The cameras by id."""

    def __init__(self, around: Surroundings, bus: Bus, admission: Admission) -> None:
        self.cameras: dict[str, Camera] = {}
        self.following = False
        self.loop_lag_s = 0.0
        self._heard_at = around.clock.now()
        self._around = around
        self._bus = bus
        self._admission = admission
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def viewers(self) -> int:
        """Live pictures open now."""
        return sum(len(camera.broadcast.everyone) for camera in self.cameras.values())

    def spec(self, camera_id: str) -> CameraSpec | None:
        """The camera as it is now; None: it is not of this gateway."""
        camera = self.cameras.get(camera_id)
        return None if camera is None else camera.spec

    async def follow(self) -> None:
        """Take all specs, then each change, for ever."""
        errors = log.RepeatedErrors(logger, self._around.clock)
        while True:
            try:
                specs, position = await self._bus.specs()
                # Also all that was said while this gateway could not hear: what it has open is as old as that.
                since = min(self._heard_at, self._around.clock.now()) - timedelta(seconds=_REVOCATIONS_S)
                heard_at = self._around.clock.now()
                for revoked in await self._bus.recent_revocations(since):
                    self.apply(revoked)
                # A Redis that lost everything says "no cameras"; the console fills it again, until then all goes on.
                if specs:
                    self.replace(specs)
                self.following, self._heard_at = True, heard_at
                async for message in self._bus.follow_specs(position, tuple(self.cameras)):
                    self.apply(message)
                    self._heard_at = self._around.clock.now()
            except HubError as error:
                self.following = False
                errors.error("manager.cannot_follow", error.code, code=error.code)
            except Exception as error:  # noqa: BLE001 - the top of the loop that all specs come through
                errors.error("manager.broken", repr(error), error=repr(error))
            await self._around.clock.sleep(AWAY_S)

    async def tick(self) -> None:
        """Tell every camera the time, for ever."""
        clock = self._around.clock
        errors = log.RepeatedErrors(logger, clock)
        review_s = clock.monotonic()
        while True:
            began = clock.monotonic()
            now = clock.now()
            if began >= review_s:
                review_s = began + REVIEW_S
                self._review(errors)
            for camera in tuple(self.cameras.values()):
                try:
                    camera.tick(now, began)
                except Exception as error:  # noqa: BLE001 - one camera's tick never stops the others'
                    errors.error("camera.tick_broken", camera.spec.camera_id, error=repr(error))
            await clock.sleep(TICK_S)
            self.loop_lag_s = max(0.0, clock.monotonic() - began - TICK_S)

    def _review(self, errors: log.RepeatedErrors) -> None:
        try:
            self._around.uplinks.review()
        except Exception as error:  # noqa: BLE001 - budgets that cannot be counted must not stop the clock of all cameras
            errors.error("uplinks.broken", repr(error), error=repr(error))

    def replace(self, specs: Mapping[str, CameraSpec]) -> None:
        """These are all the cameras there are; those of other gateways are left out."""
        mine = {key: spec for key, spec in specs.items() if spec.gateway_id == self._around.settings.id}
        for camera_id in [key for key in self.cameras if key not in mine]:
            self._remove(camera_id)
        for spec in mine.values():
            self._put(spec)

    def apply(self, message: SpecMessage) -> None:
        """One change."""
        match message:
            case SpecChanged(spec=spec) if spec.gateway_id == self._around.settings.id:
                self._put(spec)
            case SpecChanged(spec=spec):
                self._remove(spec.camera_id)
            case SpecRemoved(camera_id=camera_id):
                self._remove(camera_id)
            case Revoked():
                self._revoke(message)

    async def close(self) -> None:
        """All cameras say goodbye at once; at most about a second and a half."""
        cameras = list(self.cameras.values())
        self.cameras.clear()
        await asyncio.gather(*(camera.close(End.GATEWAY_STOPPING) for camera in cameras), *self._closing)

    def _put(self, spec: CameraSpec) -> None:
        camera = self.cameras.get(spec.camera_id)
        if camera is None:
            self.cameras[spec.camera_id] = camera = Camera(spec, self._around)
            camera.begin()
        elif spec.revision > camera.spec.revision or (spec.revision == camera.spec.revision and spec != camera.spec):
            camera.apply(spec)

    def _remove(self, camera_id: str) -> None:
        camera = self.cameras.pop(camera_id, None)
        if camera is not None:
            closing = asyncio.create_task(camera.close(End.CAMERA_REMOVED), name=f"closing {camera_id}")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _revoke(self, revoked: Revoked) -> None:
        self._admission.revoke(revoked)
        for camera in self.cameras.values():
            for viewer in camera.broadcast.everyone:
                if names(revoked, viewer.ticket):
                    viewer.end(End.REVOKED)
