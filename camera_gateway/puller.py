"""Pulling one camera: a place on its lines, a turn on the ramp, a connection; why it ended, the wait until the next.

Runs on the gateway's loop: one task between `start` and `halt`, which its camera alone calls. It decides nothing about
whether the camera may or should be pulled. A failure of any kind ends one try and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from camera_gateway.brisk import heard_nothing, heard_to_its_end, run_briskly
from camera_gateway.camera_clock import CameraClock, TellsClock
from camera_gateway.condition import Condition
from camera_gateway.reconnect import SHORT_OUTAGE_S, Reconnect
from camera_gateway.sources.base import Source, cause_of
from camera_gateway.stream import Stream
from camera_gateway.surroundings import Surroundings
from camera_gateway.uplink import Claim, Rank
from hub import log
from hub.contracts.camera import CameraSpec, Cause
from hub.contracts.uplink import Uplink
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.puller")

# A source that is cancelled says goodbye to its camera (at most a second by its contract); then it is left behind.
GOODBYE_S = 1.5
# How often one that was there less than a minute ago is knocked at: it is promised to be back in five seconds.
QUICK_KNOCK_S = 2.0
# A knock tells when these are over; after any other failure only a whole try does.
_NO_CONNECTION = ("camera_gateway.unreachable", "camera_gateway.connect_timeout", "hub.address_unknown_host")
# Media without a break for so long: what was wrong is over.
_WELL_AFTER_S = 5.0
_NEVER = float("-inf")


class Owner(Protocol):
    """The camera that is pulled."""

    @property
    def spec(self) -> CameraSpec: ...

    def opens(self) -> None:
        """A connection is about to be made."""
        ...

    def failed(self, cause: Cause, detail: str, wait_s: float) -> None:
        """A try ended; the next is in `wait_s`."""
        ...

    def gave_way(self) -> None:
        """Its place is needed more elsewhere: it was halted."""
        ...


class Puller:
    """The tries of one camera."""

    def __init__(self, around: Surroundings, stream: Stream, condition: Condition, owner: Owner) -> None:
        settings = around.settings
        self.rank = Rank.CONTINUOUS
        self.failures = 0
        self.no_login_before_s = _NEVER  # a refused login is not tried before, whoever wants the picture
        self._around = around
        self._stream = stream
        self._condition = condition
        self._owner = owner
        self._reconnect = Reconnect(settings.reconnect_first_s, settings.reconnect_cap_s, around.rng)
        self._task: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None  # says goodbye; the next connection waits for it
        self._claim: Claim | None = None  # of the try that is on its way
        self._source: TellsClock | None = None
        self._clock = CameraClock()
        self._looked_s: float | None = None  # until when a try of ours would have seen a picture
        self._mute = False  # the last try was let in, and heard nothing
        self._back = asyncio.Event()  # somebody knocked and was let in

    @property
    def running(self) -> bool:
        """Whether it is open, or on its way to be."""
        return self._task is not None

    @property
    def leaving(self) -> bool:
        """Whether what was halted still says goodbye to its camera."""
        return self._leaving is not None and not self._leaving.done()

    @property
    def waiting_since_s(self) -> float | None:
        """Since when it waits for a place on its lines; None: it does not."""
        claim = self._claim
        return None if claim is None or claim.placed else claim.asked_s

    @property
    def hopeless(self) -> bool:
        """It waits for a place that nobody gives up for it."""
        return self._claim is not None and self._claim.hopeless

    @property
    def placed_since_s(self) -> float | None:
        """Since when it has a place."""
        claim = self._claim
        return claim.placed_s if claim is not None and claim.placed else None

    def start(self, wait_s: float = 0.0) -> None:
        """Begin, `wait_s` from now at the earliest."""
        self._task = asyncio.create_task(self._live(wait_s), name=f"camera {self._owner.spec.camera_id}")

    def halt(self) -> None:
        """Stop; its source says goodbye meanwhile. What still comes of it is refused."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._leaving = task
        self._claim = self._source = None
        self._around.knocker.forget(self._owner.spec.camera_id)
        self._stream.end()

    async def goodbye(self) -> None:
        """Wait until what was halted is over, or left behind."""
        if self._leaving is not None:
            await asyncio.wait({self._leaving}, timeout=GOODBYE_S)

    def fell(self) -> bool:
        """Whether a bug ended its task; it can be started again."""
        task = self._task
        if task is None or not task.done():
            return False
        logger.error("camera.life_ended", camera_id=self._owner.spec.camera_id, cancelled=task.cancelled())
        self._task = None
        return True

    def worth(self, rank: Rank) -> None:
        """What its picture is worth from now on."""
        self.rank = rank
        if self._claim is not None:
            self._around.uplinks.rank(self._claim, rank)

    def move(self, uplinks: Iterable[Uplink]) -> None:
        """Its lines or their budgets changed."""
        if self._claim is not None:
            self._around.uplinks.move(self._claim, uplinks)

    def came_back(self) -> None:
        """Its camera announced itself: one that waits because it was unreachable is tried now."""
        self._back.set()

    def login_refused(self) -> float:
        """Somebody else was refused with its password; returns how long it must not be tried."""
        monotonic = self._around.clock.monotonic()
        wait_s = self._reconnect.wait_s(Cause.LOGIN_REFUSED, 0.0, now_s=monotonic)
        self.no_login_before_s = monotonic + wait_s
        return wait_s

    def tick(self, monotonic: float) -> None:
        """Look at the camera's clock, and whether it has been well for long enough."""
        self._condition.clock_astray = self._clock.astray(self._source, monotonic)
        if self._condition.flowing_s(monotonic) >= _WELL_AFTER_S:
            self._reconnect.media_flowed()

    async def _live(self, wait_s: float) -> None:
        """Try, fail, wait, for ever."""
        clock = self._around.clock
        await self.goodbye()
        await clock.sleep(max(wait_s, self.no_login_before_s - clock.monotonic()))
        while True:
            began_s = clock.monotonic()
            error, opened_s = await self._try_once()
            self.failures += 1
            monotonic = clock.monotonic()
            cause = cause_of(error)
            outage_s = self._condition.silent_s(monotonic)
            # Long-dark ones may be asked by whole tries: there the promise is thirty seconds. Over TLS no knock asks.
            asks = self._mute and outage_s < SHORT_OUTAGE_S and self._owner.spec.url.startswith("rtsp:")
            knock = error.code in _NO_CONNECTION
            wait_s = self._reconnect.wait_s(
                cause,
                outage_s,
                now_s=monotonic,
                tried_s=monotonic - (opened_s or began_s),
                knocked=knock,
                asked=asks,
                hint_s=_hint_s(error),
            )
            if cause is Cause.LOGIN_REFUSED:
                self.no_login_before_s = monotonic + wait_s
            # A status carries a code and no parameters: a sentence with braces to fill is told by its cause.
            self._owner.failed(cause, f"camera_gateway.cause_{cause.value}" if error.params else error.code, wait_s)
            self._back.clear()
            if knock or asks:
                await self._knock(wait_s, outage_s, asks=asks)
            else:
                await clock.sleep(wait_s)

    async def _try_once(self) -> tuple[HubError, float | None]:
        """One connection, from the address to its end; returns why it ended and when it was begun, if it was."""
        around, spec, stream = self._around, self._owner.spec, self._stream
        connection = stream.connection
        claim = Claim(spec.camera_id, spec.uplinks, self.rank, lambda: stream.bytes, self._give_way)
        opened_s: float | None = None
        self._mute = False
        try:
            address = await around.policy.resolve(spec.url)  # may hang: nothing is held meanwhile
            claim.rank, self._claim = self.rank, claim
            await around.uplinks.place(claim)
            around.knocker.forget(spec.camera_id)
            if self._condition.cause is Cause.WAITING:
                self._condition.opening()
            hopeful = self._back.is_set() or self._reconnect.hopeful
            await around.ramp.turn(address.ip, hopeful, self._looked_s, lambda: self.rank is Rank.WATCHED)
            opened_s = self._looked_s = around.clock.monotonic()
            source = around.make_source(address, spec, around.open_password(spec))
            self._source = source if isinstance(source, TellsClock) else None
            self._clock.begin()
            self._owner.opens()
            stream.begin()
            await self._run(source)
        except HubError as error:
            return _without_traces(error), opened_s
        except Exception as error:  # noqa: BLE001 - the top of this camera's loop: no other camera is touched
            logger.error("camera.broken", camera_id=spec.camera_id, error=repr(error))
            broken = HubError(ErrorKind.BROKEN, "camera_gateway.broken")
            broken.__cause__ = error
            return _without_traces(broken), opened_s
        finally:
            around.uplinks.leave(claim)
            if self._claim is claim:
                self._claim = self._source = None
            if stream.connection == connection:
                stream.end()
        return HubError(ErrorKind.PROTOCOL, "camera_gateway.stream_ended"), opened_s

    async def _run(self, source: Source) -> None:
        """Run it. The first try of an outage, and those of a long one, have all the time that a source takes."""
        clock = self._around.clock
        outage_s = self._condition.silent_s(clock.monotonic())
        try:
            if self._reconnect.failures and outage_s < SHORT_OUTAGE_S:
                await run_briskly(source, self._stream, clock)
            else:
                await source.run(self._stream)
        finally:
            self._mute = heard_nothing(source)
            if heard_to_its_end(source):
                self._looked_s = clock.monotonic()

    async def _knock(self, wait_s: float, outage_s: float, *, asks: bool) -> None:
        """Wait, or until somebody who knocks meanwhile is let in, and is answered where one `asks`."""
        around, spec = self._around, self._owner.spec
        every_s = around.settings.knock_s
        if outage_s < SHORT_OUTAGE_S:
            every_s = min(every_s, QUICK_KNOCK_S)

        def told(accepts: bool) -> None:
            if accepts:
                self._back.set()

        # The try that heard nothing may have begun the moment before the camera came up: it is asked at once.
        around.knocker.watch(spec.camera_id, spec.url, every_s, told, 0.0 if asks else None, asks=asks)
        sleeping = asyncio.ensure_future(around.clock.sleep(wait_s))
        back = asyncio.ensure_future(self._back.wait())
        try:
            await asyncio.wait({sleeping, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            back.cancel()
            around.knocker.forget(spec.camera_id)

    def _give_way(self) -> None:
        self.halt()
        self._owner.gave_way()


def _without_traces(error: HubError) -> HubError:
    """The same without its tracebacks.

    Through their frames an error holds its whole connection, with all that had come over it, and the connection the
    error that ended it: a circle that only a collection of all the process's objects would find.
    """
    one: BaseException | None = error
    while one is not None and one.__traceback__ is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error


def _hint_s(error: HubError) -> float | None:
    """How long the source thinks it best to wait: a former session's time-out, say."""
    hint = error.params.get("retry_after_s", getattr(error, "retry_after_s", None))
    return float(hint) if isinstance(hint, int | float) and hint >= 0 else None
