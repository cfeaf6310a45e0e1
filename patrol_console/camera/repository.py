"""What cameras ask of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from patrol_console.alert.state import AlertState
from patrol_console.camera.state import shown
from patrol_console.tables.alert import AlertRow
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow

_OPEN = [state.value for state in AlertState if state.is_open]


@dataclass(frozen=True, slots=True)
class Found:
    """A camera with its area and how it is shown now."""

    camera: CameraRow
    area_name: str
    area_path: str
    state: str
    cause: str
    open_alerts: int


async def find(session: AsyncSession, camera_id: str, now: datetime) -> Found | None:
    """One camera that is not removed."""
    row = (await session.execute(_question(now).where(CameraRow.id == camera_id))).first()
    return None if row is None else Found(*row)


async def listing(
    session: AsyncSession,
    now: datetime,
    filters: list[ColumnElement[bool]],
    *,
    state: str | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[Found]:
    """Cameras by name, then id; `after` is the last (name, id) already given."""
    question = _question(now).where(*filters).order_by(CameraRow.name, CameraRow.id).limit(limit)
    if state is not None:
        question = question.where(shown(now).state == state)
    if after is not None:
        name, id_ = after
        question = question.where(or_(CameraRow.name > name, and_(CameraRow.name == name, CameraRow.id > id_)))
    return [Found(*row) for row in await session.execute(question)]


async def locked(session: AsyncSession, camera_id: str) -> CameraRow | None:
    """The row for a change: no other change of it until the commit."""
    return await session.scalar(
        select(CameraRow).where(CameraRow.id == camera_id, CameraRow.removed_at.is_(None)).with_for_update()
    )


async def area(session: AsyncSession, area_id: str) -> AreaRow | None:
    """An area."""
    return await session.get(AreaRow, area_id)


def _question(now: datetime) -> Select[CameraRow, str, str, str, str, int]:
    columns = shown(now)
    waiting = (
        select(func.count())
        .select_from(AlertRow)
        .where(AlertRow.camera_id == CameraRow.id, AlertRow.state.in_(_OPEN))
        .correlate(CameraRow)
        .scalar_subquery()
    )
    return (
        select(CameraRow, AreaRow.name, AreaRow.path, columns.state, columns.cause, waiting)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(CameraRow.removed_at.is_(None))
    )
