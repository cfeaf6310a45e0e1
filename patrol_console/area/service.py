"""The administrative tree: seen as far as one's roles reach, grown and pruned by administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.area import repository
from patrol_console.area.schemas import Area, AreaChange, AreaCreate, AreaList
from patrol_console.event.notice import Notice
from patrol_console.rights import EVERYWHERE, Action, Actor, may, require, within
from patrol_console.tables.area import AreaRow

if TYPE_CHECKING:
    from datetime import datetime

    from patrol_console.console import Console

DEEPEST = 12  # so that a path fits its column


async def listing(console: Console, reading: AsyncSession, actor: Actor) -> AreaList:
    """The areas the reader may see; what lies above them stays unnamed."""
    which = within(actor, Action.AREA_SEE, AreaRow.path)
    rows = await repository.listing(reading, which)
    counts = await repository.counts(reading, which, console.clock.now())
    known = {row.id for row in rows}
    return AreaList(items=[_view(row, counts, known) for row in rows])


async def create(console: Console, writing: AsyncSession, actor: Actor, body: AreaCreate) -> Area:
    """A new area. Raises HubError NOT_FOUND, FORBIDDEN, or CONFLICT `area_too_deep`."""
    parent = None
    if body.parent_id is None:
        if not may(actor, Action.AREA_CONFIGURE, EVERYWHERE):
            raise HubError(ErrorKind.FORBIDDEN, "patrol_console.root_area")
    else:
        parent = await _found(writing, actor, body.parent_id)
        if parent.level + 1 >= DEEPEST:
            raise HubError(ErrorKind.CONFLICT, "patrol_console.area_too_deep")
    now = console.clock.now()
    row = plant(writing, parent, body.name, now)
    await writing.flush()
    outbox.tell(writing, now, Notice(noun="area", id=row.id, change="created", area_path=row.path))
    return _view(row, [], {row.parent_id or ""})


def plant(writing: AsyncSession, parent: AreaRow | None, name: str, now: datetime) -> AreaRow:
    """Add the row of a new area."""
    area_id = new_id("area", now)
    row = AreaRow(
        id=area_id,
        parent_id=None if parent is None else parent.id,
        path=f"{'/' if parent is None else parent.path}{area_id}/",
        level=0 if parent is None else parent.level + 1,
        name=name,
        created_at=now,
    )
    writing.add(row)
    return row


async def rename(console: Console, writing: AsyncSession, actor: Actor, area_id: str, body: AreaChange) -> Area:
    """Give it another name."""
    row = await _found(writing, actor, area_id)
    row.name = body.name
    await writing.flush()
    now = console.clock.now()
    outbox.tell(writing, now, Notice(noun="area", id=row.id, change="updated", area_path=row.path))
    below = AreaRow.path.startswith(row.path, autoescape=True)
    return _view(row, await repository.counts(writing, below, now), {row.parent_id or ""})


async def remove(console: Console, writing: AsyncSession, actor: Actor, area_id: str) -> None:
    """Remove an empty area. Raises HubError CONFLICT `area_in_use`."""
    row = await _found(writing, actor, area_id)
    if await repository.is_used(writing, area_id):
        raise HubError(ErrorKind.CONFLICT, "patrol_console.area_in_use", area=row.name)
    outbox.tell(writing, console.clock.now(), Notice(noun="area", id=row.id, change="removed", area_path=row.path))
    await writing.delete(row)


async def _found(session: AsyncSession, actor: Actor, area_id: str) -> AreaRow:
    gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
    row = await session.get(AreaRow, area_id, with_for_update=True)
    if row is None:
        raise gone
    require(actor, Action.AREA_CONFIGURE, row, see=Action.AREA_SEE, missing=gone)
    return row


def _view(row: AreaRow, counts: list[tuple[str, int, int]], known: set[str]) -> Area:
    below = [(cameras, online) for path, cameras, online in counts if path.startswith(row.path)]
    return Area(
        id=row.id,
        parent_id=row.parent_id if row.parent_id in known else None,
        name=row.name,
        level=row.level,
        cameras=sum(cameras for cameras, _ in below),
        online=sum(online for _, online in below),
    )
