"""What the gateway told of each camera and when: topic `status`, read as a console reads it.

One task on the bench's loop. Times are the bench's monotonic clock at reading, so the way through Redis is within them.
Keeps changes of state and cause only.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from hub.bus import Bus, Topic
from hub.contracts.camera import CameraState, CameraStatus, Cause
from hub.errors import HubError

_GROUP: Final = "bench"
_AWAY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """One change, as it was read."""

    at: float
    state: CameraState
    cause: Cause


class StatusWatch:
    """`async with StatusWatch(bus) as statuses:`"""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._told: dict[str, list[Told]] = defaultdict(list)
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def first(self, camera_id: str, since: float, wanted: Callable[[Told], bool]) -> Told | None:
        """The first change after `since` that is `wanted`."""
        return next((told for told in self._told[camera_id] if told.at >= since and wanted(told)), None)

    def now(self, camera_id: str) -> Told | None:
        """The last change."""
        told = self._told[camera_id]
        return told[-1] if told else None

    def not_online(self, camera_ids: Iterable[str]) -> list[str]:
        """Those whose last word is another than online."""
        return [one for one in camera_ids if (told := self.now(one)) is None or told.state is not CameraState.ONLINE]

    async def until_online(self, camera_ids: Iterable[str], timeout_s: float) -> bool:
        """Whether all of them were online at once within `timeout_s`."""
        waiting = list(camera_ids)
        deadline = time.monotonic() + timeout_s
        while waiting := self.not_online(waiting):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(0.1)
        return True

    async def _read(self) -> None:
        while True:
            try:
                deliveries = await self._bus.read(Topic.STATUS, _GROUP, "bench", count=1000, block_ms=500)
                at = time.monotonic()
                for delivery in deliveries:
                    status = delivery.parse(CameraStatus)
                    self._take(status.camera_id, Told(at, status.state, status.cause))
                await self._bus.ack(Topic.STATUS, _GROUP, [one.id for one in deliveries])
            except HubError:  # Redis is away: what was told meanwhile is read after
                await asyncio.sleep(_AWAY_S)

    def _take(self, camera_id: str, told: Told) -> None:
        before = self.now(camera_id)
        if before is None or (before.state, before.cause) != (told.state, told.cause):
            self._told[camera_id].append(told)
