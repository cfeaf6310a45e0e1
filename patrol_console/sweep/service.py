"""Sweeps: ordered over cameras that the asker may sweep, shown while they run, stopped.

`order` is what a patrol round calls too. A sweep is a machine's look and no viewing: nobody sees its pictures, so it
leaves no line in the access register (docs/design/sweep.md); who ordered it stands with the sweep.
"""

from __future__ import annotations

from posixpath import commonpath
from typing import TYPE_CHECKING, cast

from sqlalchemy import ColumnElement, true
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import Cause
from hub.contracts.sweep import SweepOutcome
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.camera.service import missing
from patrol_console.event.notice import Notice
from patrol_console.page import cursor_of, time_and_id
from patrol_console.rights import Action, Actor, Place, may, require, within
from patrol_console.sweep import repository
from patrol_console.sweep.repository import Candidate, Found
from patrol_console.sweep.running import Running
from patrol_console.sweep.schemas import (
    MOST_CAMERAS,
    Sweep,
    SweepDetail,
    SweepList,
    SweepState,
    SweepWish,
    SweptCameraLine,
)
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.sweep import SweepRow

if TYPE_CHECKING:
    from patrol_console.console import Console

HUB_USER = "hub"  # on the ticket of a sweep that nobody asked for in person


async def order(
    console: Console,
    actor: Actor | None,
    wish: SweepWish,
    *,
    purpose: str = "setup",
    reference: str | None = None,
) -> Sweep:
    """Begin a sweep; None as `actor`: the hub itself, for a round named by `reference`.

    Opens and commits a transaction of its own, since the sweep begins right after: never call it inside another.
    Raises HubError NOT_FOUND, FORBIDDEN, INVALID `sweep_no_cameras`, `sweep_too_many`, `sweep_no_common_area`.
    """
    now = console.clock.now()
    async with console.database.writing() as writing:
        cameras = await _cameras(writing, actor, wish)
        area = await _common_area(writing, cameras)
        row = SweepRow(
            id=new_id("sweep", now),
            area_id=area.id,
            purpose=purpose,
            reference=reference,
            user_id=None if actor is None else actor.user_id,
            total=len(cameras),
            state=repository.RUNNING,
            began_at=now,
            alive_at=now,
        )
        writing.add(row)
        await writing.flush()
        outbox.tell(writing, now, Notice(noun="sweep", id=row.id, change="created", area_path=area.path))
        name = None if actor is None else actor.display_name
        answer = _view(Found(row, area.name, area.path, name), {})
    console.outbox.wake()
    console.sweeps.begin(
        Running(
            sweep_id=row.id,
            area_path=area.path,
            camera_ids=tuple(one.camera_id for one in cameras),
            user_id=HUB_USER if actor is None else actor.user_id,
            unit_id=None if actor is None else actor.unit_id,
            purpose=purpose,
            reference=reference,
        )
    )
    return answer


async def listing(console: Console, reading: AsyncSession, actor: Actor, cursor: str | None, limit: int) -> SweepList:
    """A page of them."""
    after = None if cursor is None else time_and_id(cursor)
    found = await repository.listing(reading, within(actor, Action.SWEEP_ORDER, AreaRow.path), after, limit + 1)
    shown = found[:limit]
    counted = await repository.counts(reading, [one.sweep.id for one in shown])
    last = shown[-1].sweep if shown else None
    return SweepList(
        items=[_view(one, counted[one.sweep.id]) for one in shown],
        next=cursor_of(last.began_at.isoformat(), last.id) if last is not None and len(found) > limit else None,
    )


async def get(
    console: Console, reading: AsyncSession, actor: Actor, sweep_id: str, outcome: SweepOutcome | None
) -> SweepDetail:
    """One sweep with its cameras."""
    found = await _found(reading, actor, sweep_id)
    counted = await repository.counts(reading, [sweep_id])
    rows = await repository.done_cameras(reading, sweep_id, outcome)
    lines = [
        SweptCameraLine(
            camera_id=row.camera_id,
            camera_name=name,
            outcome=SweepOutcome(row.outcome),
            cause=Cause(row.cause or Cause.NONE),
            detail=row.detail,
            first_at=row.first_at,
            second_at=row.second_at,
        )
        for row, name in rows
    ]
    return SweepDetail(**_view(found, counted[sweep_id]).model_dump(), cameras=lines)


