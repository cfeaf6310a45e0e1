"""What somebody reads of a camera's history: its stretches of states in a window of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.base import UtcTime
from hub.contracts.camera import CameraState, Cause
from hub.errors import ErrorKind, HubError
from patrol_console.camera.service import found
from patrol_console.rights import Action, Actor
from patrol_console.tables.camera import CameraStateRow

if TYPE_CHECKING:
    from patrol_console.console import Console

LONGEST = timedelta(days=31)
_MOST = 1000


class StateStretch(BaseModel):
    """A camera was in this state for this cause from `since` until `until`; null: it still is."""

    state: CameraState
    cause: Cause
    detail: str | None
    since: UtcTime
    until: UtcTime | None


class StateHistory(BaseModel):
    """GET /api/cameras/{id}/states, oldest first. `cut`: there were more, and the oldest are left out."""

    start: UtcTime
    end: UtcTime
    items: list[StateStretch]
    cut: bool


async def history(
    console: Console, reading: AsyncSession, actor: Actor, camera_id: str, start: datetime | None, end: datetime | None
) -> StateHistory:
    """The stretches that touch [start, end]; by default the last 24 hours. Raises HubError INVALID `period`."""
    await found(console, reading, actor, camera_id, Action.CAMERA_SEE)
    now = console.clock.now()
    end = now if end is None else min(end, now)
    start = end - timedelta(days=1) if start is None else start
    if not timedelta(0) <= end - start <= LONGEST:
        raise HubError(ErrorKind.INVALID, "patrol_console.period", days=LONGEST.days)
    rows = list(
        await reading.scalars(
            select(CameraStateRow)
            .where(
                CameraStateRow.camera_id == camera_id,
                CameraStateRow.since <= end,
                or_(CameraStateRow.until.is_(None), CameraStateRow.until >= start),
            )
            .order_by(CameraStateRow.since.desc(), CameraStateRow.seq.desc())
            .limit(_MOST + 1)
        )
    )
    items = [
        StateStretch(
            state=CameraState(row.state), cause=Cause(row.cause), detail=row.detail, since=row.since, until=row.until
        )
        for row in reversed(rows[:_MOST])
    ]
    return StateHistory(start=start, end=end, items=items, cut=len(rows) > _MOST)
