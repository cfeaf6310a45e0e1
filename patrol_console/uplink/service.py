"""Uplinks: listed with what is behind them, made, changed, taken away. A change raises the revision of every camera
behind the line, and all of them are told to the services after the commit.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraState, Cause, StreamFacts
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.camera.state import shown
from patrol_console.event.notice import Notice
from patrol_console.rights import EVERYWHERE, Action, Actor, Place, may, require, within
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.uplink import UplinkRow
from patrol_console.uplink.behind import UplinkKind, all_uplinks, cameras_behind
from patrol_console.uplink.schemas import UplinkChange, UplinkCreate, UplinkLine, UplinkList, WaitingCamera

if TYPE_CHECKING:
    from patrol_console.console import Console

_MOST_NAMED = 50
_MOST_UPLINKS = 2000


async def listing(console: Console, reading: AsyncSession, actor: Actor) -> UplinkList:
    """Those whose cameras the reader configures."""
    now = console.clock.now()
    mine = [row for row in await all_uplinks(reading) if await _may(reading, actor, row.area_id)]
    items = [await _view(reading, actor, row, now) for row in sorted(mine, key=lambda row: (row.name, row.id))]
    gateways: list[str] = []
    if await _may(reading, actor, None):
        used = await reading.scalars(select(CameraRow.gateway_id).where(CameraRow.removed_at.is_(None)).distinct())
        gateways = sorted({*used, console.settings.gateway.id})
    return UplinkList(items=items, gateways=gateways)


async def create(console: Console, writing: AsyncSession, actor: Actor, body: UplinkCreate) -> UplinkLine:
    """A new line. Raises HubError NOT_FOUND, FORBIDDEN, INVALID `uplink_no_budget`, CONFLICT `uplink_taken`."""
    if body.mbit_s is None and body.connections is None:
        raise HubError(ErrorKind.INVALID, "patrol_console.uplink_no_budget")
    area = await _area_of(writing, actor, body.kind, body.ref)
    known = await all_uplinks(writing)
    if any((row.kind, row.ref) == (body.kind.value, body.ref) for row in known) or len(known) >= _MOST_UPLINKS:
        raise HubError(ErrorKind.CONFLICT, "patrol_console.uplink_taken", name=body.name)
    now = console.clock.now()
    row = UplinkRow(
        id=new_id("uplink", now),
        name=body.name,
        kind=body.kind.value,
        ref=body.ref,
        area_id=None if area is None else area.id,
        mbit_s=body.mbit_s,
        connections=body.connections,
        created_at=now,
    )
    writing.add(row)
    await writing.flush()
    await _told(writing, row, now, "created")
    return await _view(writing, actor, row, now)


async def change(
    console: Console, writing: AsyncSession, actor: Actor, uplink_id: str, body: UplinkChange
) -> UplinkLine:
    """Another name, another budget."""
    row = await _found(writing, actor, uplink_id)
    for name, value in body.model_dump(exclude_unset=True).items():
        if value is not None or name != "name":
            setattr(row, name, value)
    if row.mbit_s is None and row.connections is None:
        raise HubError(ErrorKind.INVALID, "patrol_console.uplink_no_budget")
    await writing.flush()
    now = console.clock.now()
    await _told(writing, row, now, "updated")
    return await _view(writing, actor, row, now)


async def remove(console: Console, writing: AsyncSession, actor: Actor, uplink_id: str) -> None:
    """The line has no budget any more."""
    row = await _found(writing, actor, uplink_id)
    await _told(writing, row, console.clock.now(), "removed")
    await writing.delete(row)
    await writing.flush()


async def _found(session: AsyncSession, actor: Actor, uplink_id: str) -> UplinkRow:
    row = await session.get(UplinkRow, uplink_id, with_for_update=True)
    if row is None or not await _may(session, actor, row.area_id):
        raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_uplink")
    return row


async def _may(session: AsyncSession, actor: Actor, area_id: str | None) -> bool:
    """A gateway carries every area's cameras: its line is for those who configure all of them."""
    if area_id is not None:
        area = await session.get(AreaRow, area_id)
        return area is not None and may(actor, Action.CAMERA_CONFIGURE, area)
    if may(actor, Action.CAMERA_CONFIGURE, EVERYWHERE):
        return True
    roots = list(await session.scalars(select(AreaRow.path).where(AreaRow.parent_id.is_(None))))
    return bool(roots) and all(may(actor, Action.CAMERA_CONFIGURE, Place(path)) for path in roots)


