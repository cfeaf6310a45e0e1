"""The access register: read by those who answer for it, written from the gateway's word."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.viewing import Viewing, ViewingMoment
from hub.errors import ErrorKind, HubError
from patrol_console.page import cursor_of, time_and_id
from patrol_console.register.schemas import ViewingLine, ViewingList
from patrol_console.rights import Action, Actor, require
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.user import UserRow
from patrol_console.tables.viewing import ViewingRow


async def listing(reading: AsyncSession, actor: Actor, camera_id: str, cursor: str | None, limit: int) -> ViewingList:
    """Who looked at one camera; also of one that is removed: the register outlives it."""
    gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_camera", camera_id=camera_id)
    area = await reading.scalar(
        select(AreaRow).join(CameraRow, CameraRow.area_id == AreaRow.id).where(CameraRow.id == camera_id)
    )
    if area is None:
        raise gone
    require(actor, Action.REGISTER_SEE, area, see=Action.CAMERA_SEE, missing=gone)
    question = select(ViewingRow).where(ViewingRow.camera_id == camera_id)
    if cursor is not None:
        at, ticket_id = time_and_id(cursor)
        question = question.where(
            or_(ViewingRow.opened_at < at, and_(ViewingRow.opened_at == at, ViewingRow.ticket_id < ticket_id))
        )
    rows = list(
        await reading.scalars(
            question.order_by(ViewingRow.opened_at.desc(), ViewingRow.ticket_id.desc()).limit(limit + 1)
        )
    )
    shown = rows[:limit]
    more = len(rows) > limit
    return ViewingList(
        items=[_line(row) for row in shown],
        next=cursor_of(shown[-1].opened_at.isoformat(), shown[-1].ticket_id) if more else None,
    )


async def write(writing: AsyncSession, viewing: Viewing) -> None:
    """Put one moment into the register; moments may come twice and in any order."""
    row = await writing.get(ViewingRow, viewing.ticket_id, with_for_update=True)
    if row is None:
        if await writing.get(CameraRow, viewing.camera_id) is None:
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_camera", camera_id=viewing.camera_id)
        user = await writing.get(UserRow, viewing.user_id)
        unit = await writing.get(UnitRow, viewing.unit_id) if viewing.unit_id else None
        row = ViewingRow(
            ticket_id=viewing.ticket_id,
            camera_id=viewing.camera_id,
            user_id=viewing.user_id,
            user_name=_name_of(viewing, user, unit),
            unit=None if unit is None else unit.name,
            purpose=viewing.purpose[:32],
            reference=viewing.reference,
            audio=viewing.audio,
            opened_at=viewing.at,
            last_at=viewing.at,
            frames_sent=0,
            frames_dropped=0,
        )
        writing.add(row)
    row.opened_at = min(row.opened_at, viewing.at)
    row.last_at = max(row.last_at, viewing.at)
    row.frames_sent = max(row.frames_sent, viewing.frames_sent)
    row.frames_dropped = max(row.frames_dropped, viewing.frames_dropped)
    if viewing.last_media_at is not None:
        row.last_media_at = max(row.last_media_at or viewing.last_media_at, viewing.last_media_at)
    if viewing.moment is ViewingMoment.CLOSED:
        row.closed_at = viewing.at
        row.closed_because = viewing.closed_because
    await writing.flush()


def _name_of(viewing: Viewing, user: UserRow | None, unit: UnitRow | None) -> str:
    """A person, or a unit that came with its own login."""
    if user is not None:
        return user.display_name
    return viewing.user_id if unit is None else unit.name


def _line(row: ViewingRow) -> ViewingLine:
    ended = row.closed_at or row.last_at
    return ViewingLine(
        user_name=row.user_name,
        unit=row.unit,
        purpose=row.purpose,
        reference=row.reference,
        audio=row.audio,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        seconds=round((ended - row.opened_at).total_seconds(), 1),
        frames_sent=row.frames_sent,
    )
