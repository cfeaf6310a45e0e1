"""What sweeps ask of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.sweep import SweepOutcome, SweptCamera
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.sweep import SweepCameraRow, SweepRow
from patrol_console.tables.user import UserRow

RUNNING, DONE, STOPPED = "running", "done", "stopped"


@dataclass(frozen=True, slots=True)
class Found:
    """A sweep with the names that people read."""

    sweep: SweepRow
    area_name: str
    area_path: str
    user_name: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A camera that may be swept."""

    camera_id: str
    area_path: str
    tags: Sequence[object]


async def cameras(session: AsyncSession, which: ColumnElement[bool]) -> list[Candidate]:
    """Those that are not removed, by name."""
    question = select(CameraRow.id, AreaRow.path, CameraRow.tags).join(AreaRow, AreaRow.id == CameraRow.area_id)
    rows = await session.execute(
        question.where(CameraRow.removed_at.is_(None), which).order_by(CameraRow.name, CameraRow.id)
    )
    return [Candidate(camera_id, path, tags or []) for camera_id, path, tags in rows]


async def area_of_path(session: AsyncSession, path: str) -> AreaRow | None:
    """The area whose path this is."""
    return await session.scalar(select(AreaRow).where(AreaRow.path == path))


async def find(session: AsyncSession, sweep_id: str) -> Found | None:
    """One sweep."""
    found = await listing(session, SweepRow.id == sweep_id, None, 1)
    return found[0] if found else None


async def listing(
    session: AsyncSession, which: ColumnElement[bool], after: tuple[datetime, str] | None, limit: int
) -> list[Found]:
    """The newest first; `after` is the last (began_at, id) already given."""
    question = (
        select(SweepRow, AreaRow.name, AreaRow.path, UserRow.display_name)
        .join(AreaRow, AreaRow.id == SweepRow.area_id)
        .outerjoin(UserRow, UserRow.id == SweepRow.user_id)
        .where(which)
        .order_by(SweepRow.began_at.desc(), SweepRow.id.desc())
        .limit(limit)
    )
    if after is not None:
        at, sweep_id = after
        question = question.where(or_(SweepRow.began_at < at, (SweepRow.began_at == at) & (SweepRow.id < sweep_id)))
    rows = await session.execute(question)
    return [Found(*cast(tuple[SweepRow, str, str, str | None], row)) for row in rows]


async def counts(session: AsyncSession, sweep_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many cameras of each sweep came to which outcome."""
    rows = await session.execute(
        select(SweepCameraRow.sweep_id, SweepCameraRow.outcome, func.count())
        .where(SweepCameraRow.sweep_id.in_(sweep_ids))
        .group_by(SweepCameraRow.sweep_id, SweepCameraRow.outcome)
    )
    counted: dict[str, dict[str, int]] = {sweep_id: {} for sweep_id in sweep_ids}
    for sweep_id, outcome, count in rows:
        counted[sweep_id][outcome] = count
    return counted


async def done_cameras(
    session: AsyncSession, sweep_id: str, outcome: SweepOutcome | None
) -> list[tuple[SweepCameraRow, str]]:
    """The cameras that are done, with their names: failed, skipped, swept."""
    order = case((SweepCameraRow.outcome == "failed", 0), (SweepCameraRow.outcome == "skipped", 1), else_=2)
    question = (
        select(SweepCameraRow, CameraRow.name)
        .join(CameraRow, CameraRow.id == SweepCameraRow.camera_id)
        .where(SweepCameraRow.sweep_id == sweep_id)
        .order_by(order, CameraRow.name, CameraRow.id)
    )
    if outcome is not None:
        question = question.where(SweepCameraRow.outcome == outcome.value)
    return [(row, name) for row, name in await session.execute(question)]


async def running_before(session: AsyncSession, before: datetime) -> list[str]:
    """Sweeps that nobody has worked on since."""
    question = select(SweepRow.id).where(SweepRow.state == RUNNING, SweepRow.alive_at < before)
    return list(await session.scalars(question))


async def keep(session: AsyncSession, sweep_id: str, swept: Sequence[SweptCamera], now: datetime) -> bool:
    """Write down what is done, once each; False: the sweep was stopped, or another console held it for dead."""
    alive = update(SweepRow).where(SweepRow.id == sweep_id, SweepRow.state == RUNNING).values(alive_at=now)
    if (await session.execute(alive.returning(SweepRow.id))).first() is None:
        return False
    known: set[str] = set()
    if swept:
        ids = [one.camera_id for one in swept]
        mine = select(SweepCameraRow.camera_id).where(SweepCameraRow.sweep_id == sweep_id)
        known = set(await session.scalars(mine.where(SweepCameraRow.camera_id.in_(ids))))
    session.add_all(
        SweepCameraRow(
            sweep_id=sweep_id,
            camera_id=one.camera_id,
            outcome=one.outcome.value,
            cause=one.cause.value,
            detail=one.detail,
            first_at=one.first_at,
            second_at=one.second_at,
        )
        for one in swept
        if one.camera_id not in known
    )
    return True


async def end(
    session: AsyncSession, which: ColumnElement[bool], state: str, detail: str | None, now: datetime
) -> list[tuple[str, str]]:
    """End the running sweeps of these; (id, area id) of each that was."""
    rows = await session.execute(
        update(SweepRow)
        .where(SweepRow.state == RUNNING, which)
        .values(state=state, detail=detail, ended_at=now)
        .returning(SweepRow.id, SweepRow.area_id)
        .execution_options(synchronize_session=False)
    )
    return [(sweep_id, area_id) for sweep_id, area_id in rows]


async def forget(session: AsyncSession, before: datetime) -> None:
    """Sweeps that ended before go, with their cameras."""
    await session.execute(delete(SweepRow).where(SweepRow.ended_at < before))
