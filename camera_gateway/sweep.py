"""自动预检: keyframes from many cameras, a bounded number at a time, the second of each some seconds after its first.

Runs on the gateway's loop: one sweep at a time, one task, which looks twenty times a second at what is on its way and
begins what there is room for. Between its two pictures a camera is closed, so that others use its place. What became
of each camera waits for the caller in the order in which they were done; whoever leaves ends the sweep, and what it
opened is closed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from camera_gateway.camera import Camera
from camera_gateway.surroundings import Surroundings
from camera_gateway.sweep_room import Room
from camera_gateway.taking import Failure, Taking, hindered, known_dead
from hub import log
from hub.clock import Clock
from hub.contracts.camera import Cause
from hub.contracts.sweep import SweepOrder, SweepOutcome, SweptCamera
from hub.contracts.watch import WatchMode
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.sweep")

# A connection is closed so much later than its picture came; at 25 pictures a second that is one or two more.
TICK_S = 0.05
_UNKNOWN = Failure(SweepOutcome.SKIPPED, Cause.NONE, "camera_gateway.camera_unknown")


@dataclass(slots=True, eq=False)
class _Part:
    """One camera of a sweep."""

    camera_id: str
    due_s: float = 0.0  # of its second picture
    first_at: datetime | None = None
    second_at: datetime | None = None
    taking: Taking | None = None


class Sweep:
    """One sweep, from `run` until its last camera is done. `next` is its caller's."""

    def __init__(self, order: SweepOrder, cameras: Mapping[str, Camera], around: Surroundings) -> None:
        settings = around.settings
        self._order = order
        self._cameras = cameras
        self._around = around
        self._clock: Clock = around.clock
        self._room = Room(settings, order.at_once or settings.sweep_at_once)
        self._first = deque(_Part(camera_id) for camera_id in dict.fromkeys(order.camera_ids))
        self._second: deque[_Part] = deque()  # by `due_s`, for all wait equally long
        self._active: list[_Part] = []
        self._closing: list[Taking] = []
        self._done: deque[SweptCamera] = deque()
        self._told = asyncio.Event()
        self._ended = False
        self.pictures = 0

    async def run(self) -> None:
        """To its end, or until it is cancelled: then what it opened is closed."""
        try:
            while self._first or self._second or self._active or self._closing:
                now_s = self._clock.monotonic()
                self._look(now_s)
                self._begin(now_s)
                await self._clock.sleep(TICK_S)
        finally:
            for part in tuple(self._active):
                self._let_go(part)
            self._ended = True
            self._told.set()

    async def next(self, within_s: float) -> SweptCamera | None:
        """The next camera that is done; None: none within this time, or it is `over`."""
        if not self._done and not self._ended:
            self._told.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._told.wait()
        return self._done.popleft() if self._done else None

    @property
    def over(self) -> bool:
        """Whether there is nothing more to tell."""
        return self._ended and not self._done

    def _look(self, now_s: float) -> None:
        """At what is on its way."""
        self._closing = [one for one in self._closing if one.occupies]
        for part in tuple(self._active):
            taking = part.taking
            if taking is None:
                continue
            if self._cameras.get(part.camera_id) is not taking.camera:
                self._finish(part, _UNKNOWN)
                continue
            if taking.is_published:
                self._took(part, taking, now_s)
                continue
            failure = taking.failure(now_s, self._room.place_s(taking.camera))
            if failure is not None:
                if failure.cause is Cause.WAITING:
                    self._room.is_full(taking.camera)
                self._finish(part, failure)
            elif taking.captured_at is not None:
                taking.close()

    def _took(self, part: _Part, taking: Taking, now_s: float) -> None:
        self.pictures += 1
        if part.first_at is not None:
            part.second_at = taking.captured_at
            self._finish(part)
            return
        part.first_at = taking.captured_at
        if taking.was_open and taking.camera.spec.watch.mode is WatchMode.CONTINUOUS:
            self._finish(part)  # its own looks go on, and show whether the picture stands still
            return
        self._let_go(part)
        part.due_s = now_s + self._order.second_after_s
        self._second.append(part)

    def _begin(self, now_s: float) -> None:
        """What is due and has room: second pictures first, or a long sweep would take them ever later."""
        self._room.count((*(part.taking for part in self._active if part.taking), *self._closing), now_s)
        for row in (self._second, self._first):
            later: list[_Part] = []
            while row and row[0].due_s <= now_s and self._room.left:
                part = row.popleft()
                if not self._begin_one(part):
                    later.append(part)
            row.extendleft(reversed(later))

    def _begin_one(self, part: _Part) -> bool:
        """False: not now, its line or its address is busy."""
        camera = self._cameras.get(part.camera_id)
        if camera is None:
            self._tell(part, _UNKNOWN)
            return True
        if not self._room.fits(camera):
            return False
        if (failure := hindered(camera) or known_dead(camera, self._around)) is not None:
            self._tell(part, failure)
            return True
        self._room.take(camera)
        after = timedelta(seconds=self._order.second_after_s)
        not_before = None if part.first_at is None else part.first_at + after
        part.taking = Taking(camera, self._order.sweep_id, self._around, not_before)
        self._active.append(part)
        part.taking.begin()
        return True

    def _finish(self, part: _Part, failure: Failure | None = None) -> None:
        self._let_go(part)
        self._tell(part, failure)

    def _let_go(self, part: _Part) -> None:
        taking, part.taking = part.taking, None
        if part in self._active:
            self._active.remove(part)
        if taking is not None:
            taking.end()
            self._closing.append(taking)

    def _tell(self, part: _Part, failure: Failure | None) -> None:
        self._done.append(
            SweptCamera(
                camera_id=part.camera_id,
                outcome=SweepOutcome.SWEPT if failure is None else failure.outcome,
                cause=Cause.NONE if failure is None else failure.cause,
                detail=None if failure is None else failure.detail,
                first_at=part.first_at,
                second_at=part.second_at,
            )
        )
        self._told.set()


class Sweeps:
    """The sweeps of a gateway, one at a time: two would only wait for one another's cameras and lines."""

    def __init__(self, cameras: Mapping[str, Camera], around: Surroundings) -> None:
        self._cameras = cameras
        self._around = around
        self._running: asyncio.Task[None] | None = None
        self.sweeps = 0
        self.pictures = 0

    @property
    def running(self) -> bool:
        """Whether one is on its way."""
        return self._running is not None

    @asynccontextmanager
    async def begin(self, order: SweepOrder) -> AsyncIterator[Sweep]:
        """A sweep for as long as the block lasts. Raises HubError LIMITED `camera_gateway.sweep_busy`."""
        if self._running is not None:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.sweep_busy")
        sweep = Sweep(order, self._cameras, self._around)
        self._running = task = asyncio.create_task(sweep.run(), name=f"sweep {order.sweep_id}")
        self.sweeps += 1
        logger.info("sweep.began", sweep_id=order.sweep_id, cameras=len(order.camera_ids))
        try:
            yield sweep
        finally:
            task.cancel()
            try:
                await asyncio.wait({task})
            finally:
                self._running = None
            self.pictures += sweep.pictures
            if not task.cancelled() and (error := task.exception()) is not None:
                logger.error("sweep.broken", sweep_id=order.sweep_id, error=repr(error))
            logger.info("sweep.ended", sweep_id=order.sweep_id, pictures=sweep.pictures)

    def stop(self) -> None:
        """The gateway goes down: the caller hears that it is over."""
        if self._running is not None:
            self._running.cancel()
