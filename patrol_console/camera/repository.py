"""What cameras ask of the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select
from sqlalchemy import cast as cast_to
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.uplink import Uplink
from patrol_console.alert.state import AlertState
from patrol_console.camera.state import shown
from patrol_console.tables.alert import AlertRow
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow
from patrol_console.tables.uplink import UplinkRow
from patrol_console.uplink.behind import all_uplinks, uplinks_of

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
    unit_name: str | None
    outage_id: str | None
    uplinks: tuple[Uplink, ...]


Row = tuple[CameraRow, str, str, str, str, int, str | None, str | None]


async def find(session: AsyncSession, camera_id: str, now: datetime) -> Found | None:
    """One camera that is not removed."""
    row = (await session.execute(_question(now).where(CameraRow.id == camera_id))).first()
    return None if row is None else _found(row, await all_uplinks(session))


async def listing(
    session: AsyncSession,
    now: datetime,
    filters: list[ColumnElement[bool]],
    *,
    state: str | None,
    cause: str | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[Found]:
    """Cameras by name, then id; `after` is the last (name, id) already given."""
    question = _question(now).where(*filters).order_by(CameraRow.name, CameraRow.id).limit(limit)
    if state is not None:
        question = question.where(shown(now).state == state)
    if cause is not None:
        question = question.where(shown(now).cause == cause)
    if after is not None:
        name, id_ = after
        question = question.where(or_(CameraRow.name > name, and_(CameraRow.name == name, CameraRow.id > id_)))
    lines = await all_uplinks(session)
    return [_found(row, lines) for row in await session.execute(question)]


async def locked(session: AsyncSession, camera_id: str) -> CameraRow | None:
    """The row for a change: no other change of it until the commit."""
    return await session.scalar(
        select(CameraRow).where(CameraRow.id == camera_id, CameraRow.removed_at.is_(None)).with_for_update()
    )


async def area(session: AsyncSession, area_id: str) -> AreaRow | None:
    """An area."""
    return await session.get(AreaRow, area_id)


def bears(tag: str) -> ColumnElement[bool]:
    """Whether a camera has this tag. A tag holds nothing that JSON writes in two ways (`plain.TAG`)."""
    return cast_to(CameraRow.tags, String).contains(json.dumps(tag), autoescape=True)


def _found(row: Sequence[object], lines: Sequence[UplinkRow]) -> Found:
    camera, area_name, area_path, state, cause, open_alerts, unit_name, outage_id = cast(Row, row)
    uplinks = uplinks_of(camera, area_path, lines)
    return Found(camera, area_name, area_path, state, cause, open_alerts, unit_name, outage_id, uplinks)


def _question(now: datetime) -> Select[CameraRow, str, str, str, str, int, str | None, str | None]:
    columns = shown(now)
    waiting = (
        select(func.count())
        .select_from(AlertRow)
        .where(AlertRow.camera_id == CameraRow.id, AlertRow.state.in_(_OPEN))
        .correlate(CameraRow)
        .scalar_subquery()
    )
    outage = (
        select(OutageRow.id)
        .join(OutageCameraRow, OutageCameraRow.outage_id == OutageRow.id)
        .where(
            OutageCameraRow.camera_id == CameraRow.id,
            OutageCameraRow.back_at.is_(None),
            OutageRow.recovered_at.is_(None),
        )
        .order_by(OutageRow.began_at.desc())
        .limit(1)
        .correlate(CameraRow)
        .scalar_subquery()
    )
    return (
        select(CameraRow, AreaRow.name, AreaRow.path, columns.state, columns.cause, waiting, UnitRow.name, outage)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .outerjoin(UnitRow, UnitRow.id == CameraRow.unit_id)
        .where(CameraRow.removed_at.is_(None))
    )
