"""Cures in the records of cameras: `camera_repair` of the kinds fix and undo."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.cure import FixResult, Outcome
from patrol_console.rights import Actor
from patrol_console.tables.camera_record import CameraRepairRow

_MOST = 20  # how far back a fix is looked for that was not undone


async def begin(
    writing: AsyncSession, now: datetime, actor: Actor, camera_id: str, kind: Literal["fix", "undo"], plan: FixResult
) -> int:
    """Before anything is changed: what is planned, and what puts it back. Gives the entry's number."""
    row = CameraRepairRow(
        camera_id=camera_id,
        at=now,
        user_id=actor.user_id,
        user_name=actor.display_name[:64],
        kind=kind,
        note=None,
        changes=[change.model_dump(mode="json") for change in plan.changes],
        undo=[step.model_dump(mode="json") for step in plan.undo],
    )
    writing.add(row)
    await writing.flush()
    return row.seq


async def end(writing: AsyncSession, seq: int, result: FixResult) -> None:
    """What became of it. What puts it back is kept where something may have been left changed."""
    row = await writing.get(CameraRepairRow, seq, with_for_update=True)
    if row is None:
        return
    row.outcome = result.outcome.value
    row.problem = None if result.problem is None else result.problem.model_dump(mode="json")
    row.changes = [change.model_dump(mode="json") for change in result.changes]
    if result.outcome not in (Outcome.DONE, Outcome.NOT_PUT_BACK):
        row.undo = []


async def to_undo(session: AsyncSession, camera_id: str) -> CameraRepairRow | None:
    """The last fix that was not undone; also one that broke off."""
    rows = await session.scalars(
        select(CameraRepairRow)
        .where(CameraRepairRow.camera_id == camera_id, CameraRepairRow.kind == "fix")
        .order_by(CameraRepairRow.seq.desc())
        .limit(_MOST)
    )
    return next((row for row in rows if row.undo), None)


async def undone(writing: AsyncSession, seq: int) -> None:
    """There is nothing more of it to put back."""
    row = await writing.get(CameraRepairRow, seq, with_for_update=True)
    if row is not None:
        row.undo = []
