"""One camera's life, seen from its owner: when it is pulled, how it does, when it is tried again.

Runs on the gateway's loop: one task while it may be pulled; `apply` and `tick` are plain calls of the manager. Its
source pushes straight into its stream. A failure of any kind ends one try of this camera and nothing else.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from camera_gateway.condition import Condition
from camera_gateway.frames import FramePublisher
from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.viewer import End
from camera_gateway.opening import Ramp
from camera_gateway.reconnect import Reconnect
from camera_gateway.sources.base import AccessUnit, Source, cause_of
from camera_gateway.sources.rtsp.probe import Check, Finding, Status
from camera_gateway.status import StatusReporter
from camera_gateway.stream import Stream
from camera_gateway.tap import Tap
from hub import log
from hub.addresses import AddressPolicy, PinnedAddress
from hub.clock import Clock
from hub.contracts.camera import CameraSpec, CameraState, CameraStatus, Cause
from hub.contracts.frame import FrameReason
from hub.errors import ErrorKind, HubError
from hub.settings import GatewaySettings

logger = log.get("camera_gateway.camera")

# A source that is cancelled says goodbye to its camera (at most a second by its contract); then it is left behind.
GOODBYE_S = 1.5
_STALE_WORD_S = 1.0

SourceMaker = Callable[[PinnedAddress, CameraSpec, str | None], Source]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all cameras of a gateway share."""

    settings: GatewaySettings
    clock: Clock
    policy: AddressPolicy
    ramp: Ramp
    make_source: SourceMaker
    open_password: Callable[[CameraSpec], str | None]
    statuses: StatusReporter
    frames: FramePublisher
    rng: random.Random


