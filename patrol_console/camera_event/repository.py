"""What device events ask of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from patrol_console.tables.camera_record import CameraEventRow

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

FORGOTTEN_AT_ONCE: Final = 5_000


async def insert_if_absent(session: AsyncSession, rows: Sequence[dict[str, object]]) -> set[str]:
    """Write these in one statement; the ids of those that were not there before."""
    statement = _insert(session).values(list(rows)).on_conflict_do_nothing(index_elements=["id"])
    return set(await session.scalars(statement.returning(CameraEventRow.id)))


async def listing(
    session: AsyncSession, camera_id: str, kind: str | None, after: tuple[datetime, str] | None, limit: int
) -> list[CameraEventRow]:
    """Of one camera, newest first; `after` is the last (at, id) already given."""
    question = select(CameraEventRow).where(CameraEventRow.camera_id == camera_id)
    if kind is not None:
        question = question.where(CameraEventRow.kind == kind)
    if after is not None:
        at, id_ = after
        question = question.where(or_(CameraEventRow.at < at, and_(CameraEventRow.at == at, CameraEventRow.id < id_)))
    ordered = question.order_by(CameraEventRow.at.desc(), CameraEventRow.id.desc()).limit(limit)
    return list(await session.scalars(ordered))


async def limit_of_most(session: AsyncSession, most: int) -> datetime | None:
    """The time of the newest event beyond the newest `most`; None where there are no more."""
    return await session.scalar(select(CameraEventRow.at).order_by(CameraEventRow.at.desc()).offset(most).limit(1))


async def forget(session: AsyncSession, until: datetime) -> int:
    """Delete some that are as old as `until` or older; how many: call again until none."""
    old = select(CameraEventRow.id).where(CameraEventRow.at <= until).limit(FORGOTTEN_AT_ONCE)
    gone = await session.scalars(
        delete(CameraEventRow)
        .where(CameraEventRow.id.in_(old))
        .returning(CameraEventRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _insert(session: AsyncSession) -> sqlite.Insert | postgresql.Insert:
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # a console on SQLite starts without it

        return insert(CameraEventRow)
    return sqlite.insert(CameraEventRow)
