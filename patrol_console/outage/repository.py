"""What outages ask of the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraState, Cause
from hub.contracts.severity import Severity
from patrol_console.alert.state import AlertState, Verb
from patrol_console.camera.state import shown
from patrol_console.outage.grouping import Dark, Place
from patrol_console.tables.alert import AlertEntryRow, AlertRow
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow, CameraStateRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow

OFFLINE_KIND = "camera_offline"
OUTAGE_KIND = "outage"
_OPEN = [state.value for state in AlertState if state.is_open]
_STILL = and_(CameraStateRow.camera_id == CameraRow.id, CameraStateRow.until.is_(None))


@dataclass(frozen=True, slots=True)
class DarkCamera:
    """A dark camera with what its alert needs."""

    dark: Dark
    name: str
    area_id: str
    area_path: str
    importance: Severity
    cause: str
    simulated: bool
    spent: bool  # this darkness of it was, or is, part of an outage


@dataclass(frozen=True, slots=True)
class Member:
    """A camera of an outage that is going on, and how it is now."""

    camera_id: str
    name: str
    down_since: datetime
    back_at: datetime | None
    dark_since: datetime | None  # now; None: it is not dark
    bright_since: datetime | None  # since when it is in the state it is in


@dataclass(frozen=True, slots=True)
class OpenOutage:
    """An outage that is going on."""

    row: OutageRow
    area_path: str
    members: dict[str, Member] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfflineAlert:
    """An open alert of one camera whose end is not yet told."""

    alert_id: str
    began_at: datetime
    dark_since: datetime | None
    state: str | None  # None: it was taken away
    since: datetime | None


async def anything(session: AsyncSession) -> bool:
    """Whether there is anything to look at: mostly there is not, and nobody need wait for a lock."""
    for question in (
        select(CameraRow.id).where(CameraRow.down_since.is_not(None), CameraRow.removed_at.is_(None)),
        select(OutageRow.id).where(OutageRow.recovered_at.is_(None)),
        select(AlertRow.id).where(AlertRow.kind == OFFLINE_KIND, AlertRow.state.in_(_OPEN)),
    ):
        if await session.scalar(question.limit(1)) is not None:
            return True
    return False


async def dark_cameras(session: AsyncSession) -> list[DarkCamera]:
    """All that are dark, the longest first."""
    spent = exists().where(
        OutageCameraRow.camera_id == CameraRow.id, OutageCameraRow.down_since == CameraRow.down_since
    )
    rows = await session.execute(
        select(CameraRow, AreaRow.path, CameraStateRow.cause, spent)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .outerjoin(CameraStateRow, _STILL)
        .where(CameraRow.down_since.is_not(None), CameraRow.removed_at.is_(None))
        .order_by(CameraRow.down_since, CameraRow.id)
    )
    return [
        DarkCamera(
            Dark(camera.id, camera.down_since, _place(camera.gateway_id, camera.subnet, camera.area_id, path)),
            camera.name,
            camera.area_id,
            path,
            Severity(camera.importance),
            cause or Cause.NONE.value,
            camera.simulated,
            was,
        )
        for camera, path, cause, was in rows
        if camera.down_since is not None
    ]


async def due_places(session: AsyncSession, now: datetime) -> list[Place]:
    """Where each camera hangs that should be on now: not off, paused, resting or waiting."""
    columns = shown(now)
    rows = await session.execute(
        select(CameraRow.gateway_id, CameraRow.subnet, CameraRow.area_id, AreaRow.path)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(
            CameraRow.removed_at.is_(None),
            columns.state.not_in([CameraState.OFF.value, CameraState.PAUSED.value]),
            columns.cause.not_in([Cause.RESTING.value, Cause.WAITING.value]),
        )
    )
    return [_place(*row) for row in rows]


async def open_outages(session: AsyncSession) -> list[OpenOutage]:
    """Those going on, the oldest first."""
    going_on = OutageRow.recovered_at.is_(None)
    rows = await session.execute(
        select(OutageRow, AreaRow.path)
        .join(AreaRow, AreaRow.id == OutageRow.area_id)
        .where(going_on)
        .order_by(OutageRow.began_at, OutageRow.id)
    )
    outages = {row.id: OpenOutage(row, path) for row, path in rows}
    if not outages:
        return []
    members = await session.execute(
        select(OutageCameraRow, CameraRow.name, CameraRow.down_since, CameraRow.removed_at, CameraStateRow.since)
        .join(OutageRow, OutageRow.id == OutageCameraRow.outage_id)
        .join(CameraRow, CameraRow.id == OutageCameraRow.camera_id)
        .outerjoin(CameraStateRow, _STILL)
        .where(going_on)
        .order_by(OutageCameraRow.down_since, OutageCameraRow.camera_id)
    )
    for row, name, dark_since, removed_at, since in members:
        member = Member(
            row.camera_id,
            name,
            row.down_since,
            row.back_at,
            None if removed_at is not None else dark_since,
            removed_at or since,
        )
        outages[row.outage_id].members[row.camera_id] = member
    return list(outages.values())


async def offline_alerts(session: AsyncSession) -> list[OfflineAlert]:
    """Open alerts of single cameras that have no end yet."""
    ended = exists().where(AlertEntryRow.alert_id == AlertRow.id, AlertEntryRow.verb == Verb.RECOVER.value)
    rows = await session.execute(
        select(AlertRow.id, AlertRow.episode_started_at, CameraRow, CameraStateRow.state, CameraStateRow.since)
        .join(CameraRow, CameraRow.id == AlertRow.camera_id)
        .outerjoin(CameraStateRow, _STILL)
        .where(AlertRow.kind == OFFLINE_KIND, AlertRow.state.in_(_OPEN), ~ended)
        .order_by(AlertRow.id)
    )
    return [
        OfflineAlert(alert_id, began_at, None, None, camera.removed_at)
        if camera.removed_at is not None
        else OfflineAlert(alert_id, began_at, camera.down_since, state, since)
        for alert_id, began_at, camera, state, since in rows
    ]


async def known_alerts(session: AsyncSession, alert_ids: Iterable[str]) -> set[str]:
    """Which of these were written already, whatever became of them."""
    return set(await session.scalars(select(AlertRow.id).where(AlertRow.id.in_(sorted(alert_ids)))))


def _place(gateway_id: str, subnet: str | None, area_id: str, path: str) -> Place:
    return Place(gateway_id, subnet, area_id, path.split("/")[1])
