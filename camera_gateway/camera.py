"""One camera's life, seen from its owner: whether it is pulled now, how it does, who is told.

Runs on the gateway's loop; `apply`, `tick` and `want` are plain calls, the one task is its puller's. Its source pushes
straight into its stream. Disabled or without consent nothing opens it, whoever holds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from camera_gateway.condition import Condition
from camera_gateway.demand import LOOK_S, Demand, Hold, Want
from camera_gateway.doctor.checks import Check
from camera_gateway.frames import Ordered
from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.viewer import End
from camera_gateway.puller import QUICK_KNOCK_S, Puller
from camera_gateway.sources.base import AccessUnit
from camera_gateway.stream import Stream
from camera_gateway.surroundings import SourceMaker, Surroundings
from camera_gateway.tap import Tap
from camera_gateway.uplink import Claim, Rank
from hub import log
from hub.contracts.camera import CameraSpec, CameraState, CameraStatus, Cause
from hub.contracts.frame import FrameReason
from hub.contracts.verdict import Verdict, VerdictStatus
from hub.errors import ErrorKind, HubError

__all__ = ["Camera", "SourceMaker", "Surroundings"]

logger = log.get("camera_gateway.camera")

# How often a camera that is not pulled is asked whether it still accepts connections.
REST_KNOCK_S = 60.0
# How long a test waits for a place on the camera's lines.
_TEST_PLACE_S = 5.0
_STALE_WORD_S = 1.0


class Camera:
    """A camera of this gateway. `spec` is replaced, never changed."""

    def __init__(self, spec: CameraSpec, around: Surroundings) -> None:
        settings, clock = around.settings, around.clock
        self.spec = spec
        self.stream = Stream(settings.gop_max_bytes)
        self.broadcast = Broadcast(self.stream)
        self.condition = Condition(settings.stale_after_s, settings.offline_after_s, clock.now(), around.grace_until_s)
        self.demand = Demand(spec.camera_id, settings.linger_s, clock.monotonic, self._wanted)
        self.puller = Puller(around, self.stream, self.condition, self)
        self.announced_s = float("-inf")  # when it last said so; its events are subscribed anew by it
        self._around = around
        self._hindrance: Cause | None = None
        self._resting = False  # nothing hinders it, and nobody wants it
        self._unanswered = 0  # knocks
        self._closed = False
        self._lent = False
        self._stale_told = 0.0
        self._tap = Tap(self._offer, settings.heartbeat_s, settings.look_interval_s)
        self.stream.attach(self._tap)

    def begin(self) -> None:
        """Start its life."""
        self._follow(*self._now())

    def want(self, want: Want) -> Hold:
        """Have it open as long as the hold is held, if it may be opened at all; see `live_refusal`, `unlikely`."""
        return self.demand.want(want)

    def apply(self, spec: CameraSpec) -> None:
        """It is like this now; the connection is made anew only when what it stands on changed."""
        old, self.spec = self.spec, spec
        now, monotonic = self._now()
        if spec.masks and not old.masks:
            # Where masks can be drawn, a fresh ticket opens the picture that has them.
            self.broadcast.end(End.REVOKED if self._around.settings.transcode_mpixel_s else End.LIVE_OFF)
        other = self._access(old) != self._access(spec)
        if other:
            self.puller.no_login_before_s = float("-inf")
            self._around.uplinks.forget(spec.camera_id)
        if self._follow(now, monotonic) or self._hindrance is not None:
            return
        if not other:
            self.puller.move(spec.uplinks)
            return
        logger.info("camera.restarted", camera_id=spec.camera_id, revision=spec.revision)
        self.puller.halt()
        if self._resting:
            self._told(self.condition.starting(now, monotonic))
            self.demand.looks.at_once(monotonic)
            self._knock_at_rest(0.0)
        else:
            self._start(now, monotonic)

    async def close(self, why: End) -> None:
        """Its life is over: viewers go, the source says goodbye; at most about a second."""
        self._closed = True
        self.broadcast.end(why)
        self.puller.halt()
        self.stream.forget()
        self._around.frames.withdraw(self.spec.camera_id)
        self._around.statuses.forget(self.spec.camera_id)
        self._around.uplinks.forget(self.spec.camera_id)
        await self.puller.goodbye()

    def tick(self, now: datetime, monotonic: float) -> None:
        """Four times a second: consent by the clock, who wants it, media that stopped or came back."""
        condition, puller = self.condition, self.puller
        self._told(condition.grace_ends(now, monotonic))
        if self._follow(now, monotonic) or not puller.running:
            return
        if (waiting_since_s := puller.waiting_since_s) is not None:
            self._tick_waiting(now, monotonic, waiting_since_s)
            return
        puller.tick(monotonic)
        self._told(condition.tick(self.stream, now, monotonic))
        if condition.dark:
            self.broadcast.end(End.CAMERA_OFFLINE)
        looks, placed_s = self.demand.looks, puller.placed_since_s
        if looks.began_s is not None and placed_s is not None and monotonic - max(looks.began_s, placed_s) >= LOOK_S:
            looks.over(monotonic, well=False)
        stale_s = condition.silent_s(monotonic)
        if stale_s > self._around.settings.stale_after_s and monotonic - self._stale_told >= _STALE_WORD_S:
            self._stale_told = monotonic
            self.broadcast.stale(int(stale_s * 1000))

    async def lend(self, probe: Callable[[], Awaitable[list[Verdict]]]) -> list[Verdict]:
        """Let `probe` have the camera's one session, then take up its life again: many cameras allow no second.

        Raises HubError CONFLICT `camera_gateway.tests_busy` while somebody else has it, LIMITED
        `camera_gateway.uplink_full` when its lines have no place for a test.
        """
        if self._lent:
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.tests_busy")
        self._lent = True
        self.puller.halt()
        wait_s = 0.0
        claim = Claim(self.spec.camera_id, self.spec.uplinks, Rank.WATCHED, lambda: 0, lambda: None)
        try:
            await self.puller.goodbye()
            try:
                async with asyncio.timeout(_TEST_PLACE_S):
                    await self._around.uplinks.place(claim)
            except TimeoutError as error:
                raise HubError(ErrorKind.LIMITED, "camera_gateway.uplink_full") from error
            findings = await probe()
            if any(one.check == Check.LOGIN and one.status is VerdictStatus.FAIL for one in findings):
                wait_s = self.puller.login_refused()
            return findings
        finally:
            self._around.uplinks.leave(claim)
            self._lent = False
            self._take_up_again(wait_s)

    def came_back(self) -> None:
        """It announced itself on the network: no longer wait to be knocked at."""
        self.announced_s = self._around.clock.monotonic()
        if self.puller.running:
            self.puller.came_back()
        elif self._resting:
            self._knock_at_rest(0.0)

    def sweep_next(self, order: Ordered | None) -> None:
        """The next keyframe goes to the detectors by this order, and by nothing else beside; None: no more."""
        self._tap.give_next(None if order is None else lambda unit: self._swept(unit, order))

    @property
    def hindrance(self) -> Cause | None:
        """Why it may not be opened at all now."""
        return _hindrance(self.spec, self._around.clock.now())

    def live_refusal(self) -> End | None:
        """Why its live picture may not be shown now; None for one that rests: a viewer opens it."""
        now, monotonic = self._now()
        if self._hindrance is Cause.NO_CONSENT or not self.spec.consent_in_force(now):
            return End.NO_CONSENT
        if self.spec.masks and not self._around.settings.transcode_mpixel_s:
            return End.LIVE_OFF
        if self._hindrance is not None or (self.condition.dark and self.puller.running):
            return End.CAMERA_OFFLINE
        return End.CAMERA_OFFLINE if monotonic < self.puller.no_login_before_s else None

    def unlikely(self) -> HubError | None:
        """Why somebody who holds it and waits for a picture need wait no longer."""
        if self._hindrance is Cause.NO_CONSENT:
            return HubError(ErrorKind.CONFLICT, "camera_gateway.no_consent")
        if self.puller.hopeless:
            return HubError(ErrorKind.LIMITED, "camera_gateway.uplink_full")
        too_early = self._around.clock.monotonic() < self.puller.no_login_before_s
        if self._hindrance is not None or self.condition.dark or too_early or self._closed:
            return HubError(ErrorKind.UNAVAILABLE, "camera_gateway.no_picture")
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

    # what its puller tells it

    def opens(self) -> None:
        """A connection is about to be made."""
        self.stream.wants_audio = self.spec.audio
        if self.demand.looks.began_s is not None:
            self._tap.look_next()

    def failed(self, cause: Cause, detail: str, wait_s: float) -> None:
        """A try ended; the next is in `wait_s`."""
        now, monotonic = self._now()
        if self.condition.failed(cause, detail, now, monotonic):
            self._told(True)
            logger.info("camera.failed", camera_id=self.spec.camera_id, detail=detail, cause=cause.value)
        if self.condition.dark:
            self.broadcast.end(End.CAMERA_OFFLINE)
            if self.demand.looks.began_s is not None and wait_s >= LOOK_S / 2:
                self.demand.looks.over(monotonic, well=False)

    def gave_way(self) -> None:
        """Another needs its place more: it waits for the next one, or rests."""
        self.broadcast.end(End.UPLINK_FULL)
        logger.info("camera.gave_way", camera_id=self.spec.camera_id, rank=self.puller.rank.name.lower())
        if self.puller.rank is Rank.LINGERING:
            self.demand.no_linger()  # the next tick lets it rest
            return
        self._told(self.condition.waits(self._around.clock.now()))
        self.puller.start()

    # what it should do now

    def _follow(self, now: datetime, monotonic: float) -> bool:
        """Start, rest or stop by what spec, clock and wishes say; True when something was started or stopped."""
        if self._closed or self._lent:
            return True
        puller = self.puller
        puller.fell()
        hindrance = _hindrance(self.spec, now)
        if hindrance is not None:
            return hindrance is not self._hindrance and self._stop(hindrance, now)
        self._hindrance = None
        rank = self.demand.rank(self.spec.watch, monotonic)
        if rank is Rank.LINGERING and (not puller.running or puller.waiting_since_s is not None):
            rank = None  # nothing is opened for somebody who has gone
        if rank is None:
            return not self._resting and self._rest(now, monotonic)
        if not puller.running:
            puller.rank = rank
            self._start(now, monotonic)
            return True
        if rank is not puller.rank:
            puller.worth(rank)
        return False

    def _wanted(self) -> None:
        """Somebody wants the picture, or no more."""
        self._follow(*self._now())

    def _stop(self, hindrance: Cause, now: datetime) -> bool:
        self._hindrance, self._resting = hindrance, False
        self.broadcast.end(End.NO_CONSENT if hindrance is Cause.NO_CONSENT else End.CAMERA_OFFLINE)
        self.puller.halt()
        self.stream.forget()
        self._around.frames.withdraw(self.spec.camera_id)
        self.demand.looks.forget()
        state = CameraState.PAUSED if hindrance is Cause.NO_CONSENT else CameraState.OFF
        self._told(self.condition.stopped(state, hindrance, now))
        return True

    def _rest(self, now: datetime, monotonic: float) -> bool:
        """Nobody wants it: no connection, no picture kept, a knock now and then."""
        self._resting = True
        if self.puller.running:  # a look is over with its first picture, which no tick has seen
            self.condition.tick(self.stream, now, monotonic)
        self.puller.halt()
        self.stream.forget()
        untried = self.condition.untried
        if untried:
            self.condition.starting(now, monotonic)
        self._told(self.condition.rests(now) or untried)
        # The first words on six hundred that rest come within some seconds, and not at once.
        self._knock_at_rest(self._around.rng.random() * QUICK_KNOCK_S if untried else REST_KNOCK_S)
        return True

    def _start(self, now: datetime, monotonic: float) -> None:
        self._around.knocker.forget(self.spec.camera_id)
        if self._resting:
            self.condition.opening()
        else:
            self.condition.starting(now, monotonic)
            self._told(True)
        self._resting = False
        self.puller.start()

    def _take_up_again(self, wait_s: float) -> None:
        """After a test."""
        now, monotonic = self._now()
        if self._closed:
            return
        if _hindrance(self.spec, now) is not None:
            self._follow(now, monotonic)  # nothing is begun again on a camera whose owner said no meanwhile
        elif self._resting:
            self._knock_at_rest(0.0)
        else:
            self.puller.start(wait_s)

    def _tick_waiting(self, now: datetime, monotonic: float, since_s: float) -> None:
        if self.puller.hopeless:
            self.broadcast.end(End.UPLINK_FULL)
        if monotonic - since_s > self._around.settings.stale_after_s:
            self._told(self.condition.waits(now))
            if not self._around.knocker.watches(self.spec.camera_id):
                self._knock_at_rest(0.0)

    def _knock_at_rest(self, first_s: float) -> None:
        self._unanswered = 0
        camera_id, url = self.spec.camera_id, self.spec.url
        self._around.knocker.watch(camera_id, url, REST_KNOCK_S, self._knocked_at_rest, first_s)

    def _knocked_at_rest(self, accepts: bool) -> None:
        """Two knocks without an answer, some seconds apart, are an outage; one is a lost packet."""
        if accepts == (self._unanswered > 0):  # from now on at the other pace
            camera_id, url = self.spec.camera_id, self.spec.url
            every_s = REST_KNOCK_S if accepts else self._around.settings.knock_s
            self._around.knocker.watch(camera_id, url, every_s, self._knocked_at_rest)
        self._unanswered = 0 if accepts else self._unanswered + 1
        if self._unanswered == 1:
            return
        now, monotonic = self._now()
        was_out = self.condition.cause is Cause.UNREACHABLE
        self._told(self.condition.knocked(accepts, now, monotonic))
        if accepts:
            waiting = self.puller.waiting_since_s is not None
            self._told(self.condition.waits(now) if waiting else self.condition.rests(now))
            if was_out:
                self.demand.looks.at_once(monotonic)

    def _access(self, spec: CameraSpec) -> tuple[object, ...]:
        """What a connection stands on; a password sealed anew is the same password."""
        try:
            password = self._around.open_password(spec)
        except HubError:
            password = spec.sealed_password
        return spec.url, spec.username, password, spec.transport, spec.audio

    def _told(self, changed: bool) -> None:
        if changed:
            self._around.statuses.changed(self.spec.camera_id, self.status)

    def _offer(self, unit: AccessUnit, reason: FrameReason) -> None:
        self._around.frames.offer(self.spec.camera_id, self.spec.revision, unit, reason, self._codec)
        self._looked()

    def _swept(self, unit: AccessUnit, order: Ordered) -> None:
        if order.taken(unit):
            self._around.frames.send(self.spec.camera_id, self.spec.revision, unit, order, self._codec)
            self._looked()
        else:
            self.sweep_next(order)

    @property
    def _codec(self) -> str:
        return self.stream.fmt.codec if self.stream.fmt else "h264"

    def _looked(self) -> None:
        if self.demand.looks.began_s is not None:
            self.demand.looks.over(self._around.clock.monotonic(), well=True)

    def _now(self) -> tuple[datetime, float]:
        return self._around.clock.now(), self._around.clock.monotonic()


def _hindrance(spec: CameraSpec, now: datetime) -> Cause | None:
    """Why it must not be pulled at all."""
    if not spec.enabled:
        return Cause.DISABLED
    return None if spec.consent_in_force(now) else Cause.NO_CONSENT
