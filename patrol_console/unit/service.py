"""Units: listed, and made in an area that one may configure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.event.notice import Notice
from patrol_console.rights import Action, Actor, require, within
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.unit.schemas import Unit, UnitCreate, UnitList

if TYPE_CHECKING:
    from patrol_console.console import Console


async def listing(reading: AsyncSession, actor: Actor) -> UnitList:
    """Those in areas that the reader may see."""
    rows = await reading.scalars(
        select(UnitRow)
        .join(AreaRow, AreaRow.id == UnitRow.area_id)
        .where(within(actor, Action.AREA_SEE, AreaRow.path))
        .order_by(UnitRow.name, UnitRow.id)
    )
    return UnitList(items=[_view(row) for row in rows])


async def create(console: Console, writing: AsyncSession, actor: Actor, body: UnitCreate) -> Unit:
    """A new one. Raises HubError NOT_FOUND `no_area` or FORBIDDEN."""
    gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
    area = await writing.get(AreaRow, body.area_id)
    if area is None:
        raise gone
    require(actor, Action.AREA_CONFIGURE, area, see=Action.AREA_SEE, missing=gone)
    now = console.clock.now()
    row = UnitRow(id=new_id("unit", now), name=body.name, area_id=area.id)
    writing.add(row)
    outbox.tell(writing, now, Notice(noun="area", id=area.id, change="updated", area_path=area.path))
    await writing.flush()
    return _view(row)


def _view(row: UnitRow) -> Unit:
    return Unit(id=row.id, name=row.name, area_id=row.area_id)