async def stop(console: Console, writing: AsyncSession, actor: Actor, sweep_id: str) -> Sweep:
    """Stop one, whichever console runs it: it looks each second whether it still may."""
    found = await _found(writing, actor, sweep_id)
    now = console.clock.now()
    if await repository.end(writing, SweepRow.id == sweep_id, repository.STOPPED, None, now):
        outbox.tell(writing, now, Notice(noun="sweep", id=sweep_id, change="updated", area_path=found.area_path))
        await writing.refresh(found.sweep)
        console.sweeps.stop(sweep_id)
    counted = await repository.counts(writing, [sweep_id])
    return _view(found, counted[sweep_id])


async def _cameras(session: AsyncSession, actor: Actor | None, wish: SweepWish) -> list[Candidate]:
    if wish.camera_ids is not None:
        wanted = dict.fromkeys(wish.camera_ids)
        found = {one.camera_id: one for one in await repository.cameras(session, CameraRow.id.in_(wanted))}
        for camera_id in wanted:
            if camera_id not in found:
                raise missing(camera_id)
            if actor is not None:
                place, gone = Place(found[camera_id].area_path), missing(camera_id)
                require(actor, Action.SWEEP_ORDER, place, see=Action.CAMERA_SEE, missing=gone)
        return [found[camera_id] for camera_id in wanted]
    which: ColumnElement[bool] = true()
    if actor is not None:
        which = within(actor, Action.SWEEP_ORDER, AreaRow.path)
    if wish.area_id is not None:
        area = await session.get(AreaRow, wish.area_id)
        gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
        if area is None:
            raise gone
        if actor is not None:
            require(actor, Action.SWEEP_ORDER, area, see=Action.AREA_SEE, missing=gone)
        which &= AreaRow.path.startswith(area.path, autoescape=True)
    cameras = await repository.cameras(session, which)
    if wish.tag is not None:
        cameras = [one for one in cameras if wish.tag in one.tags]
    if not cameras:
        raise HubError(ErrorKind.INVALID, "patrol_console.sweep_no_cameras")
    if len(cameras) > MOST_CAMERAS:
        raise HubError(ErrorKind.INVALID, "patrol_console.sweep_too_many", most=MOST_CAMERAS)
    return cameras


async def _common_area(session: AsyncSession, cameras: list[Candidate]) -> AreaRow:
    """The lowest area that holds all of them: who may sweep there may see what became of each."""
    shared = commonpath([one.area_path for one in cameras])
    area = await repository.area_of_path(session, f"{shared.rstrip('/')}/")
    if area is None:
        raise HubError(ErrorKind.INVALID, "patrol_console.sweep_no_common_area")
    return area


async def _found(session: AsyncSession, actor: Actor, sweep_id: str) -> Found:
    found = await repository.find(session, sweep_id)
    if found is None or not may(actor, Action.SWEEP_ORDER, found):
        raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_sweep")
    return found


def _view(found: Found, counted: dict[str, int]) -> Sweep:
    sweep = found.sweep
    return Sweep(
        id=sweep.id,
        area_id=sweep.area_id,
        area_name=found.area_name,
        purpose=sweep.purpose,
        reference=sweep.reference,
        user_name=found.user_name or sweep.user_id,  # the terminal of this machine is nobody by name
        state=cast(SweepState, sweep.state),
        detail=sweep.detail,
        total=sweep.total,
        swept=counted.get(SweepOutcome.SWEPT, 0),
        failed=counted.get(SweepOutcome.FAILED, 0),
        skipped=counted.get(SweepOutcome.SKIPPED, 0),
        began_at=sweep.began_at,
        ended_at=sweep.ended_at,
    )