async def _area_of(session: AsyncSession, actor: Actor, kind: UplinkKind, ref: str) -> AreaRow | None:
    """The area that answers for the line; None for a gateway's."""
    if kind is UplinkKind.GATEWAY:
        if not await _may(session, actor, None):
            raise HubError(ErrorKind.FORBIDDEN, "patrol_console.hub_line")
        return None
    if kind is UplinkKind.UNIT:
        gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_unit")
        unit = await session.get(UnitRow, ref)
        area = None if unit is None else await session.get(AreaRow, unit.area_id)
    else:
        gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
        area = await session.get(AreaRow, ref)
    if area is None:
        raise gone
    require(actor, Action.CAMERA_CONFIGURE, area, see=Action.AREA_SEE, missing=gone)
    return area


async def _told(session: AsyncSession, row: UplinkRow, now: datetime, change: str) -> None:
    """The cameras behind it have another spec now: one UPDATE, and a line in the outbox each."""
    behind = (
        select(CameraRow.id)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(cameras_behind(row), CameraRow.removed_at.is_(None))
    )
    changed = await session.scalars(
        update(CameraRow)
        .where(CameraRow.id.in_(behind))
        .values(revision=CameraRow.revision + 1)
        .returning(CameraRow.id)
        .execution_options(synchronize_session=False)
    )
    for camera_id in sorted(changed.all()):
        outbox.tell_spec(session, now, camera_id)
    area = None if row.area_id is None else await session.get(AreaRow, row.area_id)
    path = EVERYWHERE.area_path if area is None else area.path
    kind = "created" if change == "created" else "removed" if change == "removed" else "updated"
    outbox.tell(session, now, Notice(noun="uplink", id=row.id, change=kind, area_path=path))
    await session.flush()


async def _view(session: AsyncSession, actor: Actor, row: UplinkRow, now: datetime) -> UplinkLine:
    """With what of it the reader may see: a partner's cameras may hang elsewhere too."""
    columns = shown(now)
    rows = await session.execute(
        select(CameraRow.id, CameraRow.name, CameraRow.facts, columns.state, columns.cause)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(cameras_behind(row), CameraRow.removed_at.is_(None), within(actor, Action.CAMERA_SEE, AreaRow.path))
        .order_by(CameraRow.name, CameraRow.id)
    )
    cameras = pulled = 0
    kbps = 0.0
    waits: list[WaitingCamera] = []
    for camera_id, name, facts, state, cause in rows:
        cameras += 1
        if cause == Cause.WAITING:
            waits.append(WaitingCamera(id=camera_id, name=name))
        elif state in (CameraState.ONLINE, CameraState.DEGRADED) and cause != Cause.RESTING:
            pulled += 1
            kbps += StreamFacts.model_validate(facts).bit_rate_kbps or 0.0
    return UplinkLine(
        id=row.id,
        name=row.name,
        kind=UplinkKind(row.kind),
        ref=row.ref,
        ref_name=await _ref_name(session, row),
        mbit_s=row.mbit_s,
        connections=row.connections,
        cameras=cameras,
        pulled=pulled,
        mbit_s_used=round(kbps / 1000, 2),
        waiting=len(waits),
        waits=waits[:_MOST_NAMED],
    )


async def _ref_name(session: AsyncSession, row: UplinkRow) -> str:
    if row.kind == UplinkKind.GATEWAY:
        return row.ref
    if row.kind == UplinkKind.AREA:
        area = await session.get(AreaRow, row.ref)
        return row.ref if area is None else area.name
    unit = await session.get(UnitRow, row.ref)
    return row.ref if unit is None else unit.name