class Camera:
    """A camera of this gateway. `spec` is replaced, never changed."""

    def __init__(self, spec: CameraSpec, around: Surroundings) -> None:
        settings = around.settings
        self.spec = spec
        self.stream = Stream(settings.gop_max_bytes)
        self.broadcast = Broadcast(self.stream)
        self.condition = Condition(settings.stale_after_s, settings.offline_after_s, around.clock.now())
        self.failures = 0
        self._around = around
        self._reconnect = Reconnect(settings.reconnect_first_s, settings.reconnect_cap_s, around.rng)
        self._task: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None  # says goodbye; the next connection waits for it
        self._hindrance: Cause | None = None
        self._closed = False
        self._lent = False
        self._stale_told = 0.0
        self._tap = Tap(self._offer, settings.heartbeat_s, settings.look_interval_s)
        self.stream.attach(self._tap)

    def begin(self) -> None:
        """Start its life."""
        self._follow_hindrance(self._around.clock.now())

    def apply(self, spec: CameraSpec) -> None:
        """It is like this now; the connection is made anew only when what it stands on changed."""
        old, self.spec = self.spec, spec
        now = self._around.clock.now()
        if spec.masks and not old.masks:
            self.broadcast.end(End.LIVE_OFF)
        if self._follow_hindrance(now) or self._hindrance is not None:
            return
        if self._access(old) != self._access(spec):
            logger.info("camera.restarted", camera_id=spec.camera_id, revision=spec.revision)
            self._halt()
            self._start(now)

    async def close(self, why: End) -> None:
        """Its life is over: viewers go, the source says goodbye; at most about a second."""
        self._closed = True
        self.broadcast.end(why)
        self._halt()
        self.stream.forget()
        self._around.frames.withdraw(self.spec.camera_id)
        self._around.statuses.forget(self.spec.camera_id)
        if self._leaving is not None:
            await asyncio.wait({self._leaving}, timeout=GOODBYE_S)

    def tick(self, now: datetime, monotonic: float) -> None:
        """Four times a second: consent by the clock, media that stopped or came back."""
        if self._follow_hindrance(now) or self._hindrance is not None:
            return
        condition = self.condition
        if condition.tick(self.stream, now, monotonic):
            self._changed()
            if condition.state is CameraState.OFFLINE:
                self.broadcast.end(End.CAMERA_OFFLINE)
        if condition.flowing_s(monotonic) >= 5:
            self._reconnect.media_flowed()
        stale_s = condition.silent_s(monotonic)
        if stale_s > self._around.settings.stale_after_s and monotonic - self._stale_told >= _STALE_WORD_S:
            self._stale_told = monotonic
            self.broadcast.stale(int(stale_s * 1000))

    async def lend(self, probe: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
        """Let `probe` have the camera's one session, then take up its life again: many cameras allow no second.

        Raises HubError CONFLICT `camera_gateway.tests_busy` while somebody else has it.
        """
        if self._lent:
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.tests_busy")
        self._lent = True
        self._halt()
        wait_s = 0.0
        try:
            if self._leaving is not None:
                await asyncio.wait({self._leaving}, timeout=GOODBYE_S)
            findings = await probe()
            if any(one.check is Check.LOGIN and one.status is Status.FAIL for one in findings):
                wait_s = self._reconnect.wait_s(Cause.LOGIN_REFUSED, 0.0)
            return findings
        finally:
            self._lent = False
            self._follow_consent_while_lent()
            if not self._closed and self._hindrance is None:
                self._task = asyncio.create_task(self._live(wait_s), name=f"camera {self.spec.camera_id}")

    def live_refusal(self) -> End | None:
        """Why its live picture may not be shown now."""
        if self._hindrance is Cause.NO_CONSENT or not self.spec.consent_in_force(self._around.clock.now()):
            return End.NO_CONSENT
        if self.spec.masks:
            return End.LIVE_OFF
        condition = self.condition
        if self._hindrance is not None or (
            condition.state is CameraState.OFFLINE and condition.cause is not Cause.STARTING
        ):
            return End.CAMERA_OFFLINE
        return None

    def status(self) -> CameraStatus:
        """How it does now."""
        condition = self.condition
        return CameraStatus(
            camera_id=self.spec.camera_id,
            gateway_id=self._around.settings.id,
            state=condition.state,
            cause=condition.cause,
            detail=condition.detail,
            since=condition.since,
            at=self._around.clock.now(),
            last_media_at=condition.last_media_at,
            facts=condition.facts,
        )

    def _follow_hindrance(self, now: datetime) -> bool:
        """Start or stop by what the spec and the clock say; True when something was started or stopped."""
        if self._closed or self._lent:
            return True
        hindrance = _hindrance(self.spec, now)
        if self._task is not None and self._task.done():
            logger.error("camera.life_ended", camera_id=self.spec.camera_id, cancelled=self._task.cancelled())
            self._task = None
        if hindrance is None and self._task is None:
            self._hindrance = None
            self._start(now)
            return True
        if hindrance is None or hindrance is self._hindrance:
            return False
        self._hindrance = hindrance
        self.broadcast.end(End.NO_CONSENT if hindrance is Cause.NO_CONSENT else End.CAMERA_OFFLINE)
        self._halt()
        self.stream.forget()
        self._around.frames.withdraw(self.spec.camera_id)
        self.condition.is_now(CameraState.OFF, hindrance, f"camera_gateway.{hindrance.value}", now)
        self._changed()
        return True

    def _follow_consent_while_lent(self) -> None:
        """Nothing is begun again on a camera whose owner said no during the test."""
        if _hindrance(self.spec, self._around.clock.now()) is not None:
            self._follow_hindrance(self._around.clock.now())

    def _start(self, now: datetime) -> None:
        self.condition.starting(now)
        self._changed()
        self._task = asyncio.create_task(self._live(), name=f"camera {self.spec.camera_id}")

    def _halt(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._leaving = task
        self.stream.end()

    async def _live(self, wait_s: float = 0.0) -> None:
        """Try, fail, wait, for ever."""
        if self._leaving is not None:
            await asyncio.wait({self._leaving}, timeout=GOODBYE_S)
        await self._around.clock.sleep(wait_s)
        while True:
            error = await self._try_once()
            self.failures += 1
            around = self._around
            cause = cause_of(error)
            # A status carries a code and no parameters: a sentence with braces to fill is told by its cause.
            detail = f"camera_gateway.cause_{cause.value}" if error.params else error.code
            if self.condition.failed(cause, detail, around.clock.now(), around.clock.monotonic()):
                self._changed()
                if self.condition.state is CameraState.OFFLINE:
                    self.broadcast.end(End.CAMERA_OFFLINE)
                logger.info("camera.failed", camera_id=self.spec.camera_id, code=error.code, cause=cause.value)
            wait_s = self._reconnect.wait_s(cause, self.condition.silent_s(around.clock.monotonic()))
            await around.clock.sleep(wait_s)

    async def _try_once(self) -> HubError:
        """One connection, from the address to its end; returns why it ended."""
        around, spec = self._around, self.spec
        connection = self.stream.connection
        try:
            address = await around.policy.resolve(spec.url)
            await around.ramp.turn(address.ip)
            source = around.make_source(address, spec, around.open_password(spec))
            self.stream.begin()
            await source.run(self.stream)
        except HubError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the top of this camera's loop: no other camera is touched
            logger.error("camera.broken", camera_id=spec.camera_id, error=repr(error))
            broken = HubError(ErrorKind.BROKEN, "camera_gateway.broken")
            broken.__cause__ = error
            return broken
        finally:
            if self.stream.connection == connection:
                self.stream.end()
        return HubError(ErrorKind.PROTOCOL, "camera_gateway.stream_ended")

    def _access(self, spec: CameraSpec) -> tuple[str, str | None, str | None]:
        """What a connection stands on; a password sealed anew is the same password."""
        try:
            password = self._around.open_password(spec)
        except HubError:
            password = spec.sealed_password
        return spec.url, spec.username, password

    def _changed(self) -> None:
        self._around.statuses.changed(self.spec.camera_id, self.status)

    def _offer(self, unit: AccessUnit, reason: FrameReason) -> None:
        codec = self.stream.fmt.codec if self.stream.fmt else "h264"
        self._around.frames.offer(self.spec.camera_id, self.spec.revision, unit, reason, codec)


def _hindrance(spec: CameraSpec, now: datetime) -> Cause | None:
    """Why it must not be pulled at all."""
    if not spec.enabled:
        return Cause.DISABLED
    return None if spec.consent_in_force(now) else Cause.NO_CONSENT
