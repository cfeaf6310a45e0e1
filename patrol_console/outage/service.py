"""Outages read: each person sees the cameras of their own areas, and an outage that has none of these is not there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraState, Cause
from hub.contracts.severity import Severity
from hub.errors import ErrorKind, HubError
from patrol_console.camera.state import shown
from patrol_console.outage.grouping import Scope
from patrol_console.outage.schemas import Outage, OutageCamera, OutageDetail, OutageList
from patrol_console.page import cursor_of, time_and_id
from patrol_console.rights import Action, Actor, Place, may, within
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow

if TYPE_CHECKING:
    from patrol_console.console import Console


async def listing(
    reading: AsyncSession, actor: Actor, going_on: bool | None, cursor: str | None, limit: int
) -> OutageList:
    """A page of those that touch the reader's areas."""
    question = _seen(actor)
    if going_on is not None:
        question = question.where(OutageRow.recovered_at.is_(None) if going_on else OutageRow.recovered_at.is_not(None))
    if cursor is not None:
        at, id_ = time_and_id(cursor)
        question = question.where(or_(OutageRow.began_at < at, and_(OutageRow.began_at == at, OutageRow.id < id_)))
    question = question.order_by(OutageRow.began_at.desc(), OutageRow.id.desc()).limit(limit + 1)
    rows = [(row[0], row[1], row[2]) for row in await reading.execute(question)]
    paths = await _paths(reading, [row.area_id for row, _, _ in rows])
    listed = [_view(row, cameras, back, actor, paths[row.area_id]) for row, cameras, back in rows[:limit]]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return OutageList(items=listed, next=None if last is None else cursor_of(last.began_at.isoformat(), last.id))


async def get(console: Console, reading: AsyncSession, actor: Actor, outage_id: str) -> OutageDetail:
    """One outage with the cameras of it that the reader may see. Raises HubError NOT_FOUND `no_outage`."""
    found = (await reading.execute(_seen(actor).where(OutageRow.id == outage_id))).first()
    if found is None:
        raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_outage")
    row, cameras, back = found
    paths = await _paths(reading, [row.area_id])
    view = _view(row, cameras, back, actor, paths[row.area_id])
    return OutageDetail(**view.model_dump(), items=await _cameras(reading, actor, outage_id, console.clock.now()))


def _seen(actor: Actor) -> Select[OutageRow, int, int]:
    """(outage, cameras that the actor may see, of them back); an outage without any does not come out."""
    return (
        select(
            OutageRow,
            func.count(OutageCameraRow.camera_id),
            func.sum(case((OutageCameraRow.back_at.is_not(None), 1), else_=0)),
        )
        .join(OutageCameraRow, OutageCameraRow.outage_id == OutageRow.id)
        .join(CameraRow, CameraRow.id == OutageCameraRow.camera_id)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(_visible(actor))
        .group_by(OutageRow.id)
    )


def _visible(actor: Actor) -> ColumnElement[bool]:
    return within(actor, Action.CAMERA_SEE, AreaRow.path)


async def _cameras(reading: AsyncSession, actor: Actor, outage_id: str, now: datetime) -> list[OutageCamera]:
    columns = shown(now)
    rows = await reading.execute(
        select(OutageCameraRow, CameraRow, AreaRow.name, columns.state, columns.cause)
        .join(CameraRow, CameraRow.id == OutageCameraRow.camera_id)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(OutageCameraRow.outage_id == outage_id, _visible(actor))
        .order_by(CameraRow.name, CameraRow.id)
    )
    return [
        OutageCamera(
            camera_id=camera.id,
            name=camera.name,
            area_name=area_name,
            state=None if camera.removed_at else CameraState(state),
            cause=None if camera.removed_at else Cause(cause),
            down_since=row.down_since,
            back_at=row.back_at,
        )
        for row, camera, area_name, state, cause in rows
    ]


async def _paths(reading: AsyncSession, area_ids: list[str]) -> dict[str, str]:
    rows = await reading.execute(select(AreaRow.id, AreaRow.path).where(AreaRow.id.in_(area_ids)))
    return {row[0]: row[1] for row in rows}


def _view(row: OutageRow, cameras: int, back: int, actor: Actor, area_path: str) -> Outage:
    return Outage(
        id=row.id,
        scope=Scope(row.scope),
        name=row.name,
        whole=row.whole,
        silent=row.silent,
        severity=Severity(row.severity),
        began_at=row.began_at,
        opened_at=row.opened_at,
        recovered_at=row.recovered_at,
        cameras=cameras,
        back=int(back or 0),
        alert_id=row.alert_id if may(actor, Action.ALERT_SEE, Place(area_path)) else None,
    )
