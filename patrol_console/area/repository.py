"""What areas ask of the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraState
from patrol_console.camera.state import shown
from patrol_console.tables.alert import AlertRow
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outage import OutageRow
from patrol_console.tables.sweep import SweepRow
from patrol_console.tables.uplink import UplinkRow
from patrol_console.tables.user import RoleRow


async def listing(session: AsyncSession, which: ColumnElement[bool]) -> list[AreaRow]:
    """Areas by path: a parent stands before its children."""
    return list(await session.scalars(select(AreaRow).where(which).order_by(AreaRow.path)))


async def counts(session: AsyncSession, which: ColumnElement[bool], now: datetime) -> list[tuple[str, int, int]]:
    """(path, cameras, of them online) of each area that has cameras of its own."""
    online = func.sum(case((shown(now).state == CameraState.ONLINE.value, 1), else_=0))
    question = (
        select(AreaRow.path, func.count(), online)
        .join(CameraRow, CameraRow.area_id == AreaRow.id)
        .where(which, CameraRow.removed_at.is_(None))
        .group_by(AreaRow.path)
    )
    return [(path, cameras, int(up or 0)) for path, cameras, up in await session.execute(question)]


async def is_used(session: AsyncSession, area_id: str) -> bool:
    """Whether an area, a camera (also a removed one), an alert, a unit or somebody's role hangs on it."""
    for question in (
        select(AreaRow.id).where(AreaRow.parent_id == area_id),
        select(CameraRow.id).where(CameraRow.area_id == area_id),
        select(AlertRow.id).where(AlertRow.area_id == area_id),
        select(UnitRow.id).where(UnitRow.area_id == area_id),
        select(RoleRow.user_id).where(RoleRow.area_id == area_id),
        select(UplinkRow.id).where(UplinkRow.area_id == area_id),
        select(OutageRow.id).where(OutageRow.area_id == area_id),
        select(SweepRow.id).where(SweepRow.area_id == area_id),
    ):
        if await session.scalar(question.limit(1)) is not None:
            return True
    return False
