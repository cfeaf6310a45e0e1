"""The work on topic `events`: what cameras reported becomes rows, once each, for a bounded time and number.

Runs on the event loop as the work of a `Consumer`; `keep_bounded` is a task that forgets, of the leader alone. A batch
tells each camera's page once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from hub import log, metrics
from hub.clock import Clock
from hub.contracts.camera_event import CameraEvent
from patrol_console import outbox
from patrol_console.alert.repository import places
from patrol_console.camera_event import repository
from patrol_console.db import Database
from patrol_console.event.notice import Notice
from patrol_console.leader import Leader
from patrol_console.outbox import Outbox

logger = log.get("patrol_console.camera_event")

MOST_KEPT: Final = 1_000_000  # of all cameras: some 400 MB
_FIRST_S, _EVERY_S = 60.0, 600.0
_BETWEEN_S: Final = 0.1
_written = metrics.counter("console_camera_events_written", "Device events written for the first time")


class CameraEvents:
    """Writes batches; an event may come twice."""

    def __init__(self, clock: Clock, database: Database, outbox_: Outbox, days: int, most: int = MOST_KEPT) -> None:
        self._clock = clock
        self._database = database
        self._outbox = outbox_
        self._kept = timedelta(days=days)
        self._most = most

    async def write(self, events: Sequence[CameraEvent]) -> None:
        """Write these; committed when it returns. One of a camera never ours is passed over."""
        by_id = {event.event_id: event for event in events}
        new: set[str] = set()
        async with self._database.writing() as session:
            known = await places(session, {event.camera_id for event in by_id.values()})
            rows = [_row(event) for event in by_id.values() if event.camera_id in known]
            if rows:
                new = await repository.insert_if_absent(session, rows)
            now = self._clock.now()
            for camera_id in sorted({by_id[event_id].camera_id for event_id in new}):
                path = known[camera_id][1]
                notice = Notice(
                    noun="camera_event", id=camera_id, change="created", camera_id=camera_id, area_path=path
                )
                outbox.tell(session, now, notice)
        if new:
            self._outbox.wake()
            _written.inc(len(new))

    async def keep_bounded(self, leader: Leader) -> None:
        """Forget what is too old or too much, for ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        await self._clock.sleep(_FIRST_S)
        while True:
            try:
                if await leader.lead():
                    await self.forget()
            except Exception as error:  # noqa: BLE001  # the loop's top: a database that is away comes back
                errors.error("camera_events.failed", reason=repr(error))
            await self._clock.sleep(_EVERY_S)

    async def forget(self) -> int:
        """Once; how many."""
        until = self._clock.now() - self._kept
        async with self._database.reading() as reading:
            beyond = await repository.limit_of_most(reading, self._most)
        if beyond is not None:
            until = max(until, beyond)
        forgotten = 0
        while True:
            async with self._database.writing() as writing:
                gone = await repository.forget(writing, until)
            forgotten += gone
            if gone < repository.FORGOTTEN_AT_ONCE:
                return forgotten
            await self._clock.sleep(_BETWEEN_S)  # others write in between


def _row(event: CameraEvent) -> dict[str, object]:
    return {
        "id": event.event_id[:64],
        "camera_id": event.camera_id,
        "kind": event.kind.value,
        "active": event.active,
        "topic": event.topic.replace("\0", ""),
        "source": None if event.source is None else event.source.replace("\0", ""),
        "at": event.at,
        "said_at": event.said_at,
    }
