"""What leaves this process leaves after the commit: rows written with their cause, told in order by one process.

Two lanes. `event` rows go to browsers (here at once, to other consoles by Redis when it is there) and never wait.
`spec` rows go to gateways and analytics and wait for Redis as long as it takes; a row names a camera, and what is
told is the camera as it is then, so a late row tells no stale story. Two tasks on the event loop; of several consoles
the one that holds the database's lock tells, the others wake it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub import log
from hub.clock import Clock
from hub.contracts.spec import Revoked
from hub.errors import HubError
from patrol_console.camera.spec import all_specs, kept_camera, spec_of
from patrol_console.db import Database
from patrol_console.event.changes import Changes
from patrol_console.event.notice import Notice
from patrol_console.leader import Leader
from patrol_console.line import Line
from patrol_console.tables.outbox import OutboxRow

logger = log.get("patrol_console.outbox")

_BATCH = 200
_POLL_S = 1.0  # a row of another console whose wake was lost waits no longer than this
_RETRY_S = 0.5  # Redis away
_COMPARE_S = 5.0  # how often Redis is asked whether it still has our cameras


def tell(session: AsyncSession, now: datetime, notice: Notice) -> None:
    """Tell browsers after the commit."""
    session.add(OutboxRow(lane="event", body=notice.model_dump(mode="json"), written_at=now))


def tell_spec(session: AsyncSession, now: datetime, camera_id: str) -> None:
    """Tell the services after the commit how this camera is then."""
    session.add(OutboxRow(lane="spec", body={"camera_id": camera_id}, written_at=now))


def tell_revoked(session: AsyncSession, now: datetime, revoked: Revoked) -> None:
    """End open streams after the commit."""
    session.add(OutboxRow(lane="spec", body={"revoked": revoked.model_dump(mode="json")}, written_at=now))


def tell_sessions_ended(session: AsyncSession, now: datetime, user_id: str, ended: Sequence[str]) -> None:
    """End the event streams of sessions that are over."""
    for session_id in ended:
        tell(session, now, Notice(noun="session", id=session_id, change="removed", user_id=user_id))


class Outbox:
    """Empties the table. `wake` may be called from any task of the loop."""

    def __init__(self, clock: Clock, database: Database, line: Line, changes: Changes, leader: Leader) -> None:
        self._clock = clock
        self._database = database
        self._line = line
        self._changes = changes
        self._leader = leader
        self._woken = {"event": asyncio.Event(), "spec": asyncio.Event()}
        self._compared_at = float("-inf")

    def wake(self, *, tell_others: bool = True) -> None:
        """Something was committed."""
        for woken in self._woken.values():
            woken.set()
        if tell_others and not self._leader.leads:
            self._line.notify_soon("outbox", b"")

    async def run(self, lane: Literal["event", "spec"]) -> None:
        """Empty one lane for ever."""
        while True:
            try:
                emptied = await self._empty(lane)
            except HubError as error:
                logger.warning("outbox.waits", lane=lane, code=error.code)
                await self._clock.sleep(_RETRY_S)
                continue
            except Exception as error:  # noqa: BLE001  # the loop's top: a lane that stops would silence the hub
                logger.error("outbox.failed", lane=lane, reason=repr(error))
                await self._clock.sleep(_RETRY_S)
                continue
            if emptied:
                await self._rest(lane)

    async def _rest(self, lane: str) -> None:
        woken = self._woken[lane]
        try:
            async with asyncio.timeout(_POLL_S):
                await woken.wait()
        except TimeoutError:
            return
        finally:
            woken.clear()

    async def _empty(self, lane: Literal["event", "spec"]) -> bool:
        """Tell up to a batch; True when nothing is left (or another console tells)."""
        if not await self._leader.lead():
            return True
        if lane == "spec":
            await self._compare()
        async with self._database.reading() as session:
            rows = list(
                await session.scalars(
                    select(OutboxRow).where(OutboxRow.lane == lane).order_by(OutboxRow.seq).limit(_BATCH)
                )
            )
        if not rows:
            return True
        told: list[int] = []
        try:
            for row in rows:
                await (self._tell_event(row) if lane == "event" else self._tell_spec(row))
                told.append(row.seq)
        finally:
            if told:
                async with self._database.writing() as session:
                    await session.execute(delete(OutboxRow).where(OutboxRow.seq.in_(told)))
        return len(rows) < _BATCH

    async def _compare(self) -> None:
        """Once at the start, and again when Redis was emptied: it gets exactly the cameras of the database."""
        now = self._clock.monotonic()
        if now - self._compared_at < _COMPARE_S:
            return
        bus = self._line.bus()
        if self._compared_at == float("-inf") or not await bus.specs_whole():
            async with self._database.reading() as session:
                specs = await all_specs(session)
            await bus.replace_specs(specs)
            logger.info("specs.replaced", cameras=len(specs))
        self._compared_at = now

    async def _tell_event(self, row: OutboxRow) -> None:
        notice = Notice.model_validate(row.body)
        self._changes.put(row.seq, notice)
        self._line.notify_soon("changes", self._changes.wire(row.seq, notice))

    async def _tell_spec(self, row: OutboxRow) -> None:
        bus = self._line.bus()
        if "revoked" in row.body:
            # As of now: a ticket may have been signed by what was true until the commit, after the change was begun.
            revoked = Revoked.model_validate(row.body["revoked"])
            await bus.revoke(revoked.model_copy(update={"at": max(revoked.at, self._clock.now())}))
            return
        camera_id = str(row.body["camera_id"])
        async with self._database.reading() as session:
            found = await kept_camera(session, camera_id)
        if found is None:
            await bus.remove_spec(camera_id)
        else:
            await bus.put_spec(spec_of(*found))
