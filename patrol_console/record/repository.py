"""What a camera's record asks of the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraState, Cause
from patrol_console.tables.camera import CameraStateRow
from patrol_console.tables.camera_record import CameraEventRow, CameraRepairRow, CameraVerdictRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow

_UNWELL = (CameraState.DEGRADED.value, CameraState.OFFLINE.value)
# Not well by intent or not yet tried: nobody need mend it.
_NO_FAULT = (Cause.STARTING.value, Cause.RESTING.value, Cause.WAITING.value)

FaultRow = tuple[CameraStateRow, str | None, str | None]


async def faults(session: AsyncSession, camera_id: str, most: int) -> Sequence[FaultRow]:
    """Stretches in which it was not well, with the outage that each was part of."""
    rows = await session.execute(
        select(CameraStateRow, OutageRow.id, OutageRow.name)
        .outerjoin(
            OutageCameraRow,
            and_(
                OutageCameraRow.camera_id == CameraStateRow.camera_id,
                OutageCameraRow.down_since >= CameraStateRow.since,
                or_(CameraStateRow.until.is_(None), OutageCameraRow.down_since < CameraStateRow.until),
            ),
        )
        .outerjoin(OutageRow, OutageRow.id == OutageCameraRow.outage_id)
        .where(
            CameraStateRow.camera_id == camera_id,
            CameraStateRow.state.in_(_UNWELL),
            CameraStateRow.cause.not_in(_NO_FAULT),
        )
        .order_by(CameraStateRow.since.desc(), CameraStateRow.seq.desc())
        .limit(most)
    )
    return [(row, outage_id, name) for row, outage_id, name in rows]


async def repairs(session: AsyncSession, camera_id: str, most: int) -> Sequence[CameraRepairRow]:
    """What was done to it."""
    return (
        await session.scalars(
            select(CameraRepairRow)
            .where(CameraRepairRow.camera_id == camera_id)
            .order_by(CameraRepairRow.at.desc(), CameraRepairRow.seq.desc())
            .limit(most)
        )
    ).all()


async def verdicts(session: AsyncSession, camera_id: str, most: int) -> Sequence[CameraVerdictRow]:
    """What the doctor found."""
    return (
        await session.scalars(
            select(CameraVerdictRow)
            .where(CameraVerdictRow.camera_id == camera_id)
            .order_by(CameraVerdictRow.seq.desc())
            .limit(most)
        )
    ).all()


async def events(session: AsyncSession, camera_id: str, most: int) -> Sequence[CameraEventRow]:
    """What it reported itself."""
    return (
        await session.scalars(
            select(CameraEventRow)
            .where(CameraEventRow.camera_id == camera_id)
            .order_by(CameraEventRow.at.desc(), CameraEventRow.id.desc())
            .limit(most)
        )
    ).all()


async def forget_verdicts(session: AsyncSession, camera_id: str, kept: int) -> None:
    """All but the newest."""
    newest = (
        select(CameraVerdictRow.seq)
        .where(CameraVerdictRow.camera_id == camera_id)
        .order_by(CameraVerdictRow.seq.desc())
        .limit(kept)
    )
    await session.execute(
        delete(CameraVerdictRow)
        .where(CameraVerdictRow.camera_id == camera_id, CameraVerdictRow.seq.not_in(newest))
        .execution_options(synchronize_session=False)
    )
