"""The history of states: a row for each stretch of (state, cause), written in the transaction of what changed it.

What counts is what `state.shown` says; two things that pass by themselves within a grace are left out, so that the
restart of a gateway leaves no mark: a camera that is starting again, and one that its gateway, which speaks, has not
come to yet. `down_since` of the camera is kept here too: since when it is dark although it should not be. Runs on the
event loop; whoever calls `note` holds the cameras' rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraState, Cause
from patrol_console.camera.state import SILENT_AFTER, shown
from patrol_console.db import Database
from patrol_console.tables.camera import CameraRow, CameraStateRow

_ONE_ROUND = timedelta(seconds=60)  # a gateway speaks of each of its cameras once in so long
_FORGOTTEN_AT_ONCE = 5000
_NOT_DARK = frozenset({Cause.WAITING.value, Cause.RESTING.value})  # not pulled by intent: nobody need go there


@dataclass(frozen=True, slots=True)
class _Turn:
    """A camera that is shown otherwise than its open row says."""

    camera: CameraRow
    state: str
    cause: str
    open: CameraStateRow | None


async def note(
    session: AsyncSession, now: datetime, grace: timedelta, camera_ids: Sequence[str], *, by_clock: bool = False
) -> list[str]:
    """Write what these cameras have become; the ids of those that turned. `by_clock`: nothing but time changed them."""
    turns = await _turns(session, now, grace, CameraRow.id.in_(camera_ids))
    begins = [(turn, _ended(turn, min(_since(turn, now, by_clock=by_clock), now))) for turn in turns]
    await session.flush()  # the index allows one open row: the old ones end first
    for turn, at in begins:
        _begin(session, turn, at)
    await session.flush()
    return [turn.camera.id for turn in turns]


async def sweep(database: Database, now: datetime, grace: timedelta) -> list[str]:
    """Note what only the passing of time has changed, or what was missed; the cameras that turned."""
    async with database.reading() as reading:
        ids = sorted(turn.camera.id for turn in await _turns(reading, now, grace, true()))
    if not ids:
        return []
    async with database.writing() as writing:
        await writing.execute(
            select(CameraRow.id).where(CameraRow.id.in_(ids)).order_by(CameraRow.id).with_for_update()
        )
        return await note(writing, now, grace, ids, by_clock=True)


async def close(session: AsyncSession, camera: CameraRow, now: datetime) -> None:
    """The camera is taken away: its last stretch ends."""
    camera.down_since = None
    row = await session.scalar(
        select(CameraStateRow).where(CameraStateRow.camera_id == camera.id, CameraStateRow.until.is_(None))
    )
    if row is not None:
        row.until = max(now, row.since)


async def forget(database: Database, before: datetime) -> int:
    """Delete stretches that ended before; how many. At most a few thousand at once: call again."""
    old = select(CameraStateRow.seq).where(CameraStateRow.until < before).limit(_FORGOTTEN_AT_ONCE)
    async with database.writing() as writing:
        gone = await writing.scalars(
            delete(CameraStateRow)
            .where(CameraStateRow.seq.in_(old))
            .returning(CameraStateRow.seq)
            .execution_options(synchronize_session=False)
        )
        return len(gone.all())


async def _turns(session: AsyncSession, now: datetime, grace: timedelta, which: ColumnElement[bool]) -> list[_Turn]:
    columns = shown(now)
    still_open = and_(CameraStateRow.camera_id == CameraRow.id, CameraStateRow.until.is_(None))
    rows = await session.execute(
        select(CameraRow, columns.state, columns.cause, CameraStateRow)
        .outerjoin(CameraStateRow, still_open)
        .where(
            which,
            CameraRow.removed_at.is_(None),
            or_(
                CameraStateRow.seq.is_(None),
                CameraStateRow.state != columns.state,
                CameraStateRow.cause != columns.cause,
            ),
        )
        .order_by(CameraRow.id)
    )
    turns = [_Turn(*row) for row in rows]
    heard = await spoke(session) if any(turn.cause == Cause.GATEWAY_SILENT for turn in turns) else {}
    return [turn for turn in turns if turn.open is None or not _passes(turn, heard, now, grace)]


async def spoke(session: AsyncSession) -> dict[str, datetime | None]:
    """When each gateway was last heard of any camera."""
    rows = await session.execute(
        select(CameraRow.gateway_id, func.max(CameraRow.status_at))
        .where(CameraRow.removed_at.is_(None))
        .group_by(CameraRow.gateway_id)
    )
    return {row[0]: row[1] for row in rows}


def _passes(turn: _Turn, spoken: dict[str, datetime | None], now: datetime, grace: timedelta) -> bool:
    """Whether it is likely over by itself in a moment, and leaves no mark until then."""
    camera = turn.camera
    if turn.cause == Cause.STARTING and camera.status_since is not None:
        return now < camera.status_since + grace
    if turn.cause == Cause.GATEWAY_SILENT and camera.status_at is not None:
        heard = spoken.get(camera.gateway_id)
        speaks = heard is not None and heard >= now - SILENT_AFTER
        return speaks and camera.status_at >= now - SILENT_AFTER - _ONE_ROUND
    return False


def _ended(turn: _Turn, at: datetime) -> datetime:
    """End the stretch before, which cannot end before it began; when the new one begins."""
    if turn.open is None:
        return at
    at = max(at, turn.open.since)
    turn.open.until = at if at > turn.open.since else None
    return at


def _begin(session: AsyncSession, turn: _Turn, at: datetime) -> None:
    detail = turn.camera.status_detail if turn.cause == turn.camera.status_cause else None
    if turn.open is not None and turn.open.until is None:  # it was so for no time at all
        turn.open.state, turn.open.cause, turn.open.detail = turn.state, turn.cause, detail
    else:
        camera_id = turn.camera.id
        session.add(CameraStateRow(camera_id=camera_id, state=turn.state, cause=turn.cause, detail=detail, since=at))
    if turn.cause == Cause.STARTING:
        return  # neither dark nor back
    if turn.state != CameraState.OFFLINE or turn.cause in _NOT_DARK:
        turn.camera.down_since = None
    elif turn.camera.down_since is None:
        turn.camera.down_since = at


def _since(turn: _Turn, now: datetime, *, by_clock: bool) -> datetime:
    """Since when it is so: what is told has its own time, what we know by ourselves begins now."""
    camera = turn.camera
    if turn.cause == Cause.NO_CONSENT:
        ended = camera.consent_until
        return ended if by_clock and ended is not None and ended <= now else now
    if turn.cause == Cause.DISABLED:
        return now
    if turn.cause == Cause.GATEWAY_SILENT:
        return camera.status_at or now
    if camera.status_since is None or camera.status_at is None:
        return camera.created_at
    if turn.open is None or camera.status_since > turn.open.since:
        return camera.status_since
    # The cause alone changed; or, where that was told before, what the console itself knew is over.
    return camera.status_at if camera.status_at > turn.open.since else now
