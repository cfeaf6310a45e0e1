"""Keyframes on their way to the detectors: collected from all cameras, published in batches off the hot path.

Runs on the gateway's loop: `offer` is a plain call from a tap, `run` one task. At most `limit` keyframes wait; while
Redis is away the oldest go and are counted, for a look that comes late is worth nothing. What was ordered by a sweep
goes first and is never given up here: whoever ordered it hears when it was published. Never writes a file.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from camera_gateway.annexb import annexb
from camera_gateway.sources.base import AccessUnit
from hub import log
from hub.bus import Bus, Topic
from hub.clock import Clock
from hub.contracts.base import Message
from hub.contracts.frame import Frame, FrameReason
from hub.errors import HubError

logger = log.get("camera_gateway.frames")

BATCH = 16  # of 35 KB: half a MB a pipeline, written in a few turns of a loop that is full of media
PAUSE_S = 0.05
AWAY_S = 0.5
LIMIT = 600  # one a camera of a full gateway: about 20 MB of substreams
LIMIT_BYTES = 64_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Ordered(Protocol):
    """A keyframe that a sweep ordered; told in plain calls what becomes of it."""

    @property
    def sweep_id(self) -> str: ...

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for it."""
        ...

    def taken(self, unit: AccessUnit) -> bool:
        """This is the next keyframe; False: too early, the one after it."""
        ...

    def published(self) -> None:
        """It is on topic `frames`."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    camera_id: str
    revision: int
    reason: FrameReason
    unit: AccessUnit
    codec: str
    order: Ordered | None = None


class FramePublisher:
    """The one way from the taps to topic `frames`."""

    def __init__(self, bus: Bus, clock: Clock, gateway_id: str) -> None:
        self._bus = bus
        self._clock = clock
        self._gateway_id = gateway_id
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._ordered: deque[_Waiting] = deque()  # as many as a sweep takes at once
        self.published = 0
        self.dropped = 0

    def offer(self, camera_id: str, revision: int, unit: AccessUnit, reason: FrameReason, codec: str = "h264") -> None:
        """Queue one; the oldest make room."""
        self._waiting.append(_Waiting(camera_id, revision, reason, unit, codec))
        self._waiting_bytes += len(unit.data)
        while len(self._waiting) > LIMIT or self._waiting_bytes > LIMIT_BYTES:
            self._waiting_bytes -= len(self._waiting.popleft().unit.data)
            self.dropped += 1

    def send(self, camera_id: str, revision: int, unit: AccessUnit, order: Ordered, codec: str = "h264") -> None:
        """Queue one that was ordered; it stays until it is published, recalled or withdrawn."""
        self._ordered.append(_Waiting(camera_id, revision, FrameReason.SWEEP, unit, codec, order))

    def recall(self, order: Ordered) -> None:
        """Whoever ordered it waits no longer."""
        self._ordered = deque(one for one in self._ordered if one.order is not order)

    def withdraw(self, camera_id: str) -> None:
        """Publish nothing more of this camera: it was switched off or its owner's consent ended."""
        self._waiting = deque(one for one in self._waiting if one.camera_id != camera_id)
        self._waiting_bytes = sum(len(one.unit.data) for one in self._waiting)
        self._ordered = deque(one for one in self._ordered if one.camera_id != camera_id)

    async def run(self) -> None:
        """Publish for ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        while True:
            try:
                while self._ordered or self._waiting:
                    await self._publish()
            except HubError as error:
                errors.error("frames.unpublished", error.code, code=error.code)
                await self._clock.sleep(AWAY_S)
            except Exception as error:  # noqa: BLE001 - the taps of all cameras end here; one bad frame stops no other
                errors.error("frames.broken", repr(error), error=repr(error))
                await self._clock.sleep(AWAY_S)
            await self._clock.sleep(PAUSE_S)

    async def _publish(self) -> None:
        batch = [self._ordered.popleft() for _ in range(min(BATCH, len(self._ordered)))]
        offered = [self._waiting.popleft() for _ in range(min(BATCH - len(batch), len(self._waiting)))]
        self._waiting_bytes -= sum(len(one.unit.data) for one in offered)
        ordered, batch = batch, batch + offered
        items: list[tuple[Message, bytes | None]] = [(self._frame(one), annexb(one.unit.data)) for one in batch]
        try:
            await self._bus.publish_many(Topic.FRAMES, items)
        except HubError:
            self.dropped += len(offered)
            self._ordered.extendleft(one for one in reversed(ordered) if one.order is not None and one.order.wanted)
            raise
        except BaseException:
            self.dropped += len(batch)
            raise
        self.published += len(batch)
        for one in ordered:
            if one.order is not None:
                one.order.published()

    def _frame(self, waiting: _Waiting) -> Frame:
        return Frame(
            camera_id=waiting.camera_id,
            gateway_id=self._gateway_id,
            captured_at=captured_at(waiting.unit),
            codec=waiting.codec,
            reason=waiting.reason,
            spec_revision=waiting.revision,
            sweep_id=None if waiting.order is None else waiting.order.sweep_id,
        )


def captured_at(unit: AccessUnit) -> datetime:
    """When it was captured, in UTC."""
    return _EPOCH + timedelta(microseconds=unit.captured_at_us)
