"""PTZ for the people of this gateway: one in hand at a time, a move that nobody renews is stopped, home after a while.

On the gateway's loop; `command` by handlers, `run` one task that sleeps while nothing moves and nobody holds. Each
taking of a camera's head is in the access register (purpose `ptz`): opened with the first command, closed when it ends,
because what a household or an auditor asks is "who turned it", beside "who looked". Refused without consent, for a
camera that is off, and for one with masks: turned, they would no longer lie over what they hide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.devices import Devices
from camera_gateway.onvif.head import Head, Velocity
from camera_gateway.onvif.lease import Lease, Leases
from camera_gateway.viewing import Counted, Register
from hub import log
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.contracts.device import DeviceFace
from hub.contracts.ptz import RENEW_WITHIN_S, PtzCommand, PtzState, PtzVerb
from hub.contracts.ticket import Ticket
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.ptz")

TICK_S: Final = 0.25
PURPOSE: Final = "ptz"
_STOP_TRIES: Final = 3
_HOME_RETRY_S: Final = 60.0


class Ptz:
    """All heads of this gateway. `spec` gives a camera's spec as it is now."""

    def __init__(
        self, clock: Clock, devices: Devices, register: Register, spec: Callable[[str], CameraSpec | None]
    ) -> None:
        self.leases = Leases(clock)
        self._clock = clock
        self._devices = devices
        self._register = register
        self._spec = spec
        self._heads: dict[str, Head] = {}
        self._wake = asyncio.Event()
        self._stopping: set[asyncio.Task[None]] = set()

    async def command(self, ticket: Ticket, spec: CameraSpec, wish: PtzCommand) -> PtzState:
        """Do it, and say who holds the camera.

        Raises HubError CONFLICT `camera_gateway.ptz_held` | `no_consent` | `ptz_off` | `ptz_masked`, UNSUPPORTED
        `camera_gateway.no_ptz`, INVALID `camera_gateway.ptz_preset`, and as `OnvifClient.call` does.
        """
        camera_id = spec.camera_id
        if wish.verb is PtzVerb.RELEASE:
            await self._release(spec, ticket.user_id)
            return PtzState(holder=self.leases.holder(camera_id))
        face = self._allowed(spec)
        if wish.verb.takes_hold and self.leases.take(ticket):
            await self._register.opened(ticket, Counted())
        self._wake.set()
        client = await self._devices.client(spec)
        head = self._heads.setdefault(camera_id, Head(self._clock))
        made = await self._do(head, client, face, wish)
        listed = wish.verb in (PtzVerb.LOOK, PtzVerb.SET, PtzVerb.REMOVE)
        presets = await head.presets(client, face) if listed else None
        return PtzState(holder=self.leases.holder(camera_id), presets=presets, preset=made)

    async def run(self) -> None:
        """Watch for ever: moves that nobody renewed, holds that are over, heads that should go home."""
        errors = log.RepeatedErrors(logger, self._clock)
        while True:
            if not (len(self.leases) or self._heads):
                self._wake.clear()
                await self._wake.wait()
            try:
                self.review()
            except Exception as error:  # noqa: BLE001 - the top of the loop that stops what moves
                errors.error("ptz.broken", repr(error), error=repr(error))
            await self._clock.sleep(TICK_S)

    def review(self) -> None:
        """Once: stop what is not renewed, close what is over, send home what is due."""
        for lease in self.leases.over():
            self._register.closed(lease.ticket, "viewer")
        now_s = self._clock.monotonic()
        for camera_id, head in list(self._heads.items()):
            spec = self._spec(camera_id)
            if spec is None or spec.onvif is None:
                del self._heads[camera_id]
                self._end(self.leases.release(camera_id), "camera")
            elif head.moving is not None:
                if now_s - head.renewed_s >= RENEW_WITHIN_S:
                    self._later(camera_id, self._stop(spec, spec.onvif, head))
            elif self.leases.holder(camera_id) is None:
                self._idle(spec, spec.onvif, head, now_s)

    async def close(self) -> None:
        """The gateway stops: what moves is stopped, about a second at most; holds are closed with all viewings."""
        moving = [(self._spec(key), head) for key, head in self._heads.items() if head.moving is not None]
        stops = [self._stop(spec, spec.onvif, head) for spec, head in moving if spec is not None and spec.onvif]
        if stops:
            await asyncio.wait([asyncio.ensure_future(stop) for stop in stops], timeout=1.0)
        for task in self._stopping:
            task.cancel()

    def _allowed(self, spec: CameraSpec) -> DeviceFace:
        if spec.onvif is None or not spec.onvif.ptz:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.no_ptz")
        if not spec.consent_in_force(self._clock.now()):
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.no_consent")
        if not spec.enabled:
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.ptz_off")
        if spec.masks:
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.ptz_masked")
        return spec.onvif

    async def _do(self, head: Head, client: OnvifClient, face: DeviceFace, wish: PtzCommand) -> str | None:
        """The command itself; the token of a preset that was set."""
        match wish.verb:
            case PtzVerb.MOVE:
                velocity = Velocity(wish.pan, wish.tilt, wish.zoom)
                if velocity.still:
                    await head.stop(client, face)
                else:
                    head.used_s = self._clock.monotonic()
                    await head.move(client, face, velocity)
            case PtzVerb.STOP:
                await head.stop(client, face)
            case PtzVerb.HOME:
                await head.home(client, face)
                head.used_s = None
            case PtzVerb.GO:
                await head.go(client, face, _preset(wish))
                head.used_s = self._clock.monotonic()
            case PtzVerb.SET:
                return await head.keep(client, face, wish.name, wish.preset)
            case PtzVerb.REMOVE:
                await head.remove(client, face, _preset(wish))
        return None

    async def _release(self, spec: CameraSpec, user_id: str) -> None:
        lease = self.leases.release(spec.camera_id, user_id)
        self._end(lease, "viewer")
        head = self._heads.get(spec.camera_id)
        if lease is not None and head is not None and head.moving is not None and spec.onvif is not None:
            await head.stop(await self._devices.client(spec), spec.onvif)

    def _end(self, lease: Lease | None, because: str) -> None:
        if lease is not None:
            self._register.closed(lease.ticket, because)

    def _idle(self, spec: CameraSpec, face: DeviceFace, head: Head, now_s: float) -> None:
        """Nobody holds it: home when it is time, or nothing left to watch."""
        if head.used_s is None or face.home_after_s is None:
            del self._heads[spec.camera_id]
        elif now_s - head.used_s >= face.home_after_s:
            head.used_s = now_s - face.home_after_s + _HOME_RETRY_S  # tried again in a while where it fails
            self._later(spec.camera_id, self._go_home(spec, face, head))

    async def _stop(self, spec: CameraSpec, face: DeviceFace, head: Head) -> None:
        try:
            await head.stop(await self._devices.client(spec), face)
            logger.info("ptz.stopped", camera_id=spec.camera_id, why="not renewed")
        except HubError as error:
            head.stops_failed += 1
            logger.warning("ptz.not_stopped", camera_id=spec.camera_id, code=error.code, times=head.stops_failed)
            if head.stops_failed >= _STOP_TRIES:
                head.moving = None  # its own time-out has ended it long since, or it is not there

    async def _go_home(self, spec: CameraSpec, face: DeviceFace, head: Head) -> None:
        try:
            self._allowed(spec)
            await head.home(await self._devices.client(spec), face)
            head.used_s = None
            logger.info("ptz.went_home", camera_id=spec.camera_id)
        except HubError as error:
            logger.warning("ptz.not_home", camera_id=spec.camera_id, code=error.code)

    def _later(self, camera_id: str, work: Coroutine[object, object, None]) -> None:
        """In a task of its own, one a camera at a time: a camera that is slow holds up no other."""
        name = f"ptz {camera_id}"
        if any(task.get_name() == name for task in self._stopping):
            work.close()
            return
        task = asyncio.create_task(work, name=name)
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)


def _preset(wish: PtzCommand) -> str:
    if wish.preset is None:
        raise HubError(ErrorKind.INVALID, "camera_gateway.ptz_preset")
    return wish.preset
