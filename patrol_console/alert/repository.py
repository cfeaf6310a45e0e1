"""What alerts ask of the database. A change of state is one conditional UPDATE: the second person changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from patrol_console.alert.state import AlertState
from patrol_console.tables.alert import AlertEntryRow, AlertRow
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow
from patrol_console.tables.picture import PictureRow

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


@dataclass(frozen=True, slots=True)
class Found:
    """An alert with the names that go with it."""

    alert: AlertRow
    camera_name: str
    area_name: str
    area_path: str
    outage: OutageRow | None
    outage_cameras: int


async def find(session: AsyncSession, alert_id: str, *, timeline: bool = False) -> Found | None:
    """One alert; with its timeline where it is asked for."""
    question = _question().where(AlertRow.id == alert_id).execution_options(populate_existing=True)
    if timeline:
        question = question.options(selectinload(AlertRow.timeline))
    row = (await session.execute(question)).first()
    return None if row is None else Found(*row)


async def listing(
    session: AsyncSession, filters: list[ColumnElement[bool]], after: tuple[datetime, str] | None, limit: int
) -> list[Found]:
    """Alerts newest first; `after` is the last (raised_at, id) already given."""
    question = _question().where(*filters)
    if after is not None:
        at, id_ = after
        question = question.where(or_(AlertRow.raised_at < at, and_(AlertRow.raised_at == at, AlertRow.id < id_)))
    question = question.order_by(AlertRow.raised_at.desc(), AlertRow.id.desc()).limit(limit)
    return [Found(*row) for row in await session.execute(question)]


async def counts(session: AsyncSession, filters: list[ColumnElement[bool]]) -> list[tuple[str, str, int]]:
    """(state, severity, how many)."""
    question = (
        select(AlertRow.state, AlertRow.severity, func.count())
        .join(AreaRow, AreaRow.id == AlertRow.area_id)
        .where(*filters)
        .group_by(AlertRow.state, AlertRow.severity)
    )
    return [(state, severity, count) for state, severity, count in await session.execute(question)]


async def places(session: AsyncSession, camera_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """(area id, area path) of each camera that was ever ours."""
    rows = await session.execute(
        select(CameraRow.id, AreaRow.id, AreaRow.path)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(CameraRow.id.in_(sorted(camera_ids)))
    )
    return {camera_id: (area_id, path) for camera_id, area_id, path in rows}


async def insert_if_absent(session: AsyncSession, rows: Sequence[dict[str, object]]) -> set[str]:
    """Write alerts in one statement; the ids of those that were not there before."""
    statement = _insert(session, AlertRow).values(list(rows)).on_conflict_do_nothing(index_elements=["id"])
    return set(await session.scalars(statement.returning(AlertRow.id)))


async def insert_pictures(session: AsyncSession, rows: Sequence[dict[str, object]]) -> None:
    """Note what was put into the picture store; the same bytes are noted once."""
    if rows:
        once = list({row["id"]: row for row in rows}.values())
        await session.execute(_insert(session, PictureRow).values(once).on_conflict_do_nothing(index_elements=["id"]))


async def move(
    session: AsyncSession, alert_id: str, sources: frozenset[AlertState], values: dict[str, object]
) -> AlertState | None:
    """Change the state if it is one of `sources`; the state it was in, or None where it was in none of them."""
    for source in sorted(sources):
        moved = await session.scalar(
            update(AlertRow)
            .where(AlertRow.id == alert_id, AlertRow.state == source.value)
            .values(**values)
            .returning(AlertRow.id)
            .execution_options(synchronize_session=False)
        )
        if moved is not None:
            return source
    return None


async def last_entry(session: AsyncSession, alert_id: str) -> AlertEntryRow | None:
    """The newest line of the timeline."""
    return await session.scalar(
        select(AlertEntryRow).where(AlertEntryRow.alert_id == alert_id).order_by(AlertEntryRow.seq.desc()).limit(1)
    )


def _insert(session: AsyncSession, row: type[AlertRow | PictureRow]) -> sqlite.Insert | postgresql.Insert:
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # a console on SQLite starts without it

        return insert(row)
    return sqlite.insert(row)


def _question() -> Select[AlertRow, str, str, str, OutageRow, int]:
    cameras = (
        select(func.count())
        .select_from(OutageCameraRow)
        .where(OutageCameraRow.outage_id == OutageRow.id)
        .correlate(OutageRow)
        .scalar_subquery()
    )
    return (
        select(AlertRow, CameraRow.name, AreaRow.name, AreaRow.path, OutageRow, cameras)
        .join(CameraRow, CameraRow.id == AlertRow.camera_id)
        .join(AreaRow, AreaRow.id == AlertRow.area_id)
        .outerjoin(OutageRow, OutageRow.alert_id == AlertRow.id)
    )
