"""What the gateways say of their cameras, written to the rows; and what only the passing of time changes: a gateway
that fell silent, a consent that began or ended. Tasks on the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from hub import log
from hub.clock import Clock
from hub.contracts.camera import CameraStatus
from patrol_console import outbox
from patrol_console.camera import history
from patrol_console.camera.state import SILENT_AFTER
from patrol_console.db import Database
from patrol_console.event.changes import Changes
from patrol_console.event.notice import Notice
from patrol_console.outbox import Outbox
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow

logger = log.get("patrol_console.camera")
_WATCH_S = 5.0
_LATE = timedelta(seconds=20)
_CAUGHT_UP = timedelta(seconds=5)


class Statuses:
    """The work on topic `status`."""

    def __init__(self, clock: Clock, database: Database, outbox_: Outbox, grace: timedelta) -> None:
        self._clock = clock
        self._database = database
        self._outbox = outbox_
        self._grace = grace
        self._late_at: datetime | None = None

    def behind(self) -> bool:
        """Whether what was written a moment ago was long said: more of it waits, and silence means nothing yet."""
        return self._late_at is not None and self._clock.now() - self._late_at < _CAUGHT_UP

    async def write(self, statuses: Sequence[CameraStatus]) -> None:
        """Write the newest of each camera; committed when it returns."""
        newest: dict[str, CameraStatus] = {}
        for status in statuses:
            known = newest.get(status.camera_id)
            if known is None or status.at >= known.at:
                newest[status.camera_id] = status
        told = False
        now = self._clock.now()
        if newest and max(status.at for status in newest.values()) < now - _LATE:
            self._late_at = now
        async with self._database.writing() as session:
            for camera_id in sorted(newest):  # the same order in every console: no two wait for each other
                told |= await self._write_one(session, newest[camera_id])
            await history.note(session, self._clock.now(), self._grace, sorted(newest))
        if told:
            self._outbox.wake()

    async def _write_one(self, session: AsyncSession, status: CameraStatus) -> bool:
        found = (
            await session.execute(
                select(CameraRow, AreaRow.path)
                .join(AreaRow, AreaRow.id == CameraRow.area_id)
                .where(CameraRow.id == status.camera_id, CameraRow.removed_at.is_(None))
                .with_for_update(of=CameraRow)
            )
        ).first()
        if found is None:
            return False  # removed meanwhile
        row, area_path = found
        if row.status_at is not None and status.at < row.status_at:
            return False
        now = self._clock.now()
        facts = status.facts.model_dump(mode="json")
        was_silent = row.status_at is None or row.status_at < now - SILENT_AFTER
        before = (row.status_state, row.status_cause, row.status_detail, _shape(row.facts))
        row.status_state = status.state.value
        row.status_cause = status.cause.value
        row.status_detail = status.detail
        row.status_since = status.since
        row.status_at = status.at
        row.last_media_at = status.last_media_at or row.last_media_at
        row.facts = facts
        await session.flush()
        if not was_silent and before == (row.status_state, row.status_cause, row.status_detail, _shape(facts)):
            return False
        outbox.tell(session, now, _notice(row.id, area_path))
        return True


async def watch(clock: Clock, database: Database, changes: Changes) -> None:
    """Tell this console's browsers of cameras whose showing changed by the clock alone. For ever."""
    since = clock.now()
    while True:
        await clock.sleep(_WATCH_S)
        try:
            until = clock.now()
            async with database.reading() as session:
                for camera_id, area_path in await turned(session, since, until):
                    changes.put(0, _notice(camera_id, area_path))
            since = until
        except Exception as error:  # noqa: BLE001  # the loop's top: a database that is away comes back
            logger.error("watch.failed", reason=repr(error))


async def turned(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """(camera id, area path) of cameras that fell silent, or whose consent began or ended, in (since, until]."""
    question = (
        select(CameraRow.id, AreaRow.path)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(
            CameraRow.removed_at.is_(None),
            or_(
                and_(CameraRow.status_at >= since - SILENT_AFTER, CameraRow.status_at < until - SILENT_AFTER),
                _between(CameraRow.consent_from, since, until),
                _between(CameraRow.consent_until, since, until),
            ),
        )
    )
    return [(camera_id, path) for camera_id, path in await session.execute(question)]


def _between(column: InstrumentedAttribute[datetime | None], since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(column > since, column <= until)


def _shape(facts: dict[str, object]) -> tuple[object, ...]:
    """The facts that are worth an event: not the bit rate, which is never still."""
    return tuple(facts.get(name) for name in ("codec", "width_px", "height_px"))


def _notice(camera_id: str, area_path: str) -> Notice:
    return Notice(noun="camera", id=camera_id, change="updated", camera_id=camera_id, area_path=area_path)
